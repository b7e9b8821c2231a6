//! What the graph says about the database, the buckets and the functions, for the team's spec and for variants of it.

use std::collections::BTreeSet;
use std::path::Path;

use paystagec::compile_environment;
use paystagec::load::Disk;
use paystagec::stack::expr::Expr;
use paystagec::stack::graph::{Stack, references};
use paystagec::stack::resource::Resource;

const SPEC: &str = "spec/staging.toml";

/// The graph of the team's spec with one text in it replaced.
fn stack_with(old: &str, new: &str) -> Stack {
    let text = std::fs::read_to_string(SPEC).expect("the spec");
    assert!(text.contains(old), "{old} is not in the spec");
    let (environment, _) = compile_environment(
        &text.replace(old, new),
        SPEC,
        &Disk::beside(Path::new(SPEC)),
        "2026-06-01".parse().expect("a date"),
    );
    Stack::build(&environment.expect("a valid spec")).expect("a graph that holds together")
}

fn stack() -> Stack {
    stack_with("", "")
}

fn resource<'a>(stack: &'a Stack, component: &str, variable: &str) -> &'a Resource {
    stack
        .find(component, variable)
        .expect("in the graph")
        .resource
}

fn argument<'a>(resource: &'a Resource, name: &str) -> &'a Expr {
    &resource.argument(name).expect("an argument").value
}

/// Every text inside an expression.
fn texts(expr: &Expr) -> BTreeSet<&str> {
    let mut texts = BTreeSet::new();
    expr.walk(&mut |part| {
        if let Expr::Text(text) = part {
            texts.insert(text.as_str());
        }
    });
    texts
}

/// Every resource that one waits for, directly or not, as `component.variable`, with its kind.
fn waits_for(stack: &Stack, component: &str, variable: &str) -> BTreeSet<(String, &'static str)> {
    let mut found = BTreeSet::new();
    let mut open = vec![(component.to_owned(), variable.to_owned())];
    while let Some((component, variable)) = open.pop() {
        for target in references(resource(stack, &component, &variable)) {
            let kind = resource(stack, &target.component, &target.variable).kind;
            if found.insert((format!("{}.{}", target.component, target.variable), kind)) {
                open.push((target.component.clone(), target.variable.clone()));
            }
        }
    }
    found
}

fn direct_edges(resource: &Resource) -> BTreeSet<&str> {
    let edges = resource.depends_on.iter();
    edges.map(|(target, _)| target.variable.as_str()).collect()
}

#[test]
fn a_function_is_granted_what_it_uses_and_nothing_else() {
    let stack = stack();
    let granted = |component| texts(argument(resource(&stack, component, "policy"), "policy"));
    let validate = granted("functions/validate-payment");
    assert!(validate.contains("rds-db:connect"));
    assert!(validate.contains("s3:PutObject"));
    assert!(!validate.contains("s3:GetObject"));
    // The one that compares what is there already.
    assert!(granted("functions/audit-relay").contains("s3:GetObject"));
    let health = granted("functions/health");
    for absent in ["rds-db:connect", "s3:PutObject", "s3:GetObject", "s3"] {
        assert!(!health.contains(absent), "{absent}");
    }
}

#[test]
fn reading_the_audit_trail_grants_no_writing() {
    let stack = stack_with(
        "uses = { database = \"read\" }",
        "uses = { database = \"read\", audit = \"read\" }",
    );
    let policy = resource(&stack, "functions/payment-status", "policy");
    let granted = texts(argument(policy, "policy"));
    assert!(granted.contains("s3:GetObject"));
    assert!(!granted.contains("s3:PutObject"));
}

#[test]
fn no_function_gets_a_secret() {
    let stack = stack();
    for component in &stack.components {
        for (resource, _) in component.resources() {
            let Some(environment) = resource.argument("environment") else {
                continue;
            };
            environment.value.walk(&mut |part| {
                if let Expr::Output { field, .. } = part {
                    // Of a secret it is told the name.
                    let known = ["bucket", "address", "master_user_secrets"];
                    assert!(known.contains(field), "{field}");
                }
            });
        }
    }
}

