//! What the graph says about the API, the load balancer, the firewall and the alarms, for the team's spec and for variants of it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::Path;

use paystagec::compile_environment;
use paystagec::load::Disk;
use paystagec::stack::expr::Expr;
use paystagec::stack::graph::Stack;
use paystagec::stack::resource::{Block, Family, Resource};
use serde_json::Value as Json;

const SPEC: &str = "spec/staging.toml";
const PLAN: &str = "[api.plans.partner]";
const NESTED: &str =
    "[api.routes.\"GET /refunds/{refund_id}/parts\"]\nfunction = \"validate-payment\"\n";

/// The graph of the team's spec with one text in it replaced.
fn stack_with(old: &str, new: &str) -> Stack {
    let text = std::fs::read_to_string(SPEC).expect("the spec");
    assert!(text.contains(old), "{old} is not in the spec");
    stack_of(&text.replacen(old, new, 1))
}

fn stack_of(text: &str) -> Stack {
    let (environment, _) = compile_environment(
        text,
        SPEC,
        &Disk::beside(Path::new(SPEC)),
        "2026-06-01".parse().expect("a date"),
    );
    Stack::build(&environment.expect("a valid spec")).expect("a graph that holds together")
}

fn stack() -> Stack {
    stack_with("", "")
}

/// With a route three paths deep, one of them a parameter.
fn nested() -> Stack {
    stack_with(PLAN, &format!("{NESTED}\n{PLAN}"))
}

fn resource<'a>(stack: &'a Stack, component: &str, variable: &str) -> &'a Resource {
    stack
        .find(component, variable)
        .expect("in the graph")
        .resource
}

fn family<'a>(stack: &'a Stack, component: &str, table: &str) -> Option<&'a Family> {
    let blocks = stack.component(component)?.blocks.iter();
    let mut families = blocks.filter_map(|block| match block {
        Block::Family(family) => Some(family),
        Block::Resource(_) | Block::Guarded(..) => None,
    });
    families.find(|family| family.table == table)
}

fn column(family: &Family, column: &str) -> Vec<String> {
    family.rows.iter().map(|row| row.text(column)).collect()
}

fn edges(resource: &Resource) -> BTreeSet<&str> {
    let edges = resource.depends_on.iter();
    edges.map(|(target, _)| target.variable.as_str()).collect()
}

/// The resources of one class as JSON, families expanded.
fn members(stack: &Stack, class: &str) -> Vec<Json> {
    let graph = serde_json::to_value(stack).unwrap();
    let resources = graph.get("resources").and_then(Json::as_array);
    let resources = resources.expect("resources");
    let chosen = resources
        .iter()
        .filter(|member| member.get("class").is_some_and(|known| known == class));
    chosen.cloned().collect()
}

fn triggers(stack: &Stack) -> Json {
    let deployments = members(stack, "aws.apigateway.Deployment");
    let triggers = deployments
        .first()
        .and_then(|deployment| deployment.pointer("/arguments/triggers"));
    triggers.expect("triggers").clone()
}

#[test]
fn parents_come_before_their_children() {
    let stack = nested();
    let paths = family(&stack, "api", "PATHS").unwrap();
    let known = column(paths, "path");
    assert!(known.contains(&"refunds/{refund_id}/parts".to_owned()));
    for (place, parent) in column(paths, "parent").iter().enumerate() {
        assert!(
            parent.is_empty() || known[..place].contains(parent),
            "{parent}"
        );
    }
}

#[test]
fn a_path_parameter_is_required_and_may_have_any_value() {
    let stack = nested();
    let routes = family(&stack, "api", "ROUTES").unwrap();
    let row = routes
        .rows
        .iter()
        .find(|row| row.text("name") == "get-refunds-any-parts")
        .unwrap();
    assert_eq!(row.text("invoked_by"), "GET/refunds/*/parts");
    let required = Expr::map([("method.request.path.refund_id", true.into())]);
    assert_eq!(row.cell("required"), Some(&required));
}

