//! The policies for whoever deploys: what they grant for the team's spec and for variants of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use paystagec::catalogue::{kind, resource_types};
use paystagec::compile_environment;
use paystagec::deployer::{Deployer, LARGEST_POLICY, MOST_POLICIES, Statement};
use paystagec::load::Disk;
use paystagec::stack::graph::Stack;
use serde_json::Value as Json;

const SPEC: &str = "spec/staging.toml";

struct Built {
    stack: Stack,
    deployer: Deployer,
    suffix: String,
}

/// The team's spec with some texts in it replaced.
fn built(changes: &[(&str, &str)]) -> Built {
    let mut text = std::fs::read_to_string(SPEC).expect("the spec");
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in the spec");
        text = text.replace(old, new);
    }
    let (environment, diagnostics) = compile_environment(
        &text,
        SPEC,
        &Disk::beside(Path::new(SPEC)),
        "2026-06-01".parse().expect("a date"),
    );
    let environment = environment.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let stack = Stack::build(&environment).expect("a graph that holds together");
    let deployer = Deployer::build(&environment, &stack).expect("policies that fit");
    let suffix = environment.suffix.value.clone();
    Built {
        stack,
        deployer,
        suffix,
    }
}

impl Built {
    fn statements(&self, part: &str) -> Vec<&Statement> {
        let policies = self.deployer.policies.iter();
        policies
            .filter(|policy| part.is_empty() || policy.part_of == part)
            .flat_map(|policy| &policy.statements)
            .collect()
    }

    fn actions(&self, part: &str) -> BTreeSet<&str> {
        let statements = self.statements(part).into_iter();
        statements
            .flat_map(|statement| statement.actions.iter().copied())
            .collect()
    }

    fn services(&self) -> BTreeSet<&str> {
        let actions = self.actions("").into_iter();
        actions
            .filter_map(|action| action.split(':').next())
            .collect()
    }

    fn resources(&self, part: &str) -> BTreeSet<&str> {
        let statements = self.statements(part).into_iter();
        statements
            .flat_map(|statement| statement.resources.iter().map(Rc::as_ref))
            .collect()
    }
}

const NO_FIREWALL: (&str, &str) = (
    "[firewall]\nrequests_per_five_minutes = 6_000     # of one address",
    "[firewall]\nenabled = false",
);
const NO_SCHEDULE: (&str, &str) = ("schedule = \"rate(1 minute)\"\n", "");
const OWN_CERTIFICATE: (&str, &str) = (
    "certificate = \"self-signed\"",
    "certificate = \"arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012\"",
);
const NO_ACCOUNT_ROLE: (&str, &str) = ("[api]\n", "[api]\nmanage_account_role = false\n");
const SNAPSHOT: (&str, &str) = (
    "[state]",
    "[migration]\nsnapshot = \"arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev\"\n\n[state]",
);
const RESERVED: (&str, &str) = (
    "memory_mib = 512\n",
    "memory_mib = 512\nreserved_concurrency = 5\n",
);
const S3_STATE: (&str, &str) = (
    "backend = \"local\"",
    "backend = \"s3\"\nbucket = \"our-pulumi-state\"\nkms_key = \"alias/pulumi-state\"\n",
);
const LONG_NAMES: (&str, &str) = ("name = \"staging\"", "name = \"stagingtwo\"");
const ACCOUNT: (&str, &str) = (
    "suffix = \"main\"",
    "allowed_account_ids = [\"123456789012\"]\nsuffix = \"main\"",
);

fn variants() -> BTreeMap<&'static str, Built> {
    BTreeMap::from([
        ("team", built(&[])),
        (
            "less",
            built(&[NO_FIREWALL, NO_SCHEDULE, OWN_CERTIFICATE, NO_ACCOUNT_ROLE]),
        ),
        ("more", built(&[SNAPSHOT, S3_STATE, ACCOUNT, LONG_NAMES])),
    ])
}

#[test]
fn every_variant_fits_under_any_suffix() {
    for (name, built) in variants() {
        let tail = &built.deployer.tail;
        let longest = "x".repeat(built.stack.longest_suffix());
        let stem = tail.strip_suffix(&built.suffix).unwrap();
        for policy in &built.deployer.policies {
            let document = serde_json::to_value(policy).unwrap();
            let text = document
                .to_string()
                .replace(tail, &format!("{stem}{longest}"));
            let size: usize = text.split_ascii_whitespace().map(str::len).sum();
            assert!(size <= LARGEST_POLICY, "{name} {}: {size}", policy.name);
        }
        for (set, policies) in built.deployer.sets() {
            assert!(policies.len() <= MOST_POLICIES, "{name} {set}");
        }
    }
}

