//! Every default, once: its name, its value, why it is right, and the requirements that it serves.
//! A value that was left out of the spec carries the name of its default as origin.

use crate::origin::{Origin, Value};

/// A named default.
#[derive(Debug, Clone, Copy)]
pub struct DefaultValue<T> {
    /// The key it fills, in kebab-case: `database.max-storage-gib`.
    pub id: &'static str,
    pub value: T,
    pub reason: &'static str,
    /// Requirement ids, separated by spaces; empty when it is plain convenience.
    pub requirements: &'static str,
}

impl<T: Copy> DefaultValue<T> {
    /// The value that was written, or this default.
    pub fn unless(&self, written: Option<Value<T>>) -> Value<T> {
        written.unwrap_or(Value::new(self.value, Origin::Default(self.id)))
    }
}

impl DefaultValue<&'static str> {
    /// The text that was written, or this default.
    pub fn unless_text(&self, written: Option<Value<String>>) -> Value<String> {
        written.unwrap_or_else(|| Value::new(self.value.to_owned(), Origin::Default(self.id)))
    }
}

/// A default as documentation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: &'static str,
    pub value: String,
    pub reason: &'static str,
    pub requirements: &'static str,
}

macro_rules! defaults {
    ($($name:ident: $type:ty = $value:expr, $id:literal, $requirements:literal, $reason:literal;)*) => {
        $(
            #[doc = $reason]
            pub const $name: DefaultValue<$type> =
                DefaultValue { id: $id, value: $value, reason: $reason, requirements: $requirements };
        )*

        /// All defaults, in the order of the spec's tables.
        pub fn all() -> Vec<Entry> {
            vec![$(Entry {
                id: $name.id,
                value: $name.value.to_string(),
                reason: $name.reason,
                requirements: $name.requirements,
            }),*]
        }
    };
}

