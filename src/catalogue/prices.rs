//! List prices of what is billed by the month whether or not there is traffic.

use super::{Support, Sure, instance_class};
use crate::tables::compiled_in;

/// What a price is for one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    Resource,
    /// A zone, for each resource.
    Zone,
    /// Allocated storage.
    Gib,
    /// A rule of a web ACL.
    Rule,
    /// A metric in an alarm.
    Metric,
    /// Provisioned operations a second.
    Iops,
    /// Provisioned MiB a second.
    Throughput,
    /// A vCPU of a database whose version has left standard support.
    ExtendedSupport,
}

/// What a class costs for one of something.
#[derive(Debug)]
pub struct Price {
    /// `aws.ec2.NatGateway`.
    pub class: &'static str,
    pub per: Per,
    /// What is billed, in the plural: `NAT gateways`.
    pub of: &'static str,
    /// How many of it cost nothing.
    pub included: Option<u64>,
    /// For 730 hours.
    pub usd: f64,
    pub sure: Sure,
    pub source: &'static str,
}

/// How often a payment makes something of that is billed by its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// For each payment.
    Payment,
    /// For each payment that is traced.
    Trace,
    /// For each payment, by the memory of the function that decides it, in GiB; its processor is in `Use::architecture`.
    Memory,
    /// In any month with a payment.
    Month,
}

/// What payments cost beyond what is due without traffic.
#[derive(Debug)]
pub struct Use {
    /// What is billed, in the plural: `requests`.
    pub of: &'static str,
    /// The layer that it is counted with.
    pub layer: &'static str,
    /// Due where the graph has a resource of this class.
    pub class: &'static str,
    pub times: Times,
    /// Of functions, the processor that the price is of.
    pub architecture: Option<&'static str>,
    /// How much of it is used each time, in the unit of the price.
    pub amount: f64,
    /// For one of it.
    pub usd: f64,
    pub sure: Sure,
    /// Where the price is from.
    pub source: &'static str,
    /// Where the amount is from.
    pub counted: &'static str,
}

/// What a Multi-AZ database of an instance class costs, both nodes.
#[derive(Debug)]
pub struct ClassPrice {
    /// `db.t4g.medium`.
    pub name: &'static str,
    /// For 730 hours.
    pub usd: f64,
    pub sure: Sure,
    pub source: &'static str,
}

/// Kinds that cost nothing by themselves.
#[derive(Debug)]
pub struct ByUse {
    pub because: &'static str,
    pub classes: &'static [&'static str],
}

#[derive(Debug)]
pub struct Prices {
    /// The month in which the prices were read.
    pub read: &'static str,
    pub price: &'static [Price],
    /// What is billed by its use, if at all.
    pub by_use: &'static [ByUse],
    /// What a payment uses of that.
    pub payment: &'static [Use],
    pub instance_class: &'static [ClassPrice],
}

impl Prices {
    /// Whether it is known what resources of a kind cost by the month, be it nothing.
    pub fn knows(&self, class: &str) -> bool {
        let by_use = self.by_use.iter().flat_map(|row| row.classes);
        self.price.iter().any(|price| price.class == class)
            || by_use.into_iter().any(|known| *known == class)
    }
}

/// What extended support adds to a Multi-AZ database of an instance class, for 730 hours; nothing while standard support lasts.
pub fn extended_support_usd(class: &str, support: Support) -> f64 {
    let mut rows = prices().price.iter();
    let price = rows.find(|price| matches!(price.per, Per::ExtendedSupport));
    let vcpu = instance_class(class).map_or(0, |class| class.vcpu);
    let usd = price.map_or(0.0, |price| price.usd) * crate::number::float(vcpu);
    match support {
        Support::Standard => 0.0,
        Support::Extended => usd,
        Support::Doubled | Support::Ended => 2.0 * usd,
    }
}

/// The list prices of us-east-1.
pub fn prices() -> &'static Prices {
    static TABLE: Prices = compiled_in!("prices");
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::{extended_support_usd, prices};
    use std::collections::BTreeSet;

    use crate::catalogue::{Support, instance_class, instance_classes, kind, kinds};

    #[test]
    fn every_instance_class_has_one_price() {
        let priced: Vec<&str> = prices().instance_class.iter().map(|row| row.name).collect();
        let distinct: BTreeSet<&str> = priced.iter().copied().collect();
        assert_eq!(distinct.len(), priced.len());
        let known: BTreeSet<&str> = instance_classes().iter().map(|row| row.name).collect();
        assert_eq!(distinct, known);
    }

    #[test]
    fn extended_support_is_billed_by_the_vcpu_of_both_nodes() {
        // 0.10 USD for each of two vCPU, on two nodes, for 730 hours.
        let usd = |support| extended_support_usd("db.t4g.medium", support);
        assert!((usd(Support::Extended) - 292.0).abs() < 0.005);
        assert!((usd(Support::Doubled) - 584.0).abs() < 0.005);
        assert!(usd(Support::Standard).abs() < 0.005);
        assert!(
            (extended_support_usd("db.r7g.16xlarge", Support::Extended) - 9344.0).abs() < 0.005
        );
    }

    #[test]
    fn larger_classes_of_a_family_cost_more() {
        let rows = prices().instance_class;
        for pair in rows.windows(2) {
            let [small, large] = pair else { continue };
            let family = |name: &str| name.rsplit_once('.').map(|(family, _)| family.to_owned());
            if family(small.name) == family(large.name) {
                assert!(small.usd < large.usd, "{} {}", small.name, large.name);
            }
        }
    }

    #[test]
    fn of_every_kind_it_is_known_what_it_costs_or_that_only_its_use_does() {
        let prices = prices();
        let by_use: Vec<&str> = prices
            .by_use
            .iter()
            .flat_map(|row| row.classes)
            .copied()
            .collect();
        let distinct: BTreeSet<&str> = by_use.iter().copied().collect();
        assert_eq!(distinct.len(), by_use.len());
        for class in by_use {
            assert!(kind(class).is_some(), "{class}");
            assert!(
                prices.price.iter().all(|price| price.class != class),
                "{class} has a price"
            );
        }
        let unknown: Vec<&str> = kinds()
            .iter()
            .map(|kind| kind.class)
            .filter(|class| !prices.knows(class))
            .collect();
        assert_eq!(unknown, Vec::<&str>::new());
    }

    #[test]
    fn prices_parse_and_are_of_what_there_is() {
        let prices = prices();
        for price in prices.price {
            assert!(kind(price.class).is_some(), "{}", price.class);
            assert!(price.usd > 0.0 && !price.source.is_empty() && !price.of.is_empty());
        }
        for used in prices.payment {
            assert!(kind(used.class).is_some(), "{}", used.class);
            assert!(used.usd > 0.0 && used.amount > 0.0 && !used.counted.is_empty());
        }
        for class in prices.instance_class {
            assert!(instance_class(class.name).is_some(), "{}", class.name);
            assert!(class.usd > 0.0 && !class.source.is_empty());
        }
    }
}
