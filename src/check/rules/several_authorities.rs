//! More than one authority whose certificates may name a merchant.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::SeveralAuthorities,
    severities: &[Severity::Warning],
    what: "\
        `load_balancer.clients` holds several authorities, and merchants are known by the subjects of certificates \
        that any of them may issue.",
    why: "\
        A caller is the merchant whose `subject` its certificate has, whichever authority of the file issued it: each of them \
        can issue a certificate in the name of every merchant (LB-2). That is meant while an authority is replaced, or where one \
        organisation keeps all of them; accept it with a waiver until then.",
    wrong: "clients = \"certificates/our-ca-and-a-partners.pem\"",
    right: "clients = \"certificates/our-ca.pem\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let Some(clients) = &environment.load_balancer.clients else {
        return;
    };
    // A renewed certificate of the same key is the same authority.
    let keys: BTreeSet<(&str, &str)> = clients
        .authorities
        .iter()
        .map(|authority| (authority.subject.as_str(), authority.key.as_str()))
        .collect();
    let mut merchants = environment.payments.merchants.iter();
    let named = merchants.find_map(|merchant| environment.subject_of(merchant));
    let (Some((_, span)), Some(subject)) = (written(clients), named) else {
        return;
    };
    if keys.len() < 2 {
        return;
    }
    let message = format!(
        "{} authorities may issue every merchant's subject",
        keys.len()
    );
    let told = Diagnostic::warning(Code::SeveralAuthorities, span, message)
        .label("a subject counts, whichever of them issued the certificate")
        .help(
            "keep one authority in the file; while another one takes its place, add a waiver of `several-authorities` until then",
        );
    found.push(match written(subject) {
        Some((_, place)) => told.secondary(place, "such a subject"),
        None => told,
    });
}
