//! The small tables: `[audit]`, `[monitoring]`, `[keys]`, `[tracing]` and `[firewall]`.

use super::prelude::*;

/// What confirms no subscription: chats, and what is no integration of a service that wakes people.
const DEAF: &str = "^(https://([^/?#:]*\\.)?|email:[^@]*@([^@]*\\.)?)(hooks\\.slack(-gov)?\\.com|webhook\\.office\\.com|outlook\\.office\\.com|discord(app)?\\.com|chat\\.googleapis\\.com|hooks\\.chime\\.aws|api\\.telegram\\.org)([/?#:]|$)|^https://(?!events\\.(eu\\.)?pagerduty\\.com/(integration/[A-Za-z0-9]{32}/enqueue|x-ere/[A-Za-z0-9]{32})$)(?!api\\.(eu\\.)?opsgenie\\.com/v1/json/[a-z0-9/]+\\?([^#]*&)?apiKey=[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(&|$))([^/?#:]*\\.)?(pagerduty|opsgenie)\\.com([/?#:]|$)|^https://api\\.atlassian\\.com(?!/jsm/ops/integration/v1/json/[a-z0-9/]+\\?([^#]*&)?apiKey=[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(&|$))([/?#:]|$)";

/// A key by its own ARN, also one of several regions. An alias may name another key tomorrow, and policies name none by an alias.
const KEY: &str = "^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$";

/// The longest that CloudWatch keeps logs, but for ever.
pub const LONGEST_LOGS: u64 = 3_653;

table! {
    "audit", "Audit records", "The bucket for records of each payment: versioned, encrypted, private.", RawAudit => Audit;

    key lock_days: number default(0, "what can be destroyed at any time has no lock"),
        "Lock of audit records", "How long a record is locked in compliance mode, from when it is written: nobody can delete or change it before, not even the account's root user. Of the class production only, and no longer than `retention_days`.",
        unit("days"), only(0), serves("KEEP-2"),
        by_class(&[PRODUCTION
            .default(Plain::Number(365), "the twelve months of PCI DSS 10.5.1")
            .range(365, 3_650, "twelve months or more (PCI DSS 10.5.1), ten years at most")]);

    key retention_days: number default(90, "the requirement's number"),
        "Retention of audit records", "How long they are kept.", unit("days"), only(90), serves("S3-3"),
        by_class(&[PRODUCTION
            .default(Plain::Number(400), "the twelve months of PCI DSS 10.5.1, and a month to look at the first of them")
            .range(365, 3_650, "twelve months or more (PCI DSS 10.5.1), ten years at most")]);
}

table! {
    "monitoring", "Monitoring", "Alarms, logs and who is notified.", RawMonitoring => MonitoringSettings;

    key log_retention_days: number default(30, "the requirement's number"),
        "Retention of logs", "How long they are kept.", unit("days"), only(30), serves("MON-1"),
        by_class(&[
            DEVELOPMENT.default(Plain::Number(7), "long enough to find a mistake of this week").only(7),
            PRODUCTION
                .default(Plain::Number(400), "the twelve months of PCI DSS 10.5.1, all of them at hand")
                .range(365, LONGEST_LOGS, "twelve months or more (PCI DSS 10.5.1), and CloudWatch's longest"),
        ]);

    own notify: texts,
        "Whom alarms reach", "`email:` and an address, or an `https://` address. Of PagerDuty, Opsgenie and Jira Service Management, the URL of an integration for Amazon CloudWatch or Amazon SNS, which confirms by itself; the key in it raises and resolves alarms there, and reads nothing.",
        at_least_one(), form("^(email:|https://)"), not_form(DEAF), examples(&["email:payments-oncall@example.com", "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue"]);
}

table! {
    "keys", "Keys", "The customer-managed KMS keys: the environment makes one for each kind of data, unless the spec names one that somebody else owns.", RawKeys => Keys;

    key database: text optional,
        "Key of the database", "ARN of a key of this account and region that somebody else owns, such as a security team: for the database's storage, master secret and Performance Insights. No key is made for them then; `docs/keys.md` of the generated project has the statements that its policy needs. A database that is there already is replaced.",
        form(KEY), examples(&["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]), serves("SEC-1");

    key logs: text optional,
        "Key of the logs", "The same, for log groups.",
        form(KEY), examples(&["arn:aws:kms:us-east-1:123456789012:key/2234abcd-12ab-34cd-56ef-1234567890ab"]), serves("SEC-1");

    key data: text optional,
        "Key of the data", "The same, for audit objects, and for environment variables and dead letters of functions.",
        form(KEY), examples(&["arn:aws:kms:us-east-1:123456789012:key/3234abcd-12ab-34cd-56ef-1234567890ab"]), serves("SEC-1");

    key topic: text optional,
        "Key of the topic", "The same, for messages of the alarm topic.",
        form(KEY), examples(&["arn:aws:kms:us-east-1:123456789012:key/4234abcd-12ab-34cd-56ef-1234567890ab"]), serves("SEC-1");

    key deletion_window_days: number default(7, "the shortest that AWS allows: a copy of the environment leaves soon"),
        "Deletion window", "How long a key can be restored after the environment is destroyed.",
        unit("days"), range(7, 30, "what KMS takes"), serves("DEST-1"),
        by_class(&[PRODUCTION.default(Plain::Number(30), "the longest that AWS allows: without its key, what was encrypted is lost").only(30)]);

    key rotation_days: number default(365, "once a year, as AWS does by default"),
        "Rotation", "How often a key's material is renewed.", unit("days"), range(90, 2_560, "what KMS takes"), serves("SEC-1");
}

table! {
    "tracing", "Tracing", "X-Ray over the whole stack.", RawTracing => Tracing;

    key sampling_percent: number default(100, "every transaction can be found by its payment id"),
        "Sampling", "Share of the requests that are traced.", unit("percent"), range(1, 100, "a percentage"), off_at_zero(), serves("XR-1");
}

table! {
    "firewall", "Firewall", "The web application firewall before the API and the load balancer.", RawFirewall => Firewall;

    key enabled: flag default(true, "the API and the load balancer face the internet"),
        "Enabled", "Whether it stands.",
        by_class(&[DEVELOPMENT.default(Plain::Flag(false), "nobody's payments are behind it, and it costs by the month")]);

    key requests_per_five_minutes: number default(2_000, "seven requests a second from one address, sustained"),
        "Rate of an address", "One that sends more is blocked for a while.",
        unit("requests in five minutes"), range(10, 2_000_000_000, "what a rate rule of WAF takes");

    key log_retention_days: number optional,
        "Retention of the firewall's logs", "How long they are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");
}