#[test]
fn a_function_waits_for_its_policy_its_log_group_the_way_out_and_its_tables() {
    let stack = stack();
    let tables: &[&str] = &["migrations"];
    for (component, tables) in [
        ("functions/validate-payment", tables),
        ("functions/health", &[]),
    ] {
        let edges = direct_edges(resource(&stack, component, "function"));
        let way = [
            "database_from_functions",
            "functions_to_database",
            "functions_to_https",
            "private_acl",
            "private_association",
            "public_acl",
            "public_association",
        ];
        assert_eq!(
            edges,
            BTreeSet::from(["logs", "policy"])
                .into_iter()
                .chain(way)
                .chain(tables.iter().copied())
                .collect()
        );
    }
    let health = waits_for(&stack, "functions/health", "function");
    assert!(!health.iter().any(|(_, kind)| *kind == "aws.rds.Instance"));
}

#[test]
fn the_database_waits_for_nothing_slow() {
    let stack = stack();
    let waits = waits_for(&stack, "database", "instance");
    let slow = [
        "aws.ec2.NatGateway",
        "aws.ec2.RouteTable",
        "aws.ec2.RouteTableAssociation",
        "aws.ec2.VpcEndpoint",
        "aws.lb.LoadBalancer",
    ];
    for (name, kind) in &waits {
        assert!(!slow.contains(kind), "{name}");
    }
    assert!(waits.contains(&("database.log_group".to_owned(), "aws.cloudwatch.LogGroup")));
}

#[test]
fn log_groups_of_the_database_are_those_that_it_exports_to() {
    let stack = stack();
    let groups: BTreeSet<String> = stack
        .members()
        .filter(|member| member.resource.variable == "log_group")
        .filter_map(|member| Some(member.row?.text("name")))
        .collect();
    let exports = argument(
        resource(&stack, "database", "instance"),
        "enabled_cloudwatch_logs_exports",
    );
    let exports: BTreeSet<String> = texts(exports).into_iter().map(str::to_owned).collect();
    assert_eq!(groups, exports);
}

#[test]
fn a_version_pinned_to_a_minor_stays_there() {
    let auto = |stack: &Stack| {
        argument(
            resource(stack, "database", "instance"),
            "auto_minor_version_upgrade",
        )
        .clone()
    };
    assert_eq!(auto(&stack()), Expr::Bool(true));
    let pinned = stack_with("version = \"14\"", "version = \"14.22\"");
    assert_eq!(auto(&pinned), Expr::Bool(false));
    let group = resource(&pinned, "database", "parameter_group");
    assert_eq!(argument(group, "family"), &Expr::text("postgres14"));
}

#[test]
fn both_buckets_are_guarded_alike() {
    let stack = stack();
    for bucket in ["audit_bucket", "log_bucket"] {
        let part = |part: &str| resource(&stack, "audit", &format!("{bucket}_{part}"));
        let waits = direct_edges(part("policy"));
        assert!(waits.contains(format!("{bucket}_public_access").as_str()));
        let policy = format!("{:?}", argument(part("policy"), "policy"));
        assert!(policy.contains("aws:SecureTransport"));
        assert_eq!(
            argument(part("versioning"), "versioning_configuration"),
            &Expr::map([("status", "Enabled".into())])
        );
        let mut days = Vec::new();
        argument(part("lifecycle"), "rules").walk(&mut |expr| {
            if let Expr::Map(entries) = expr {
                let terms = entries.iter().filter(|(key, _)| key.ends_with("days"));
                days.extend(terms.map(|(_, value)| value.clone()));
            }
        });
        assert_eq!(days, [Expr::Integer(90), Expr::Integer(90)]);
    }
}
