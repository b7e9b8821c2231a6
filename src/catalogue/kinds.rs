//! Resource kinds: what a change of each argument does, what a name may look like, what holds data.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::tables::{Map, compiled_in};

/// One kind of resource.
#[derive(Debug)]
pub struct Kind {
    /// Pulumi's type token: `aws:ec2/vpc:Vpc`.
    pub token: &'static str,
    /// The class as generated code writes it: `aws.ec2.Vpc`.
    pub class: &'static str,
    /// Whether it accepts `tags`.
    pub taggable: bool,
    /// Rule for its physical name, if it has one.
    pub name: Option<NameRule>,
    /// Arguments whose change makes the resource anew.
    pub replace: &'static [&'static str],
    /// Arguments whose change makes the resource anew in some cases, with the case in words; or a remark on one that
    /// stands in another list.
    pub replace_if: Map<&'static str>,
    /// Arguments that change in place.
    pub in_place: &'static [&'static str],
    /// Arguments that were not in the file read, with what other sources say: treat them as replacing.
    pub unconfirmed: Map<&'static str>,
    /// Properties that only the provider sets.
    pub computed: &'static [&'static str],
    /// Arguments and outputs that are secret by nature: they lie encrypted in the state, or not at all.
    pub secret: &'static [&'static str],
    /// Those among them that the SDK marks by itself.
    pub marked: &'static [&'static str],
    /// What sounds like a secret and is none, with what it is.
    pub open: Map<&'static str>,
    /// Whether replacing or deleting it loses data, or an identity that cannot be had again.
    pub stateful: bool,
    /// What is lost.
    pub loss: Option<&'static str>,
    pub source: Source,
    pub notes: Option<&'static str>,
}

/// Rule for the argument that carries a resource's physical name.
#[derive(Debug)]
pub struct NameRule {
    /// The argument: `name`, `identifier`, `bucket`, …
    pub property: &'static str,
    pub min: Option<usize>,
    pub max: Option<usize>,
    /// Regular expression (may look ahead) that the whole name matches.
    pub pattern: Option<&'static str>,
    /// `lower` when upper-case letters are refused.
    pub case: Option<&'static str>,
    pub not_prefix: Option<&'static str>,
    pub not_suffix: Option<&'static str>,
    pub not_leading: Option<&'static str>,
    pub not_contains: Option<&'static str>,
    pub not_value: Option<&'static str>,
    pub fifo_suffix: Option<&'static str>,
    /// Who declares the rule.
    pub from: &'static str,
}

/// Where the facts of a kind were read.
#[derive(Debug)]
pub struct Source {
    /// If it is not `hashicorp/terraform-provider-aws`.
    pub repository: Option<&'static str>,
    pub file: &'static str,
    /// `read`, or `both` when the SDK's docstrings confirm the cases named.
    pub how: &'static str,
    /// Age of the version that was read.
    pub age: &'static str,
}

/// What the provider does when an argument changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    InPlace,
    /// The resource is made anew.
    Replace,
    /// The resource is made anew in some cases, told in words.
    Sometimes(&'static str),
    /// No source that was read says; what others say, in words. To be treated as replacing.
    Unknown(&'static str),
}

impl Kind {
    /// What a change of this argument does; none if the kind is not known to take it.
    pub fn change(&'static self, argument: &str) -> Option<Change> {
        let listed = |list: &[&str]| list.contains(&argument);
        if listed(self.replace) {
            Some(Change::Replace)
        } else if listed(self.in_place) || (argument == "tags" && self.taggable) {
            // `replace_if` may hold a remark on such an argument: see `caveat`.
            Some(Change::InPlace)
        } else if let Some(words) = self.replace_if.get(argument) {
            Some(Change::Sometimes(words))
        } else {
            self.unconfirmed
                .get(argument)
                .map(|words| Change::Unknown(words))
        }
    }

    /// A remark on what a change of this argument does.
    pub fn caveat(&self, argument: &str) -> Option<&'static str> {
        self.replace_if.get(argument).copied()
    }

    /// Whether the argument or output is secret by nature.
    pub fn is_secret(&self, name: &str) -> bool {
        self.secret.contains(&name)
    }

    /// Outputs that are secret by nature and that the SDK does not mark.
    pub fn unmarked_secrets(&self) -> impl Iterator<Item = &'static str> {
        let outputs = self
            .secret
            .iter()
            .filter(|name| self.computed.contains(name) && !self.marked.contains(name));
        outputs.copied()
    }

    /// The Pulumi package, first part of the token: `aws` or `tls`.
    pub fn package(&self) -> &str {
        self.token.split(':').next().unwrap_or_default()
    }
}

