//! What the integration tests have to know of the spec, because AWS does not tell it, and which of them come along: a test of payments
//! only where payments can be made.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use askama::Template;

use super::File;
use super::python::literal;
use crate::resolve::environment::{
    Access, Currency, Environment, Flow, Function, Merchant, Route, Source,
};

#[derive(Template)]
#[template(path = "tests/integration/spec.py")]
struct SpecTemplate<'a> {
    functions: String,
    secrets: String,
    queues: String,
    open: String,
    described: String,
    checks: String,
    /// Of the merchant that pays; empty where it has none.
    api_key: &'a str,
    subject: &'a str,
    payment: Option<Payment<'a>>,
}

struct Payment<'a> {
    merchant: &'a str,
    api_key: &'a str,
    subject: Option<&'a str>,
    currency: &'a str,
    amount: u64,
    function: &'a str,
    entry_points: String,
    /// Entry points that tell of it, by the header and by the path.
    status_entry_points: String,
    path_entry_points: String,
}

/// Headers that whoever sends a payment by hand or in a test has anyway.
const SENT: [&str; 3] = ["content-type", "idempotency-key", "x-api-key"];
/// What such a payment is worth where the currency allows it: 19.99 in most.
const AMOUNT: u64 = 1999;
/// The merchant of the integration tests, where the spec has one of this name.
const TESTER: &str = "mer_integration";
/// The integration tests make fewer payments, in as much time as they take.
const VELOCITY: u64 = 100;
/// Built-in functions that answer `GET /health`.
const WELL: [&str; 3] = ["health", "validate-payment", "payment-status"];

/// A payment that the environment accepts through its API.
pub struct Payable<'a> {
    pub route: &'a Route,
    /// Active ones with an API key, at least one.
    pub merchants: Vec<&'a Merchant>,
    pub currency: &'a Currency,
    pub amount: u64,
}

impl<'a> Payable<'a> {
    /// None where no payment gets through without more than its body and a key.
    pub fn of(env: &'a Environment) -> Option<Self> {
        let sends = |name: &str| SENT.contains(&name.to_ascii_lowercase().as_str());
        let route = env.api.routes.iter().find(|route| {
            (route.method.as_str(), route.path.as_str()) == ("POST", "/payments/validate")
                && route.authorization.value == "NONE"
                && route.required_query.is_empty()
                && route.required_headers.iter().all(|name| sends(&name.value))
                && runs(env, &route.function.value, "validate-payment")
        })?;
        // Each of a few, though it may have thousands of keys.
        let with_keys: BTreeSet<&str> = env
            .merchants_of_keys()
            .into_iter()
            .flat_map(|(_, merchants)| merchants)
            .map(|merchant| merchant.id.as_str())
            .collect();
        let merchants = env.payments.merchants.iter();
        let mut merchants: Vec<_> = merchants
            .filter(|merchant| merchant.status.value == "active")
            .filter(|merchant| with_keys.contains(merchant.id.as_str()))
            .collect();
        // The order of tables says nothing.
        merchants.sort_by(|a, b| a.id.value.cmp(&b.id.value));
        let currencies = &env.payments.currencies;
        let mut usual = currencies.iter().filter(|one| one.code.value == "USD");
        let currency = usual
            .next()
            .or(currencies.iter().min_by_key(|one| &one.code.value))?;
        (!merchants.is_empty()).then_some(Self {
            route,
            merchants,
            currency,
            amount: AMOUNT
                .min(currency.maximum.value)
                .max(currency.minimum.value),
        })
    }
}

pub fn spec(env: &Environment) -> anyhow::Result<File> {
    let payment = payment(env);
    let template = SpecTemplate {
        functions: env.functions.iter().map(row).collect(),
        secrets: names(env.secrets.iter().map(|secret| secret.key.as_str())),
        queues: names(env.queues.iter().map(|queue| queue.key.as_str())),
        open: routes(env, |route| !route.api_key_required.value),
        described: routes(env, |route| route.body.is_some()),
        checks: checks(env),
        api_key: payment.as_ref().map_or("", |payment| payment.api_key),
        subject: payment
            .as_ref()
            .and_then(|payment| payment.subject)
            .unwrap_or_default(),
        payment,
    };
    Ok(File::text("tests/integration/spec.py", &template.render()?))
}

