//! Keys that people type to turn a requirement off (or on). There is no such key: the requirement always holds.
//! Saying so, with the requirement's id, helps more than "unknown key".

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::diagnostic::{Code, Diagnostic, Edit};

/// What is always so.
struct Fixed {
    /// Table, `*` for a name chosen by the author.
    table: &'static str,
    keys: &'static [&'static str],
    /// The value that says what is so anyway.
    holds: bool,
    requirement: &'static str,
    /// The requirement in words.
    because: &'static str,
}

const fn fixed(
    table: &'static str,
    keys: &'static [&'static str],
    holds: bool,
    requirement: &'static str,
    because: &'static str,
) -> Fixed {
    Fixed {
        table,
        keys,
        holds,
        requirement,
        because,
    }
}

// One row a line: the table is read down its columns.
#[rustfmt::skip]
const FIXED: &[Fixed] = &[
    fixed("environment", &["protect", "retain", "deletion_protection", "termination_protection"], false, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("network", &["nat_gateways", "nat_gateway", "nat", "nat_gateway_per_zone", "one_nat_gateway_per_az"], true, "NET-4", "each zone has a NAT gateway of its own; with `class = \"development\"`, all have one"),
    fixed("network", &["single_nat_gateway", "shared_nat_gateway"], false, "NET-4", "each zone has a NAT gateway of its own; with `class = \"development\"`, all have one"),
    fixed("network", &["dns_support", "dns_hostnames", "enable_dns_support", "enable_dns_hostnames"], true, "NET-1", "DNS support and host names are on"),
    fixed("network", &["public_subnets", "private_subnets"], true, "NET-2", "each zone has a public and a private subnet"),
    fixed("network", &["internet_gateway"], true, "NET-3", "the public subnets have an internet gateway"),
    fixed("network", &["network_acls", "nacls", "network_acl"], true, "NET-7", "the subnets have network ACLs"),
    fixed("network", &["flow_logs", "flow_log"], true, "MON-1", "the VPC has flow logs"),
    fixed("database", &["multi_az", "multi_zone", "high_availability", "standby"], true, "DB-2", "the database is Multi-AZ, for automatic failover, but with `class = \"development\"`"),
    fixed("database", &["publicly_accessible", "public", "public_access"], false, "DB-1", "the database is private"),
    fixed("database", &["private"], true, "DB-1", "the database is private"),
    fixed("database", &["encryption", "encrypted", "storage_encrypted", "encrypt", "kms"], true, "DB-4", "storage is encrypted with a customer-managed key"),
    fixed("database", &["backups", "backup", "backup_enabled", "automated_backups"], true, "DB-3", "automated backups are on"),
    fixed("database", &["deletion_protection", "final_snapshot", "protect"], false, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("database", &["skip_final_snapshot"], true, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("database", &["iam_authentication", "iam_database_authentication_enabled"], true, "SEC-2", "functions log in with their role, without a password"),
    fixed("functions.*", &["tracing", "xray", "x_ray", "active_tracing"], true, "FN-3", "every function is traced"),
    fixed("functions.*", &["vpc", "in_vpc", "private"], true, "FN-5", "functions run in the private subnets"),
    fixed("functions.*", &["public"], false, "NET-8", "all compute is private"),
    fixed("functions.*", &["least_privilege"], true, "FN-4", "every function has a role of its own, which follows from `uses`"),
    fixed("api", &["tracing", "xray", "xray_tracing", "xray_tracing_enabled"], true, "API-5", "the stage is traced"),
    fixed("api", &["access_logs", "execution_logs", "logging", "logs", "access_logging"], true, "API-6", "access and execution logs are on"),
    fixed("api", &["request_validation", "validation", "validate_requests"], true, "API-2", "requests are validated"),
    fixed("api", &["throttling"], true, "API-3", "requests are throttled"),
    fixed("api", &["usage_plans", "api_keys"], true, "API-4", "usage plans with keys are bound to the stage"),
    fixed("load_balancer", &["health_checks", "health_check"], true, "LB-3", "targets are checked for health"),
    fixed("load_balancer", &["internal"], false, "LB-1", "the load balancer stands in the public subnets"),
    fixed("load_balancer", &["access_logs", "logging", "logs"], true, "MON-1", "every service is logged"),
    fixed("load_balancer", &["https", "tls"], true, "SEC-1", "clients speak HTTPS; plain HTTP is only redirected"),
    fixed("load_balancer", &["deletion_protection"], false, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("audit", &["versioning", "versioned"], true, "S3-2", "all buckets are versioned"),
    fixed("audit", &["lifecycle", "expiration"], true, "S3-3", "records expire after 90 days"),
    fixed("audit", &["encryption", "encrypted", "kms"], true, "S3-4", "buckets are encrypted at rest"),
    fixed("audit", &["public_access", "public"], false, "S3-4", "public access is blocked"),
    fixed("audit", &["block_public_access", "tls_only"], true, "S3-4", "public access is blocked, and only TLS is accepted"),
    fixed("audit", &["object_lock", "retain"], false, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("audit", &["force_destroy"], true, "DEST-1", "everything can be destroyed; with `class = \"production\"`, nothing that holds data by a slip"),
    fixed("monitoring", &["database_alarms", "cpu_alarm", "rds_alarms"], true, "MON-2", "there is an alarm on the database's CPU"),
    fixed("monitoring", &["function_alarms", "lambda_alarms"], true, "MON-3", "every function has an alarm on its error rate"),
    fixed("monitoring", &["api_alarms"], true, "MON-4", "the API has alarms on 4xx and 5xx"),
    fixed("monitoring", &["alarms", "alarms_enabled", "enabled"], true, "MON-2, MON-3, MON-4", "the database, the functions and the API have alarms"),
    fixed("monitoring", &["encryption", "encrypted"], true, "SEC-1", "logs and the topic are encrypted"),
    fixed("keys", &["rotation", "enable_rotation", "enable_key_rotation", "rotate"], true, "SEC-1", "keys rotate"),
    fixed("keys", &["customer_managed", "enabled"], true, "SEC-1", "keys are customer-managed"),
    fixed("tracing", &["enabled", "active", "on"], true, "XR-1", "the whole stack is traced"),
];

/// The diagnostic for such a key, or `None` if the key is simply unknown.
pub fn diagnose(
    path: &str,
    span: Range<usize>,
    value: &Spanned<DeValue<'_>>,
) -> Option<Diagnostic> {
    let (table, key) = path.rsplit_once('.')?;
    let found = FIXED
        .iter()
        .find(|fixed| is_table(fixed.table, table) && fixed.keys.contains(&key))?;
    let place = span.start..value.span().end.max(span.end);
    let Fixed {
        requirement,
        because,
        holds,
        ..
    } = found;
    if value.get_ref().as_bool() == Some(*holds) {
        let message = format!("unknown key `{path}`: this is always so");
        return Some(
            Diagnostic::error(Code::UnknownKey, span, message)
                .label(format!("fixed by {requirement}: {because}"))
                .help("remove the line")
                .suggest(Edit::Remove(place)),
        );
    }
    let message = format!("`{path}` would switch off requirement {requirement}");
    Some(
        Diagnostic::error(Code::RequirementSwitchedOff, span, message)
            .label(format!("{requirement}: {because}"))
            .help("remove the line: the requirement always holds and has no switch")
            .suggest(Edit::Remove(place)),
    )
}

/// Whether a requirement decides what this key would.
pub fn is_fixed(path: &str) -> bool {
    let Some((table, key)) = path.rsplit_once('.') else {
        return false;
    };
    let mut rows = FIXED.iter();
    rows.any(|fixed| is_table(fixed.table, table) && fixed.keys.contains(&key))
}

fn is_table(pattern: &str, table: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(parent) => table
            .strip_prefix(parent)
            .is_some_and(|rest| rest.starts_with('.')),
        None => pattern == table,
    }
}

#[cfg(test)]
mod tests {
    use super::FIXED;
    use crate::requirements::requirements;

    #[test]
    fn every_fixed_key_names_a_requirement() {
        for fixed in FIXED {
            for id in fixed.requirement.split(", ") {
                assert!(requirements().iter().any(|row| row.id == id), "{id}");
            }
        }
    }
}
