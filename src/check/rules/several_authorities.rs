//! More than one authority whose certificates may name a merchant.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::authority::Authority;
use crate::resolve::distinguished_name::is_same;
use crate::resolve::environment::{Environment, Merchant};

pub const RULE: Rule = Rule {
    code: Code::SeveralAuthorities,
    severities: &[Severity::Warning],
    what: "\
        `load_balancer.clients` holds several authorities, and one of them can issue certificates that stand for a merchant whose \
        authority is another one.",
    why: "\
        A caller is the merchant whose `subject` its certificate has, and whose `issuers`, where it names any, have signed that \
        certificate: without them each authority of the file can issue a certificate in the name of the merchant (LB-2). The load \
        balancer tells functions the issuer's name, not its key: an authority that may found further ones, without `pathlen:0` in its \
        own certificate (RFC 5280, 4.2.1.9), can give one of them any name. That is meant while an authority is replaced, or where one \
        organisation keeps all of them; accept it with a waiver until then.",
    wrong: "\
        [payments.merchants.mer_acme0001]\n\
        subject = \"CN=acme,O=Acme\"",
    right: "\
        [payments.merchants.mer_acme0001]\n\
        subject = \"CN=acme,O=Acme\"\n\
        issuers = [\"CN=payments clients,O=Example Payments\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let Some(clients) = &environment.load_balancer.clients else {
        return;
    };
    // A renewed certificate of the same key is the same authority.
    let keys: BTreeSet<(&str, &str)> = clients.authorities.iter().map(identity).collect();
    let Some((_, span)) = written(clients).filter(|_| keys.len() > 1) else {
        return;
    };
    let all = &clients.authorities;
    let of_anybody = any_issuer(environment).map(|subject| {
        let message = format!("{} authorities may issue a merchant's subject", keys.len());
        let told = Diagnostic::warning(Code::SeveralAuthorities, span.clone(), message)
            .label("a certificate of any of them counts")
            .help(
                "name in the merchant's `issuers` whose certificates are its own, or keep one authority in the file; while another one \
                 takes its place, add a waiver of `several-authorities` until then",
            );
        (told, subject, "this subject, whichever of them issued it")
    });
    let told = of_anybody
        .or_else(|| {
            let (founder, named) = counterfeiter(environment, all)?;
            let message = format!("`{}` may found authorities of any name", founder.subject);
            let told = Diagnostic::warning(Code::SeveralAuthorities, span.clone(), message)
                .label("an authority of its own may have the name of one of the others")
                .help(
                    "issue its certificate again with `pathlen:0` in its basic constraints, leave it out of the file, or add a waiver of \
                     `several-authorities`",
                );
            Some((told, named, "of this merchant, whose authorities are others"))
        })
        .or_else(|| {
            let (name, named) = namesake(environment, all)?;
            let message = format!("two authorities are called `{name}`");
            let told = Diagnostic::warning(Code::SeveralAuthorities, span.clone(), message)
                .label("their keys differ, which functions do not see")
                .help(
                    "give one of them another name; while one takes the other's place, add a waiver of `several-authorities` until then",
                );
            Some((told, named, "either counts for this merchant"))
        });
    found.extend(told.map(|(told, at, what)| match written(at) {
        Some((_, place)) => told.secondary(place, what),
        None => told,
    }));
}

fn identity(authority: &Authority) -> (&str, &str) {
    (authority.subject.as_str(), authority.key.as_str())
}

/// The subject of a merchant that takes any authority's certificates.
fn any_issuer(environment: &Environment) -> Option<&Value<String>> {
    let mut merchants = environment.payments.merchants.iter();
    merchants.find_map(|merchant| {
        let subject = environment.subject_of(merchant)?;
        environment
            .issuers_of(merchant)
            .is_empty()
            .then_some(subject)
    })
}

/// Merchants that name issuers, with what they name first.
fn naming(environment: &Environment) -> impl Iterator<Item = (&Merchant, &Value<String>)> {
    let merchants = environment.payments.merchants.iter();
    merchants.filter_map(|one| Some((one, environment.issuers_of(one).first()?)))
}

fn names(merchant: &Merchant, authority: &Authority) -> bool {
    let mut issuers = merchant.issuers.iter();
    issuers.any(|name| is_same(name, &authority.subject))
}

/// An authority that can found one with the name of a merchant's, and is none of the merchant's.
fn counterfeiter<'a>(
    environment: &'a Environment,
    all: &'a [Authority],
) -> Option<(&'a Authority, &'a Value<String>)> {
    naming(environment).find_map(|(merchant, named)| {
        let mut founders = all.iter().filter(|one| one.issues_authorities);
        founders
            .find(|founder| !names(merchant, founder))
            .map(|founder| (founder, named))
    })
}

/// A name that a merchant gives, of authorities with several keys.
fn namesake<'a>(
    environment: &'a Environment,
    all: &'a [Authority],
) -> Option<(&'a str, &'a Value<String>)> {
    let merchants = environment.payments.merchants.iter();
    let mut issuers = merchants.flat_map(|merchant| environment.issuers_of(merchant));
    issuers.find_map(|name| {
        let called = all.iter().filter(|one| is_same(name, &one.subject));
        let keys: BTreeSet<&str> = called.map(|one| one.key.as_str()).collect();
        (keys.len() > 1).then_some((name.value.as_str(), name))
    })
}
