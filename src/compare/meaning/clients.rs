//! What clients, partners and their networks have to change, or are refused from now on.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::Serialize;

use super::credentials::credentials;
use super::narrower::narrower;
use crate::compare::change::Change;
use crate::compare::engine::{Decision, Op};
use crate::compare::registered::Deployed;
use crate::compare::value::Value;
use crate::number::float;
use crate::resolve::authority::Authority;
use crate::resolve::environment::{Environment, Merchant, Payments, Plan, Route};

/// Somebody outside who notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Client {
    /// Who: `all clients of the API`, `clients with the key partner`.
    pub who: String,
    /// What is other from now on.
    pub what: String,
}

impl Client {
    fn new(who: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            what: what.into(),
        }
    }
}

/// What clients notice, that of all of them first.
pub fn clients(change: &Change<'_>) -> Vec<Client> {
    let mut found = identities(change);
    found.extend(confirmations(change));
    if let Some(old) = &change.old {
        let (old, new) = (old.environment, change.new.environment);
        found.extend(routes(old, new));
        found.extend(plans(old, new));
        found.extend(networks(old, new));
        found.extend(callers(old, new));
        found.extend(limits(old, new));
        found.extend(payments(&old.payments, &new.payments));
        let others = credentials(old, new).into_iter();
        found.extend(others.map(|(who, what)| Client::new(who, what)));
    }
    found
}

const OF_THE_API: &str = "all clients of the API";
const OF_THE_BALANCER: &str = "all clients of the load balancer";

/// Addresses, certificates and keys that are others afterwards.
pub fn identities(change: &Change<'_>) -> Vec<Client> {
    let mut found = Vec::new();
    for decision in &change.course.decisions {
        let Some(old) = decision.old.and_then(|old| change.deployed(old)) else {
            continue;
        };
        let is_anew = decision.op.is_replacement();
        found.extend(other_identity(old, decision, is_anew));
    }
    let deleted = change.course.deleted.iter();
    for old in deleted.filter_map(|number| change.deployed(*number)) {
        match class(old) {
            "aws.apigateway.ApiKey" => {
                let who = format!("clients with the key {}", old.name());
                found.push(Client::new(who, "the key is deleted: they are refused"));
            }
            // That of a certificate's proof leads nobody anywhere.
            "aws.route53.Record" if old.inputs.get("aliases").is_some() => {
                let who = format!("clients of {}", old.name());
                found.push(Client::new(who, "the name leads nowhere any more"));
            }
            _ => {}
        }
    }
    found
}

fn other_identity(old: &Deployed, decision: &Decision, is_anew: bool) -> Option<Client> {
    let differs =
        |name: &str| decision.op != Op::Same && decision.inputs.get(name) != old.inputs.get(name);
    match class(old) {
        "aws.apigateway.RestApi" if is_anew => Some(Client::new(
            OF_THE_API,
            "the API has another address: its id is part of it",
        )),
        "aws.apigateway.Stage" if is_anew && differs("stageName") => Some(Client::new(
            OF_THE_API,
            "the stage has another name, which is part of the address",
        )),
        "aws.lb.LoadBalancer" if is_anew => Some(Client::new(
            OF_THE_BALANCER,
            "the load balancer has another DNS name",
        )),
        "aws.acm.Certificate" if is_anew || differs("certificateBody") => Some(Client::new(
            OF_THE_BALANCER,
            "another certificate is shown: who trusts the old one alone is cut off",
        )),
        "aws.lb.Listener" if differs("certificateArn") || differs("sslPolicy") => Some(
            Client::new(OF_THE_BALANCER, "another certificate or TLS policy is used"),
        ),
        "aws.apigateway.ApiKey" if is_anew => Some(Client::new(
            format!("clients with the key {}", old.name()),
            "the key has another value",
        )),
        "aws.ec2.Eip" if is_anew => Some(Client::new(
            "peers that allow the environment's addresses",
            format!("{} is another address", old.name()),
        )),
        _ => None,
    }
}

/// Whom SNS asks to confirm, and sends nothing before (SNS Developer Guide, "Confirming message delivery"; queues of the account need no confirmation).
fn confirmations(change: &Change<'_>) -> Vec<Client> {
    let mut found = Vec::new();
    for (number, decision) in change.course.decisions.iter().enumerate() {
        let goal = change.goal(number);
        let is_subscription = goal
            .and_then(|goal| goal.kind)
            .is_some_and(|kind| kind.class == "aws.sns.TopicSubscription");
        let is_made = decision.op == Op::Create || decision.op.is_replacement();
        let text = |name: &str| decision.inputs.get(name).and_then(Value::text);
        if let (true, Some("email" | "email-json" | "http" | "https"), Some(endpoint)) = (
            is_subscription && is_made,
            text("protocol"),
            text("endpoint"),
        ) {
            found.push(Client::new(
                endpoint,
                "the subscription has to be confirmed: no alarm arrives before",
            ));
        }
    }
    found
}

