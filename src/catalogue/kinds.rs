//! Resource kinds: what a change of each argument does, what a name may look like, what holds data.
//!
//! **What a preview knows of an output.** A resource that is made, or made anew, has no outputs before it stands: all are unknown but what an
//! argument says. On an update in place an output keeps its value, unless
//! - an argument of the same name is unknown;
//! - the provider says so for this kind (`SetNewComputed` in `CustomizeDiff`): of those that programs use only Lambda's `last_modified` when
//!   the code changes, and `version`, `qualified_arn` and `qualified_invoke_arn` when it publishes;
//! - the kind is of the newer framework (`framework`) and the output has no `UseStateForUnknown`: Terraform's framework then marks what is
//!   computed as unknown. Names, ids and ARNs have it; `delivery_destination_type` has not.
//!
//! So whoever refers to an output changes when what it names is made anew, not when it is updated. (Terraform's SDK: `schemaMap.diffString`;
//! the framework: `MarkComputedNilsAsUnknown`; pulumi-terraform-bridge: `Provider.Update` with `preview`, 2026.)

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
    /// Its type in CloudFormation, if it has one of its own. `tools/check-catalogue` compares what replaces.
    pub _cloudformation: Option<&'static str>,
    /// Arguments that have another name there, with the property.
    pub _properties: Map<&'static str>,
    /// Whether it accepts `tags`.
    pub taggable: bool,
    /// Rule for its physical name, if it has one.
    pub name: Option<NameRule>,
    /// When the provider deletes the old resource before it makes the new one; never, if it says nothing.
    pub delete_first: Option<DeleteFirst>,
    /// Whether the newer framework of the provider serves it.
    pub framework: bool,
    /// Arguments whose change makes the resource anew.
    pub replace: &'static [&'static str],
    /// Arguments whose change makes the resource anew in some cases.
    pub replace_if: Map<Condition>,
    /// Arguments that change in place.
    pub in_place: &'static [&'static str],
    /// Arguments of which no source says it, with what speaks for what: treat them as replacing.
    pub unconfirmed: Map<&'static str>,
    /// What else there is to know of a change.
    pub remarks: Map<&'static str>,
    /// Where CloudFormation says otherwise, by argument or `stateful`, and why the row is right.
    pub differs: Map<&'static str>,
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
    /// Why nobody has to say that it may go, though it is lost.
    pub passing: Option<&'static str>,
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

/// When the provider deletes the old resource before it makes the new one. An option of the program (`delete_before_replace`), on or off, goes
/// before this.
///
/// The rule is that of pulumi-terraform-bridge (`Provider.Diff` and `nameRequiresDeleteBeforeReplace`, 2026): it deletes first if the kind says
/// so, or if the program gives the argument for which Pulumi would else make a name up, whether or not this argument is what changes. It asks
/// for no other argument, however unique its value is, and never for kinds of the newer framework.
#[derive(Debug, PartialEq, Eq)]
pub enum DeleteFirst {
    Always,
    /// Whenever the program gives this argument.
    WhenSet(&'static str),
}

/// When a change of an argument makes the resource anew. Everything is that of the new state, unless it says otherwise.
#[derive(Debug, PartialEq, Eq)]
pub enum Condition {
    /// While another argument, or this one, has this value.
    When(Setting),
    /// Unless another argument, or this one, has this value.
    Unless(Setting),
    /// When another one of these arguments is given than before.
    AnotherOf(&'static [&'static str]),
    /// When the argument comes or goes, not when it changes.
    Presence,
    /// When one of these parts of the block changes.
    Parts(&'static [&'static str]),
    /// When the ARN in this part of the block is another service's than before, or unknown.
    ArnService(&'static str),
    /// In a case that only words tell: treat it as replacing.
    Told(&'static str),
}

/// An argument with a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    pub argument: &'static str,
    pub value: &'static str,
}