/// Tests of what this environment has not.
pub fn left_out(env: &Environment) -> Vec<&'static str> {
    let payment = payment(env);
    let tells = payment.as_ref().is_some_and(|payment| {
        !payment.status_entry_points.is_empty() || !payment.path_entry_points.is_empty()
    });
    [
        ("tests/integration/test_payments.py", payment.is_some()),
        ("tests/integration/test_status.py", tells),
        ("tests/integration/test_health.py", !checks(env).is_empty()),
        (
            "tests/integration/test_backups.py",
            env.database.backup_vault.is_some(),
        ),
        (
            "tests/integration/test_uses.py",
            !(env.secrets.is_empty() && env.queues.is_empty()),
        ),
    ]
    .into_iter()
    .filter_map(|(path, is_there)| (!is_there).then_some(path))
    .collect()
}

fn runs(env: &Environment, function: &str, builtin: &str) -> bool {
    let mut functions = env.functions.iter();
    functions.any(|one| one.key.value == function && one.is_builtin(builtin))
}

fn row(function: &Function) -> String {
    let builtin = match &function.source.value {
        Source::Builtin(name) => name.as_str(),
        Source::Folder { .. } => "",
    };
    let word = |access: Option<Access>| match access {
        Some(Access::Read) => "read",
        Some(Access::Write) => "write",
        Some(Access::Owner) => "owner",
        None => "",
    };
    let uses = &function.uses;
    let used = used(function);
    format!(
        "    {}: Function(\n        builtin={},\n        database={},\n        audit={},\n        is_scheduled={},\n{used}    ),\n",
        literal::string(&function.key.value),
        literal::string(builtin),
        literal::string(word(uses.database.as_ref().map(|access| access.value))),
        literal::string(word(uses.audit.as_ref().map(|access| access.value))),
        if function.schedule.is_some() {
            "True"
        } else {
            "False"
        },
    )
}

/// Secrets and queues, where it uses any.
fn used(function: &Function) -> String {
    let uses = &function.uses;
    let queues = |flow: Flow| {
        let queues = uses
            .queues
            .iter()
            .filter(move |(_, used)| used.value == flow);
        names(queues.map(|(queue, _)| queue.as_str()))
    };
    let mut text = String::new();
    for (field, names) in [
        (
            "secrets",
            names(uses.secrets.iter().map(|used| used.as_str())),
        ),
        ("sends", queues(Flow::Send)),
        ("receives", queues(Flow::Receive)),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "        {field}=({names}),");
        }
    }
    if let Some(queue) = &function.consumes {
        let _ = writeln!(text, "        consumes={},", literal::string(queue));
    }
    text
}

/// Members of a tuple: of one, with the comma that makes it a tuple.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(literal::string).collect();
    match names.as_slice() {
        [one] => format!("{one},"),
        several => several.join(", "),
    }
}

/// Some of the API's routes, as a set.
fn routes(env: &Environment, are: fn(&Route) -> bool) -> String {
    let routes = env.api.routes.iter().filter(|route| are(route));
    let names: String = routes
        .map(|route| format!("        {},\n", literal::string(&route.key.value)))
        .collect();
    if names.is_empty() {
        return "frozenset()".to_owned();
    }
    format!("frozenset(\n    {{\n{names}    }}\n)")
}

/// Where a built-in function says that it is well, and needs nothing but the request to do so.
fn checks(env: &Environment) -> String {
    let mut text = String::new();
    for route in &env.api.routes {
        let function = route.function.value.as_str();
        let is_well = match route.path.as_str() {
            "/health" => WELL.iter().any(|name| runs(env, function, name)),
            // What is behind it has to be there, and to be prepared.
            "/health/deep" => runs(env, function, "health") && migrates(env),
            _ => false,
        };
        let bare = route.required_headers.is_empty() && route.required_query.is_empty();
        if route.method == "GET" && is_well && bare {
            let _ = write!(
                text,
                "{}",
                check("api", &route.path, route.authorization.value == "AWS_IAM")
            );
        }
    }
    if reached(env, "/health")
        .is_some_and(|function| WELL.iter().any(|name| runs(env, function, name)))
    {
        text.push_str(&check("balancer", "/health", false));
    }
    text
}