#[test]
fn whatever_changes_in_the_api_is_deployed_again() {
    let before = triggers(&stack());
    let header = "required_headers = [\"Content-Type\"]";
    for (what, stack) in [
        ("a route", nested()),
        ("a header", stack_with(header, "")),
        (
            "a body",
            stack_with("body = \"schemas/payment.json\"\n", ""),
        ),
        (
            "who may call",
            stack_with("api_key_required = false", "authorization = \"AWS_IAM\""),
        ),
        (
            "a TLS policy",
            stack_with(
                "[api]\n",
                "[api]\ntls_policy = \"SecurityPolicy_TLS13_1_3_2025_09\"\n",
            ),
        ),
    ] {
        assert_ne!(before, triggers(&stack), "{what}");
    }
    let throttle = stack_with("rate_per_second = 50", "rate_per_second = 60");
    assert_eq!(before, triggers(&throttle));
}

#[test]
fn requests_move_when_the_new_function_may_be_called() {
    let stack = stack();
    let deployment = resource(&stack, "api", "deployment");
    assert_eq!(
        edges(deployment),
        BTreeSet::from(["gateway_response", "integration", "permission"])
    );
    let rule = resource(&stack, "load_balancer", "listener_rule");
    assert!(edges(rule).contains("attachment"), "{:?}", edges(rule));
    assert_eq!(deployment.delete_before_replace, None);
}

#[test]
fn an_api_without_bodies_has_no_models() {
    let stack = stack_with("body = \"schemas/payment.json\"\n", "");
    let routes = family(&stack, "api", "ROUTES").unwrap();
    let none = Expr::Map(Vec::new());
    assert!(
        routes
            .rows
            .iter()
            .all(|row| row.cell("models") == Some(&none))
    );
    assert!(members(&stack, "aws.apigateway.Model").is_empty());
}

#[test]
fn the_account_role_is_made_only_where_the_spec_says_so() {
    let own = stack_with("[api]\n", "[api]\nmanage_account_role = true\n");
    let stage = resource(&own, "api_stage", "stage");
    assert_eq!(edges(stage), BTreeSet::from(["account", "execution_logs"]));
    let shared = stack_with("[api]\n", "[api]\nmanage_account_role = false\n");
    assert!(shared.find("api_stage", "account_role").is_none());
    let stage = resource(&shared, "api_stage", "stage");
    assert_eq!(edges(stage), BTreeSet::from(["execution_logs"]));
}

#[test]
fn logs_of_the_api_hold_no_bodies() {
    let stack = stack();
    let settings = &members(&stack, "aws.apigateway.MethodSettings")[0]["arguments"]["settings"];
    assert_eq!(settings["map"]["data_trace_enabled"], false);
    let stage = members(&stack, "aws.apigateway.Stage")[0]["arguments"].to_string();
    assert!(stage.contains("$context.tlsVersion"));
    for leak in [
        "body",
        "validationErrorString",
        "error.message",
        "querystring",
    ] {
        assert!(!stage.contains(leak), "{leak}");
    }
}

#[test]
fn only_the_balancers_own_target_group_may_invoke_a_function() {
    let stack = stack();
    for permission in members(&stack, "aws.lambda_.Permission") {
        let arguments = &permission["arguments"];
        let source = arguments["source_arn"].to_string();
        let expected = match arguments["principal"].as_str() {
            Some("elasticloadbalancing.amazonaws.com") => "TargetGroup",
            Some("events.amazonaws.com") => "EventRule",
            _ => "execution_arn",
        };
        assert!(source.contains(expected), "{source}");
    }
    let attachment = resource(&stack, "load_balancer", "attachment");
    assert!(edges(attachment).contains("target_permission"));
}

#[test]
fn a_certificate_of_the_spec_replaces_the_self_signed_one() {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    let stack = stack_with("\"self-signed\"", &format!("\"{arn}\""));
    for class in [
        "tls.PrivateKey",
        "tls.SelfSignedCert",
        "aws.acm.Certificate",
    ] {
        assert!(members(&stack, class).is_empty(), "{class}");
    }
    let listener = resource(&stack, "load_balancer", "https_listener");
    let certificate = &listener.argument("certificate_arn").unwrap().value;
    assert_eq!(certificate, &Expr::text(arn));
}

