//! The parts of a generated spec that lead to functions: `[api]` and `[load_balancer]`.

use std::collections::{BTreeMap, BTreeSet};

use paystagec::format::{
    RawApi, RawLoadBalancer, RawLoadBalancerRoute, RawPlan, RawRoute, Written as _,
};

use super::generator::{Generator, Table};
use super::payments::Kinds;
use super::words::{line, of_characters, plain, toml};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const TLS_POLICIES: [&str; 2] = [
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
];

pub fn api(generator: &mut Generator<'_, '_>) {
    let mut table = Table::new("api");
    let (rate, burst) = (
        generator.choices.between(1, 10_000),
        generator.choices.between(1, 5_000),
    );
    table.set(
        "throttle",
        format!("{{ rate_per_second = {rate}, burst = {burst} }}"),
    );
    if burst < rate {
        generator.findings.insert("burst-below-rate");
    }
    if generator.choices.one_in(3) {
        let policy = generator.choices.of(&TLS_POLICIES);
        generator.text(&mut table, "tls_policy", policy);
    }
    if generator.choices.one_in(3) {
        let flag = generator.maybe();
        table.set("manage_account_role", flag);
    }
    for key in ["alarm_4xx_percent", "alarm_5xx_percent"] {
        if generator.maybe() {
            table.set(key, generator.choices.between(1, 99));
        }
    }
    generator.declared(&mut table, &RawApi::TABLE);
    generator.spec.tables.push(table);
    api_routes(generator);
    plans(generator, rate, burst);
}

fn api_routes(generator: &mut Generator<'_, '_>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    // API Gateway takes one parameter under each parent.
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    if generator.kinds == Kinds::Service {
        parameters.insert("/payments".to_owned(), "{payment_id}".to_owned());
        service(generator, &mut seen);
    }
    // More to one function than its policy has room for is an error.
    for index in 0..count(generator).min(MOST_ROUTES) {
        let mut path = path(generator, &mut parameters);
        if index > FEW {
            path = format!("/{}/{index}", plain(generator.choices));
        }
        let method = generator.choices.of(&METHODS);
        let key = format!("{method} {path}");
        if !seen.insert(key.clone()) {
            continue;
        }
        let key = toml(generator.choices, &key);
        let mut table = Table::new(format!("api.routes.{key}"));
        let target = generator.choices.below(generator.functions.len());
        let function = &mut generator.functions[target];
        function.has_route = true;
        let (name, touches) = (function.name.clone(), function.touches);
        table.set("function", format!("\"{name}\""));
        if method.starts_with('P') && generator.maybe() {
            body(generator, &mut table);
        } else if method.starts_with('P') {
            generator.findings.insert("unvalidated-body");
        }
        for key in ["required_headers", "required_query"] {
            if generator.choices.one_in(3) {
                parameters_of(generator, &mut table, key);
            }
        }
        if generator.choices.one_in(3) {
            table.set(
                "authorization",
                generator.choices.of(&["\"NONE\"", "\"AWS_IAM\""]),
            );
        }
        // The first one asks for a key: usage plans need a route that does.
        if index > 0 && generator.choices.one_in(3) {
            table.set("api_key_required", false);
            let is_signed = table.lines.iter().any(|line| line.contains("AWS_IAM"));
            if touches && !is_signed {
                generator.findings.insert("open-route");
            }
        }
        generator.declared(&mut table, &RawRoute::TABLE);
        generator.spec.tables.push(table);
    }
}

/// More routes than a spec has that was written for a test.
const FEW: usize = 7;

/// Fewer than fit into one policy, whatever the names are.
const MOST_ROUTES: usize = 40;

/// How many routes: one, some, or as many as a grown service has.
fn count(generator: &mut Generator<'_, '_>) -> usize {
    match generator.choices.below(8) {
        6 => 1,
        7 => 50 + generator.choices.below(20),
        _ => 1 + generator.choices.below(FEW),
    }
}

/// The routes by which the built-in functions answer.
fn service(generator: &mut Generator<'_, '_>, seen: &mut BTreeSet<String>) {
    let routes = [
        ("builtin:validate-payment", "POST /payments/validate"),
        ("builtin:payment-status", "GET /payments/{payment_id}"),
        ("builtin:payment-status", "GET /payments/status"),
        ("builtin:health", "GET /health"),
        ("builtin:health", "GET /health/deep"),
    ];
    let ways = ways(generator);
    for (source, key) in routes {
        if !ways.offers(key) {
            continue;
        }
        let mut functions = generator.functions.iter_mut();
        let Some(function) = functions.find(|function| function.source == source) else {
            continue;
        };
        function.has_route = true;
        let mut table = Table::new(format!("api.routes.\"{key}\""));
        table.set("function", format!("\"{}\"", function.name));
        if key == "GET /health/deep" {
            table.set("authorization", "\"AWS_IAM\"");
            table.set("api_key_required", false);
        } else if key == "GET /health" && !function.touches {
            table.set("api_key_required", false);
        }
        seen.insert(key.to_owned());
        generator.spec.tables.push(table);
    }
}

