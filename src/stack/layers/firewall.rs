//! The web application firewall in front of the API's stage and the load balancer.

use super::shared::{log_group, refer};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

/// AWS's managed rule groups: name in the ACL, group.
const MANAGED: [(&str, &str); 4] = [
    ("ip-reputation", "AWSManagedRulesAmazonIpReputationList"),
    ("common", "AWSManagedRulesCommonRuleSet"),
    ("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ("sql-injection", "AWSManagedRulesSQLiRuleSet"),
];
/// Rules of these groups that only count: group, rule. A payment may have up to 64 KiB, as its schema says, and this
/// rule stops at 8 KiB. The schema, the function and the limits of both entry points judge the size.
const COUNTED: [(&str, &str); 1] = [("common", "SizeRestrictions_BODY")];
/// Headers that give access, and those that may hold any text and are asked for or usual: no record of WAF's may have them. WAF hides
/// headers by their names alone.
const HIDDEN_HEADERS: [&str; 8] = [
    "authorization",
    "cookie",
    "idempotency-key",
    "merchant-id",
    "payment-id",
    "referer",
    "user-agent",
    "x-api-key",
];

/// None where the spec switches the firewall off.
pub fn firewall(env: &Environment) -> Option<Component> {
    if !env.firewall.enabled.value {
        return None;
    }
    let mut layer = Component::new(
        "firewall",
        "The web application firewall: one list of rules in front of the API and the load balancer",
        "Turns away floods and known attacks before they cost an invocation.",
        &["API-3", "LB-1", "MON-1"],
    );
    let acl = layer.add(
        Resource::new("aws.wafv2.WebAcl", "web_acl")
            .arg("name", Expr::name("waf", ""))
            .fixed("scope", "REGIONAL", "REG-1")
            .fixed(
                "default_action",
                Expr::map([("allow", Expr::Map(Vec::new()))]),
                "API-1 LB-1",
            )
            .from("rules", &env.firewall.requests_per_five_minutes, rules(env))
            .fixed("data_protection_config", data_protection(), "MON-1")
            .because("What a rule matched would be quoted; paths are hidden from the log below.")
            .fixed("visibility_config", visibility(""), "WAF.12")
            .tags("waf", ""),
    );
    for (variable, resource_arn) in [
        ("api_association", refer("api_stage", "stage").out("arn")),
        (
            "balancer_association",
            refer("load_balancer", "load_balancer").out("arn"),
        ),
    ] {
        layer.add(
            Resource::new("aws.wafv2.WebAclAssociation", variable)
                .arg("resource_arn", resource_arn)
                .arg("web_acl_arn", acl.out("arn")),
        );
    }
    let group = layer.add(
        log_group(
            env,
            "firewall_logs",
            Expr::concat(["aws-waf-logs-".into(), Expr::name("waf", "")]),
            "waf",
            env.firewall.log_retention_days.as_ref(),
        )
        .comment("WAF writes only to log groups with this prefix."),
    );
    let whole = ["uri_path", "query_string"].map(|part| Expr::map([(part, Expr::Map(Vec::new()))]));
    let headers = HIDDEN_HEADERS
        .map(|header| Expr::map([("single_header", Expr::map([("name", header.into())]))]));
    let redacted: Vec<Expr> = whole.into_iter().chain(headers).collect();
    layer.add(
        Resource::new("aws.wafv2.WebAclLoggingConfiguration", "firewall_logging")
            .arg("resource_arn", acl.out("arn"))
            .arg(
                "log_destination_configs",
                Expr::List(vec![group.out("arn")]),
            )
            .fixed(
                "redacted_fields",
                Expr::List(redacted),
                "MON-1 CKV2_AWS_31 WAF.11",
            )
            .because(
                "Card numbers that a client sends where none belongs; WAF hides no more than this.",
            ),
    );
    Some(layer)
}

/// What all records of WAF's leave out, also what a rule matched.
fn data_protection() -> Expr {
    let field = |kind: &str, keys: Option<Expr>| {
        let mut field = vec![("field_type".to_owned(), Expr::from(kind))];
        field.extend(keys.map(|keys| ("field_keys".to_owned(), keys)));
        Expr::map([
            ("action", "SUBSTITUTION".into()),
            ("field", Expr::Map(field)),
        ])
    };
    let headers = Expr::list(HIDDEN_HEADERS.map(str::to_owned));
    Expr::map([(
        "data_protections",
        Expr::List(vec![
            field("BODY", None),
            field("QUERY_STRING", None),
            field("SINGLE_HEADER", Some(headers)),
        ]),
    )])
}

/// Metrics of the ACL and of each rule, under names that tell two environments apart. WAF would keep samples of requests for three
/// hours, with their paths, which nothing hides.
fn visibility(role: &str) -> Expr {
    Expr::map([
        ("cloudwatch_metrics_enabled", true.into()),
        ("metric_name", Expr::name("waf", role)),
        ("sampled_requests_enabled", false.into()),
    ])
}

/// The rate comes first: an address that floods is turned away before other rules count its requests.
fn rules(env: &Environment) -> Expr {
    let rate = Expr::map([
        ("name", "rate".into()),
        ("priority", 0.into()),
        ("action", Expr::map([("block", Expr::Map(Vec::new()))])),
        (
            "statement",
            Expr::map([(
                "rate_based_statement",
                Expr::map([
                    ("aggregate_key_type", "IP".into()),
                    ("evaluation_window_sec", 300.into()),
                    (
                        "limit",
                        (&env.firewall.requests_per_five_minutes.value).into(),
                    ),
                ]),
            )]),
        ),
        ("visibility_config", visibility("rate")),
    ]);
    let managed = (1_i64..).zip(MANAGED).map(|(priority, (name, group))| {
        Expr::map([
            ("name", name.into()),
            ("priority", priority.into()),
            (
                "override_action",
                Expr::map([("none", Expr::Map(Vec::new()))]),
            ),
            (
                "statement",
                Expr::map([("managed_rule_group_statement", managed_group(name, group))]),
            ),
            ("visibility_config", visibility(name)),
        ])
    });
    Expr::List([rate].into_iter().chain(managed).collect())
}

fn managed_group(name: &str, group: &str) -> Expr {
    let mut statement = vec![
        ("vendor_name".to_owned(), "AWS".into()),
        ("name".to_owned(), group.into()),
    ];
    let counted = COUNTED.iter().filter(|(of, _)| *of == name);
    let overrides: Vec<Expr> = counted
        .map(|(_, rule)| {
            let count = Expr::map([("count", Expr::Map(Vec::new()))]);
            Expr::map([("name", (*rule).into()), ("action_to_use", count)])
        })
        .collect();
    if !overrides.is_empty() {
        statement.push(("rule_action_overrides".to_owned(), Expr::List(overrides)));
    }
    Expr::Map(statement)
}
