//! What the graph costs by the month before there is any traffic, at list prices.

use super::expr::Expr;
use super::graph::{Member, Stack};
use crate::catalogue::{Per, Price, instance_class, postgres_life_cycle, prices};
use crate::resolve::environment::Environment;

/// An estimate, USD for 730 hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// By layer, in the order of the program; only layers that cost something.
    pub layers: Vec<(String, f64)>,
    /// What is billed as well, and whose price is not known: the sum is too small by it.
    pub missing: Vec<String>,
    /// What extended support adds to it, after the last day of standard support.
    pub extended: Option<(&'static str, f64)>,
    /// The month of the price list.
    pub read: &'static str,
}

impl Cost {
    pub fn total(&self) -> f64 {
        self.layers.iter().map(|(_, usd)| usd).sum()
    }

    /// `about 253 USD`, or what it is at least.
    pub fn sum(&self) -> String {
        let word = match self.missing.is_empty() {
            true => "about",
            false => "more than",
        };
        format!("{word} {:.0} USD", self.total())
    }

    /// `no price is known of …`.
    pub fn without(&self) -> Option<String> {
        let missing = self.missing.join(", ");
        (!missing.is_empty()).then(|| format!("no price is known of {missing}"))
    }

    /// `after 2027-02-28, extended support adds …`.
    pub fn later(&self) -> Option<String> {
        let (end, usd) = self.extended.as_ref()?;
        Some(format!(
            "after {end}, extended support adds {usd:.0} USD a month, and twice that in its third year"
        ))
    }

    /// `network 120, database 100`, the dearest first.
    pub fn by_layer(&self) -> String {
        let mut layers: Vec<&(String, f64)> = self.layers.iter().collect();
        layers.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        let parts: Vec<String> = layers
            .iter()
            .map(|(layer, usd)| format!("{layer} {usd:.0}"))
            .collect();
        parts.join(", ")
    }
}

impl Stack {
    /// What is due each month whether or not there is traffic.
    pub fn monthly_cost(&self, env: &Environment) -> Cost {
        let prices = prices();
        let mut cost = Cost {
            layers: Vec::new(),
            missing: Vec::new(),
            extended: None,
            read: prices.read,
        };
        for member in self.members() {
            let mut usd: f64 = prices
                .price
                .iter()
                .filter(|price| price.class == member.resource.kind)
                .filter(|price| !matches!(price.per, Per::ExtendedSupport))
                .map(|price| price.usd * quantity(price, &member, env))
                .sum();
            if !prices.knows(member.resource.kind) {
                cost.missing.push(member.resource.kind.to_owned());
            }
            if member.resource.kind == "aws.rds.Instance" {
                usd += cost.instance(&member, env);
            }
            if usd == 0.0 {
                continue;
            }
            let layer = member.component.path.split('/').next().unwrap_or_default();
            match cost.layers.iter_mut().find(|(name, _)| name == layer) {
                Some((_, sum)) => *sum += usd,
                None => cost.layers.push((layer.to_owned(), usd)),
            }
        }
        cost
    }
}

impl Cost {
    /// What the database costs by its class. Notes what has no price, and what comes later.
    fn instance(&mut self, member: &Member<'_>, env: &Environment) -> f64 {
        let class = &env.database.instance_class.value;
        let days = number(member, "performance_insights_retention_period");
        if days > FREE_INSIGHTS_DAYS {
            self.missing
                .push(format!("Performance Insights of {days} days"));
        }
        if env.database.extended_support.value {
            let vcpu = instance_class(class).map_or(0, |class| class.vcpu);
            let mut rows = prices().price.iter();
            let price = rows.find(|price| matches!(price.per, Per::ExtendedSupport));
            let usd = price.map_or(0.0, |price| price.usd * f64::from(vcpu));
            self.extended = Some((postgres_life_cycle().standard_support_ends, usd));
        }
        let mut known = prices().instance_class.iter();
        match known.find(|row| row.name == *class) {
            Some(row) => row.usd,
            None => {
                self.missing.push(format!("`{class}`"));
                0.0
            }
        }
    }
}

