//! API keys and certificates of merchants that cannot be theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::distinguished_name::{fault, is_same};
use crate::resolve::environment::Merchant;
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::InvalidCaller,
    severities: &[Severity::Error],
    what: "\
        A merchant names a plan or an API key that is not in the spec, a subject that is none, or an issuer that is no authority of \
        `load_balancer.clients`; or two merchants have the same API key or subject.",
    why: "\
        API keys and certificates say whose a request is, so that each belongs to one merchant. A subject is compared \
        with what the load balancer sends: by RFC 2253, the last part first, without blanks after commas. So is an issuer, which is \
        whoever signed the client's certificate itself, also an intermediate authority.",
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
    for merchant in merchants {
        let subject = merchant.subject.as_ref();
        found.extend(subject.and_then(|subject| malformed("subject", subject)));
        issuers(context, merchant, found);
    }
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

/// What is no name of a certificate's holder.
fn malformed(word: &str, name: &Value<String>) -> Option<Diagnostic> {
    let (_, span) = written(name)?;
    let label = fault(name)?;
    let message = format!("`{}` is no {word} by RFC 2253", name.value);
    Some(
        Diagnostic::error(Code::InvalidCaller, span, message)
            .label(label)
            .help(format!(
                "`openssl x509 -in client.pem -noout -{word} -nameopt RFC2253` prints it"
            )),
    )
}

/// Issuers that stand for nobody: without a subject, or of no authority that the load balancer verifies by.
fn issuers(context: &Context<'_>, merchant: &Merchant, found: &mut Vec<Diagnostic>) {
    for issuer in &merchant.issuers {
        let Some((_, span)) = written(issuer) else {
            continue;
        };
        if let Some(told) = malformed("issuer", issuer) {
            found.push(told);
            continue;
        }
        let tell = |message: String| Diagnostic::error(Code::InvalidCaller, span.clone(), message);
        if merchant.subject.is_none() {
            let message = format!("`{}` has issuers, and no subject", merchant.id.value);
            let told = tell(message)
                .label("an issuer says whose certificates count, a subject which of them")
                .help("add the `subject` of its certificate, or remove `issuers`");
            found.push(told);
            break;
        }
        let Some(clients) = &context.environment.load_balancer.clients else {
            continue;
        };
        let mut known = clients.authorities.iter().map(|one| one.subject.as_str());
        if known.clone().any(|subject| subject == issuer.value) {
            continue;
        }
        let alike = known.clone().find(|subject| is_same(subject, issuer));
        let told = tell(format!("unknown authority `{}`", issuer.value))
            .label("the subject of no certificate in the file of `load_balancer.clients`");
        found.push(match alike.or_else(|| nearest(issuer, known.clone())) {
            Some(best) => told.did_you_mean(best),
            None => told.help(format!(
                "name one of the file, such as `{}`, or add the authority's certificate to it: also an intermediate one's, where that signs",
                known.next().unwrap_or_default()
            )),
        });
    }
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