/// How clients ask for a payment: with its id in a header, in the path, or either.
#[derive(Clone, Copy, PartialEq)]
enum Ways {
    Header,
    Path,
    Both,
}

impl Ways {
    fn offers(self, route: &str) -> bool {
        match self {
            Self::Header => !route.ends_with("{payment_id}") && !route.ends_with('*'),
            Self::Path => !route.ends_with("/status"),
            Self::Both => true,
        }
    }
}

fn ways(generator: &mut Generator<'_, '_>) -> Ways {
    let ways = match generator.choices.below(3) {
        0 => Ways::Header,
        1 => Ways::Path,
        _ => Ways::Both,
    };
    let mut functions = generator.functions.iter();
    if ways == Ways::Path && functions.any(|one| one.source == "builtin:payment-status") {
        generator.findings.insert("id-in-path");
    }
    ways
}

fn path(generator: &mut Generator<'_, '_>, parameters: &mut BTreeMap<String, String>) -> String {
    let mut path = String::new();
    for _ in 0..=generator.choices.below(4) {
        if !generator.choices.one_in(3) {
            let signs = of_characters(generator.choices, "aZ0._:-");
            path = format!("{path}/{}{signs}", plain(generator.choices));
            continue;
        }
        let parameter = parameters.entry(path.clone()).or_insert_with(|| {
            // Each name may stand in a path once.
            let names = ["{id}", "{payment_id}", "{a.b-c_d}", "{class}", "{proxy+}"];
            let mut names = names.into_iter().filter(|name| !path.contains(name));
            let place = generator.choices.below(names.clone().count());
            names.nth(place).unwrap_or("{proxy+}").to_owned()
        });
        path = format!("{path}/{parameter}");
        if parameter.ends_with("+}") {
            break;
        }
    }
    path
}

fn body(generator: &mut Generator<'_, '_>, table: &mut Table) {
    let name = plain(generator.choices);
    let file = format!("schemas/{name}.json");
    let text = line(generator.choices);
    let mut schema = serde_json::json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "description": text,
        "properties": { text.as_str(): { "enum": [1, 1.5, -2e-3, 1e22, true, null, text] } },
    });
    if generator.maybe() {
        schema = serde_json::json!({ "type": "array" });
    }
    let bytes = schema.to_string().into_bytes();
    generator.spec.files.entry(file.clone()).or_insert(bytes);
    generator.text(table, "body", &file);
}

fn parameters_of(generator: &mut Generator<'_, '_>, table: &mut Table, key: &str) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..generator.choices.below(4) {
        let signs = of_characters(generator.choices, "aZ0-_.");
        let name = format!("{}{signs}", plain(generator.choices));
        names.insert(name.to_lowercase(), name);
    }
    let place = if key == "required_headers" {
        "header"
    } else {
        "querystring"
    };
    let quoted: Vec<String> = names
        .values()
        .map(|name| toml(generator.choices, name))
        .collect();
    table.set(key, format!("[{}]", quoted.join(", ")));
    for name in names.into_values() {
        generator
            .spec
            .python
            .insert(format!("method.request.{place}.{name}"));
    }
}

fn plans(generator: &mut Generator<'_, '_>, rate: usize, burst: usize) {
    for index in 0..=generator.choices.below(3) {
        let mut table = Table::new(format!("api.plans.{}-{index}", plain(generator.choices)));
        let period = generator.choices.of(&["day", "week", "month"]);
        let requests = generator.choices.between(1, 2_147_483_647);
        table.set(
            "quota",
            format!("{{ requests = {requests}, period = \"{period}\" }}"),
        );
        if generator.maybe() {
            let of_plan = generator.choices.between(1, 10_000);
            let bursts = generator.choices.between(1, 5_000);
            table.set(
                "throttle",
                format!("{{ rate_per_second = {of_plan}, burst = {bursts} }}"),
            );
            if bursts < of_plan {
                generator.findings.insert("burst-below-rate");
            }
            if of_plan > rate || bursts > burst {
                generator.findings.insert("plan-above-stage");
            }
        }
        if generator.maybe() {
            let count = 1 + generator.choices.below(3);
            let keys: Vec<String> = (0..count)
                .map(|n| format!("\"{}-{index}-{n}\"", plain(generator.choices)))
                .collect();
            table.set("api_keys", format!("[{}]", keys.join(", ")));
        }
        generator.declared(&mut table, &RawPlan::TABLE);
        generator.spec.tables.push(table);
    }
}

