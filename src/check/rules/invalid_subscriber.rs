//! A subscriber that SNS would refuse. The protocol is read while resolving.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Subscriber;

pub const RULE: Rule = Rule {
    code: Code::InvalidSubscriber,
    severities: &[Severity::Error],
    what: "A subscriber is neither `email:` with an address nor an https URL, or is listed twice.",
    why: "SNS would refuse the subscription, or the confirmation would reach nobody.",
    wrong: "notify = [\"payments-oncall@example.com\"]",
    right: "notify = [\"email:payments-oncall@example.com\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let subscribers = &context.environment.monitoring.notify;
    let mut seen: BTreeMap<(&str, &str), &Value<Subscriber>> = BTreeMap::new();
    for subscriber in subscribers {
        let Some((key, span)) = written(subscriber) else {
            continue;
        };
        if !is_endpoint(subscriber) {
            let label = if subscriber.protocol == "email" {
                "not an e-mail address"
            } else {
                "not a URL with a host"
            };
            found.push(
                Diagnostic::error(
                    Code::InvalidSubscriber,
                    span,
                    format!("`{key}` is no subscriber"),
                )
                .label(label)
                .help("write \"email:oncall@example.com\" or \"https://example.com/alarms\""),
            );
            continue;
        }
        let endpoint = (subscriber.protocol.as_str(), subscriber.endpoint.as_str());
        let first = *seen.entry(endpoint).or_insert(subscriber);
        if std::ptr::eq(first, subscriber) {
            continue;
        }
        if let Some((_, first)) = written(first) {
            found.push(
                Diagnostic::error(
                    Code::InvalidSubscriber,
                    span,
                    "a subscriber is listed twice",
                )
                .label("again")
                .secondary(first, "first here")
                .help("remove one of the two"),
            );
        }
    }
}

fn is_endpoint(subscriber: &Subscriber) -> bool {
    let text = subscriber.endpoint.as_str();
    if !text.is_ascii() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let is_host = |host: &str| {
        host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
    };
    if subscriber.protocol == "email" {
        let Some((user, host)) = text.rsplit_once('@') else {
            return false;
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        return !user.is_empty() && user.chars().all(allowed) && is_host(host);
    }
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_host(authority.split(':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Subscriber, is_endpoint};

    #[test]
    fn addresses_and_urls() {
        let accepted = |protocol: &str, endpoint: &str| {
            is_endpoint(&Subscriber {
                protocol: protocol.to_owned(),
                endpoint: endpoint.to_owned(),
            })
        };
        assert!(accepted("email", "a.b+c@example.com"));
        assert!(!accepted("email", "example.com"));
        assert!(!accepted("email", "a@b@example.com"));
        assert!(!accepted("email", "a@localhost"));
        assert!(!accepted("email", "Jo <jo@example.com>"));
        assert!(accepted("https", "https://example.com:8443/x?y=z"));
        assert!(!accepted("https", "https:///x"));
    }
}