#[test]
fn what_the_spec_leaves_out_gives_no_right() {
    let all = built(&[]);
    let needed = ["acm", "events", "wafv2"];
    assert!(
        needed
            .iter()
            .all(|service| all.services().contains(service))
    );
    for (change, service) in [
        (NO_FIREWALL, "wafv2"),
        (NO_SCHEDULE, "events"),
        (OWN_CERTIFICATE, "acm"),
    ] {
        let less = built(&[change]);
        let mut expected = all.services();
        expected.remove(service);
        assert_eq!(less.services(), expected);
    }
    let firewall = built(&[NO_FIREWALL]);
    for action in ["apigateway:SetWebACL", "elasticloadbalancing:SetWebAcl"] {
        assert!(all.actions("").contains(action) && !firewall.actions("").contains(action));
    }
    let linked = |built: &Built| {
        let statements = built.statements("up").into_iter();
        let mut link = statements.filter(|statement| statement.sid == "IamLink");
        link.next().unwrap().resources.len()
    };
    assert_eq!((linked(&all), linked(&firewall)), (4, 3));
}

#[test]
fn what_the_spec_adds_gives_a_right() {
    let restore = "rds:RestoreDBInstanceFromDBSnapshot";
    assert!(!built(&[]).actions("up").contains(restore));
    let snapshot = built(&[SNAPSHOT]);
    assert!(snapshot.actions("up").contains(restore));
    assert!(snapshot.actions("destroy").contains("rds:DeleteDBSnapshot"));
    let source = "arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev";
    assert!(snapshot.resources("up").contains(source));
    let reserve = "lambda:PutFunctionConcurrency";
    assert!(!built(&[]).actions("up").contains(reserve));
    assert!(built(&[RESERVED]).actions("up").contains(reserve));
}

#[test]
fn only_what_the_deployment_calls_can_be_called() {
    let built = built(&[]);
    let calls = |statement: &&&Statement| statement.actions.contains("lambda:InvokeFunction");
    let statements = built.statements("");
    let mut found = statements.iter().filter(calls);
    let only = found.next().unwrap();
    let function = "arn:aws:lambda:us-east-1:*:function:lambda-migrate-staging-main";
    assert_eq!(only.resources, BTreeSet::from([function.into()]));
    assert!(only.actions.len() == 1 && found.next().is_none());
}

/// Types that stand for something while it is made, or while it is removed.
const MADE_ONLY: [&str; 2] = ["lambda:layer", "logs:log-group-itself"];
const REMOVED_ONLY: [&str; 2] = ["lambda:layer-version", "s3:object"];

/// Whether text is what a pattern of IAM's says.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            (0..=text.len())
                .filter(|at| text.is_char_boundary(*at))
                .any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// A name of the graph as AWS will know it.
fn physical(value: &Json, tail: &str) -> String {
    let part = |name: &Json, key: &str| name[key].as_str().unwrap_or_default().to_owned();
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if let Some(parts) = value["concat"].as_array() {
        return parts.iter().map(|part| physical(part, tail)).collect();
    }
    if value["account_id"] == true {
        return "123456789012".to_owned();
    }
    if value["environment"] == true {
        return "staging".to_owned();
    }
    let name = &value["name"];
    if name.is_object() {
        let (kind, role) = (part(name, "kind"), part(name, "role"));
        let role = if role.is_empty() {
            role
        } else {
            format!("-{role}")
        };
        return format!("{kind}{role}{tail}");
    }
    "a1b2c3".to_owned()
}

