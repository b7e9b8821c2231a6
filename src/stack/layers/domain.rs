//! Names of the environment's own: certificates that ACM renews by itself, the API's domain, and the records that lead clients here.

use super::shared::refer;
use super::table::{cell, cell_fixed};
use crate::format::Domain;
use crate::origin::Value;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

/// ACM asks for its record again at each renewal; who looks it up in between may keep it for so long, in seconds.
const VALIDATION_TTL: i64 = 300;

/// The names with what answers by them.
fn names(domain: &Domain) -> impl Iterator<Item = (&'static str, &Value<String>)> {
    let entries = [
        ("api", &domain.api),
        ("load-balancer", &domain.load_balancer),
    ];
    entries
        .into_iter()
        .filter_map(|(entry, name)| Some((entry, name.as_ref()?)))
}

/// Certificates of the names, issued once ACM has found its records. Nothing without a name.
pub fn certificates(env: &Environment) -> Option<Component> {
    let zone = env.domain.zone_id.as_ref()?;
    names(&env.domain).next()?;
    let mut layer = Component::new(
        "certificates",
        "Certificates of the environment's names, which ACM issues and renews by records in their zone",
        "Public certificates; their keys never leave ACM.",
        &["API-1", "LB-2"],
    );
    let certificate = refer("certificates", "certificate");
    let option = |part| certificate.named("domain_validation_options", part, "validation");
    let record = refer("certificates", "validation_record");
    let mut family = Family {
        table: "NAMES",
        class: "DomainName",
        doc: "A name under which the environment answers.",
        comment: None,
        variable: "domain",
        key: "name",
        columns: vec![("name", "str"), ("entry", "str")],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.acm.Certificate", "certificate")
                .logical("{name}")
                .arg("domain_name", Expr::Column("name"))
                .fixed("validation_method", "DNS", "LB-2")
                .because("ACM renews it by itself for as long as its record is in the zone.")
                .fixed("key_algorithm", "RSA_2048", "LB-2")
                .because("The kind of key that every client of TLS 1.2 knows.")
                .tags("cert", "{entry}"),
            Resource::new("aws.route53.Record", "validation_record")
                .logical("{name}")
                .set("zone_id", zone)
                .arg("name", option("[0].resource_record_name"))
                .arg("type", option("[0].resource_record_type"))
                .arg("records", Expr::List(vec![option("[0].resource_record_value")]))
                .fixed("ttl", VALIDATION_TTL, "LB-2")
                .fixed("allow_overwrite", true, "LB-2")
                .because("An account has one such record of a name: another certificate may have put it."),
            Resource::new("aws.acm.CertificateValidation", "validation")
                .logical("{name}")
                .arg("certificate_arn", certificate.out("arn"))
                .arg("validation_record_fqdns", Expr::List(vec![record.out("fqdn")]))
                .comment("Waits until the certificate is issued: no listener takes it before."),
        ],
    };
    for (entry, name) in names(&env.domain) {
        family.row(vec![
            cell("name", name),
            cell_fixed("entry", entry, "NAME-1"),
        ]);
    }
    layer.add_family(family);
    Some(layer)
}

/// ARN of the certificate of a name, once it is issued.
pub fn issued(name: &str) -> Expr {
    let validation = refer("certificates", "validation").member(name);
    validation.named("certificate_arn", "", "issued_certificate_arns")
}

/// The API's domain, and the records of both names. A resource has the logical name of its domain: another name is put beside the
/// old one, and one that goes over to the other entry point is changed in place.
pub fn domain(env: &Environment) -> Option<Component> {
    let zone = env.domain.zone_id.as_ref()?;
    names(&env.domain).next()?;
    let mut layer = Component::new(
        "domain",
        "The names under which API and load balancer answer, and their records",
        "Leads clients to the entry points by names of ours; decides nothing about who may come.",
        &["API-1", "LB-2"],
    );
    if let Some(name) = &env.domain.api {
        let api = layer.add(api_domain(env, name));
        layer.add(mapping(name, &api));
        let target = alias(api.out("regional_domain_name"), api.out("regional_zone_id"));
        let mapping = layer.handle("mapping");
        layer.add(record("api_record", zone, name, target).after_because(
            &mapping,
            "Clients come when there is something to answer them.",
        ));
    }
    if let Some(name) = &env.domain.load_balancer {
        let balancer = refer("load_balancer", "load_balancer");
        let target = alias(balancer.out("dns_name"), balancer.out("zone_id"));
        layer.add(record("balancer_record", zone, name, target).after_because(
            &refer("load_balancer", "https_listener"),
            "Clients come when there is something to answer them.",
        ));
    }
    Some(layer)
}

fn api_domain(env: &Environment, name: &Value<String>) -> Resource {
    Resource::new("aws.apigateway.DomainName", "api_domain")
        .logical(&name.value)
        .set("domain_name", name)
        .arg("regional_certificate_arn", issued(&name.value))
        .fixed(
            "endpoint_configuration",
            Expr::map([("types", "REGIONAL".into())]),
            "REG-1",
        )
        .set("security_policy", &env.api.tls_policy)
        .because("As the API's own address has it.")
        .fixed("endpoint_access_mode", "STRICT", "API-1")
        .tags("domain", "api")
}

fn mapping(name: &Value<String>, api: &Handle) -> Resource {
    Resource::new("aws.apigateway.BasePathMapping", "mapping")
        .logical(&name.value)
        .arg("domain_name", api.out("domain_name"))
        .arg("rest_api", refer("api", "rest_api").out("id"))
        .arg("stage_name", refer("api_stage", "stage").out("stage_name"))
        .comment(
            "At the root: functions see the paths of the spec, whichever address a client takes.",
        )
}

fn alias(name: Expr, zone: Expr) -> Expr {
    Expr::List(vec![Expr::map([
        ("name", name),
        ("zone_id", zone),
        ("evaluate_target_health", false.into()),
    ])])
}

/// Without `allow_overwrite`: a name that something else answers to is not taken away from it.
fn record(variable: &str, zone: &Value<String>, name: &Value<String>, target: Expr) -> Resource {
    Resource::new("aws.route53.Record", variable)
        .logical(&name.value)
        .set("zone_id", zone)
        .set("name", name)
        .fixed("type", "A", "LB-2")
        .arg("aliases", target)
}