/// For how long Performance Insights keeps what it measures without a bill.
const FREE_INSIGHTS_DAYS: u32 = 7;

/// A plain number among the arguments, or nothing.
fn number(member: &Member<'_>, argument: &str) -> u32 {
    match member.resource.argument(argument).map(|found| &found.value) {
        Some(Expr::Integer(number)) => u32::try_from(*number).unwrap_or(0),
        _ => 0,
    }
}

/// How many of what it is billed by a resource has.
fn quantity(price: &Price, member: &Member<'_>, env: &Environment) -> f64 {
    let length = |argument: &str| match member.resource.argument(argument).map(|found| &found.value)
    {
        Some(Expr::List(entries)) => entries.len(),
        _ => 0,
    };
    let count = match price.per {
        Per::Resource => 1,
        Per::Zone => env.network.zones.len(),
        Per::Gib => return f64::from(env.database.storage_gib.value),
        Per::Rule => length("rules"),
        // Metric math is billed by the metrics that it takes, not as one of its own.
        Per::Metric => length("metric_queries").saturating_sub(1).max(1),
        Per::Iops => return above(number(member, "iops"), price),
        Per::Throughput => return above(number(member, "storage_throughput"), price),
        // Due later, and said beside the sum.
        Per::ExtendedSupport => 0,
    };
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn above(number: u32, price: &Price) -> f64 {
    f64::from(number.saturating_sub(price.included.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Cost;
    use crate::compile_environment;
    use crate::load::Disk;
    use crate::stack::graph::Stack;

    /// The cost of the staging spec with another instance class and storage.
    fn cost(class: &str, storage: u32) -> Cost {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let loader = Disk::beside(Path::new(path));
        let today = "2026-06-01".parse().unwrap();
        let (environment, _) = compile_environment(&text, path, &loader, today);
        let mut environment = environment.unwrap();
        environment.database.settings.instance_class.value = class.to_owned();
        environment.database.settings.storage_gib.value = storage;
        Stack::build(&environment)
            .unwrap()
            .monthly_cost(&environment)
    }

    fn of(cost: &Cost, layer: &str) -> String {
        let found = cost.layers.iter().find(|(name, _)| name == layer);
        found.map_or("nothing".to_owned(), |(_, usd)| format!("{usd:.2}"))
    }

    #[test]
    fn each_layer_costs_what_its_resources_do() {
        let cost = cost("db.t4g.medium", 20);
        // Three NAT gateways with an address each.
        assert_eq!(of(&cost, "network"), "109.50");
        // Both nodes, their storage, the secret of the master user.
        assert_eq!(of(&cost, "database"), "99.90");
        // With an address in each zone.
        assert_eq!(of(&cost, "load_balancer"), "27.38");
        // Four groups of managed rules and one of our own.
        assert_eq!(of(&cost, "firewall"), "10.00");
        assert_eq!(of(&cost, "keys"), "4.00");
        assert_eq!(of(&cost, "audit"), "nothing");
        assert_eq!(of(&cost, "dashboard"), "3.00");
        assert_eq!(cost.missing, Vec::<String>::new());
        assert_eq!(cost.extended, None);
        assert!(cost.by_layer().starts_with("network 110, database 100, "));
    }

    #[test]
    fn the_database_costs_by_its_class_and_storage() {
        let medium = cost("db.t4g.medium", 20).total();
        assert!((medium - cost("db.t4g.micro", 20).total() - (94.90 - 23.36)).abs() < 0.005);
        assert!((cost("db.t4g.medium", 120).total() - medium - 23.0).abs() < 0.005);
        let large = cost("db.r7g.16xlarge", 20);
        assert_eq!(of(&large, "database"), "11174.00");
        let unknown = cost("db.unheard-of", 20);
        assert_eq!(unknown.missing, ["`db.unheard-of`"]);
        assert!(
            unknown.sum().starts_with("more than 16"),
            "{}",
            unknown.sum()
        );
    }
}
