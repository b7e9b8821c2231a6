//! The Application Load Balancer: certificate, listeners, a target group for each function, rules and logs.

use std::collections::BTreeSet;

use super::domain::issued;
use super::shared::{log_group, refer};
use super::table::{RowNames, RowText, cell, cell_from};
use crate::resolve::environment::{Certificate, Clients, Environment, Function, Source};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// Hours in a year, and in the thirty days before its end in which `pulumi up` makes a new certificate.
const CERTIFICATE_HOURS: i64 = 8760;
const RENEWAL_HOURS: i64 = 720;
/// A problem of RFC 9457, in the only media type of JSON that a fixed response may have.
const NO_SUCH_PATH: &str = r#"{"type": "urn:paystage:problem:not-found", "title": "Not found", "message": "Not found", "status": 404}"#;

pub fn load_balancer(env: &Environment) -> Component {
    let mut layer = Component::new(
        "load_balancer",
        "The Application Load Balancer: HTTPS only, functions behind it, what it answers itself is fixed",
        "Entry for the networks of the spec; it invokes functions and reaches nothing else.",
        &["LB-1", "LB-2", "LB-3", "NET-8", "MON-1"],
    );
    let certificate = certificate(&mut layer, env);
    let balancer = layer.add(balancer(env));
    layer.add_family(targets(env, &layer));
    let callers = callers(&mut layer, env);
    let https = layer.add(https_listener(env, &balancer, certificate, callers));
    layer.add(http_listener(&balancer));
    layer.add_family(rules(env, &layer, &https));
    log_delivery(&mut layer, env, &balancer);
    layer
}

/// ARN of the certificate: that of the load balancer's name, the one of the spec, or of one that the program signs itself.
fn certificate(layer: &mut Component, env: &Environment) -> Expr {
    if let Some(name) = &env.domain.load_balancer {
        return issued(&name.value);
    }
    if let Certificate::Arn(arn) = &env.load_balancer.certificate.value {
        return arn.into();
    }
    layer.notes.push(
        "The private key of the self-signed certificate lies in the stack's state, as a secret."
            .to_owned(),
    );
    let key = layer.add(
        Resource::new("tls.PrivateKey", "certificate_key")
            .fixed("algorithm", "RSA", "LB-2")
            .fixed("rsa_bits", 2048, "LB-2"),
    );
    let domain = Expr::concat([Expr::name("alb", ""), ".internal".into()]);
    let signed = layer.add(
        Resource::new("tls.SelfSignedCert", "self_signed")
            .arg("private_key_pem", key.out("private_key_pem"))
            .arg("subject", Expr::map([("common_name", domain.clone())]))
            .arg("dns_names", Expr::List(vec![domain]))
            .fixed(
                "allowed_uses",
                Expr::list(["digital_signature", "key_encipherment", "server_auth"]),
                "LB-2",
            )
            .fixed("validity_period_hours", CERTIFICATE_HOURS, "LB-2")
            .fixed("early_renewal_hours", RENEWAL_HOURS, "LB-2"),
    );
    let imported = layer.add(
        Resource::new("aws.acm.Certificate", "certificate")
            .arg("certificate_body", signed.out("cert_pem"))
            .arg("private_key", key.out("private_key_pem"))
            .tags("cert", ""),
    );
    imported.out("arn")
}

