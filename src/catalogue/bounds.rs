//! What AWS's own models say of arguments: lengths, ranges, patterns, enumerations, each with the member that it was read from.
//! Written by `tools/argument-bounds`; parsed only when a graph is judged.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::tables::compiled_in;

/// The bounds of one argument.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Call and member of botocore, property of CloudFormation.
    pub from: Vec<String>,
    /// Of a number, or of the characters of a text.
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// What the text has to match.
    pub pattern: Option<String>,
    #[serde(default)]
    pub one_of: Vec<OneOf>,
    /// How many a list holds.
    pub items: Option<Items>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOf {
    Number(i64),
    Word(String),
}

impl fmt::Display for OneOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Word(word) => write!(formatter, "\"{word}\""),
        }
    }
}

/// By argument; the part of a block stands below it: `quota_settings.limit`.
pub type BoundsOfClass = BTreeMap<String, Bounds>;

/// The bounds of the arguments of a class (`aws.lambda_.Function`).
pub fn bounds(class: &str) -> Option<&'static BoundsOfClass> {
    all().get(class)
}

fn all() -> &'static BTreeMap<String, BoundsOfClass> {
    static ROWS: OnceLock<BTreeMap<String, BoundsOfClass>> = OnceLock::new();
    ROWS.get_or_init(|| compiled_in!("bounds"))
}

#[cfg(test)]
mod tests {
    use super::{OneOf, all, bounds};
    use crate::catalogue::arguments;
    use regex::Regex;

    #[test]
    fn every_row_is_of_an_argument_and_bounds_something() {
        for (class, rows) in all() {
            let known = arguments(class).unwrap();
            for (name, row) in rows {
                let argument = name.split('.').next().unwrap();
                assert!(known.contains_key(argument), "{class} {name}");
                let is_bounded = row.min.is_some()
                    || row.max.is_some()
                    || row.pattern.is_some()
                    || row.items.is_some()
                    || !row.one_of.is_empty();
                assert!(is_bounded && !row.from.is_empty(), "{class} {name}");
            }
        }
    }

    #[test]
    fn every_pattern_is_one() {
        let rows = all().iter().flat_map(|(class, rows)| {
            let named = rows.iter();
            named.map(move |(name, row)| (class, name, row))
        });
        let mut count = 0;
        for (class, name, row) in rows {
            if let Some(pattern) = &row.pattern {
                Regex::new(pattern).unwrap_or_else(|error| panic!("{class} {name}: {error}"));
                count += 1;
            }
        }
        assert!(count > 30, "{count}");
    }

    #[test]
    fn rows_are_those_of_the_models() {
        let function = bounds("aws.lambda_.Function").unwrap();
        assert_eq!(function["description"].max, Some(256));
        let behavior = &bounds("aws.apigateway.Integration").unwrap()["passthrough_behavior"];
        assert!(behavior.one_of.contains(&OneOf::Word("NEVER".to_owned())));
        assert_eq!(
            bounds("aws.iam.Role").unwrap()["permissions_boundary"].min,
            Some(20)
        );
        let quota = &bounds("aws.apigateway.UsagePlan").unwrap()["quota_settings.limit"];
        assert_eq!(quota.max, Some(i64::from(i32::MAX)));
        assert!(bounds("tls.PrivateKey").is_none());
    }
}
