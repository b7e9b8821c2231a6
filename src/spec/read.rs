//! Text → `RawSpec`: which keys there are, table by table.

use toml::de::DeTable;

use super::problems::{Places, Problems};
use super::raw::{
    RawApi, RawAudit, RawCurrency, RawDatabase, RawEnvironment, RawFirewall, RawFunction, RawKeys,
    RawLoadBalancer, RawLoadBalancerRoute, RawMerchant, RawMigration, RawMonitoring, RawNetwork,
    RawOverride, RawPayments, RawPlan, RawQuota, RawRoute, RawSpec, RawState, RawThrottle,
    RawTracing, RawUses, RawVelocity, RawWaiver,
};
use super::reader::{Reader, Sink};
use super::syntax;
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::Value;

/// The largest spec: some 40,000 tables, far more than an account has room for.
pub const MOST_BYTES: usize = 4 << 20;

fn too_large() -> Diagnostic {
    Diagnostic::error(Code::TooLarge, 0..0, "the file is too large for a spec")
        .label(format!("has more than {} MiB", MOST_BYTES >> 20))
        .help("a spec is some kilobytes of text; see whether this is the right file")
}

/// Reads the whole file. What cannot be read is left out of the result and told in the problems.
pub fn read(text: &str) -> (RawSpec, Problems) {
    if text.len() > MOST_BYTES {
        let (spec, mut problems) = read_mended("", syntax::Mended::default());
        problems.syntax_error("", too_large());
        return (spec, problems);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return read_broken(text);
    }
    let sink = Sink::default();
    let spec = spec(Reader::of_file(document.get_ref(), text, &sink));
    let mut problems = sink.into_inner();
    if document.get_ref().is_empty() {
        problems.found_nothing();
    } else if problems.has_stray_keys() {
        let mended = syntax::mend(text);
        if mended.is_of_places() {
            return read_mended(text, mended);
        }
    }
    (spec, problems)
}

/// Reads a file that is no TOML as it was meant, as far as one can tell.
fn read_broken(text: &str) -> (RawSpec, Problems) {
    read_mended(text, syntax::mend(text))
}

fn read_mended(text: &str, mended: syntax::Mended) -> (RawSpec, Problems) {
    let (document, errors) = DeTable::parse_recoverable(&mended.text);
    let sink = Sink::default();
    let spec = spec(Reader::of_file(document.get_ref(), &mended.text, &sink));
    let mut problems = sink.into_inner();
    for error in errors {
        let end = mended.text.len();
        let span = mended.map.back(error.span().unwrap_or(end..end));
        if mended
            .guessed
            .iter()
            .any(|guess| guess.start <= span.start && span.start <= guess.end)
        {
            continue;
        }
        problems.syntax_error(
            text,
            Diagnostic::error(Code::TomlSyntax, span, syntax::MESSAGE)
                .label(error.message().to_owned()),
        );
    }
    problems.mended(mended);
    (spec, problems)
}

/// Every key that the file may have, with the place of each that it has. Named tables count as they are written.
pub fn known_keys(text: &str) -> Places {
    let (document, _) = DeTable::parse_recoverable(text);
    let sink = Sink::new(Problems::remembering());
    spec(Reader::of_file(document.get_ref(), text, &sink));
    sink.into_inner().into_asked()
}

pub(super) fn spec(mut reader: Reader<'_, '_>) -> RawSpec {
    let spec = RawSpec {
        header: reader.header(),
        version: reader.number("version"),
        environment: environment(reader.table("environment")),
        network: network(reader.table("network")),
        database: database(reader.table("database")),
        functions: reader
            .entries("functions")
            .into_iter()
            .map(|(key, table)| function(key, table))
            .collect(),
        api: api(reader.table("api")),
        load_balancer: load_balancer(reader.table("load_balancer")),
        audit: audit(reader.table("audit")),
        monitoring: monitoring(reader.table("monitoring")),
        keys: keys(reader.table("keys")),
        tracing: tracing(reader.table("tracing")),
        firewall: firewall(reader.table("firewall")),
        payments: payments(reader.table("payments")),
        migration: migration(reader.table("migration")),
        state: state(reader.table("state")),
        waivers: reader.tables("waivers").into_iter().map(waiver).collect(),
        overrides: overrides(reader.entry_tables("overrides")),
        extensions: reader.texts("extensions"),
    };
    reader.finish();
    spec
}

