//! What `compare` says to clients: who must change something, and whose requests are whose.

use serde_json::Value as Json;

use super::{HEAD, SPEC, compared};
use crate::project::{Project, stdout};

/// The line of the spec that names the authorities.
const CLIENTS: &str = "clients = \"certificates/ca.pem\"       # who issues the certificates that callers show: replace it with your own CA\n";

#[test]
fn a_waiver_of_the_deployed_spec_is_needed_by_what_was_judged_then() {
    let project = Project::new();
    project.edit(CLIENTS, "");
    let waiver = "\n[[waivers]]\nrule = \"unauthenticated-route\"\nreason = \"a demonstration\"\nowner = \"payments\"\nexpires = 2027-12-31\n";
    let spec = project.read(SPEC);
    std::fs::write(project.path(SPEC), spec + waiver).unwrap();
    let project = project.committed();
    project.edit("storage_gib = 20", "storage_gib = 40");
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["steps"][0]["name"], "database", "{found}");
    let told = stdout(&project.build().success());
    assert!(told.contains("since HEAD: 1 update"), "{told}");
}

#[test]
fn who_must_show_a_certificate_from_now_on_is_told() {
    // As a version of the compiler took it that knew no callers.
    let project = Project::new();
    project.edit(CLIENTS, "");
    let project = project.committed();
    project.edit("allowed_cidrs = [", &format!("{CLIENTS}allowed_cidrs = ["));
    let found = compared(&project, HEAD, SPEC);
    let client = &found["clients"][0];
    assert_eq!(client["who"], "all clients of the load balancer");
    assert_eq!(
        client["what"],
        "each connection needs a certificate that CN=payments staging clients,O=Example Payments issued; without one it is refused"
    );
    assert_eq!(found["outage"][0]["when"], "at-once", "{found}");
    assert!(
        found["outage"][0]["resource"]
            .as_str()
            .unwrap()
            .ends_with("::https-listener")
    );
    let lost = &found["rights"]["lost"][0];
    assert_eq!(lost["holder"], "anybody", "{found}");
    assert_eq!(lost["may"][0], "connect without a certificate");
    // The way back takes a waiver, interrupts nobody, and opens the load balancer.
    let waiver = "\n[[waivers]]\nrule = \"unauthenticated-route\"\nreason = \"a demonstration\"\nowner = \"payments\"\nexpires = 2027-12-31\n";
    let open = format!("{}{waiver}", project.read(SPEC).replace(CLIENTS, ""));
    std::fs::write(project.path("spec/open.toml"), open).unwrap();
    let back = compared(&project, SPEC, "spec/open.toml");
    // A subject that nobody verifies stands for no merchant.
    let acme = serde_json::json!({
        "who": "clients with the certificate CN=acme,O=Acme",
        "what": "they no longer act for mer_acme0001",
    });
    let clients = back["clients"].as_array().unwrap();
    assert_eq!((clients.len(), &clients[0]), (2, &acme), "{back}");
    assert_eq!(back["outage"], Json::Array(Vec::new()), "{back}");
    assert_eq!(back["rights"]["gained"][0]["holder"], "anybody", "{back}");
}

#[test]
fn callers_of_an_authority_that_goes_are_told() {
    let project = Project::new().committed();
    let other = include_str!("../../properties/authorities.pem");
    let ours = project.read("spec/certificates/ca.pem");
    // Both for a while: nobody is refused.
    std::fs::write(
        project.path("spec/certificates/ca.pem"),
        format!("{ours}{other}"),
    )
    .unwrap();
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["clients"], Json::Array(Vec::new()), "{found}");
    assert_eq!(found["outage"], Json::Array(Vec::new()), "{found}");
    let steps = found["steps"].as_array().unwrap();
    let store = steps.iter().find(|step| step["name"] == "trust-store");
    assert_eq!(store.unwrap()["op"], "update", "{found}");
    std::fs::write(project.path("spec/certificates/ca.pem"), other).unwrap();
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(
        found["clients"][0]["who"],
        "clients whose certificates CN=payments staging clients,O=Example Payments issued"
    );
}

#[test]
fn callers_of_an_authority_that_counts_no_longer_for_a_merchant_are_told() {
    let project = Project::new();
    let other = include_str!("../../properties/authorities.pem");
    let ours = project.read("spec/certificates/ca.pem");
    std::fs::write(
        project.path("spec/certificates/ca.pem"),
        format!("{ours}{other}"),
    )
    .unwrap();
    let project = project.committed();
    let subject = "subject = \"CN=acme,O=Acme\" ";
    let own = "\"CN=payments staging clients,O=Example Payments\"";
    project.edit(subject, &format!("issuers = [{own}]\n{subject}"));
    let found = compared(&project, HEAD, SPEC);
    let told = serde_json::json!([{
        "who": "clients with the certificate CN=acme,O=Acme",
        "what": "certificates that CN=pss,O=Example Payments or CN=rsa,O=Example Payments issued count no longer",
    }]);
    assert_eq!(found["clients"], told, "{found}");
    // One more may come at any time.
    let project = project.committed();
    project.edit(own, &format!("{own}, \"CN=rsa,O=Example Payments\""));
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["clients"], Json::Array(Vec::new()), "{found}");
}