defaults! {
    ENVIRONMENT_REGION: &'static str = "us-east-1", "environment.region", "REG-1",
        "the only region that the requirements allow";
    ENVIRONMENT_SUFFIX: &'static str = "main", "environment.suffix", "NAME-1",
        "the copy that stands permanently; others set the Pulumi config value";

    DATABASE_VERSION: &'static str = "14", "database.version", "DB-1",
        "a bare major version follows minor upgrades, so that no pin goes stale";
    DATABASE_EXTENDED_SUPPORT: bool = false, "database.extended-support", "DB-1",
        "it is billed for each vCPU of both nodes, so somebody has to ask for it";
    DATABASE_MAX_STORAGE_GIB: u32 = 100, "database.max-storage-gib", "",
        "autoscaling gives time to react when a disk fills, and a ceiling bounds its cost";
    DATABASE_BACKUP_RETENTION_DAYS: u32 = 7, "database.backup-retention-days", "DB-3",
        "a week of point-in-time recovery";
    DATABASE_BACKUP_WINDOW: &'static str = "07:00-08:00", "database.backup-window", "DB-3",
        "night in the United States, in UTC";
    DATABASE_MAINTENANCE_WINDOW: &'static str = "sun:08:30-sun:09:30", "database.maintenance-window", "",
        "Sunday night in the United States, after the backup";
    DATABASE_NAME: &'static str = "payments", "database.name", "",
        "what the environment is for";
    DATABASE_MASTER_USERNAME: &'static str = "payments_owner", "database.master-username", "SEC-2",
        "not a name that attackers try first (RDS.25)";
    DATABASE_APPLICATION_USERNAME: &'static str = "payments_app", "database.application-username", "SEC-2",
        "functions must not log in as the master user";
    DATABASE_ALARM_FREE_STORAGE_GIB: u32 = 5, "database.alarm-free-storage-gib", "MON-5",
        "a quarter of the smallest disk; does not move when the disk grows";
    DATABASE_ALARM_CPU_PERCENT: u32 = 80, "database.alarm-cpu-percent", "MON-2",
        "sustained load above this leaves no room for a failover's recovery";

    FUNCTION_RUNTIME: &'static str = "python3.13", "functions.runtime", "FN-1",
        "supported until 2029";
    FUNCTION_ARCHITECTURE: &'static str = "arm64", "functions.architecture", "",
        "a fifth cheaper than x86_64 for the same work";
    FUNCTION_MEMORY_MIB: u32 = 256, "functions.memory-mib", "",
        "enough for a handler with a database client";
    FUNCTION_TIMEOUT_SECONDS: u32 = 10, "functions.timeout-seconds", "",
        "well under the API's 29 seconds";
    FUNCTION_EXPECTED_DURATION_MS: u32 = 500, "functions.expected-duration-ms", "",
        "two statements of the database and a record in S3, with room";
    FUNCTION_LOG_LEVEL: &'static str = "INFO", "functions.log-level", "MON-1",
        "every transaction is traceable without debug output";
    FUNCTION_ALARM_ERROR_PERCENT: u32 = 5, "functions.alarm-error-percent", "MON-3",
        "above what retries hide";

    API_RATE_PER_SECOND: u32 = 50, "api.throttle.rate-per-second", "API-3",
        "well over a staging load and under what the database's connections carry";
    API_BURST: u32 = 100, "api.throttle.burst", "API-3",
        "two seconds of the default rate";
    API_TLS_POLICY: &'static str = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", "api.tls-policy", "API-1",
        "TLS 1.3, or 1.2 with forward secrecy and authenticated encryption only";
    API_MANAGE_ACCOUNT_ROLE: bool = true, "api.manage-account-role", "API-6",
        "without the account's role API Gateway writes no logs; false where another stack sets it";
    API_ALARM_4XX_PERCENT: u32 = 10, "api.alarm-4xx-percent", "MON-4",
        "clients err now and then; every tenth request is a pattern";
    API_ALARM_5XX_PERCENT: u32 = 1, "api.alarm-5xx-percent", "MON-4",
        "our own errors are never normal";
    ROUTE_API_KEY_REQUIRED: bool = true, "api.routes.api-key-required", "API-4",
        "usage plans act only on requests with a key";
    ROUTE_AUTHORIZATION: &'static str = "NONE", "api.routes.authorization", "",
        "partners hold API keys, not AWS credentials";

    LOAD_BALANCER_CERTIFICATE: &'static str = "self-signed", "load_balancer.certificate", "LB-2",
        "HTTPS needs a certificate before there is a domain";

    AUDIT_RETENTION_DAYS: u32 = 90, "audit.retention-days", "S3-3",
        "the requirement's number";

    MONITORING_LOG_RETENTION_DAYS: u32 = 30, "monitoring.log-retention-days", "MON-1",
        "the requirement's number";

    KEYS_DELETION_WINDOW_DAYS: u32 = 7, "keys.deletion-window-days", "DEST-1",
        "the shortest that AWS allows: a copy of the environment leaves soon";
    KEYS_ROTATION_DAYS: u32 = 365, "keys.rotation-days", "SEC-1",
        "once a year, as AWS does by default";

    TRACING_SAMPLING_PERCENT: u32 = 100, "tracing.sampling-percent", "XR-1",
        "every transaction can be found by its payment id";

    FIREWALL_ENABLED: bool = true, "firewall.enabled", "",
        "the API and the load balancer face the internet";
    FIREWALL_REQUESTS_PER_FIVE_MINUTES: u32 = 2_000, "firewall.requests-per-five-minutes", "",
        "seven requests a second from one address, sustained";

    PAYMENTS_VELOCITY_PAYMENTS: u32 = 600, "payments.velocity.payments", "FN-1",
        "ten a second of one merchant, sustained, is more than a shop sells";
    PAYMENTS_VELOCITY_SECONDS: u32 = 60, "payments.velocity.seconds", "FN-1",
        "short enough that a burst is over soon";
    PAYMENTS_IDEMPOTENCY_HOURS: u32 = 24, "payments.idempotency-hours", "FN-1",
        "clients give up repeating a request within a day";
    PAYMENTS_ALARM_REJECTION_PERCENT: u32 = 25, "payments.alarm-rejection-percent", "MON-5",
        "a shop's customers err now and then; every fourth payment is a pattern";
    PAYMENTS_ALARM_OUTBOX_AGE_SECONDS: u32 = 600, "payments.alarm-outbox-age-seconds", "MON-5",
        "ten runs of a relay that runs each minute";
    PAYMENTS_MINIMUM: u32 = 1, "payments.currencies.minimum", "FN-1",
        "nothing is too small unless the spec says so";
    PAYMENTS_MERCHANT_STATUS: &'static str = "active", "payments.merchants.status", "",
        "one names a merchant to let it sell";

    STATE_BACKEND: &'static str = "local", "state.backend", "",
        "needs no account; a team should choose a shared one";
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::requirements::requirements;

    #[test]
    fn requirements_of_defaults_exist() {
        for entry in all() {
            for id in entry.requirements.split_whitespace() {
                assert!(requirements().iter().any(|row| row.id == id), "{id}");
            }
        }
    }

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut ids: Vec<_> = all().iter().map(|entry| entry.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for id in ids {
            let (_, key) = id.split_once('.').expect("a table and a key");
            assert!(!key.contains('_'), "{id}");
        }
    }
}
