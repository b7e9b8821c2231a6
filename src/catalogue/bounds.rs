//! What AWS's own models say of arguments: lengths, ranges, patterns, enumerations, each with the member that it was read from.
//! Written by `tools/argument-bounds`.

use std::fmt;

use crate::tables::{Map, compiled_in};

/// The bounds of one argument.
#[derive(Debug)]
pub struct Bounds {
    /// Call and member of botocore, property of CloudFormation.
    pub from: &'static [&'static str],
    /// Of a number, or of the characters of a text.
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// What the text has to match.
    pub pattern: Option<&'static str>,
    pub one_of: &'static [OneOf],
    /// How many a list holds.
    pub items: Option<Items>,
}

#[derive(Debug)]
pub struct Items {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum OneOf {
    Number(i64),
    Word(&'static str),
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
pub type BoundsOfClass = Map<Bounds>;

/// The bounds of the arguments of a class (`aws.lambda_.Function`).
pub fn bounds(class: &str) -> Option<&'static BoundsOfClass> {
    all().get(class)
}

fn all() -> &'static Map<BoundsOfClass> {
    static TABLE: Map<BoundsOfClass> = compiled_in!("bounds");
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::{OneOf, all, bounds};
    use crate::catalogue::arguments;
    use regex::Regex;

    #[test]
    fn every_row_is_of_an_argument_and_bounds_something() {
        for (class, rows) in all().iter() {
            let known = arguments(class).unwrap();
            for (name, row) in rows.iter() {
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
        assert_eq!(function.get("description").unwrap().max, Some(256));
        let behavior = bounds("aws.apigateway.Integration").unwrap();
        let behavior = behavior.get("passthrough_behavior").unwrap();
        assert!(behavior.one_of.contains(&OneOf::Word("NEVER")));
        assert_eq!(
            bounds("aws.iam.Role")
                .unwrap()
                .get("permissions_boundary")
                .unwrap()
                .min,
            Some(20)
        );
        let quota = bounds("aws.apigateway.UsagePlan").unwrap();
        let quota = quota.get("quota_settings.limit").unwrap();
        assert_eq!(quota.max, Some(i64::from(i32::MAX)));
        assert!(bounds("tls.PrivateKey").is_none());
    }
}