fn check(entry_point: &str, path: &str, is_signed: bool) -> String {
    format!(
        "    Check(\n        entry_point={},\n        path={},\n        is_signed={},\n    ),\n",
        literal::string(entry_point),
        literal::string(path),
        if is_signed { "True" } else { "False" },
    )
}

fn migrates(env: &Environment) -> bool {
    env.functions.iter().any(|one| one.is_builtin("migrate"))
}

/// What the tests pay with, where they can: the database has to be prepared, and the merchant may pay often enough.
fn payment(env: &Environment) -> Option<Payment<'_>> {
    let payable = Payable::of(env)?;
    if !migrates(env) || env.payments.velocity.payments.value < VELOCITY {
        return None;
    }
    let merchants = &payable.merchants;
    let mut ours = merchants.iter().filter(|one| one.id.value == TESTER);
    let merchant = ours.next().or(merchants.first())?;
    let leads = |path: &str, builtin: &str| {
        reached(env, path).is_some_and(|function| runs(env, function, builtin))
    };
    let told = |fits: fn(&str) -> bool, sent: &[&str]| {
        env.api.routes.iter().any(|route| {
            let mut headers = route.required_headers.iter();
            route.method == "GET"
                && fits(&route.path)
                && route.authorization.value == "NONE"
                && headers.all(|name| sent.contains(&name.value.to_lowercase().as_str()))
                && route.required_query.is_empty()
                && runs(env, &route.function.value, "payment-status")
        })
    };
    let entry_points = |api: bool, balancer: bool| {
        let all = [("\"api\", ", api), ("\"balancer\", ", balancer)];
        let text: String = all
            .into_iter()
            .filter_map(|(entry_point, is)| is.then_some(entry_point))
            .collect();
        match (api, balancer) {
            (true, true) => text.trim_end_matches(", ").to_owned(),
            _ => text.trim_end().to_owned(),
        }
    };
    let subject = env.subject_of(merchant);
    let leads = |path: &str, builtin: &str| subject.is_some() && leads(path, builtin);
    Some(Payment {
        merchant: &merchant.id.value,
        api_key: env.api_keys_of(merchant).first()?.as_str(),
        subject: subject.map(|subject| subject.as_str()),
        currency: &payable.currency.code.value,
        amount: payable.amount,
        function: &payable.route.function.value,
        entry_points: entry_points(true, leads("/payments/validate", "validate-payment")),
        status_entry_points: entry_points(
            told(|path| path == "/payments/status", &["payment-id"]),
            leads("/payments/status", "payment-status"),
        ),
        path_entry_points: entry_points(
            told(has_id, &[]),
            leads("/payments/test_00000000_0000", "payment-status"),
        ),
    })
}

/// Whether a path ends in the id of a payment.
fn has_id(path: &str) -> bool {
    path.strip_prefix("/payments/{")
        .is_some_and(|rest| rest.ends_with('}') && !rest.contains(['/', '+']))
}

/// The function behind the load balancer that gets this path: the first rule decides.
fn reached<'a>(env: &'a Environment, path: &str) -> Option<&'a str> {
    let rules = env.load_balancer.routes.iter();
    let fitting = rules.filter(|rule| fits(path.as_bytes(), rule.pattern.value.as_bytes()));
    let first = fitting.min_by_key(|rule| rule.priority.value)?;
    Some(&first.function.value)
}

/// Whether a rule with this pattern takes the path: `*` is any text, `?` one character.
fn fits(path: &[u8], pattern: &[u8]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if fits(path, rest) => true,
        (Some((b'*', _)), Some((_, left))) => fits(left, pattern),
        (Some((b'?', rest)), Some((_, left))) => fits(left, rest),
        (Some((sign, rest)), Some((byte, left))) => sign == byte && fits(left, rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_the_load_balancer_reads_them() {
        let fit = |path: &str, pattern: &str| fits(path.as_bytes(), pattern.as_bytes());
        assert!(fit("/payments/a/b", "/payments/*"));
        assert!(fit("/health", "/h?alth") && fit("/health", "*") && fit("/health", "/health*"));
        assert!(!fit("/payments", "/payments/*") && !fit("/health/", "/health"));
        assert!(!fit("/Health", "/health") && !fit("/health", "/health?"));
    }
}
