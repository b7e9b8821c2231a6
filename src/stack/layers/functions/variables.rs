//! What a function is told: its environment variables.

use std::collections::BTreeMap;

use super::super::shared::{business_metrics, refer};
use super::super::{database, queues};
use crate::format::{queue_variable, secret_variable, topic_variable};
use crate::origin::{Origin, Value};
use crate::resolve::environment::{Access, Currency, Environment, Function, Payments};
use crate::stack::expr::Expr;

pub fn origins<'a>(env: &'a Environment, function: &'a Function) -> Vec<&'a Origin> {
    let mut origins = vec![&function.log_level.origin];
    if function.uses.database.is_some() {
        origins.extend([
            &env.database.name.origin,
            &env.database.application_username.origin,
        ]);
    }
    origins.extend(of_uses(function));
    origins.extend(of_measured(env, function));
    origins.extend(function.environment.iter().map(|one| &one.text.origin));
    if function.is_builtin("validate-payment") {
        origins.extend(payment_origins(&env.payments));
    }
    origins
}

/// Where the staging resources are; never a secret.
pub fn variables(env: &Environment, function: &Function) -> Expr {
    let mut variables = vec![
        ("ENVIRONMENT", Expr::EnvironmentName),
        ("LOG_LEVEL", Expr::from(&function.log_level.value)),
    ];
    if function.uses.audit.is_some() {
        let bucket = refer("audit", "audit_bucket").named("bucket", "", "audit_bucket_name");
        variables.push(("AUDIT_BUCKET", bucket));
    }
    if let Some(access) = &function.uses.database {
        variables.extend([
            ("DATABASE_HOST", database::host()),
            ("DATABASE_PORT", "5432".into()),
            ("DATABASE_NAME", Expr::from(&env.database.name.value)),
            match access.value {
                // The secret's name; what is in it, only the role may read.
                Access::Owner => ("DATABASE_SECRET_ARN", database::master_secret()),
                access => (
                    "DATABASE_USER",
                    database::user(env, function, access).into(),
                ),
            },
        ]);
    }
    if function.is_builtin("validate-payment") {
        variables.push(("PAYMENT_RULES", payment_rules(&env.payments)));
    }
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    let uses = &function.uses;
    let secrets = uses.secrets.iter().map(|secret| {
        let arn = refer("secrets", "secret").member(&secret.value).out("arn");
        (secret_variable(&secret.value), arn)
    });
    let topics = uses.topics.iter().map(|topic| {
        let arn = refer("topics", "topic").member(topic).out("arn");
        (topic_variable(topic), arn)
    });
    let urls = uses.queues.iter().map(|(queue, _)| {
        let url = queues::queue(env, queue).out("url");
        (queue_variable(&queue.value), url)
    });
    let mut variables: Vec<(String, Expr)> =
        variables.chain(secrets).chain(urls).chain(topics).collect();
    if function.is_builtin("secret-ages") {
        variables.push(("SECRETS".to_owned(), watched_secrets(env)));
    }
    let telemetry = [
        ("POWERTOOLS_METRICS_NAMESPACE", business_metrics()),
        ("POWERTOOLS_SERVICE_NAME", Expr::from(&function.key.value)),
    ];
    let telemetry = telemetry.map(|(name, value)| (name.to_owned(), value));
    let own = function.environment.iter();
    let own = own.map(|one| (one.name.value.clone(), Expr::from(&one.text.value)));
    variables.extend(telemetry.into_iter().chain(own));
    Expr::map([("variables", Expr::Map(variables))])
}

/// Keys and ARNs of all secrets, as JSON.
fn watched_secrets(env: &Environment) -> Expr {
    let secrets = env.secrets.iter().map(|secret| {
        let key = secret.key.value.clone();
        let arn = refer("secrets", "secret").member(&key).out("arn");
        (key, arn)
    });
    Expr::json(Expr::Map(secrets.collect()))
}

/// What `builtin:validate-payment` accepts, as JSON: least and greatest amounts in minor units, payments in seconds.
fn payment_rules(payments: &Payments) -> Expr {
    let pair = |first: &Value<u64>, second: &Value<u64>| {
        Expr::List(vec![Expr::from(&first.value), Expr::from(&second.value)])
    };
    let currencies: BTreeMap<&str, &Currency> = payments
        .currencies
        .iter()
        .map(|currency| (currency.code.as_str(), currency))
        .collect();
    let currencies = currencies.into_iter().map(|(code, currency)| {
        let limits = pair(&currency.minimum, &currency.maximum);
        (code.to_owned(), limits)
    });
    Expr::json(Expr::map([
        ("currencies", Expr::Map(currencies.collect())),
        (
            "velocity",
            pair(&payments.velocity.payments, &payments.velocity.seconds),
        ),
        (
            "idempotency_hours",
            Expr::from(&payments.idempotency_hours.value),
        ),
    ]))
}

fn payment_origins(payments: &Payments) -> Vec<&Origin> {
    let currencies = payments.currencies.iter().flat_map(|currency| {
        [
            &currency.code.origin,
            &currency.minimum.origin,
            &currency.maximum.origin,
        ]
    });
    currencies
        .chain([
            &payments.velocity.payments.origin,
            &payments.velocity.seconds.origin,
            &payments.idempotency_hours.origin,
        ])
        .collect()
}

/// The keys that say what a function uses.
pub fn of_uses(function: &Function) -> impl Iterator<Item = &Origin> {
    let uses = &function.uses;
    let stores = [&uses.database, &uses.audit];
    let stores = stores.into_iter().flatten().map(|used| &used.origin);
    let secrets = uses.secrets.iter().map(|used| &used.origin);
    let queues = uses.queues.iter().map(|(_, flow)| &flow.origin);
    let topics = uses.topics.iter().map(|used| &used.origin);
    stores
        .chain(secrets)
        .chain(queues)
        .chain(topics)
        .chain(function.consumes.iter().map(|queue| &queue.origin))
}

/// What decides which secrets `builtin:secret-ages` measures.
pub fn of_measured<'a>(
    env: &'a Environment,
    function: &Function,
) -> impl Iterator<Item = &'a Origin> {
    let measures = function.is_builtin("secret-ages");
    let secrets = env.secrets.iter().filter(move |_| measures);
    secrets.map(|secret| &secret.key.origin)
}