fn class(resource: &Deployed) -> &str {
    resource.kind.map_or("", |kind| kind.class)
}

/// What a path matches, whatever its parameters are called.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') && part.ends_with("+}") {
            "{+}"
        } else if part.starts_with('{') {
            "{}"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn routes(old: &Environment, new: &Environment) -> Vec<Client> {
    let of = |env: &'_ Environment| -> BTreeMap<String, Route> {
        let routes = env.api.routes.iter();
        routes
            .map(|route| {
                let key = format!("{} {}", route.method, shape(&route.path));
                (key, route.clone())
            })
            .collect()
    };
    let (before, after) = (of(old), of(new));
    let mut found = Vec::new();
    for (key, route) in &before {
        let who = format!("clients of {}", route.key.value);
        match after.get(key) {
            None => found.push(Client::new(who, "the API no longer has this route")),
            Some(now) => {
                let said = stricter(route, now);
                found.extend(said.into_iter().map(|what| Client::new(who.clone(), what)));
            }
        }
    }
    let kept: Vec<&String> = new
        .load_balancer
        .routes
        .iter()
        .map(|route| &route.pattern.value)
        .collect();
    let gone = old.load_balancer.routes.iter();
    let gone = gone.filter(|route| !kept.contains(&&route.pattern.value));
    found.extend(gone.map(|route| {
        let who = format!("clients of {} on the load balancer", route.pattern.value);
        Client::new(who, "the load balancer no longer has this route")
    }));
    found
}

/// What a route refuses that it took.
fn stricter(old: &Route, new: &Route) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (&old.settings, &new.settings);
    if after.api_key_required.value && !before.api_key_required.value {
        found.push("a request needs an API key".to_owned());
    }
    if after.authorization.value != before.authorization.value
        && after.authorization.value != "NONE"
    {
        found.push(format!("a request needs {}", after.authorization.value));
    }
    for (what, before, after) in [
        ("header", &before.required_headers, &after.required_headers),
        (
            "query parameter",
            &before.required_query,
            &after.required_query,
        ),
    ] {
        let names: Vec<String> = before
            .iter()
            .map(|name| name.value.to_ascii_lowercase())
            .collect();
        let added = after
            .iter()
            .filter(|name| !names.contains(&name.value.to_ascii_lowercase()));
        found.extend(added.map(|name| format!("a request needs the {what} {}", name.value)));
    }
    match (&old.body, &new.body) {
        (None, Some(_)) => found.push("a body must fit a schema".to_owned()),
        (Some(before), Some(after)) => {
            found.extend(narrower(&before.value.schema, &after.value.schema));
        }
        _ => {}
    }
    found
}

fn plans(old: &Environment, new: &Environment) -> Vec<Client> {
    let of = |env: &'_ Environment| -> BTreeMap<String, Plan> {
        let plans = env.api.plans.iter();
        let keys = plans.flat_map(|plan| {
            let keys = plan.api_keys.iter();
            keys.map(|key| (key.value.clone(), plan.clone()))
        });
        keys.collect()
    };
    let (before, after) = (of(old), of(new));
    let mut found = Vec::new();
    for (key, plan) in &before {
        let Some(now) = after.get(key) else {
            continue;
        };
        let who = format!("clients with the key {key}");
        let mut lower = |what: &str, before: u64, after: u64| {
            if after < before {
                let what = format!("{what}: {after} instead of {before}");
                found.push(Client::new(who.clone(), what));
            }
        };
        let (rate, burst) = (&plan.throttle.rate_per_second, &plan.throttle.burst);
        lower(
            "fewer requests a second",
            rate.value,
            now.throttle.rate_per_second.value,
        );
        lower(
            "fewer requests at once",
            burst.value,
            now.throttle.burst.value,
        );
        if plan.quota_period.value == now.quota_period.value {
            let what = format!(
                "fewer requests a {}",
                plan.quota_period.value.to_lowercase()
            );
            lower(&what, plan.quota_requests.value, now.quota_requests.value);
        } else {
            let what = format!(
                "the quota is {} requests a {}",
                now.quota_requests.value,
                now.quota_period.value.to_lowercase()
            );
            found.push(Client::new(who.clone(), what));
        }
    }
    let (before, after) = (&old.api.throttle, &new.api.throttle);
    if after.rate_per_second.value < before.rate_per_second.value
        || after.burst.value < before.burst.value
    {
        let what = format!(
            "fewer requests in all: {} a second, {} at once",
            after.rate_per_second.value, after.burst.value
        );
        found.push(Client::new(OF_THE_API, what));
    }
    found
}

fn networks(old: &Environment, new: &Environment) -> Vec<Client> {
    let after: Vec<Ipv4Net> = new
        .load_balancer
        .allowed_cidrs
        .iter()
        .map(|cidr| cidr.value)
        .collect();
    let mut after = Ipv4Net::aggregate(&after);
    after.sort();
    let before = old
        .load_balancer
        .allowed_cidrs
        .iter()
        .map(|cidr| cidr.value);
    let gone = before.filter(|cidr| !after.iter().any(|wider| wider.contains(cidr)));
    gone.map(|cidr| {
        Client::new(
            format!("clients in {cidr}"),
            "the load balancer no longer takes all of their addresses",
        )
    })
    .collect()
}

