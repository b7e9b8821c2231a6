//! Keys as they are declared: one that no rule relates to another key needs nothing else to stand in random specs.

use paystagec::format::{Key, Kind, Table as Format};

use super::generator::{Generator, Table};

/// Keys that the generator decides about itself, because what may stand there depends on others.
const BY_HAND: &[&str] = &[
    "base",
    "without",
    "environment.name",
    "environment.class",
    "environment.region",
    "environment.suffix",
    "environment.migration_date",
    "environment.owner",
    "environment.real_card_data",
    "environment.ending",
    "environment.monthly_budget_usd",
    "environment.allowed_account_ids",
    "network.cidr",
    "network.zones",
    "database.version",
    "database.extended_support",
    "database.instance_class",
    "database.storage_gib",
    "database.max_storage_gib",
    "database.backup_retention_days",
    "database.backup_window",
    "database.maintenance_window",
    "database.name",
    "database.master_username",
    "database.application_username",
    "database.alarm_free_storage_gib",
    "database.alarm_cpu_percent",
    "database.alarm_connections",
    "database.backup_vault.copy",
    "database.backup_vault.copy_retention_days",
    "database.backup_vault.retention_days",
    "database.backup_vault.start",
    "removed",
    "network.zone_settings.*.renamed_from",
    "api.plans.*.renamed_from",
    "load_balancer.routes.*.renamed_from",
    "payments.merchants.*.renamed_from",
    "payments.expected_per_month",
    "payments.merchants.*.plan",
    "payments.merchants.*.keys",
    "payments.merchants.*.subject",
    "payments.merchants.*.issuers",
    "functions.*.renamed_from",
    "functions.*.source",
    "functions.*.short_name",
    "functions.*.handler",
    "functions.*.library",
    "functions.*.runtime",
    "functions.*.architecture",
    "functions.*.memory_mib",
    "functions.*.timeout_seconds",
    "functions.*.expected_duration_ms",
    "functions.*.log_level",
    "functions.*.reserved_concurrency",
    "functions.*.schedule",
    "functions.*.alarm_error_percent",
    "functions.*.consumes",
    "functions.*.log_retention_days",
    "network.log_retention_days",
    "database.log_retention_days",
    "api.log_retention_days",
    "load_balancer.log_retention_days",
    "firewall.log_retention_days",
    "api.tls_policy",
    "api.manage_account_role",
    "api.alarm_4xx_percent",
    "api.alarm_5xx_percent",
    "api.routes.*.renamed_from",
    "api.routes.*.function",
    "api.routes.*.body",
    "api.routes.*.required_headers",
    "api.routes.*.required_query",
    "api.routes.*.api_key_required",
    "api.routes.*.authorization",
    "api.plans.*.api_keys",
    "load_balancer.certificate",
    "load_balancer.clients",
    "load_balancer.allowed_cidrs",
    "load_balancer.routes.*.function",
    "load_balancer.routes.*.priority",
    "domain.zone_id",
    "domain.zone_name",
    "domain.api",
    "domain.load_balancer",
    "keys.database",
    "keys.logs",
    "keys.data",
    "keys.topic",
    "audit.lock_days",
    "monitoring.log_retention_days",
    "monitoring.notify",
    "state.backend",
    "state.bucket",
    "state.kms_key",
    "state.organization",
    "output.folder",
];

/// Where logs may be kept for longer than others.
const LOGGING: [&str; 5] = ["network", "database", "api", "load_balancer", "firewall"];

impl Generator<'_, '_> {
    /// Logs that are kept for longer, in every fourth spec by its number of tables: nothing is drawn for them.
    pub fn log_days(&mut self) {
        if self.spec.tables.len() % 4 != 1 {
            return;
        }
        for (number, table) in self.spec.tables.iter_mut().enumerate() {
            let name = table.header.strip_prefix("functions.");
            let is_function = name.is_some_and(|name| !name.contains('.'));
            let days = [60, 365, 3_653][number % 3];
            if LOGGING.contains(&table.header.as_str()) || is_function && !number.is_multiple_of(4)
            {
                table.set("log_retention_days", days);
            }
        }
    }

    /// Some of the values of a table, each as its declaration allows.
    pub fn declared(&mut self, table: &mut Table, format: &Format) {
        for key in format.keys {
            if key.kind.is_value() && !BY_HAND.contains(&key.path) {
                self.declared_key(table, key);
            }
        }
    }

    fn declared_key(&mut self, table: &mut Table, key: &Key) {
        match (key.kind, key.range) {
            (Kind::Number, Some(range)) => {
                let (lowest, highest) = (range.lowest as usize, range.highest as usize);
                self.number(table, key.name, lowest, highest);
            }
            (Kind::Flag, _) if self.choices.one_in(3) => {
                let flag = self.maybe();
                table.set(key.name, flag);
            }
            (Kind::Flag, _) => {}
            _ if self.maybe() => {
                let value = self.declared_word(key);
                table.set(key.name, value);
            }
            _ => {}
        }
    }

    /// One of the words, the examples or the default, as one types it.
    fn declared_word(&mut self, key: &Key) -> String {
        let mut words = key.all_words();
        words.extend(key.all_examples());
        words.extend(key.default.map(|default| default.value.to_string()));
        let value = key.typed(&words[self.choices.below(words.len())]);
        match key.kind {
            Kind::Texts => format!("[{value}]"),
            _ => value,
        }
    }
}