#[test]
fn every_name_of_the_graph_is_in_the_arns_that_make_and_remove_it() {
    let built = built(&[]);
    let mut checked = 0;
    for row in resource_types() {
        let here = row
            .arn
            .replace("{region}", "us-east-1")
            .replace("{account}", "*");
        for class in row.named.iter().filter(|named| kind(named).is_some()) {
            let property = &kind(class).unwrap().name.as_ref().unwrap().property;
            for member in built.stack.members().filter(|m| m.resource.kind == *class) {
                let value = &member.resource.argument(property).unwrap().value;
                let name = physical(
                    &built.stack.expr_json(value, member.row),
                    &built.deployer.tail,
                );
                let arn = here.replace("{name}", &name);
                let reached = |part: &str| {
                    let resources = built.resources(part).into_iter();
                    let account = "${aws:PrincipalAccount}";
                    resources
                        .map(|pattern| pattern.replace(account, "123456789012"))
                        .any(|pattern| pattern != "*" && matches(&pattern, &arn))
                };
                assert!(reached("up") || REMOVED_ONLY.contains(&row.name), "{arn}");
                assert!(reached("destroy") || MADE_ONLY.contains(&row.name), "{arn}");
                checked += 1;
            }
        }
    }
    assert!(checked > 80, "{checked}");
}

#[test]
fn patterns_reach_nothing_of_another_copy() {
    let built = built(&[]);
    let tail = &built.deployer.tail;
    let ours = built.resources("");
    for pattern in ours
        .iter()
        .filter(|pattern| pattern.contains(tail.as_str()))
    {
        for other in [
            "-staging-main2",
            "-staging-pr42",
            "-staging",
            "-production-main",
        ] {
            let arn = pattern.replace(tail, other).replace('*', "x");
            assert!(!matches(pattern, &arn), "{pattern} {arn}");
        }
    }
}

#[test]
fn one_known_account_stands_in_the_arns() {
    let built = built(&[ACCOUNT]);
    for resource in built.resources("") {
        assert!(!resource.contains("${"), "{resource}");
        let account = resource.split(':').nth(4).unwrap_or_default();
        assert!(["", "123456789012"].contains(&account), "{resource}");
    }
}

#[test]
fn state_in_s3_has_a_policy_in_every_set() {
    let built = built(&[S3_STATE]);
    for (set, policies) in built.deployer.sets() {
        assert!(policies.contains(&"state"), "{set}");
    }
    let resources = built.resources("state");
    assert!(resources.contains("arn:aws:s3:::our-pulumi-state/.pulumi/*"));
    let key = built.statements("state").remove(0);
    let aliases = &key.conditions["ForAnyValue:StringEquals"]["kms:ResourceAliases"];
    assert!(aliases.contains("alias/pulumi-state"));
    assert!(key.resources.contains("arn:aws:kms:us-east-1:*:key/*"));
}

#[test]
fn phases_do_what_they_are_for() {
    for (name, built) in variants() {
        let reads = |action: &str| {
            let (_, call) = action.split_once(':').unwrap();
            ["Describe", "Get", "List"]
                .iter()
                .any(|verb| call.starts_with(verb))
                || call == "GET"
        };
        for action in built.actions("preview") {
            // Variables of functions are shown to whoever may decrypt them.
            assert!(reads(action) || action == "kms:Decrypt", "{name} {action}");
        }
        let decrypting = built.statements("preview").into_iter();
        let decrypting: Vec<_> = decrypting
            .filter(|statement| statement.actions.contains("kms:Decrypt"))
            .collect();
        let [statement] = decrypting.as_slice() else {
            panic!("{name}: {decrypting:?}");
        };
        let condition = serde_json::to_value(&statement.conditions).unwrap();
        assert_eq!(
            condition["StringEquals"]["kms:ViaService"],
            serde_json::json!(["lambda.us-east-1.amazonaws.com"])
        );
        assert!(condition["StringLike"]["aws:ResourceTag/Name"].is_array());
        for action in built.actions("destroy") {
            let (_, call) = action.split_once(':').unwrap();
            let makes = [
                "Create", "Run", "Allocate", "Pass", "Tag", "Import", "POST", "Invoke",
            ];
            assert!(
                !makes.iter().any(|verb| call.starts_with(verb)),
                "{name} {action}"
            );
        }
        for statement in built.statements("") {
            assert!(!statement.resources.is_empty(), "{name} {}", statement.sid);
            let wild = statement.actions.iter().any(|action| action.contains('*'));
            assert!(!wild, "{name} {}", statement.sid);
            let anywhere = statement.resources.contains("*");
            let reasons = built.deployer.reasons.anywhere.contains_key(&statement.sid);
            assert_eq!(anywhere, reasons, "{name} {}", statement.sid);
        }
    }
}
