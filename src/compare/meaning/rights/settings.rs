//! Settings that open or close: who may call a route, what faces the internet, what the firewall lets through.

use super::permission::{Part, Permission, Right, Side};
use crate::compare::diff::Inputs;
use crate::compare::value::Value;

/// Switches by class: the argument, the value that closes, what the other one allows to anybody, and the argument that says of what.
const SWITCHES: &[(&str, &str, bool, &str, &str)] = &[
    (
        "aws.rds.Instance",
        "publiclyAccessible",
        false,
        "reach the database's address",
        "identifier",
    ),
    (
        "aws.rds.Instance",
        "storageEncrypted",
        true,
        "read the storage without a key",
        "identifier",
    ),
    (
        "aws.lb.LoadBalancer",
        "internal",
        true,
        "reach the load balancer from the internet",
        "name",
    ),
    (
        "aws.lb.LoadBalancer",
        "dropInvalidHeaderFields",
        true,
        "send invalid header fields",
        "name",
    ),
    (
        "aws.s3.BucketPublicAccessBlock",
        "blockPublicAcls",
        true,
        "be granted access by ACLs",
        "bucket",
    ),
    (
        "aws.s3.BucketPublicAccessBlock",
        "blockPublicPolicy",
        true,
        "be granted access by a policy",
        "bucket",
    ),
    (
        "aws.s3.BucketPublicAccessBlock",
        "ignorePublicAcls",
        true,
        "use access that ACLs grant",
        "bucket",
    ),
    (
        "aws.s3.BucketPublicAccessBlock",
        "restrictPublicBuckets",
        true,
        "use access that a policy grants to all",
        "bucket",
    ),
    (
        "aws.ec2.Subnet",
        "mapPublicIpOnLaunch",
        false,
        "be given public addresses",
        "cidrBlock",
    ),
];

/// Whether the value is the one that closes; what is left out is off.
fn closes(closed: bool, value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(is)) => closed == *is,
        _ => !closed,
    }
}

const LISTENER: &str = "aws.lb.Listener";
const METHOD: &str = "aws.apigateway.Method";
const FIREWALL: &str = "aws.wafv2.WebAcl";
const ASSOCIATION: &str = "aws.wafv2.WebAclAssociation";

pub fn is_asked(class: &str) -> bool {
    SWITCHES.iter().any(|(of, ..)| *of == class)
        || [LISTENER, METHOD, FIREWALL, ASSOCIATION].contains(&class)
}

const ANYBODY: &str = "anybody";
const WITH_A_KEY: &str = "who has an API key";

/// Something that anybody may do, or that the firewall keeps anybody from doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    holder: &'static str,
    may: String,
    on: String,
    denies: bool,
}

pub fn openings(side: &Side) -> Vec<Opening> {
    let mut found = Vec::new();
    for Part { kind, inputs, .. } in &side.resources {
        let switches = SWITCHES.iter().filter(|(of, ..)| *of == kind.class);
        for (_, argument, closed, may, on) in switches {
            if !closes(*closed, inputs.get(*argument)) {
                found.push(Opening {
                    holder: ANYBODY,
                    may: (*may).to_owned(),
                    on: text(inputs, on),
                    denies: false,
                });
            }
        }
        match kind.class {
            LISTENER => found.extend(anonymous(inputs)),
            METHOD => found.push(method(inputs)),
            FIREWALL => found.extend(rules(inputs)),
            ASSOCIATION => found.push(Opening {
                holder: ANYBODY,
                may: "pass without the firewall".to_owned(),
                on: text(inputs, "resourceArn"),
                denies: true,
            }),
            _ => {}
        }
    }
    found
}

fn text(inputs: &Inputs, name: &str) -> String {
    inputs.get(name).and_then(Value::shown).unwrap_or_default()
}

/// Whether a listener of HTTPS takes callers that show no certificate.
fn anonymous(inputs: &Inputs) -> Option<Opening> {
    let mode = inputs.get("mutualAuthentication");
    let mode = mode.and_then(|mode| mode.at("mode")).and_then(Value::text);
    let is_open = text(inputs, "protocol") == "HTTPS" && mode != Some("verify");
    is_open.then(|| Opening {
        holder: ANYBODY,
        may: "connect without a certificate".to_owned(),
        on: format!("the load balancer's port {}", text(inputs, "port")),
        denies: false,
    })
}

/// Who may call a method of a path.
fn method(inputs: &Inputs) -> Opening {
    let needs_key = inputs.get("apiKeyRequired") == Some(&Value::Bool(true));
    let needs_login = text(inputs, "authorization") != "NONE";
    Opening {
        holder: match (needs_login, needs_key) {
            (true, true) => "who has a right of IAM and an API key",
            (true, false) => "who has a right of IAM",
            (false, true) => WITH_A_KEY,
            (false, false) => ANYBODY,
        },
        may: format!("call {}", text(inputs, "httpMethod")),
        on: text(inputs, "resourceId"),
        denies: false,
    }
}

/// What the rules of a web ACL block: a rule that goes, or only counts from now on, opens.
fn rules(inputs: &Inputs) -> Vec<Opening> {
    let Some(Value::List(rules)) = inputs.get("rules") else {
        return Vec::new();
    };
    let blocking = rules.iter().filter(|rule| {
        let blocks = |path: &str| rule.at(path).is_some();
        blocks("action.block") || blocks("overrideAction.none")
    });
    blocking
        .map(|rule| Opening {
            holder: ANYBODY,
            may: format!(
                "send what the rule {} blocks",
                rule.at("name").and_then(Value::text).unwrap_or_default()
            ),
            on: text(inputs, "name"),
            denies: true,
        })
        .collect()
}

impl Permission for Opening {
    fn covers(&self, other: &Self) -> bool {
        // With a key and a right of IAM, one has each of them alone.
        let is_wider = self.holder == ANYBODY
            || self.holder == other.holder
            || other.holder.starts_with(&format!("{} and", self.holder))
            || (self.holder == WITH_A_KEY && other.holder.ends_with("an API key"));
        is_wider && (&self.may, &self.on, self.denies) == (&other.may, &other.on, other.denies)
    }

    fn is_denial(&self) -> bool {
        self.denies
    }

    fn right(&self) -> Right {
        Right {
            holder: self.holder.to_owned(),
            may: vec![self.may.clone()],
            on: self.on.clone(),
            only_if: String::new(),
        }
    }
}