/// What the provider does when an argument changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    InPlace,
    /// The resource is made anew.
    Replace,
    /// The resource is made anew in some cases.
    Sometimes(&'static Condition),
    /// No source says; what speaks for what, in words. To be treated as replacing.
    Unknown(&'static str),
}

impl Kind {
    /// What a change of this argument does; none if the kind is not known to take it.
    pub fn change(&'static self, argument: &str) -> Option<Change> {
        let listed = |list: &[&str]| list.contains(&argument);
        if listed(self.replace) {
            Some(Change::Replace)
        } else if listed(self.in_place) || (argument == "tags" && self.taggable) {
            Some(Change::InPlace)
        } else if let Some(condition) = self.replace_if.get(argument) {
            Some(Change::Sometimes(condition))
        } else {
            self.unconfirmed
                .get(argument)
                .map(|words| Change::Unknown(words))
        }
    }

    /// Whether the provider deletes the old resource first, given the arguments that the program sets.
    pub fn deletes_first(&self, is_set: impl Fn(&str) -> bool) -> bool {
        match &self.delete_first {
            Some(DeleteFirst::Always) => true,
            Some(DeleteFirst::WhenSet(argument)) => is_set(argument),
            None => false,
        }
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
    use super::{Change, Condition, DeleteFirst, kind, kinds};

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
            let lists = || {
                let listed = row
                    .replace
                    .iter()
                    .copied()
                    .chain(row.in_place.iter().copied())
                    .chain(row.computed.iter().copied());
                listed.chain(row.replace_if.keys().chain(row.unconfirmed.keys()))
            };
            for argument in lists() {
                let places = lists().filter(|other| *other == argument).count();
                assert_eq!(places, 1, "{} {argument}", row.class);
            }
            for argument in row.remarks.keys() {
                assert!(row.change(argument).is_some(), "{} {argument}", row.class);
            }
        }
    }

    #[test]
    fn what_a_case_names_is_an_argument_of_the_kind() {
        for row in kinds() {
            let conditions = row
                .replace_if
                .values()
                .flat_map(|condition| match condition {
                    Condition::When(setting) | Condition::Unless(setting) => {
                        std::slice::from_ref(&setting.argument)
                    }
                    Condition::AnotherOf(arguments) => arguments,
                    Condition::Presence
                    | Condition::Parts(_)
                    | Condition::ArnService(_)
                    | Condition::Told(_) => &[],
                });
            let names = row.delete_first.iter().filter_map(|first| match first {
                DeleteFirst::Always => None,
                DeleteFirst::WhenSet(argument) => Some(argument),
            });
            for argument in conditions.chain(names) {
                assert!(row.change(argument).is_some(), "{} {argument}", row.class);
            }
            assert!(
                !row.framework || row.delete_first.is_none(),
                "{}",
                row.class
            );
        }
    }

    #[test]
    fn the_provider_deletes_first_what_has_a_name_that_pulumi_would_make_up() {
        let first = |class: &str, set: &str| {
            let kind = kind(class).unwrap();
            kind.deletes_first(|argument| argument == set)
        };
        assert!(first("aws.rds.ParameterGroup", "name"));
        assert!(!first("aws.rds.ParameterGroup", "name_prefix"));
        assert!(first("aws.rds.Instance", "identifier"));
        assert!(first("aws.iam.RolePolicyAttachment", "role"));
        // Unique too, and the provider does not mind.
        assert!(!first("aws.apigateway.Stage", "stage_name"));
        assert!(!first("aws.cloudwatch.LogDeliverySource", "name"));
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
        assert!(database.remarks.contains_key("allocated_storage"));
        assert_eq!(database.change("tags"), Some(Change::InPlace));
        assert_eq!(database.change("tag"), None);
        assert!(matches!(
            database.change("warning_event_categories"),
            Some(Change::Unknown(_))
        ));
        let invocation = kind("aws.lambda_.Invocation").unwrap();
        let Some(Change::Sometimes(Condition::Unless(setting))) = invocation.change("input") else {
            panic!("an input that always replaces");
        };
        assert_eq!(
            (setting.argument, setting.value),
            ("lifecycle_scope", "CRUD")
        );
        assert!(kind("aws.ec2.Teapot").is_none());
    }
}
