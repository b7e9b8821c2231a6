//! The spec as written. `Option` means "left out: use the default"; that meaning exists in this file only.
//! Every value carries its full key and its bytes in the file.

use std::ops::Range;

use super::literal::Literal;
use crate::origin::Value;

/// A list as written: where it stands, and its members.
pub type List = Value<Vec<Value<String>>>;

/// Where a table begins: what a missing key of it points at.
#[derive(Debug, Clone)]
pub struct Header {
    /// Full path, `functions.validate-payment`; empty for the file itself.
    pub path: String,
    pub span: Range<usize>,
    /// False when the whole table was left out.
    pub present: bool,
}

impl Header {
    /// The header as one types it: `[database]`, and `[[waivers]]` for every table of a list.
    pub fn brackets(&self) -> String {
        let list = self.path.strip_suffix(']');
        match list.and_then(|path| path.rsplit_once('[')) {
            Some((list, _)) => format!("[[{list}]]"),
            None => format!("[{}]", self.path),
        }
    }
}

#[derive(Debug)]
pub struct RawSpec {
    pub header: Header,
    pub version: Option<Value<u32>>,
    pub environment: RawEnvironment,
    pub network: RawNetwork,
    pub database: RawDatabase,
    /// In the order of the file, like every list of named tables here.
    pub functions: Vec<RawFunction>,
    pub api: RawApi,
    pub load_balancer: RawLoadBalancer,
    pub audit: RawAudit,
    pub monitoring: RawMonitoring,
    pub keys: RawKeys,
    pub tracing: RawTracing,
    pub firewall: RawFirewall,
    pub payments: RawPayments,
    pub migration: RawMigration,
    pub state: RawState,
    /// In the order of the file.
    pub waivers: Vec<RawWaiver>,
    /// In the order of the file.
    pub overrides: Vec<RawOverride>,
    pub extensions: Option<List>,
}

#[derive(Debug)]
pub struct RawEnvironment {
    pub header: Header,
    pub name: Option<Value<String>>,
    pub region: Option<Value<String>>,
    pub suffix: Option<Value<String>>,
    pub migration_date: Option<Value<String>>,
    pub owner: Option<Value<String>>,
    pub real_card_data: Option<Value<bool>>,
    pub monthly_budget_usd: Option<Value<u32>>,
    pub allowed_account_ids: Option<List>,
}

#[derive(Debug)]
pub struct RawNetwork {
    pub header: Header,
    pub cidr: Option<Value<String>>,
    pub zones: Option<List>,
}

#[derive(Debug)]
pub struct RawDatabase {
    pub header: Header,
    pub version: Option<Value<String>>,
    pub extended_support: Option<Value<bool>>,
    pub instance_class: Option<Value<String>>,
    pub storage_gib: Option<Value<u32>>,
    pub max_storage_gib: Option<Value<u32>>,
    pub backup_retention_days: Option<Value<u32>>,
    pub backup_window: Option<Value<String>>,
    pub maintenance_window: Option<Value<String>>,
    pub name: Option<Value<String>>,
    pub master_username: Option<Value<String>>,
    pub application_username: Option<Value<String>>,
    pub alarm_free_storage_gib: Option<Value<u32>>,
    pub alarm_cpu_percent: Option<Value<u32>>,
    pub alarm_connections: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawFunction {
    pub header: Header,
    pub key: Value<String>,
    pub source: Option<Value<String>>,
    pub short_name: Option<Value<String>>,
    pub runtime: Option<Value<String>>,
    pub architecture: Option<Value<String>>,
    pub memory_mib: Option<Value<u32>>,
    pub timeout_seconds: Option<Value<u32>>,
    pub expected_duration_ms: Option<Value<u32>>,
    pub log_level: Option<Value<String>>,
    pub reserved_concurrency: Option<Value<u32>>,
    pub schedule: Option<Value<String>>,
    pub uses: RawUses,
    pub alarm_error_percent: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawUses {
    pub database: Option<Value<String>>,
    pub audit: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawApi {
    pub header: Header,
    pub throttle: RawThrottle,
    pub routes: Vec<RawRoute>,
    pub plans: Vec<RawPlan>,
    pub tls_policy: Option<Value<String>>,
    pub manage_account_role: Option<Value<bool>>,
    pub alarm_4xx_percent: Option<Value<u32>>,
    pub alarm_5xx_percent: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawThrottle {
    pub rate_per_second: Option<Value<u32>>,
    pub burst: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawRoute {
    pub header: Header,
    pub key: Value<String>,
    pub function: Option<Value<String>>,
    pub body: Option<Value<String>>,
    pub required_headers: Option<List>,
    pub required_query: Option<List>,
    pub api_key_required: Option<Value<bool>>,
    pub authorization: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawPlan {
    pub header: Header,
    pub key: Value<String>,
    pub quota: RawQuota,
    pub throttle: RawThrottle,
    pub api_keys: Option<List>,
}

#[derive(Debug)]
pub struct RawQuota {
    pub header: Header,
    pub requests: Option<Value<u32>>,
    pub period: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawLoadBalancer {
    pub header: Header,
    pub certificate: Option<Value<String>>,
    pub allowed_cidrs: Option<List>,
    pub routes: Vec<RawLoadBalancerRoute>,
}

#[derive(Debug)]
pub struct RawLoadBalancerRoute {
    pub header: Header,
    pub pattern: Value<String>,
    pub function: Option<Value<String>>,
    pub priority: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawAudit {
    pub retention_days: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawMonitoring {
    pub header: Header,
    pub log_retention_days: Option<Value<u32>>,
    pub notify: Option<List>,
}

#[derive(Debug)]
pub struct RawKeys {
    pub deletion_window_days: Option<Value<u32>>,
    pub rotation_days: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawTracing {
    pub sampling_percent: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawFirewall {
    pub enabled: Option<Value<bool>>,
    pub requests_per_five_minutes: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawState {
    pub header: Header,
    pub backend: Option<Value<String>>,
    pub bucket: Option<Value<String>>,
    pub kms_key: Option<Value<String>>,
    pub organization: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawWaiver {
    pub header: Header,
    pub rule: Option<Value<String>>,
    pub requirement: Option<Value<String>>,
    pub reason: Option<Value<String>>,
    pub owner: Option<Value<String>>,
    pub expires: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawOverride {
    pub header: Header,
    /// `database.instance`: component and resource.
    pub resource: Value<String>,
    pub argument: Option<Value<String>>,
    pub value: Option<Value<Literal>>,
    pub replaces: Option<Value<Literal>>,
    pub reason: Option<Value<String>>,
    pub owner: Option<Value<String>>,
    pub expires: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawPayments {
    pub velocity: RawVelocity,
    pub idempotency_hours: Option<Value<u32>>,
    pub alarm_rejection_percent: Option<Value<u32>>,
    pub alarm_outbox_age_seconds: Option<Value<u32>>,
    pub currencies: Vec<RawCurrency>,
    pub merchants: Vec<RawMerchant>,
}

#[derive(Debug)]
pub struct RawVelocity {
    pub payments: Option<Value<u32>>,
    pub seconds: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawCurrency {
    pub header: Header,
    pub code: Value<String>,
    pub minimum: Option<Value<u32>>,
    pub maximum: Option<Value<u32>>,
}

#[derive(Debug)]
pub struct RawMerchant {
    pub id: Value<String>,
    pub status: Option<Value<String>>,
}

#[derive(Debug)]
pub struct RawMigration {
    pub snapshot: Option<Value<String>>,
}
