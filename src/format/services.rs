//! The small tables: `[audit]`, `[monitoring]`, `[keys]`, `[tracing]` and `[firewall]`.

use super::prelude::*;

/// Of chats, which confirm no subscription.
const WEBHOOK: &str = "^(https://([^/?#:]*\\.)?|email:[^@]*@([^@]*\\.)?)(hooks\\.slack(-gov)?\\.com|webhook\\.office\\.com|outlook\\.office\\.com|discord(app)?\\.com|chat\\.googleapis\\.com|hooks\\.chime\\.aws|api\\.telegram\\.org)([/?#:]|$)";

table! {
    "audit", "Audit records", "The bucket for records of each payment: versioned, encrypted, private.", RawAudit => Audit;

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
                .range(365, 3_653, "twelve months or more (PCI DSS 10.5.1), and CloudWatch's longest"),
        ]);

    own notify: texts,
        "Whom alarms reach", "`email:` and an address, or an `https://` address.",
        at_least_one(), form("^(email:|https://)"), not_form(WEBHOOK), examples(&["email:payments-oncall@example.com"]);
}

table! {
    "keys", "Keys", "The customer-managed KMS keys.", RawKeys => Keys;

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
}
