//! A subscriber that SNS would refuse. The protocol is read while resolving.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Subscriber;

pub const RULE: Rule = Rule {
    code: Code::InvalidSubscriber,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        A subscriber is neither `email:` with an address nor an https URL, is listed twice, or is a chat \
        webhook, which cannot confirm a subscription.",
    why: "\
        SNS would reject the subscription, or nobody would receive the confirmation. A chat webhook accepts \
        messages in its own format only, so alarms never arrive; its URL is also a secret, because whoever \
        knows it can post. An e-mail address of a chat channel works, but anybody who reads the channel can \
        unsubscribe it.",
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
                    format!("`{key}` is not a subscriber"),
                )
                .label(label)
                .help("write \"email:oncall@example.com\" or \"https://example.com/alarms\""),
            );
            continue;
        }
        if let Some(diagnostic) = chat(subscriber, span.clone()) {
            found.push(diagnostic);
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

/// Hosts that take messages of a chat's own form, and answer no confirmation of SNS.
const WEBHOOKS: [&str; 9] = [
    "hooks.slack.com",
    "hooks.slack-gov.com",
    "webhook.office.com",
    "outlook.office.com",
    "discord.com",
    "discordapp.com",
    "chat.googleapis.com",
    "hooks.chime.aws",
    "api.telegram.org",
];
/// Hosts of e-mail addresses that channels of chats have.
const CHANNELS: [&str; 2] = ["slack.com", "teams.ms"];

fn chat(subscriber: &Subscriber, span: Range<usize>) -> Option<Diagnostic> {
    let text = subscriber.endpoint.to_ascii_lowercase();
    let is_of = |host: &str, known: &str| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if subscriber.protocol == "email" {
        let (_, host) = text.rsplit_once('@')?;
        if WEBHOOKS.iter().any(|known| is_of(host, known)) {
            return Some(
                Diagnostic::error(
                    Code::InvalidSubscriber,
                    span,
                    format!("`{host}` receives no e-mail"),
                )
                .label("a host of webhooks")
                .help("use an e-mail address that people read"),
            );
        }
        CHANNELS.iter().find(|known| is_of(host, known))?;
        return Some(
            Diagnostic::warning(
                Code::InvalidSubscriber,
                span,
                "alarms go to a chat channel by e-mail",
            )
            .label("each message has an unsubscribe link that anybody in the channel can use")
            .help("use an on-call address or service that SNS can confirm, and let it post to the chat"),
        );
    }
    let rest = text.strip_prefix("https://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.split(':').next()?;
    WEBHOOKS.iter().find(|known| is_of(host, known))?;
    Some(
        Diagnostic::error(
            Code::InvalidSubscriber,
            span,
            format!("`{host}` cannot confirm an SNS subscription"),
        )
        .label("a chat webhook accepts messages in its own format only: no alarm would arrive")
        .help("\
            use an e-mail address, or a service that can confirm an SNS subscription; for chats, AWS offers \
            Amazon Q Developer in chat applications"),
    )
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
