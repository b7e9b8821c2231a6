//! List prices of what is billed by the month whether or not there is traffic.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Sure;
use crate::tables::compiled_in;

/// What a price is for one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
}

/// What a class costs for one of something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// `aws.ec2.NatGateway`.
    pub class: String,
    pub per: Per,
    /// For 730 hours.
    pub usd: f64,
    pub sure: Sure,
    pub source: String,
}

/// What a Multi-AZ database of an instance class costs, both nodes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassPrice {
    /// `db.t4g.medium`.
    pub name: String,
    /// For 730 hours.
    pub usd: f64,
    pub sure: Sure,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The month in which the prices were read.
    pub read: String,
    #[serde(rename = "price")]
    pub classes: Vec<Price>,
    #[serde(rename = "instance_class")]
    pub instance_classes: Vec<ClassPrice>,
}

/// The list prices of us-east-1.
pub fn prices() -> &'static Prices {
    static ROWS: OnceLock<Prices> = OnceLock::new();
    ROWS.get_or_init(|| compiled_in!("prices"))
}

#[cfg(test)]
mod tests {
    use super::prices;
    use crate::catalogue::{instance_class, kind};

    #[test]
    fn prices_parse_and_are_of_what_there_is() {
        let prices = prices();
        for price in &prices.classes {
            assert!(kind(&price.class).is_some(), "{}", price.class);
            assert!(price.usd > 0.0 && !price.source.is_empty());
        }
        for class in &prices.instance_classes {
            assert!(instance_class(&class.name).is_some(), "{}", class.name);
            assert!(class.usd > 0.0 && !class.source.is_empty());
        }
    }
}