/// Whom the listener asks for a certificate, and whose: the authorities of the spec. Without any it has to say that it asks nobody,
/// because the provider leaves what is no longer said as it is.
fn callers(layer: &mut Component, env: &Environment) -> Expr {
    let Some(clients) = &env.load_balancer.clients else {
        return Expr::map([("mode", "off".into())]);
    };
    // Whatever was in the file before has another name, so that no version of it is mistaken for another.
    let digest = clients.digest.get(..16).unwrap_or_default();
    let key = format!("clients/{digest}.pem");
    let bucket = refer("audit", "log_bucket");
    let bundle = layer.add(
        Resource::new("aws.s3.BucketObjectv2", "client_authorities")
            .arg("bucket", bucket.out("id"))
            .from("key", clients, key)
            .from("content", clients, Expr::FileText(Clients::FILE.to_owned()))
            .fixed("content_type", "application/x-pem-file", "LB-2")
            .tags("clients", "")
            .after_because(
                &refer("audit", "log_bucket_versioning"),
                "What is put before has no version to name.",
            )
            .after_because(
                &refer("audit", "log_bucket_policy"),
                "One at a time: S3 refuses changes of one bucket that meet.",
            ),
    );
    let store = layer.add(
        Resource::new("aws.lb.TrustStore", "trust_store")
            .arg("name", Expr::name("trust", ""))
            .arg("ca_certificates_bundle_s3_bucket", bucket.out("id"))
            .arg("ca_certificates_bundle_s3_key", bundle.out("key"))
            .arg(
                "ca_certificates_bundle_s3_object_version",
                bundle.out("version_id"),
            )
            .because("AWS copies this version: what is put there later changes nothing.")
            .tags("trust", ""),
    );
    Expr::map([
        ("mode", "verify".into()),
        ("trust_store_arn", store.out("arn")),
        ("ignore_client_certificate_expiry", false.into()),
        ("advertise_trust_store_ca_names", "on".into()),
    ])
}

fn balancer(env: &Environment) -> Resource {
    let balancer = Resource::new("aws.lb.LoadBalancer", "load_balancer")
        .arg("name", Expr::name("alb", ""))
        .fixed("internal", false, "LB-1")
        .arg(
            "security_groups",
            Expr::List(vec![refer("traffic", "load_balancer_group").out("id")]),
        )
        .arg(
            "subnets",
            refer("network", "public_subnet").each().out("id"),
        )
        .fixed("drop_invalid_header_fields", true, "LB-1 CKV_AWS_131 ELB.4")
        .fixed(
            "desync_mitigation_mode",
            "defensive",
            "LB-1 CKV_AWS_328 ELB.12",
        );
    let balancer = if env.holds("KEEP-1") && env.ending.value {
        balancer
            .from("enable_deletion_protection", &env.ending, false)
            .because("The environment is ending.")
    } else if env.holds("KEEP-1") {
        balancer.fixed(
            "enable_deletion_protection",
            true,
            "KEEP-1 CKV_AWS_150 ELB.6",
        )
    } else {
        balancer.fixed("enable_deletion_protection", false, "DEST-1")
    };
    balancer
        .fixed(
            "access_logs",
            Expr::map([
                ("bucket", refer("audit", "log_bucket").out("id")),
                ("enabled", true.into()),
            ]),
            "LB-1 CKV_AWS_91 ELB.5",
        )
        .tags("alb", "")
        .after_because(
            &refer("audit", "log_bucket_policy"),
            "Creation writes a test object to the log bucket.",
        )
        .after_because(
            &refer("network", "internet_gateway"),
            "A public balancer needs the way out, and gives its addresses back before that goes.",
        )
}

/// The functions that rules name, in the order of the spec.
pub(super) fn target_functions(env: &Environment) -> impl Iterator<Item = &Function> {
    let routes = env.load_balancer.routes.iter();
    let named: BTreeSet<&str> = routes.map(|route| route.function.as_str()).collect();
    let functions = env.functions.iter();
    functions.filter(move |function| named.contains(function.key.as_str()))
}

fn by_function(field: &'static str, export: &str) -> Expr {
    Expr::ByFunction {
        column: "function",
        variable: "function",
        field,
        export: export.to_owned(),
    }
}