fn environment(mut reader: Reader<'_, '_>) -> RawEnvironment {
    let table = RawEnvironment {
        header: reader.header(),
        name: reader.text("name"),
        region: reader.text("region"),
        suffix: reader.text("suffix"),
        migration_date: reader.date("migration_date"),
        owner: reader.text("owner"),
        real_card_data: reader.flag("real_card_data"),
        monthly_budget_usd: reader.number("monthly_budget_usd"),
        allowed_account_ids: reader.texts("allowed_account_ids"),
    };
    reader.finish();
    table
}

fn network(mut reader: Reader<'_, '_>) -> RawNetwork {
    let table = RawNetwork {
        header: reader.header(),
        cidr: reader.text("cidr"),
        zones: reader.texts("zones"),
    };
    reader.finish();
    table
}

fn database(mut reader: Reader<'_, '_>) -> RawDatabase {
    let table = RawDatabase {
        header: reader.header(),
        version: reader.text("version"),
        extended_support: reader.flag("extended_support"),
        instance_class: reader.text("instance_class"),
        storage_gib: reader.number("storage_gib"),
        max_storage_gib: reader.number("max_storage_gib"),
        backup_retention_days: reader.number("backup_retention_days"),
        backup_window: reader.text("backup_window"),
        maintenance_window: reader.text("maintenance_window"),
        name: reader.text("name"),
        master_username: reader.text("master_username"),
        application_username: reader.text("application_username"),
        alarm_free_storage_gib: reader.number("alarm_free_storage_gib"),
        alarm_cpu_percent: reader.number("alarm_cpu_percent"),
        alarm_connections: reader.number("alarm_connections"),
    };
    reader.finish();
    table
}

fn function(key: Value<String>, mut reader: Reader<'_, '_>) -> RawFunction {
    let table = RawFunction {
        header: reader.header(),
        key,
        source: reader.text("source"),
        short_name: reader.text("short_name"),
        runtime: reader.text("runtime"),
        architecture: reader.text("architecture"),
        memory_mib: reader.number("memory_mib"),
        timeout_seconds: reader.number("timeout_seconds"),
        expected_duration_ms: reader.number("expected_duration_ms"),
        log_level: reader.text("log_level"),
        reserved_concurrency: reader.number("reserved_concurrency"),
        schedule: reader.text("schedule"),
        uses: uses(reader.table("uses")),
        alarm_error_percent: reader.number("alarm_error_percent"),
    };
    reader.finish();
    table
}

fn uses(mut reader: Reader<'_, '_>) -> RawUses {
    let table = RawUses {
        database: reader.text("database"),
        audit: reader.text("audit"),
    };
    reader.finish();
    table
}

fn api(mut reader: Reader<'_, '_>) -> RawApi {
    let table = RawApi {
        header: reader.header(),
        throttle: throttle(reader.table("throttle")),
        routes: reader
            .entries("routes")
            .into_iter()
            .map(|(key, table)| route(key, table))
            .collect(),
        plans: reader
            .entries("plans")
            .into_iter()
            .map(|(key, table)| plan(key, table))
            .collect(),
        tls_policy: reader.text("tls_policy"),
        manage_account_role: reader.flag("manage_account_role"),
        alarm_4xx_percent: reader.number("alarm_4xx_percent"),
        alarm_5xx_percent: reader.number("alarm_5xx_percent"),
    };
    reader.finish();
    table
}

fn throttle(mut reader: Reader<'_, '_>) -> RawThrottle {
    let table = RawThrottle {
        rate_per_second: reader.number("rate_per_second"),
        burst: reader.number("burst"),
    };
    reader.finish();
    table
}

fn route(key: Value<String>, mut reader: Reader<'_, '_>) -> RawRoute {
    let table = RawRoute {
        header: reader.header(),
        key,
        function: reader.text("function"),
        body: reader.text("body"),
        required_headers: reader.texts("required_headers"),
        required_query: reader.texts("required_query"),
        api_key_required: reader.flag("api_key_required"),
        authorization: reader.text("authorization"),
    };
    reader.finish();
    table
}

fn plan(key: Value<String>, mut reader: Reader<'_, '_>) -> RawPlan {
    let table = RawPlan {
        header: reader.header(),
        key,
        quota: quota(reader.table("quota")),
        throttle: throttle(reader.table("throttle")),
        api_keys: reader.texts("api_keys"),
    };
    reader.finish();
    table
}

fn quota(mut reader: Reader<'_, '_>) -> RawQuota {
    let table = RawQuota {
        header: reader.header(),
        requests: reader.number("requests"),
        period: reader.text("period"),
    };
    reader.finish();
    table
}

