//! Whose requests are whose from now on: what clients with a merchant's API keys and certificates notice.

use std::collections::{BTreeMap, BTreeSet};

use crate::resolve::authority::Authority;
use crate::resolve::distinguished_name::is_same;
use crate::resolve::environment::Environment;

/// API keys and certificates that stand for another merchant than before, or for none.
///
/// Each with who it is and what is other: `clients with the key partner`, `they no longer act for mer_acme0001`.
pub fn credentials(old: &Environment, new: &Environment) -> Vec<(String, String)> {
    // Before there were none that validate payments, nobody paid.
    if !validates(old) || !validates(new) {
        return Vec::new();
    }
    let (before, after) = (of(old), of(new));
    let none = BTreeSet::new();
    let mut found = Vec::new();
    for (caller, was) in &before {
        let now = match after.get(caller) {
            Some(now) => now,
            // That a key is deleted is told with the key.
            None if matches!(caller, Caller::Key(_)) => continue,
            None => &none,
        };
        let names = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
            let names: Vec<&str> = one.difference(other).copied().collect();
            (!names.is_empty()).then(|| names.join(" and "))
        };
        let lost = names(was, now).map(|names| format!("they no longer act for {names}"));
        let gained = names(now, was);
        let gained = gained.map(|names| format!("they act for {names}, and for no other merchant"));
        let narrowed = narrowed(caller, old, new).filter(|_| lost.is_none());
        if lost.is_some() || gained.is_some() || narrowed.is_some() {
            let what: Vec<String> = lost.into_iter().chain(gained).chain(narrowed).collect();
            found.push((caller.to_string(), what.join("; ")));
        }
    }
    found
}

/// That certificates of an authority count no longer, of those that still get in.
fn narrowed(caller: &Caller<'_>, old: &Environment, new: &Environment) -> Option<String> {
    let Caller::Subject(subject) = caller else {
        return None;
    };
    let counts = |env: &Environment, authority: &Authority| {
        let mut merchants = env.payments.merchants.iter();
        let merchant =
            merchants.find(|one| env.subject_of(one).is_some_and(|own| own.value == *subject));
        merchant.is_some_and(|merchant| {
            let issuers = env.issuers_of(merchant);
            let mut named = issuers.iter();
            issuers.is_empty() || named.any(|name| is_same(name, &authority.subject))
        })
    };
    let verified = |env: &Environment| -> Vec<Authority> {
        let clients = env.load_balancer.clients.iter();
        clients
            .flat_map(|clients| clients.authorities.clone())
            .collect()
    };
    let (before, after) = (verified(old), verified(new));
    // Of one that comes or goes, others are told.
    let lost: BTreeSet<&str> = after
        .iter()
        .filter(|authority| before.contains(authority))
        .filter(|authority| counts(old, authority) && !counts(new, authority))
        .map(|authority| authority.subject.as_str())
        .collect();
    let names: Vec<&str> = lost.into_iter().collect();
    (!names.is_empty()).then(|| {
        format!(
            "certificates that {} issued count no longer",
            names.join(" or ")
        )
    })
}

/// Whom an entry point verifies.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Caller<'a> {
    Key(&'a str),
    Subject(&'a str),
}

impl std::fmt::Display for Caller<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(name) => write!(formatter, "clients with the key {name}"),
            Self::Subject(name) => write!(formatter, "clients with the certificate {name}"),
        }
    }
}

fn validates(env: &Environment) -> bool {
    let mut functions = env.functions.iter();
    functions.any(|function| function.is_builtin("validate-payment"))
}

/// Merchants by caller.
fn of(env: &Environment) -> BTreeMap<Caller<'_>, BTreeSet<&str>> {
    let keys = env.merchants_of_keys().into_iter().map(|(key, merchants)| {
        let ids = merchants
            .into_iter()
            .flat_map(|merchant| merchant.ids())
            .collect();
        (Caller::Key(key.as_str()), ids)
    });
    let merchants = env.payments.merchants.iter();
    let subjects = merchants.filter_map(|merchant| {
        let subject = env.subject_of(merchant)?;
        Some((Caller::Subject(subject.as_str()), merchant.ids().collect()))
    });
    keys.chain(subjects).collect()
}
