//! Ten thousand of everything that a spec may have many of.

use crate::{check, staging, with};

const MANY: usize = 10_000;

/// The team's spec, and a table for each number.
fn and(table: impl Fn(usize) -> String) -> String {
    let tables: String = (0..MANY).map(table).collect();
    format!("{}\n{tables}", staging())
}

/// A list of texts in TOML.
fn list(text: impl Fn(usize) -> String) -> String {
    let texts: Vec<String> = (0..MANY).map(|n| format!("\"{}\"", text(n))).collect();
    format!("[{}]", texts.join(", "))
}

fn function(n: usize) -> String {
    format!("[functions.f{n}]\nsource = \"builtin:health\"\n")
}

fn route(n: usize, function: &str) -> String {
    format!("[api.routes.\"GET /r{n}\"]\nfunction = \"{function}\"\n")
}

#[test]
fn functions_are_too_many() {
    let many = "error[too-large]: too many functions";
    check(and(function)).refused(many);
    check(and(|n| function(n) + &route(n, &format!("f{n}")))).refused(many);
    check(and(|n| format!("[functions.function-{n}]\n"))).refused("error[missing-key]");
    check(and(|n| {
        let slow = "timeout_seconds = 60\nreserved_concurrency = 1\n";
        format!("{}{slow}{}", function(n), route(n, &format!("f{n}")))
    }))
    .refused("error[function-timeout]");
}

#[test]
fn routes_of_the_api_are_too_many() {
    check(and(|n| route(n, "health"))).refused("error[too-large]: too many paths of the API");
    let unknown = |n: usize| function(n) + &route(n, &format!("g{n}"));
    check(and(unknown)).refused("error[unknown-function]");
    let open = "uses = { audit = \"write\" }\n";
    let open = |n: usize| {
        let route = route(n, &format!("f{n}"));
        format!("{}{open}{route}api_key_required = false\n", function(n))
    };
    check(and(open)).refused("error[open-route]");
    let parameters = |n| format!("[api.routes.\"GET /p/{{a{n}}}\"]\nfunction = \"health\"\n");
    check(and(parameters)).refused("error[conflicting-routes]");
}

#[test]
fn a_path_is_too_long() {
    for part in ["/a", "/{a}", "/{a", "//", "/ü"] {
        let path = part.repeat(100_000);
        let route = format!("[api.routes.\"GET {path}\"]\nfunction = \"health\"\n");
        check(format!("{}\n{route}", staging())).refused("error[too-large]");
    }
    let pattern = "/*".repeat(100_000);
    let route = format!("[load_balancer.routes.\"{pattern}\"]\nfunction = \"health\"\n");
    check(format!("{}\n{route}", staging())).refused("error[invalid-path]");
}

#[test]
fn routes_of_the_load_balancer() {
    let route = |n| format!("[load_balancer.routes.\"/r{n:05}\"]\nfunction = \"health\"\n");
    check(and(route)).accepted();
    let same = |n| format!("{}priority = 7\n", route(n));
    check(and(same)).refused("error[duplicate-priority]");
    let more: String = (0..60_000).map(route).collect();
    check(format!("{}\n{more}", staging())).refused("too many routes of the load balancer");
}

#[test]
fn plans_and_keys() {
    let plan = |n| format!("[api.plans.p{n}]\nquota = {{ requests = 1, period = \"day\" }}\n");
    check(and(plan)).refused("error[too-large]: too many API keys");
    let bad = |n| format!("[api.plans.p{n}]\nthrottle = {{ rate_per_second = 9, burst = 1 }}\n");
    check(and(bad)).refused("error[incomplete-plan]");
    let partner = "[api.plans.partner]";
    // The other plan has one.
    let others = list(|n| format!("k{n}")).replacen("\"k0\", ", "", 1);
    let keys = format!("{partner}\napi_keys = {others}");
    check(with(partner, &keys)).accepted();
    let keys = format!("{partner}\napi_keys = {}", list(|_| "k".to_owned()));
    check(with(partner, &keys)).refused("error[duplicate-name]");
}

#[test]
fn lists() {
    let notify = "[\"email:payments-oncall@example.com\"]";
    check(with(notify, &list(|n| format!("email:a{n}@example.com")))).accepted();
    let same = list(|_| "email:a@example.com".to_owned());
    check(with(notify, &same)).refused("error[invalid-subscriber]");
    let headers = "[\"Content-Type\"]";
    check(with(headers, &list(|n| format!("X-{n}")))).accepted();
    check(with(headers, &list(|_| "X".to_owned()))).refused("error[invalid-parameter]");
    let zones = "[\"use1-az1\", \"use1-az2\", \"use1-az4\"]";
    check(with(zones, &list(|n| format!("use1-az{n}")))).refused("error[zone-count]");
    let ranges = "[\"192.0.2.0/24\", \"203.0.113.0/24\"]";
    let many = list(|n| format!("11.{}.{}.0/24", n / 256, n % 256));
    check(with(ranges, &many)).refused("error[too-many-networks]");
    let accounts = format!(
        "allowed_account_ids = {}\n[network]",
        list(|n| format!("{n:012}"))
    );
    check(with("[network]", &accounts)).accepted();
}

#[test]
fn waivers() {
    let waiver = "reason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n";
    let of = |rule: &str| format!("[[waivers]]\nrule = \"{rule}\"\n{waiver}");
    check(and(|_| of("everybody-allowed"))).refused("error[unused-waiver]");
    check(and(|n| function(n) + &of("unused-function"))).refused("error[unused-waiver]");
    check(and(|n| {
        format!("[[waivers]]\nrequirement = \"X-{n}\"\n{waiver}")
    }))
    .refused("error[invalid-waiver]");
}

#[test]
fn mistakes() {
    check(and(|n| format!("[t{n}]\nx = 1\n"))).refused("error[unknown-key]");
    check(and(|n| format!("x{n} = = 1\n"))).refused("error[toml-syntax]");
    check(and(|_| "a = 1\n".to_owned())).refused("error[toml-syntax]");
    let functions: String = (0..MANY).map(|n| format!("f{n} = 1\n")).collect();
    check(format!("{}\n[functions]\n{functions}", staging())).refused("error[wrong-type]");
}

/// Names that are too long by a character, each with the words that it is made from.
#[test]
fn names_that_are_too_long() {
    let functions: String = (0..2_000)
        .map(|n| format!("[functions.fun-number-{n:05}]\nsource = \"builtin:health\"\nshort_name = \"f{n}\"\n"))
        .collect();
    let text = with(
        "name = \"staging\"",
        &format!("name = \"{}\"", "a".repeat(60)),
    );
    check(format!("{text}\n{functions}")).refused("error[name-too-long]");
}