fn targets(env: &Environment, layer: &Component) -> Family {
    let group = layer.handle("target_group");
    let mut family = Family {
        table: "TARGETS",
        class: "FunctionTarget",
        doc: "A function behind the load balancer.",
        comment: Some("Names of target groups hold 32 characters: hence the short names."),
        variable: "target",
        key: "function",
        columns: vec![
            ("function", "str"),
            ("short_name", "str"),
            ("lists", "bool"),
        ],
        rows: Vec::new(),
        resources: vec![
            target_group(),
            Resource::new("aws.lambda_.Permission", "target_permission")
                // Of another function, or for another group, it is made beside the old one.
                .logical("alb-{function}-{short_name}")
                .alias("alb-{function}")
                .arg(
                    "statement_id",
                    Expr::name("permission", "target-{short_name}"),
                )
                .because("Earlier versions had others, which are as good.")
                .ignore_changes("statement_id")
                .arg("function", by_function("name", "function_names"))
                .fixed("action", "lambda:InvokeFunction", "FN-4")
                .fixed("principal", "elasticloadbalancing.amazonaws.com", "FN-4")
                .arg("source_arn", group.out("arn")),
            Resource::new("aws.lb.TargetGroupAttachment", "attachment")
                .logical(TARGET)
                .alias("{function}")
                .delete_before_replace()
                .arg("target_group_arn", group.out("arn"))
                .arg("target_id", by_function("arn", "function_arns"))
                .after_because(
                    &layer.handle("target_permission"),
                    "Refused while the balancer may not invoke the function.",
                ),
        ],
    };
    for function in target_functions(env) {
        family.row(vec![
            cell("function", &function.key),
            cell("short_name", &function.short_name),
            // A team's own function reads events as it was written for.
            cell_from(
                "lists",
                &function.source,
                matches!(function.source.value, Source::Builtin(_)),
            ),
        ]);
    }
    family
}

/// A target group takes one function, and is named for its short name: another function of this short name takes the place of
/// the one before it, and another short name is another group beside the old one, which rules use until they have the new one.
const TARGET: &str = "target/{short_name}";

fn target_group() -> Resource {
    Resource::new("aws.lb.TargetGroup", "target_group")
        .logical(TARGET)
        .alias("{function}")
        .arg("name", Expr::name("tg", "{short_name}"))
        .fixed("target_type", "lambda", "LB-2")
        .arg("lambda_multi_value_headers_enabled", Expr::Column("lists"))
        .because("Otherwise a function sees the last of two headers, and not that there were two.")
        .fixed(
            "health_check",
            Expr::map([
                ("enabled", true.into()),
                ("path", "/health".into()),
                ("matcher", "200".into()),
                (
                    "interval",
                    Expr::from(300).noted(
                        "Every node of the load balancer invokes the function for each check.",
                    ),
                ),
                ("timeout", 30.into()),
                ("healthy_threshold", 2.into()),
                ("unhealthy_threshold", 2.into()),
            ]),
            "LB-3 CKV_AWS_261",
        )
        .tags("tg", "{short_name}")
}

fn https_listener(
    env: &Environment,
    balancer: &Handle,
    certificate: Expr,
    callers: Expr,
) -> Resource {
    let listener = Resource::new("aws.lb.Listener", "https_listener")
        .arg("load_balancer_arn", balancer.out("arn"))
        .fixed("port", 443, "LB-2")
        .fixed("protocol", "HTTPS", "LB-2 CKV_AWS_2")
        .fixed(
            "ssl_policy",
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "LB-2 CKV_AWS_103 CKV2_AWS_74 ELB.17",
        );
    let listener = match &env.domain.load_balancer {
        Some(name) => listener.from("certificate_arn", name, certificate),
        None => listener.from(
            "certificate_arn",
            &env.load_balancer.certificate,
            certificate,
        ),
    };
    let listener = match &env.load_balancer.clients {
        Some(clients) => listener.from("mutual_authentication", clients, callers),
        None => listener.fixed("mutual_authentication", callers, "LB-2"),
    };
    listener
        .fixed(
            "default_actions",
            Expr::List(vec![Expr::map([
                ("type", "fixed-response".into()),
                (
                    "fixed_response",
                    Expr::map([
                        ("content_type", "application/json".into()),
                        ("message_body", NO_SUCH_PATH.into()),
                        ("status_code", "404".into()),
                    ]),
                ),
            ])]),
            "LB-2",
        )
        .because("A path without a rule reaches no function.")
        .tags("listener", "https")
}