/// Who has to show a certificate, and whose are no longer taken.
fn callers(old: &Environment, new: &Environment) -> Vec<Client> {
    let Some(after) = &new.load_balancer.clients else {
        return Vec::new();
    };
    let Some(before) = &old.load_balancer.clients else {
        let names = after.authorities.iter().map(|issuer| &*issuer.subject);
        let names = names.collect::<Vec<_>>().join(" or ");
        let what = format!(
            "each connection needs a certificate that {names} issued; without one it is refused"
        );
        return vec![Client::new(OF_THE_BALANCER, what)];
    };
    let is_kept = |issuer: &Authority| {
        let mut now = after.authorities.iter();
        now.any(|other| (&other.subject, &other.key) == (&issuer.subject, &issuer.key))
    };
    let gone = before.authorities.iter().filter(|issuer| !is_kept(issuer));
    gone.map(|issuer| {
        Client::new(
            format!("clients whose certificates {} issued", issuer.subject),
            "the load balancer refuses their new connections",
        )
    })
    .collect()
}

fn limits(old: &Environment, new: &Environment) -> Vec<Client> {
    let of = |env: &Environment| {
        let firewall = &env.firewall;
        firewall
            .enabled
            .value
            .then_some(firewall.requests_per_five_minutes.value)
    };
    match (of(old), of(new)) {
        (before, Some(after)) if before.is_none_or(|before| after < before) => {
            vec![Client::new(
                "clients that send much from one address",
                format!("the firewall blocks an address above {after} requests in five minutes"),
            )]
        }
        _ => Vec::new(),
    }
}

/// Whose payments are rejected from now on, and whose no longer.
fn merchants(old: &Payments, new: &Payments) -> Vec<Client> {
    let is_active = |status: &str| status == "active";
    let of = |merchants: &[Merchant]| -> BTreeMap<String, String> {
        let merchants = merchants.iter();
        merchants
            .map(|one| (one.id.value.clone(), one.settings.status.value.clone()))
            .collect()
    };
    let (before, after) = (of(&old.merchants), of(&new.merchants));
    let follower = |id: &str| {
        let mut merchants = new.merchants.iter();
        let is_former = |one: &&Merchant| {
            let former = one.renamed_from.as_ref();
            former.is_some_and(|former| former.value == id)
        };
        merchants.find(is_former).map(|one| &one.id.value)
    };
    let changed = before.iter().filter_map(|(id, was)| {
        let what = match after.get(id) {
            Some(now) if is_active(was) && !is_active(now) => {
                format!("it is {now}: its payments are rejected")
            }
            Some(now) if !is_active(was) && is_active(now) => {
                "it is active: its payments are accepted again, also if somebody suspended it by hand"
                    .to_owned()
            }
            None if is_active(was) => match follower(id) {
                Some(other) => {
                    format!("{other} takes its place: it is closed, and its payments are rejected")
                }
                None => "it leaves the spec and is suspended: its payments are rejected".to_owned(),
            },
            _ => return None,
        };
        Some(Client::new(format!("the merchant {id}"), what))
    });
    changed.collect()
}

fn payments(old: &Payments, new: &Payments) -> Vec<Client> {
    let mut found = Vec::new();
    for before in &old.currencies {
        let code = &before.code.value;
        let who = format!("payments in {code}");
        let mut now = new.currencies.iter();
        match now.find(|currency| currency.code.value == *code) {
            None => found.push(Client::new(who, "they are rejected")),
            Some(now) => {
                let (before, after) = (&before.settings, &now.settings);
                if after.maximum.value < before.maximum.value {
                    let what = format!(
                        "those above {} minor units are rejected",
                        after.maximum.value
                    );
                    found.push(Client::new(who.clone(), what));
                }
                if after.minimum.value > before.minimum.value {
                    let what = format!(
                        "those below {} minor units are rejected",
                        after.minimum.value
                    );
                    found.push(Client::new(who, what));
                }
            }
        }
    }
    found.extend(merchants(old, new));
    let (before, after) = (&old.velocity, &new.velocity);
    let per = |velocity: &crate::resolve::environment::Velocity| {
        float(velocity.payments.value) / float(velocity.seconds.value)
    };
    if per(after) < per(before) || after.payments.value < before.payments.value {
        let what = format!(
            "at most {} payments in {} seconds are accepted",
            after.payments.value, after.seconds.value
        );
        found.push(Client::new("every merchant", what));
    }
    if new.settings.idempotency_hours.value < old.settings.idempotency_hours.value {
        let what = format!(
            "an answer is repeated for {} hours only",
            new.settings.idempotency_hours.value
        );
        found.push(Client::new("clients that repeat a request", what));
    }
    found
}
