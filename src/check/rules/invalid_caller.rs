//! API keys and certificates of merchants that cannot be theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Merchant;
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::InvalidCaller,
    severities: &[Severity::Error],
    what: "\
        A merchant names a plan or an API key that is not in the spec, or a subject that is none; or two merchants have the same \
        API key or subject.",
    why: "\
        API keys and certificates say whose a request is, so that each belongs to one merchant. A subject is compared \
        with what the load balancer sends: by RFC 2253, the last part first, without blanks after commas.",
    wrong: "\
        [payments.merchants.mer_acme0001]\n\
        plan = \"partners\"\n\
        subject = \"O=Acme, CN=acme\"",
    right: "\
        [payments.merchants.mer_acme0001]\n\
        plan = \"partner\"\n\
        subject = \"CN=acme,O=Acme\"",
    check: Some(check),
};

/// How many names are compared with names, in all.
const MOST_COMPARISONS: usize = 100_000;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    unknown(context, found);
    let merchants = context.environment.payments.merchants.iter();
    found.extend(merchants.filter_map(|merchant| malformed(merchant.subject.as_ref()?)));
    shared(context, found);
}

/// Plans and keys that are not there.
fn unknown(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let plans = &environment.api.plans;
    let names: BTreeSet<&str> = plans.iter().map(|plan| plan.key.as_str()).collect();
    let keys = plans.iter().flat_map(|plan| &plan.api_keys);
    let keys: BTreeSet<&str> = keys.map(|key| key.as_str()).collect();
    let merchants = environment.payments.merchants.iter();
    let named = merchants.flat_map(|merchant| {
        let plan = merchant.plan.iter().map(|plan| ("plan", plan));
        plan.chain(merchant.keys.iter().map(|key| ("API key", key)))
    });
    let mut comparisons = 0;
    for (word, value) in named {
        let known = if word == "plan" { &names } else { &keys };
        let name = value.as_str();
        // A plan with a mistake of its own is told there.
        let is_unusable = context.is_unusable(&crate::spec::path_of("api.plans", name));
        let Some((_, span)) = written(value).filter(|_| !is_unusable && !known.contains(name))
        else {
            continue;
        };
        let message = format!("unknown {word} `{name}`");
        let diagnostic = Diagnostic::error(Code::InvalidCaller, span, message)
            .label(format!("no {word} of `[api.plans]`"));
        comparisons += known.len();
        let best = (comparisons <= MOST_COMPARISONS).then(|| nearest(name, known.iter().copied()));
        found.push(match best.flatten() {
            Some(best) => diagnostic.did_you_mean(best),
            None => diagnostic.help(match word {
                "plan" => format!("add a table `[api.plans.{name}]`, or name another plan"),
                _ => format!("add `{name}` to the `api_keys` of a plan"),
            }),
        });
    }
}

fn malformed(subject: &Value<String>) -> Option<Diagnostic> {
    let (_, span) = written(subject)?;
    let label = fault(subject)?;
    let message = format!("`{}` is no subject by RFC 2253", subject.value);
    Some(
        Diagnostic::error(Code::InvalidCaller, span, message)
            .label(label)
            .help("`openssl x509 -in client.pem -noout -subject -nameopt RFC2253` prints it"),
    )
}

/// The longest that the functions' table takes.
const LONGEST: usize = 1_000;

/// What is wrong with a subject: of its parts each needs a type, and no part begins with a blank that is not escaped.
fn fault(subject: &str) -> Option<&'static str> {
    if subject.chars().count() > LONGEST {
        return Some("longer than 1,000 characters");
    }
    if subject.chars().any(char::is_control) {
        return Some("contains control characters");
    }
    for part in parts(subject) {
        if part.starts_with(' ') {
            return Some("a blank after a comma, where the load balancer sends none");
        }
        let Some((kind, value)) = part.split_once('=') else {
            return Some("a part without `=`");
        };
        let is_kind = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if kind.is_empty()
            || !kind.chars().all(is_kind)
            || value.is_empty()
            || value.starts_with(' ')
        {
            return Some("each part is a type and a value, such as `CN=acme`");
        }
    }
    None
}

/// What stands between commas and plus signs that are not escaped.
fn parts(subject: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut is_escaped) = (0, false);
    for (at, c) in subject.char_indices() {
        if !is_escaped && (c == ',' || c == '+') {
            parts.push(&subject[begin..at]);
            begin = at + 1;
        }
        is_escaped = !is_escaped && c == '\\';
    }
    parts.push(&subject[begin..]);
    parts
}

/// A key or subject of two merchants, and where the first of them has it.
struct Shared<'a> {
    word: &'static str,
    value: &'a Value<String>,
    at: &'a Value<String>,
    first: &'a Merchant,
    other: &'a Merchant,
}

/// One key or certificate of two merchants.
fn shared(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let keys = environment.merchants_of_keys().into_iter();
    let mut shared: Vec<Shared<'_>> = Vec::new();
    for (key, merchants) in keys {
        if let [first, others @ ..] = merchants.as_slice() {
            shared.extend(others.iter().map(|other| Shared {
                word: "API key",
                value: key,
                at: key,
                first,
                other,
            }));
        }
    }
    let mut seen: BTreeMap<&str, (&Merchant, &Value<String>)> = BTreeMap::new();
    for merchant in &environment.payments.merchants {
        let Some(subject) = &merchant.subject else {
            continue;
        };
        match seen.get(subject.as_str()) {
            Some((first, at)) => shared.push(Shared {
                word: "subject",
                value: subject,
                at,
                first,
                other: merchant,
            }),
            None => {
                seen.insert(subject.as_str(), (merchant, subject));
            }
        }
    }
    for one in shared {
        let Shared { word, value, .. } = one;
        let places = (
            place(one.other, word, value),
            place(one.first, word, one.at),
        );
        let (Some(span), Some(before)) = places else {
            continue;
        };
        let message = format!("two merchants have the {word} `{}`", value.value);
        found.push(
            Diagnostic::error(Code::InvalidCaller, span, message)
                .label("a request with it could be of either")
                .secondary(before, format!("of `{}`", one.first.id.value))
                .help(match word {
                    "subject" => "give each merchant a certificate of its own",
                    _ => "give each merchant a plan or `keys` of its own",
                }),
        );
    }
}

/// Where a merchant gets a key or subject from.
fn place(merchant: &Merchant, word: &str, value: &Value<String>) -> Option<Range<usize>> {
    let own = merchant.keys.iter().find(|key| key.value == value.value);
    let named = match word {
        "subject" => Some(value),
        _ => own.or(merchant.plan.as_ref()),
    };
    let (_, span) = written(named.unwrap_or(&merchant.id))?;
    Some(span)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn subjects_are_those_of_rfc_2253() {
        for subject in [
            "CN=acme,O=Acme",
            "CN=Acme\\, Inc.,O=Acme Payments",
            "CN=acme+OU=till,C=US",
            "1.3.6.1.4.1.1466.0=#04024869,O=Test",
            "CN=\\ blank,O=a=b",
        ] {
            assert_eq!(fault(subject), None, "{subject}");
        }
        for subject in [
            "",
            "acme",
            "CN=acme, O=Acme",
            "CN=",
            "CN=acme,",
            "/O=Acme/CN=acme",
            "C N=a",
        ] {
            assert!(fault(subject).is_some(), "{subject}");
        }
    }
}