fn http_listener(balancer: &Handle) -> Resource {
    Resource::new("aws.lb.Listener", "http_listener")
        .arg("load_balancer_arn", balancer.out("arn"))
        .fixed("port", 80, "LB-2 CKV2_AWS_20")
        .fixed("protocol", "HTTP", "LB-2 CKV2_AWS_20")
        .fixed(
            "default_actions",
            Expr::List(vec![Expr::map([
                ("type", "redirect".into()),
                (
                    "redirect",
                    Expr::map([
                        ("port", "443".into()),
                        ("protocol", "HTTPS".into()),
                        ("status_code", "HTTP_301".into()),
                    ]),
                ),
            ])]),
            "LB-2 CKV2_AWS_20 ELB.1",
        )
        .tags("listener", "http")
}

fn rules(env: &Environment, layer: &Component, listener: &Handle) -> Family {
    let mut family = Family {
        table: "LISTENER_RULES",
        class: "ListenerRule",
        doc: "Paths that go to a function; the lowest priority that matches wins.",
        comment: None,
        variable: "rule",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("pattern", "str"),
            ("function", "str"),
            ("priority", "int"),
        ],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.lb.ListenerRule", "listener_rule")
                .logical("{name}")
                .arg("listener_arn", listener.out("arn"))
                .arg("priority", Expr::Column("priority"))
                .arg(
                    "conditions",
                    Expr::List(vec![Expr::map([(
                        "path_pattern",
                        Expr::map([("values", Expr::List(vec![Expr::Column("pattern")]))]),
                    )])]),
                )
                .arg(
                    "actions",
                    Expr::List(vec![Expr::map([
                        ("type", "forward".into()),
                        (
                            "target_group_arn",
                            layer.handle("target_group").keyed("function").out("arn"),
                        ),
                    ])]),
                )
                .tags("rule", "{name}")
                .after_because(
                    &layer.handle("attachment").each(),
                    "Requests move to a function only when it is there.",
                ),
        ],
    };
    let routes = &env.load_balancer.routes;
    let texts = routes.iter().map(|route| RowText {
        renamed_from: route.renamed_from.as_ref().map(|old| old.value.clone()),
        ..RowText::from(route.pattern.as_str())
    });
    let RowNames { names, former } = RowNames::of(texts, plain_pattern);
    for (route, name) in routes.iter().zip(names) {
        family.row(vec![
            cell_from("name", &route.pattern, name),
            cell("pattern", &route.pattern),
            cell("function", &route.function),
            cell("priority", &route.priority),
        ]);
    }
    family.formerly(former);
    family
}

/// `/payments/*`, of the words `payments` and `any`.
fn plain_pattern(words: &[&str]) -> String {
    let segments = words.iter().map(|word| match *word {
        "any" => "/*".to_owned(),
        word => format!("/{word}"),
    });
    segments.collect()
}

/// The bucket keeps the balancer's own log files; the log group makes them searchable beside all others.
fn log_delivery(layer: &mut Component, env: &Environment, balancer: &Handle) {
    let group = layer.add(log_group(
        env,
        "balancer_logs",
        Expr::concat(["/aws/vendedlogs/elb/".into(), Expr::name("alb", "")]),
        "alb",
        env.load_balancer.log_retention_days.as_ref(),
    ));
    let source = layer.add(
        Resource::new("aws.cloudwatch.LogDeliverySource", "log_source")
            .arg("name", Expr::name("delivery", "alb"))
            .fixed("log_type", "ALB_ACCESS_LOGS", "MON-1")
            .arg("resource_arn", balancer.out("arn"))
            .tags("delivery", "alb"),
    );
    let destination = layer.add(
        Resource::new("aws.cloudwatch.LogDeliveryDestination", "log_destination")
            .arg("name", Expr::name("delivery", "alb"))
            .arg(
                "delivery_destination_configuration",
                Expr::map([("destination_resource_arn", group.out("arn"))]),
            )
            .fixed("output_format", "json", "MON-1")
            .tags("delivery", "alb"),
    );
    layer.add(
        Resource::new("aws.cloudwatch.LogDelivery", "log_delivery")
            .arg("delivery_source_name", source.out("name"))
            .arg("delivery_destination_arn", destination.out("arn"))
            .tags("delivery", "alb"),
    );
}