struct KindFile {
    kind: &'static [Kind],
}

/// Every kind, in the order of the file.
pub fn kinds() -> &'static [Kind] {
    static FILE: KindFile = compiled_in!("aws-resources");
    FILE.kind
}

/// The kind of this class (`aws.ec2.Vpc`, `tls.PrivateKey`).
pub fn kind(class: &str) -> Option<&'static Kind> {
    static BY_CLASS: OnceLock<HashMap<&'static str, &'static Kind>> = OnceLock::new();
    BY_CLASS
        .get_or_init(|| kinds().iter().map(|kind| (kind.class, kind)).collect())
        .get(class)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::{Change, kind, kinds};

    #[test]
    fn every_kind_is_unique_and_says_where_it_was_read() {
        for row in kinds() {
            assert!(
                !row.source.file.is_empty() && !row.source.age.is_empty(),
                "{}",
                row.class
            );
            assert!(["read", "both"].contains(&row.source.how), "{}", row.class);
            assert!(
                std::ptr::eq(kind(row.class).unwrap(), row),
                "{} appears twice",
                row.class
            );
            assert_eq!(
                kinds()
                    .iter()
                    .filter(|other| other.token == row.token)
                    .count(),
                1,
                "{}",
                row.token
            );
        }
    }

    #[test]
    fn class_and_token_name_the_same_thing() {
        for row in kinds() {
            let class = row.class.rsplit('.').next().unwrap();
            assert!(
                row.token.ends_with(&format!(":{class}")),
                "{} and {}",
                row.class,
                row.token
            );
            assert!(
                row.class.starts_with(&format!("{}.", row.package())),
                "{}",
                row.class
            );
        }
    }

    #[test]
    fn an_argument_stands_in_one_list_only() {
        for row in kinds() {
            for argument in row.replace.iter().chain(row.in_place) {
                let places = usize::from(row.replace.contains(argument))
                    + usize::from(row.in_place.contains(argument))
                    + usize::from(row.computed.contains(argument));
                assert_eq!(places, 1, "{} {argument}", row.class);
            }
        }
    }

    #[test]
    fn what_is_secret_is_known_and_not_open() {
        for row in kinds() {
            for name in row.secret {
                let known = row.computed.contains(name) || row.change(name).is_some();
                assert!(known, "{} has no {name}", row.class);
                assert!(!row.open.contains_key(name), "{} {name}", row.class);
            }
            assert!(
                row.marked.iter().all(|name| row.is_secret(name)),
                "{}",
                row.class
            );
        }
        let unmarked = |class: &str| kind(class).unwrap().unmarked_secrets().collect::<Vec<_>>();
        assert_eq!(unmarked("aws.apigateway.UsagePlanKey"), ["value"]);
        // The SDK does it, or it is an argument, which the program does not give.
        assert!(unmarked("aws.apigateway.ApiKey").is_empty());
        assert!(unmarked("aws.rds.SnapshotCopy").is_empty());
    }

    #[test]
    fn what_loses_data_says_what() {
        for row in kinds().iter().filter(|row| row.stateful) {
            assert!(row.loss.is_some(), "{}", row.class);
        }
    }

    #[test]
    fn consequences_of_a_change() {
        let database = kind("aws.rds.Instance").unwrap();
        assert_eq!(database.change("storage_encrypted"), Some(Change::Replace));
        assert_eq!(database.change("allocated_storage"), Some(Change::InPlace));
        assert!(
            database
                .caveat("allocated_storage")
                .unwrap()
                .starts_with("in place")
        );
        assert_eq!(database.change("tags"), Some(Change::InPlace));
        assert_eq!(database.change("tag"), None);
        assert!(matches!(
            database.change("database_insights_mode"),
            Some(Change::Unknown(_))
        ));
        let rule = kind("aws.vpc.SecurityGroupIngressRule").unwrap();
        assert!(matches!(
            rule.change("cidr_ipv4"),
            Some(Change::Sometimes(_))
        ));
        assert!(kind("aws.ec2.Teapot").is_none());
    }
}