fn load_balancer(mut reader: Reader<'_, '_>) -> RawLoadBalancer {
    let table = RawLoadBalancer {
        header: reader.header(),
        certificate: reader.text("certificate"),
        allowed_cidrs: reader.texts("allowed_cidrs"),
        routes: reader
            .entries("routes")
            .into_iter()
            .map(|(key, table)| load_balancer_route(key, table))
            .collect(),
    };
    reader.finish();
    table
}

fn load_balancer_route(pattern: Value<String>, mut reader: Reader<'_, '_>) -> RawLoadBalancerRoute {
    let table = RawLoadBalancerRoute {
        header: reader.header(),
        pattern,
        function: reader.text("function"),
        priority: reader.number("priority"),
    };
    reader.finish();
    table
}

fn audit(mut reader: Reader<'_, '_>) -> RawAudit {
    let table = RawAudit {
        retention_days: reader.number("retention_days"),
    };
    reader.finish();
    table
}

fn monitoring(mut reader: Reader<'_, '_>) -> RawMonitoring {
    let table = RawMonitoring {
        header: reader.header(),
        log_retention_days: reader.number("log_retention_days"),
        notify: reader.texts("notify"),
    };
    reader.finish();
    table
}

fn keys(mut reader: Reader<'_, '_>) -> RawKeys {
    let table = RawKeys {
        deletion_window_days: reader.number("deletion_window_days"),
        rotation_days: reader.number("rotation_days"),
    };
    reader.finish();
    table
}

fn tracing(mut reader: Reader<'_, '_>) -> RawTracing {
    let table = RawTracing {
        sampling_percent: reader.number("sampling_percent"),
    };
    reader.finish();
    table
}

fn firewall(mut reader: Reader<'_, '_>) -> RawFirewall {
    let table = RawFirewall {
        enabled: reader.flag("enabled"),
        requests_per_five_minutes: reader.number("requests_per_five_minutes"),
    };
    reader.finish();
    table
}

fn payments(mut reader: Reader<'_, '_>) -> RawPayments {
    let table = RawPayments {
        velocity: velocity(reader.table("velocity")),
        idempotency_hours: reader.number("idempotency_hours"),
        alarm_rejection_percent: reader.number("alarm_rejection_percent"),
        alarm_outbox_age_seconds: reader.number("alarm_outbox_age_seconds"),
        currencies: reader
            .entries("currencies")
            .into_iter()
            .map(|(code, table)| currency(code, table))
            .collect(),
        merchants: reader
            .entries("merchants")
            .into_iter()
            .map(|(id, table)| merchant(id, table))
            .collect(),
    };
    reader.finish();
    table
}

fn migration(mut reader: Reader<'_, '_>) -> RawMigration {
    let table = RawMigration {
        snapshot: reader.text("snapshot"),
    };
    reader.finish();
    table
}

fn velocity(mut reader: Reader<'_, '_>) -> RawVelocity {
    let table = RawVelocity {
        payments: reader.number("payments"),
        seconds: reader.number("seconds"),
    };
    reader.finish();
    table
}

fn currency(code: Value<String>, mut reader: Reader<'_, '_>) -> RawCurrency {
    let table = RawCurrency {
        header: reader.header(),
        code,
        minimum: reader.number("minimum"),
        maximum: reader.number("maximum"),
    };
    reader.finish();
    table
}

fn merchant(id: Value<String>, mut reader: Reader<'_, '_>) -> RawMerchant {
    let table = RawMerchant {
        id,
        status: reader.text("status"),
    };
    reader.finish();
    table
}

fn state(mut reader: Reader<'_, '_>) -> RawState {
    let table = RawState {
        header: reader.header(),
        backend: reader.text("backend"),
        bucket: reader.text("bucket"),
        kms_key: reader.text("kms_key"),
        organization: reader.text("organization"),
    };
    reader.finish();
    table
}

fn waiver(mut reader: Reader<'_, '_>) -> RawWaiver {
    let table = RawWaiver {
        header: reader.header(),
        rule: reader.text("rule"),
        requirement: reader.text("requirement"),
        reason: reader.text("reason"),
        owner: reader.text("owner"),
        expires: reader.date("expires"),
    };
    reader.finish();
    table
}

fn overrides(entries: Vec<(Value<String>, Reader<'_, '_>)>) -> Vec<RawOverride> {
    entries
        .into_iter()
        .map(|(resource, mut reader)| {
            let table = RawOverride {
                header: reader.header(),
                resource,
                argument: reader.text("argument"),
                value: reader.literal("value"),
                replaces: reader.literal("replaces"),
                reason: reader.text("reason"),
                owner: reader.text("owner"),
                expires: reader.date("expires"),
            };
            reader.finish();
            table
        })
        .collect()
}