#[test]
fn the_firewall_protects_both_entry_points_or_is_absent() {
    let associations = members(&stack(), "aws.wafv2.WebAclAssociation");
    let guarded: BTreeSet<String> = associations
        .iter()
        .map(|member| {
            let output = &member["arguments"]["resource_arn"]["output"];
            output["component"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        guarded,
        ["api_stage", "load_balancer"].map(str::to_owned).into()
    );
    let off = stack_with("[firewall]\n", "[firewall]\nenabled = false\n");
    assert!(off.component("firewall").is_none());
    assert!(
        !serde_json::to_value(&off)
            .unwrap()
            .to_string()
            .contains("WAFV2")
    );
}

#[test]
fn every_alarm_notifies_when_it_starts_and_when_it_is_over() {
    let alarms = members(&stack(), "aws.cloudwatch.MetricAlarm");
    assert!(alarms.len() > 10);
    for alarm in &alarms {
        for action in ["alarm_actions", "ok_actions"] {
            let told = alarm["arguments"][action].to_string();
            assert!(told.contains("sns/topic"), "{}: {action}", alarm["name"]);
        }
    }
}

#[test]
fn only_burstable_classes_have_credits_to_run_out_of() {
    let rows = |stack: &Stack| {
        column(
            family(stack, "monitoring", "DATABASE_ALARMS").unwrap(),
            "name",
        )
    };
    assert!(rows(&stack()).contains(&"database-credits".to_owned()));
    let steady = stack_with("db.t4g.medium", "db.m6g.large");
    assert!(!rows(&steady).contains(&"database-credits".to_owned()));
}

#[test]
fn health_checks_are_no_calls() {
    let stack = stack_with(
        "[load_balancer.routes.\"/health\"]\nfunction = \"health\"\n",
        "",
    );
    let alarms = family(&stack, "monitoring", "FUNCTION_ALARMS").unwrap();
    let watched: Vec<_> = column(alarms, "function")
        .into_iter()
        .zip(column(alarms, "health_checks"))
        .collect();
    let of = |function: &str| {
        let found = watched.iter().find(|(name, _)| name == function);
        found.map(|(_, checks)| checks.as_str())
    };
    assert_eq!(of("validate-payment"), Some("3"));
    assert_eq!(of("health"), Some("0"));
}

#[test]
fn every_argument_says_where_it_comes_from() {
    let graph = serde_json::to_value(stack()).unwrap();
    for member in graph["resources"].as_array().unwrap() {
        for (argument, origin) in member["origins"].as_object().unwrap() {
            let unknown = origin == &serde_json::json!({ "derived": [] });
            assert!(!unknown, "{} {argument}", member["name"]);
        }
    }
    let plans = members(&stack(), "aws.apigateway.UsagePlan");
    assert_eq!(
        plans[0]["origins"]["quota_settings"]["derived"],
        serde_json::json!([
            "api.plans.partner.quota.requests",
            "api.plans.partner.quota.period"
        ])
    );
}

#[test]
fn routes_that_differ_in_a_sign_only_have_names_of_their_own() {
    let route = |path: &str| format!("[api.routes.\"GET {path}\"]\nfunction = \"health\"\n");
    let twice = format!("{}{}{PLAN}", route("/a-b"), route("/a/b"));
    let stack = stack_with(PLAN, &twice);
    let names = column(family(&stack, "api", "ROUTES").unwrap(), "name");
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.contains(&"get-a-b".to_owned()));
}

/// Whoever may connect without a certificate may write the header in which a subject comes.
#[test]
fn a_subject_stands_for_nobody_where_no_certificate_is_verified() {
    let calls = |stack: &Stack| format!("{:?}", members(stack, "aws.lambda_.Invocation"));
    assert!(calls(&stack()).contains("CN=acme,O=Acme"));
    let text = std::fs::read_to_string(SPEC).unwrap();
    let verifies = text.lines().find(|line| line.starts_with("clients = "));
    let waiver = "\n[[waivers]]\nrule = \"unauthenticated-route\"\nreason = \"a demonstration\"\nowner = \"payments\"\nexpires = 2027-12-31\n";
    let unverified = text.replace(verifies.unwrap(), "") + waiver;
    let unverified = calls(&stack_of(&unverified));
    assert!(unverified.contains("mer_acme0001"), "{unverified}");
    assert!(!unverified.contains("CN="), "{unverified}");
}
