//! What the provider makes of other inputs: nothing, an update, or a replacement, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::wire;
use super::value::Value;
use crate::catalogue::{Change, Kind};

pub type Inputs = BTreeMap<String, Value>;

/// What a provider's `Diff` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Inputs that differ, by their names on the wire.
    pub changed: Vec<String>,
    /// Those among them that make the resource anew.
    pub replacing: Vec<String>,
    /// Whether the provider wants the old one deleted first.
    pub is_deleted_first: bool,
}

/// Compares the inputs of one resource.
pub fn difference(kind: Option<&'static Kind>, old: &Inputs, new: &Inputs) -> Difference {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed: Vec<String> = names
        .into_iter()
        .filter(|name| match (old.get(*name), new.get(*name)) {
            (Some(old), Some(new)) => !old.is_same(new),
            _ => true,
        })
        .cloned()
        .collect();
    let replacing: Vec<String> = match kind {
        Some(kind) => {
            let names = changed.iter();
            names
                .filter(|name| replaces(kind, name, old, new))
                .cloned()
                .collect()
        }
        // Another region is another place: everything would be made anew there.
        None => changed
            .iter()
            .filter(|name| name.as_str() == "region")
            .cloned()
            .collect(),
    };
    let is_deleted_first =
        !replacing.is_empty() && kind.is_some_and(|kind| deletes_first(kind, old, new));
    Difference {
        changed,
        replacing,
        is_deleted_first,
    }
}

/// Whether a change of this input makes the resource anew.
fn replaces(kind: &'static Kind, name: &str, old: &Inputs, new: &Inputs) -> bool {
    let Some(argument) = argument(kind, name) else {
        return false;
    };
    if let Some(holds) = in_this_case(kind, argument, old, new) {
        return holds;
    }
    match kind.change(argument) {
        Some(Change::Replace) => true,
        Some(Change::Unknown(words)) => !words.contains("in place"),
        Some(Change::InPlace | Change::Sometimes(_)) | None => false,
    }
}

/// The argument whose name on the wire this is.
fn argument(kind: &'static Kind, name: &str) -> Option<&'static str> {
    let lists = kind.replace.iter().chain(kind.in_place).copied();
    let mut all = lists
        .chain(kind.replace_if.keys())
        .chain(kind.unconfirmed.keys());
    all.find(|argument| wire(argument) == name)
}

const SOURCES_OF_RULE: [&str; 4] = [
    "cidrIpv4",
    "cidrIpv6",
    "prefixListId",
    "referencedSecurityGroupId",
];

/// What `replace_if` of the catalogue says in words.
fn in_this_case(kind: &Kind, argument: &str, old: &Inputs, new: &Inputs) -> Option<bool> {
    let text = |inputs: &Inputs, name: &str| {
        let value = inputs.get(name).and_then(Value::text);
        value.map(str::to_owned)
    };
    let is = |name: &str, wanted: &str| text(new, name).as_deref() == Some(wanted);
    match (kind.class, argument) {
        ("aws.vpc.SecurityGroupIngressRule" | "aws.vpc.SecurityGroupEgressRule", _)
            if SOURCES_OF_RULE.contains(&wire(argument).as_str()) =>
        {
            let given = |inputs: &Inputs| SOURCES_OF_RULE.map(|name| inputs.contains_key(name));
            Some(given(old) != given(new))
        }
        ("aws.ec2.VpcEndpoint", "private_dns_enabled") => Some(!is("vpcEndpointType", "Interface")),
        ("aws.ec2.Vpc", "instance_tenancy") => Some(!is("instanceTenancy", "default")),
        ("aws.lambda_.Invocation", "input") => {
            Some(text(new, "lifecycleScope").is_none_or(|scope| scope == "CREATE_ONLY"))
        }
        ("aws.lb.TargetGroup", "port" | "protocol" | "protocol_version" | "vpc_id") => {
            Some(!is("targetType", "lambda"))
        }
        ("aws.cloudwatch.LogDeliveryDestination", "delivery_destination_configuration") => {
            let service = |inputs: &Inputs| {
                let arn = inputs
                    .get("deliveryDestinationConfiguration")
                    .and_then(|value| value.at("destinationResourceArn"))
                    .and_then(Value::text);
                arn.map(|arn| arn.split(':').take(3).collect::<Vec<_>>().join(":"))
            };
            Some(service(old) != service(new))
        }
        ("aws.cloudwatch.LogDeliveryDestination", "delivery_destination_type") => Some(true),
        _ => None,
    }
}

/// Kinds of the provider's newer framework, which never wants a named resource deleted first.
const NEWER_FRAMEWORK: [&str; 3] = [
    "aws.cloudwatch.LogDelivery",
    "aws.cloudwatch.LogDeliveryDestination",
    "aws.cloudwatch.LogDeliverySource",
];

/// Deleted first although they have no name: the new one would stand in its place, and be deleted in its stead (pulumi-aws,
/// provider/resources.go).
const DELETED_FIRST: [&str; 1] = ["aws.apigateway.Integration"];

/// The provider deletes first where an explicit name stays the same.
fn deletes_first(kind: &Kind, old: &Inputs, new: &Inputs) -> bool {
    if NEWER_FRAMEWORK.contains(&kind.class) {
        return false;
    }
    if DELETED_FIRST.contains(&kind.class) {
        return true;
    }
    let name = kind.name.as_ref().map(|rule| wire(rule.property));
    name.is_some_and(|name| new.contains_key(&name) && old.get(&name) == new.get(&name))
}