pub fn load_balancer(generator: &mut Generator<'_, '_>) {
    let mut table = Table::new("load_balancer");
    if generator.maybe() {
        let arn =
            "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
        let certificate = generator.choices.of(&["self-signed", arn]);
        generator.text(&mut table, "certificate", certificate);
    }
    let ranges: Vec<String> = if generator.choices.one_in(5) {
        generator.findings.insert("everybody-allowed");
        vec!["\"0.0.0.0/0\"".to_owned()]
    } else {
        let count = 1 + generator.choices.below(8);
        (0..count)
            .map(|n| {
                format!(
                    "\"{}.0.{n}.{}/32\"",
                    generator.choices.between(20, 99),
                    n * 16
                )
            })
            .collect()
    };
    let asks = clients(generator, &mut table, ranges.len());
    table.set("allowed_cidrs", format!("[{}]", ranges.join(", ")));
    generator.declared(&mut table, &RawLoadBalancer::TABLE);
    generator.spec.tables.push(table);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    if generator.kinds == Kinds::Service {
        balancer_service(generator, asks);
    }
    for index in 0..count(generator) {
        let mut pattern = pattern(generator);
        if index > FEW {
            pattern = format!("/{}/{index}/*", plain(generator.choices));
        }
        if !seen.insert(pattern.clone()) {
            continue;
        }
        let key = toml(generator.choices, &pattern);
        generator.spec.python.insert(pattern);
        let mut table = Table::new(format!("load_balancer.routes.{key}"));
        let target = generator.choices.below(generator.functions.len());
        let function = &mut generator.functions[target];
        function.has_route = true;
        if function.touches && !asks {
            generator.findings.insert("unauthenticated-route");
        }
        table.set("function", format!("\"{}\"", function.name));
        if index < 60 && generator.choices.one_in(3) {
            let first = generator.choices.below(800) * 60;
            table.set("priority", first + index + 1);
        }
        generator.declared(&mut table, &RawLoadBalancerRoute::TABLE);
        generator.spec.tables.push(table);
    }
    if generator
        .functions
        .iter()
        .any(|function| !function.has_route)
    {
        generator.findings.insert("unused-function");
    }
}

/// Bundles of authorities, which lie beside every spec, so that an edit may name another one.
const BUNDLES: [(&str, &[u8]); 2] = [
    ("ca.pem", include_bytes!("../../spec/certificates/ca.pem")),
    ("authorities/two.pem", include_bytes!("authorities.pem")),
];

/// In three of four specs, callers have to show certificates; tells whether in this one.
fn clients(generator: &mut Generator<'_, '_>, table: &mut Table, ranges: usize) -> bool {
    for (path, content) in BUNDLES {
        let files = &mut generator.spec.files;
        files.insert(path.to_owned(), content.to_vec());
    }
    let asks = ranges % 4 != 3;
    if asks {
        let (path, _) = BUNDLES[ranges % 2];
        table.set("clients", format!("\"{path}\""));
    }
    asks
}

/// The rules by which clients of the load balancer reach the built-in functions.
fn balancer_service(generator: &mut Generator<'_, '_>, asks: bool) {
    let ways = ways(generator);
    for (source, pattern) in [
        ("builtin:validate-payment", "/payments/validate"),
        ("builtin:payment-status", "/payments/*"),
        ("builtin:payment-status", "/payments/status"),
        ("builtin:health", "/health"),
    ] {
        if !ways.offers(pattern) {
            continue;
        }
        let mut functions = generator.functions.iter_mut();
        if let Some(function) = functions.find(|function| function.source == source) {
            function.has_route = true;
            if function.touches && !asks {
                generator.findings.insert("unauthenticated-route");
            }
            let mut table = Table::new(format!("load_balancer.routes.\"{pattern}\""));
            table.set("function", format!("\"{}\"", function.name));
            generator.spec.tables.push(table);
        }
    }
}

fn pattern(generator: &mut Generator<'_, '_>) -> String {
    let mut pattern = String::new();
    for _ in 0..=generator.choices.below(3) {
        let signs = of_characters(generator.choices, "aZ0_-.$/~\"'@:+&");
        let wildcard = generator.choices.of(&["", "*", "?"]);
        pattern = format!("{pattern}/{}{signs}{wildcard}", plain(generator.choices));
    }
    pattern
}
