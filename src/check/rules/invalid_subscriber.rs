//! A subscriber that SNS would refuse. The protocol is read while resolving.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Subscriber;

pub const RULE: Rule = Rule {
    code: Code::InvalidSubscriber,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        A subscriber is neither `email:` with an address nor an https URL, is listed twice, or is a chat \
        webhook, which cannot confirm a subscription. Of PagerDuty, Opsgenie and Jira Service Management, a URL \
        that is not the one of an integration for Amazon CloudWatch or Amazon SNS; Opsgenie ends on 2027-04-05.",
    why: "\
        SNS would reject the subscription, or nobody would receive the confirmation. A chat webhook accepts \
        messages in its own format only, so alarms never arrive; its URL is also a secret, because whoever \
        knows it can post. An e-mail address of a chat channel works, but anybody who reads the channel can \
        unsubscribe it. Services that wake people confirm a subscription by themselves at the URL of such an \
        integration only; their other APIs take messages of their own format. The URL holds a key that raises and \
        resolves alarms there and reads nothing: it may stand in the spec, and is renewed there once it leaks.",
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
        found.extend(chat(subscriber, span.clone()));
        found.extend(on_call(subscriber, context.today, span.clone()));
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

/// The last day of Opsgenie: support.atlassian.com/opsgenie, "End of sales and support for Opsgenie".
const OPSGENIE_ENDS: &str = "2027-04-05";

/// Services that wake people, by what of their URLs confirms a subscription: PagerDuty's guide to Amazon CloudWatch, Atlassian's to
/// Amazon SNS.
fn on_call(subscriber: &Subscriber, today: Date, span: Range<usize>) -> Option<Diagnostic> {
    let rest = subscriber.endpoint.strip_prefix("https://")?;
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let authority = authority.to_ascii_lowercase();
    let host = authority.split(':').next().unwrap_or_default();
    let is_of = |domain: &str| {
        let rest = host.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_api = authority == host;
    let (is_right, service, form) = if is_of("pagerduty.com") {
        let is_api = is_api && ["events.pagerduty.com", "events.eu.pagerduty.com"].contains(&host);
        (
            is_api && is_of_pagerduty(path),
            "PagerDuty",
            "https://events.pagerduty.com/integration/…/enqueue",
        )
    } else if is_of("opsgenie.com") {
        let is_api = is_api && ["api.opsgenie.com", "api.eu.opsgenie.com"].contains(&host);
        (
            is_api && is_of_atlassian(path, "/v1/json/"),
            "Opsgenie",
            "https://api.opsgenie.com/v1/json/amazonsns?apiKey=…",
        )
    } else if host == "api.atlassian.com" {
        (
            is_api && is_of_atlassian(path, "/jsm/ops/integration/v1/json/"),
            "Jira Service Management",
            "https://api.atlassian.com/jsm/ops/integration/v1/json/…?apiKey=…",
        )
    } else {
        return None;
    };
    if !is_right {
        return Some(
            Diagnostic::error(
                Code::InvalidSubscriber,
                span,
                format!("a URL of {service} that cannot confirm an SNS subscription"),
            )
            .label("not the URL of an integration for Amazon CloudWatch or Amazon SNS")
            .help(format!(
                "add such an integration at {service}, and copy its URL: `{form}`"
            )),
        );
    }
    (service == "Opsgenie").then(|| ends(today, span))
}

fn ends(today: Date, span: Range<usize>) -> Diagnostic {
    let is_over = OPSGENIE_ENDS.parse::<Date>().is_ok_and(|end| end < today);
    let told = match is_over {
        true => Diagnostic::error,
        false => Diagnostic::warning,
    };
    told(
        Code::InvalidSubscriber,
        span,
        format!("alarms go to Opsgenie, which ends on {OPSGENIE_ENDS}"),
    )
    .label("from then on, alarms reach nobody here")
    .help("use the URL of an integration of Jira Service Management, to which Atlassian moves Opsgenie, or of another service")
}

/// `/integration/KEY/enqueue` of a service, `/x-ere/KEY` of an event orchestration.
fn is_of_pagerduty(path: &str) -> bool {
    let service = path.strip_prefix("/integration/");
    let key = service.and_then(|rest| rest.strip_suffix("/enqueue"));
    let key = key.or_else(|| path.strip_prefix("/x-ere/"));
    key.is_some_and(|key| key.len() == 32 && key.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// `amazonsns?apiKey=KEY` behind the prefix.
fn is_of_atlassian(path: &str, prefix: &str) -> bool {
    let integration = path.strip_prefix(prefix);
    let Some((word, query)) = integration.and_then(|rest| rest.split_once('?')) else {
        return false;
    };
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '/';
    let mut keys = query
        .split('&')
        .filter_map(|one| one.strip_prefix("apiKey="));
    !word.is_empty() && word.chars().all(is_word) && keys.any(is_uuid)
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
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
    use super::{Subscriber, is_endpoint, on_call};

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

    #[test]
    fn services_that_wake_people_confirm_at_one_kind_of_url_only() {
        const KEY: &str = "0123456789abcdef0123456789ABCDEF";
        const UUID: &str = "01234567-89ab-cdef-0123-456789abcdef";
        let told = |url: &str, today: &str| {
            let subscriber = Subscriber {
                protocol: "https".to_owned(),
                endpoint: url.replace("KEY", KEY).replace("UUID", UUID),
            };
            let told = on_call(&subscriber, today.parse().unwrap(), 0..1);
            told.map(|told| told.is_error())
        };
        for (url, is_error) in [
            ("https://events.pagerduty.com/integration/KEY/enqueue", None),
            ("https://EVENTS.eu.pagerduty.com/x-ere/KEY", None),
            (
                "https://events.pagerduty.com/integration/x/enqueue",
                Some(true),
            ),
            (
                "https://events.pagerduty.com/integration/KEY/enqueue?a=b",
                Some(true),
            ),
            ("https://events.pagerduty.com:8443/x-ere/KEY", Some(true)),
            ("https://events.pagerduty.com/v2/enqueue", Some(true)),
            ("https://acme.pagerduty.com/services/P1", Some(true)),
            ("https://notpagerduty.com/v2/enqueue", None),
            (
                "https://api.opsgenie.com/v1/json/amazonsns?apiKey=UUID",
                Some(false),
            ),
            (
                "https://api.eu.opsgenie.com/v1/json/cloudwatch?a=b&apiKey=UUID",
                Some(false),
            ),
            ("https://api.opsgenie.com/v1/json/amazonsns", Some(true)),
            ("https://api.opsgenie.com/v1/json/?apiKey=UUID", Some(true)),
            (
                "https://api.opsgenie.com/v1/json/amazonsns?apiKey=UUIDx",
                Some(true),
            ),
            ("https://api.opsgenie.com/v2/alerts?apiKey=UUID", Some(true)),
            (
                "https://acme.app.opsgenie.com/v1/json/amazonsns?apiKey=UUID",
                Some(true),
            ),
            (
                "https://api.atlassian.com/jsm/ops/integration/v1/json/amazonsns?apiKey=UUID",
                None,
            ),
            (
                "https://api.atlassian.com/jsm/ops/integration/v2/alerts",
                Some(true),
            ),
            ("https://example.com/alarms", None),
        ] {
            assert_eq!(told(url, "2026-06-01"), is_error, "{url}");
        }
        let opsgenie = "https://api.opsgenie.com/v1/json/amazonsns?apiKey=UUID";
        assert_eq!(told(opsgenie, "2027-04-05"), Some(false));
        assert_eq!(told(opsgenie, "2027-04-06"), Some(true));
    }
}