#[test]
fn clients_are_told_what_is_refused_from_now_on() {
    let route = "[api.routes.\"POST /payments/validate\"]\n";
    let with = |line: &str| format!("{route}{line}\n");
    let plan = "[api.plans.partner]\n";
    for (old, new, who, what) in [
        (
            "\"GET /payments/status\"",
            "\"GET /payment/status\"".to_owned(),
            "clients of GET /payments/status",
            "the API no longer has this route",
        ),
        (
            route,
            with("required_query = [\"trace\"]"),
            "clients of POST /payments/validate",
            "a request needs the query parameter trace",
        ),
        (
            "rate_per_second = 20, burst = 40",
            "rate_per_second = 10, burst = 40".to_owned(),
            "clients with the key partner",
            "fewer requests a second: 10 instead of 20",
        ),
        (
            plan,
            format!("{plan}api_keys = [\"another\"]\n"),
            "clients with the key partner",
            "the key is deleted: they are refused",
        ),
    ] {
        let project = Project::new().committed();
        project.edit(old, &new);
        let found = compared(&project, HEAD, SPEC);
        let expected = serde_json::json!({"who": who, "what": what});
        let clients = found["clients"].as_array().unwrap();
        assert!(clients.contains(&expected), "{who}: {clients:?}");
        // What is taken back takes nothing away.
        let back = compared(&project, SPEC, HEAD);
        let clients = back["clients"].as_array().unwrap();
        assert!(!clients.contains(&expected), "{who}: {clients:?}");
    }
}

#[test]
fn merchants_are_told_whether_they_may_sell() {
    let id = "[payments.merchants.mer_acme0001]     # reference data, brought in by `migrate`\n";
    let suspended = format!("{id}status = \"suspended\"\n");
    let told = |from: &str, to: &str, project: &Project| -> Vec<String> {
        let found = compared(project, from, to);
        let clients = found["clients"].as_array().unwrap();
        let of = |client: &&Json| client["who"] == "the merchant mer_acme0001";
        let clients = clients.iter().filter(of);
        clients
            .map(|client| client["what"].as_str().unwrap().to_owned())
            .collect()
    };
    let project = Project::new().committed();
    project.edit(id, &suspended);
    assert_eq!(
        told(HEAD, SPEC, &project),
        ["it is suspended: its payments are rejected"]
    );
    assert_eq!(
        told(SPEC, HEAD, &project),
        ["it is active: its payments are accepted again, also if somebody suspended it by hand"]
    );
    // Another one in its place: it has left.
    let other = "[payments.merchants.mer_other001]\n";
    project.edit(&suspended, other);
    assert_eq!(
        told(HEAD, SPEC, &project),
        ["it leaves the spec and is suspended: its payments are rejected"]
    );
    assert_eq!(told(SPEC, HEAD, &project), Vec::<String>::new());
    project.edit(other, &format!("{other}renamed_from = \"mer_acme0001\"\n"));
    assert_eq!(
        told(HEAD, SPEC, &project),
        ["mer_other001 takes its place: it is closed, and its payments are rejected"]
    );
}

#[test]
fn the_only_open_merchant_has_the_keys_that_no_other_names() {
    let project = Project::new();
    // The plan of the closed one stays its own.
    let own = "plan = \"partner\"                      # requests with its API keys are this merchant's, through the API\n";
    project.edit(own, &format!("{own}status = \"closed\"\n"));
    let project = project.committed();
    project.edit("plan = \"integration\"\n", "");
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["steps"], Json::Array(Vec::new()), "{found}");
}

/// Whoever delivers audit records logs in as a user of its own, and no other function may.
#[test]
fn the_login_of_the_relay_is_a_right_of_its_own() {
    let project = Project::new().committed();
    let class = "instance_class = \"db.t4g.medium\"";
    project.edit(class, &format!("application_username = \"shop\"\n{class}"));
    let found = compared(&project, HEAD, SPEC);
    let holders = |which: &str, user: &str| -> Vec<String> {
        let rights = found["rights"][which].as_array().unwrap().iter();
        rights
            .filter(|right| right["on"].as_str().unwrap().ends_with(&format!("/{user}")))
            .map(|right| {
                assert_eq!(right["may"], serde_json::json!(["rds-db:connect"]));
                right["holder"].as_str().unwrap().to_owned()
            })
            .collect()
    };
    let relay = ["role-audit-relay-staging-main"];
    assert_eq!(holders("gained", "shop_relay"), relay);
    assert_eq!(holders("lost", "payments_app_relay"), relay);
    assert_eq!(
        holders("gained", "shop"),
        ["role-validate-payment-staging-main"]
    );
}
