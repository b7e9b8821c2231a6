//! Which networks may reach what: rules of security groups and of network ACLs.

use ipnet::IpNet;

use super::permission::{Part, Permission, Right, Side};
use crate::compare::diff::Inputs;
use crate::compare::value::{Value, number_text};

const IN: &str = "aws.vpc.SecurityGroupIngressRule";
const OUT: &str = "aws.vpc.SecurityGroupEgressRule";
const ACL: &str = "aws.ec2.NetworkAcl";

pub fn is_asked(class: &str) -> bool {
    [IN, OUT, ACL].contains(&class)
}

/// Packets of one form between a peer and a group or the subnets of an ACL.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// The group or ACL, and the direction.
    on: String,
    peer: String,
    /// `-1` is every protocol.
    protocol: String,
    ports: Option<(f64, f64)>,
    denies: bool,
}

pub fn openings(side: &Side) -> Vec<Opening> {
    let mut found = Vec::new();
    for Part { kind, inputs, .. } in &side.resources {
        match kind.class {
            IN => found.extend(of_rule(inputs, "into")),
            OUT => found.extend(of_rule(inputs, "out of")),
            ACL => {
                found.extend(of_acl(inputs, "ingress", "into"));
                found.extend(of_acl(inputs, "egress", "out of"));
            }
            _ => {}
        }
    }
    found
}

fn of_rule(inputs: &Inputs, way: &str) -> Option<Opening> {
    let group = inputs.get("securityGroupId").and_then(Value::text)?;
    Some(Opening {
        on: format!("{way} {group}"),
        peer: peer(|name| inputs.get(name)),
        protocol: text(inputs.get("ipProtocol")),
        ports: ports(inputs.get("fromPort"), inputs.get("toPort")),
        denies: false,
    })
}

fn of_acl(inputs: &Inputs, rules: &str, way: &str) -> Vec<Opening> {
    let name = inputs.get("tags").and_then(|tags| tags.at("Name"));
    let on = format!("{way} the subnets of {}", text(name));
    let Some(Value::List(rules)) = inputs.get(rules) else {
        return Vec::new();
    };
    let rules = rules.iter().map(|rule| Opening {
        on: on.clone(),
        peer: peer(|name| rule.at(name)),
        protocol: match text(rule.at("protocol")).as_str() {
            "6" => "tcp".to_owned(),
            "17" => "udp".to_owned(),
            other => other.to_owned(),
        },
        ports: ports(rule.at("fromPort"), rule.at("toPort")),
        denies: text(rule.at("action")) == "deny",
    });
    rules.collect()
}

/// The one of the sources that is given.
fn peer<'a>(get: impl Fn(&str) -> Option<&'a Value>) -> String {
    let sources = [
        "cidrBlock",
        "cidrIpv4",
        "cidrIpv6",
        "ipv6CidrBlock",
        "prefixListId",
        "referencedSecurityGroupId",
    ];
    let found = sources.into_iter().find_map(get);
    text(found)
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::shown).unwrap_or_default()
}

fn ports(from: Option<&Value>, to: Option<&Value>) -> Option<(f64, f64)> {
    match (from, to) {
        (Some(Value::Number(from)), Some(Value::Number(to))) => Some((*from, *to)),
        _ => None,
    }
}

impl Permission for Opening {
    fn covers(&self, other: &Self) -> bool {
        let network = || {
            let wide: Option<IpNet> = self.peer.parse().ok();
            let narrow: Option<IpNet> = other.peer.parse().ok();
            wide.zip(narrow)
                .is_some_and(|(wide, narrow)| wide.contains(&narrow))
        };
        let ports = || match (self.ports, other.ports) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((low, high)), Some((from, to))) => low <= from && to <= high,
        };
        self.denies == other.denies
            && self.on == other.on
            && (self.peer == other.peer || network())
            && (self.protocol == "-1" || (self.protocol == other.protocol && ports()))
    }

    fn is_denial(&self) -> bool {
        self.denies
    }

    fn right(&self) -> Right {
        let ports = match self.ports {
            Some((from, to)) if from < to => format!(" {}-{}", number_text(from), number_text(to)),
            Some((from, _)) => format!(" {}", number_text(from)),
            None => String::new(),
        };
        let protocol = if self.protocol == "-1" {
            "every protocol"
        } else {
            &self.protocol
        };
        Right {
            holder: self.peer.clone(),
            may: vec![format!("{protocol}{ports}")],
            on: self.on.clone(),
            only_if: String::new(),
        }
    }
}
