//! The types of the arguments of each kind, as the Python SDK declares them.

use crate::tables::{Map, compiled_in};

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentType {
    Bool,
    Integer,
    Float,
    Text,
    Texts,
    Map,
    /// A value with parts of its own, or a list of them.
    Block,
}

impl ArgumentType {
    /// Whether a plain literal fills it.
    pub const fn is_plain(self) -> bool {
        !matches!(self, Self::Map | Self::Block)
    }

    /// As a person would ask for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Bool => "`true` or `false`",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Text => "a string",
            Self::Texts => "a list of strings",
            Self::Map => "a table",
            Self::Block => "a block with parts of its own",
        }
    }
}

/// The arguments of a kind, by name.
pub type Arguments = Map<ArgumentType>;

/// The arguments of the class (`aws.rds.Instance`).
pub fn arguments(class: &str) -> Option<&'static Arguments> {
    static TABLE: Map<Arguments> = compiled_in!("arguments");
    TABLE.get(class)
}

#[cfg(test)]
mod tests {
    use super::{ArgumentType, arguments};
    use crate::catalogue::kinds;

    #[test]
    fn every_argument_of_every_kind_has_a_type() {
        for kind in kinds() {
            let typed = arguments(kind.class).unwrap();
            let listed = kind.replace.iter().chain(kind.in_place).copied();
            for argument in listed
                .chain(kind.replace_if.keys())
                .chain(kind.unconfirmed.keys())
            {
                assert!(typed.contains_key(argument), "{} {argument}", kind.class);
            }
        }
    }

    #[test]
    fn types_are_those_of_the_sdk() {
        let database = arguments("aws.rds.Instance").unwrap();
        let named = |name: &str| database.get(name).copied();
        assert_eq!(named("monitoring_interval"), Some(ArgumentType::Integer));
        assert_eq!(named("multi_az"), Some(ArgumentType::Bool));
        assert_eq!(named("storage_type"), Some(ArgumentType::Text));
        assert_eq!(named("domain_dns_ips"), Some(ArgumentType::Texts));
        assert_eq!(named("tags"), Some(ArgumentType::Map));
        assert_eq!(named("blue_green_update"), Some(ArgumentType::Block));
        let alarm = arguments("aws.cloudwatch.MetricAlarm").unwrap();
        assert_eq!(alarm.get("threshold"), Some(&ArgumentType::Float));
        assert!(arguments("aws.ec2.Teapot").is_none());
    }
}
