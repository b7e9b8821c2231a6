//! What an editor says about each key of the format, beyond what the reader, the defaults and the resolver know: a title,
//! a sentence, and what the rules take. A test holds that each key of the reader has exactly one row.

use super::row::{Row, row};
use crate::catalogue;
use crate::check::{METHODS, ranges, waivable_requirements, waivable_rules};
use crate::resolve::{SHORT_NAME_LENGTH, VERSION, choices};

/// Lower-case words joined by hyphens, beginning with a letter.
const KEBAB: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
const SUFFIX: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
const POSTGRES: &str = "^[a-z][a-z0-9_]{0,62}$";
const CIDR: &str = "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$";
const PARAMETER: &str = "^[A-Za-z0-9_.-]+$";
/// Of chats, which confirm no subscription.
const WEBHOOK: &str = "^(https://([^/?#:]*\\.)?|email:[^@]*@([^@]*\\.)?)(hooks\\.slack(-gov)?\\.com|webhook\\.office\\.com|outlook\\.office\\.com|discord(app)?\\.com|chat\\.googleapis\\.com|hooks\\.chime\\.aws|api\\.telegram\\.org)([/?#:]|$)";
/// More than spaces.
const WORDS: &str = "\\S";
const RELATIVE: &str = "^[^/]";
const MODULE: &str = "^([^/].*/)?[a-z][a-z0-9_]*\\.py$";
const SNAPSHOT: &str = "^arn:aws:rds:us-east-1:[0-9]{12}:snapshot:[A-Za-z][A-Za-z0-9:-]*$";
const DAILY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$";
const WEEKLY: &str = "^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$";

/// Every row, in the order of the reader.
pub fn rows() -> Vec<Row> {
    [
        vec![
            row("version", "Version of the format", "The only one so far.").range(VERSION, VERSION),
        ],
        environment(),
        network(),
        database(),
        functions(),
        api(),
        api_routes_and_plans(),
        load_balancer(),
        services(),
        payments(),
        migration(),
        state(),
        waivers(),
        overrides(),
        vec![
            row("extensions", "Extensions", "Python modules of your own, relative to this file: each is copied into the project, and its `extend(environment, naming, opts)` is called after the components.")
                .form(MODULE).distinct().examples(&["../extra.py"]),
        ],
    ]
    .concat()
}

#[rustfmt::skip]
fn environment() -> Vec<Row> {
    vec![
        row("environment", "Environment", "What the environment is, whose it is, and where it stands."),
        row("environment.name", "Name", "Part of every resource's name and tags.")
            .form(KEBAB).examples(&["staging"]),
        row("environment.region", "Region", "The AWS region.")
            .one_of(["us-east-1"]),
        row("environment.suffix", "Suffix", "Ends every name, so that copies stand side by side in one account; `pulumi config set environmentSuffix pr42` makes another copy without a change here.")
            .form(SUFFIX).examples(&["main", "pr42"]),
        row("environment.migration_date", "Date of the migration", "A date without quotes. The tag `MigrationDate`; decides whether the database's version is still supported.")
            .examples(&["2026-12-01"]),
        row("environment.owner", "Owner", "The team that answers for the environment; the tag `Owner`.")
            .max_length(256).examples(&["payments-platform"]),
        row("environment.real_card_data", "Real card data", "Whether real card data may come here. It may not, as logs and audit records are deleted too soon for it.")
            .one_of(["false"]),
        row("environment.monthly_budget_usd", "Budget", "What a month may cost; traffic, logs and backups come on top of what is held against it.")
            .unit("US dollars").within(ranges::BUDGET).examples(&["320"]),
        row("environment.allowed_account_ids", "Accounts", "The AWS accounts in which this may be deployed. Left out, any.")
            .form("^[0-9]{12}$").examples(&["123456789012"]),
    ]
}

#[rustfmt::skip]
fn network() -> Vec<Row> {
    vec![
        row("network", "Network", "One VPC; in each zone a public and a private subnet and a NAT gateway."),
        row("network.cidr", "Range of the VPC", "A private range from /16 to /20 that overlaps with no network it will be connected to.")
            .form(CIDR).examples(&["10.40.0.0/16"]),
        row("network.zones", "Availability zones", "Three, by id, which means the same zone in every account. A zone's addresses follow from its id, so that their order does not matter.")
            .exactly(3).distinct().one_of(usable_zones()).examples(&["use1-az1", "use1-az2", "use1-az4"]),
    ]
}

#[rustfmt::skip]
fn database() -> Vec<Row> {
    vec![
        row("database", "Database", "PostgreSQL on RDS: Multi-AZ, encrypted and private, whatever stands here."),
        row("database.version", "Version of PostgreSQL", "A bare major version follows minor upgrades; with a minor one it stands still.")
            .one_of(catalogue::engine_versions().iter().map(|row| &row.name)),
        row("database.extended_support", "Extended support", "Whether the version may stay beyond its standard support, which AWS bills by the hour.")
            .examples(&["true"]),
        row("database.instance_class", "Instance class", "Size of the primary and of its standby; decides how many connections there can be.")
            .one_of(catalogue::instance_classes().iter().map(|row| &row.name))
            .examples(&["db.t4g.medium"]),
        row("database.storage_gib", "Storage", "Size of the disk at the start; it grows by itself up to `max_storage_gib`, and never shrinks.")
            .unit("GiB").within(ranges::STORAGE).examples(&["20"]),
        row("database.max_storage_gib", "Ceiling of the storage", "How far the disk may grow by itself.")
            .unit("GiB").within(ranges::STORAGE),
        row("database.backup_retention_days", "Retention of backups", "How far back the database can be restored.")
            .unit("days").within(ranges::RETENTION),
        row("database.backup_window", "Backup window", "Daily, in UTC, half an hour or more, clear of the maintenance window.")
            .form(DAILY),
        row("database.maintenance_window", "Maintenance window", "Weekly, in UTC, half an hour or more, clear of the backup window.")
            .form(WEEKLY),
        row("database.name", "Database's name", "The name to connect to.").form(POSTGRES).none_of(reserved()),
        row("database.master_username", "Master user", "Its password is managed by RDS in Secrets Manager.").form(POSTGRES).none_of(reserved()),
        row("database.application_username", "User of the functions", "Logs in with the function's role, without a password; must not be the master user.")
            .form(POSTGRES).none_of(reserved()),
        row("database.alarm_free_storage_gib", "Alarm: free storage", "Tells people when less than this is free; must be less than the storage.")
            .unit("GiB").range(1, ranges::STORAGE.1),
        row("database.alarm_cpu_percent", "Alarm: processor", "Tells people when the load stays above this.")
            .unit("percent").within(ranges::PERCENT),
        row("database.alarm_connections", "Alarm: connections", "Tells people above this number of connections. Left out, 80 percent of what the instance class allows.")
            .unit("connections").range(1, 5_000).examples(&["360"]),
    ]
}

#[rustfmt::skip]
fn functions() -> Vec<Row> {
    vec![
        row("functions", "Functions", "Lambda functions by name, each with a role, a log group and alarms of its own.")
            .at_least_one().names(KEBAB).none_of(&catalogue::reserved_names().windows_devices.words),
        row("functions.*", "A function", "Named in lower-case words joined by hyphens."),
        row("functions.*.source", "Code", "A folder relative to the spec with a `handler.py` in it, or code that comes with the compiler: `builtin:validate-payment`, `builtin:health`.")
            .form(RELATIVE).examples(&["builtin:validate-payment", "builtin:health", "functions/refund"]),
        row("functions.*.short_name", "Short name", "For resources whose names must be short. Left out, the first words of the name that fit.")
            .form(KEBAB).max_length(SHORT_NAME_LENGTH).examples(&["validate"]),
        row("functions.*.runtime", "Runtime", "Python of the function.")
            .one_of(catalogue::runtimes().iter().filter(|row| row.allowed).map(|row| &row.name)),
        row("functions.*.architecture", "Architecture", "Processor of the function.").one_of(choices::ARCHITECTURES),
        row("functions.*.memory_mib", "Memory", "The share of a processor grows with it.")
            .unit("MiB").within(ranges::MEMORY).examples(&["128", "512"]),
        row("functions.*.timeout_seconds", "Timeout", "The longest that one call may take. Behind the API at most 29.")
            .unit("seconds").within(ranges::TIMEOUT),
        row("functions.*.expected_duration_ms", "Expected duration", "How long a usual call takes; with the throttles it says how many calls run at a time.")
            .unit("milliseconds").range(1, 1_000 * ranges::TIMEOUT.1),
        row("functions.*.log_level", "Log level", "What is logged, and everything graver.").one_of(choices::LOG_LEVELS),
        row("functions.*.reserved_concurrency", "Reserved concurrency", "The most calls at a time, kept free for this function. Left out, it shares the account's.")
            .unit("calls at a time").within(ranges::CONCURRENCY).examples(&["20"]),
        row("functions.*.schedule", "Schedule", "When the function is called by itself: `rate(1 minute)`, or `cron(0 6 * * ? *)` in UTC. Left out, never.")
            .form("^(rate|cron)\\(.+\\)$").examples(&["rate(1 minute)", "cron(0 6 * * ? *)"]),
        row("functions.*.uses", "Uses", "What the function may touch; its role and its network rules follow from it. Left out, nothing."),
        row("functions.*.uses.database", "Use of the database", "`read` and `write` log in by IAM, each as a user of its own; `owner` logs in as the master user, with the managed secret, and is for migrations.").one_of(choices::DATABASE_ACCESS),
        row("functions.*.uses.audit", "Use of audit records", "Whether it reads or writes audit records.").one_of(choices::AUDIT_ACCESS),
        row("functions.*.alarm_error_percent", "Alarm: errors", "Tells people when more calls than this fail.")
            .unit("percent").within(ranges::PERCENT),
    ]
}

#[rustfmt::skip]
fn api() -> Vec<Row> {
    vec![
        row("api", "API", "The regional REST API, with logs, tracing, validation and keys."),
        row("api.throttle", "Throttle of the stage", "How many requests all clients together may send."),
        row("api.throttle.rate_per_second", "Rate", "Requests that are taken, sustained.")
            .unit("requests per second").within(ranges::RATE),
        row("api.throttle.burst", "Burst", "Requests that are taken at once.")
            .unit("requests").within(ranges::BURST),
        row("api.routes", "Routes of the API", "By method and path: `\"POST /payments/validate\"`.")
            .at_least_one().names(&format!("^({}) /[A-Za-z0-9._:{{}}+/-]+$", METHODS.join("|"))),
        row("api.routes.*", "A route of the API", "A method in capitals, a space and a path; parameters of the path stand in braces."),
        row("api.routes.*.function", "Function", "The function that answers, by name.")
            .examples(&["validate-payment"]),
        row("api.routes.*.body", "Schema of the body", "A JSON Schema (draft-04) relative to the spec; other bodies are refused before a function runs.")
            .form(RELATIVE).examples(&["schemas/payment.json"]),
        row("api.routes.*.required_headers", "Required headers", "A request without one is refused.")
            .form(PARAMETER).distinct().examples(&["Content-Type"]),
        row("api.routes.*.required_query", "Required query parameters", "A request without one is refused.")
            .form(PARAMETER).distinct().examples(&["payment_id"]),
        row("api.routes.*.api_key_required", "API key required", "Whether a request needs a key of a plan."),
        row("api.routes.*.authorization", "Authorization", "`AWS_IAM` takes requests signed with AWS credentials only.").one_of(choices::AUTHORIZATIONS),
    ]
}

#[rustfmt::skip]
fn api_routes_and_plans() -> Vec<Row> {
    vec![
        row("api.plans", "Usage plans", "By name: who may send how much. A route that requires a key needs one.").names(KEBAB),
        row("api.plans.*", "A usage plan", "Has a quota, a throttle and keys."),
        row("api.plans.*.quota", "Quota", "How many requests its keys may send in a period: `{ requests = 100_000, period = \"month\" }`."),
        row("api.plans.*.quota.requests", "Requests", "The most in a period.")
            .unit("requests").within(ranges::QUOTA).examples(&["100000"]),
        row("api.plans.*.quota.period", "Period", "After it, counting begins anew.").one_of(choices::PERIODS).examples(&["month"]),
        row("api.plans.*.throttle", "Throttle of the plan", "At most that of the stage, which it is when left out."),
        row("api.plans.*.throttle.rate_per_second", "Rate", "Requests of a key that are taken, sustained. Left out, that of the stage.")
            .unit("requests per second").within(ranges::RATE).examples(&["20"]),
        row("api.plans.*.throttle.burst", "Burst", "Requests of a key that are taken at once. Left out, that of the stage.")
            .unit("requests").within(ranges::BURST).examples(&["40"]),
        row("api.plans.*.api_keys", "API keys", "Names of the plan's keys. Left out, one with the name of the plan.")
            .form(KEBAB).distinct().examples(&["partner-one"]),
        row("api.tls_policy", "TLS policy", "What clients may speak.").one_of(choices::TLS_POLICIES),
        row("api.manage_account_role", "Manage the account's role", "Whether this stack sets the role with which API Gateway writes logs; one for a whole account."),
        row("api.alarm_4xx_percent", "Alarm: client errors", "Tells people when more requests than this are refused.")
            .unit("percent").within(ranges::PERCENT),
        row("api.alarm_5xx_percent", "Alarm: own errors", "Tells people when more requests than this fail.")
            .unit("percent").within(ranges::PERCENT),
    ]
}

#[rustfmt::skip]
fn load_balancer() -> Vec<Row> {
    vec![
        row("load_balancer", "Load balancer", "Public, HTTPS, with functions as targets."),
        row("load_balancer.certificate", "Certificate", "`self-signed`, or the ARN of an ACM certificate in us-east-1; the key of one of ACM's is not in the state.")
            .form("^(self-signed|arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-fA-F-]{36})$")
            .examples(&["self-signed", "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"]),
        row("load_balancer.allowed_cidrs", "Allowed ranges", "Who may connect: IPv4 ranges of offices and partners.")
            .at_least_one().form(CIDR).examples(&["203.0.113.0/24"]),
        row("load_balancer.routes", "Routes of the load balancer", "By pattern of the path: `\"/payments/*\"`.")
            .at_least_one().names("^[/*].{0,127}$"),
        row("load_balancer.routes.*", "A route of the load balancer", "A path; `*` stands for any text and `?` for one character."),
        row("load_balancer.routes.*.function", "Function", "The function that answers, by name.")
            .examples(&["validate-payment"]),
        row("load_balancer.routes.*.priority", "Priority", "The lowest that matches wins. Left out, the more specific pattern comes first.")
            .within(ranges::PRIORITY).examples(&["100"]),
    ]
}

#[rustfmt::skip]
fn services() -> Vec<Row> {
    vec![
        row("audit", "Audit records", "The bucket for records of each payment: versioned, encrypted, private."),
        row("audit.retention_days", "Retention of audit records", "How long they are kept.").unit("days").range(90, 90),
        row("monitoring", "Monitoring", "Alarms, logs and who is told."),
        row("monitoring.log_retention_days", "Retention of logs", "How long they are kept.").unit("days").range(30, 30),
        row("monitoring.notify", "Whom alarms reach", "`email:` and an address, or an `https://` address.")
            .at_least_one().form("^(email:|https://)").not_form(WEBHOOK).examples(&["email:payments-oncall@example.com"]),
        row("keys", "Keys", "The customer-managed KMS keys."),
        row("keys.deletion_window_days", "Deletion window", "How long a key can be restored after the environment is destroyed.")
            .unit("days").within(ranges::WINDOW),
        row("keys.rotation_days", "Rotation", "How often a key's material is renewed.").unit("days").within(ranges::ROTATION),
        row("tracing", "Tracing", "X-Ray over the whole stack."),
        row("tracing.sampling_percent", "Sampling", "Share of the requests that are traced.").unit("percent").range(1, 100),
        row("firewall", "Firewall", "The web application firewall before the API and the load balancer."),
        row("firewall.enabled", "Enabled", "Whether it stands."),
        row("firewall.requests_per_five_minutes", "Rate of an address", "One that sends more is blocked for a while.")
            .unit("requests in five minutes").within(ranges::WAF),
    ]
}

#[rustfmt::skip]
fn payments() -> Vec<Row> {
    vec![
        row("payments", "Payments", "What the built-in functions accept, and their reference data."),
        row("payments.velocity", "Velocity", "How many payments of one merchant are accepted in any span of so many seconds."),
        row("payments.velocity.payments", "Payments", "The most of one merchant in the span.")
            .unit("payments").within(ranges::VELOCITY),
        row("payments.velocity.seconds", "Span", "In which they are counted.")
            .unit("seconds").within(ranges::VELOCITY_SECONDS),
        row("payments.idempotency_hours", "Idempotency", "How long the answer to an `Idempotency-Key` is repeated.")
            .unit("hours").within(ranges::IDEMPOTENCY),
        row("payments.alarm_rejection_percent", "Alarm: rejections", "Tells people when more payments than this are rejected.")
            .unit("percent").within(ranges::PERCENT),
        row("payments.alarm_outbox_age_seconds", "Alarm: outbox", "Tells people when an audit record waits for its delivery for longer.")
            .unit("seconds").within(ranges::OUTBOX_AGE),
        row("payments.currencies", "Currencies", "By code of ISO 4217; left out, thirteen of them with limits near 10,000 US dollars.")
            .names("^[A-Z]{3}$"),
        row("payments.currencies.*", "A currency", "And what one payment in it may be."),
        row("payments.currencies.*.minimum", "Least amount", "Of one payment.")
            .unit("minor units").within(ranges::AMOUNT).examples(&["50"]),
        row("payments.currencies.*.maximum", "Greatest amount", "Of one payment.")
            .unit("minor units").within(ranges::AMOUNT).examples(&["1000000"]),
        row("payments.merchants", "Merchants", "Reference data, by id: migrations bring it into the database.")
            .names("^mer_[A-Za-z0-9]{6,32}$"),
        row("payments.merchants.*", "A merchant", "Payments of one that is not active are rejected."),
        row("payments.merchants.*.status", "Status", "Whether the merchant may sell.").one_of(choices::MERCHANT_STATUSES),
    ]
}

#[rustfmt::skip]
fn migration() -> Vec<Row> {
    vec![
        row("migration", "Migration", "How the database comes from development."),
        row("migration.snapshot", "Snapshot", "ARN of the snapshot that the database is made from, copied under the environment's own key first. It counts when the database is made, and never after. Left out, the database begins empty.")
            .form(SNAPSHOT).examples(&["arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev"]),
    ]
}

#[rustfmt::skip]
fn state() -> Vec<Row> {
    vec![
        row("state", "State", "Where Pulumi keeps what it knows of the deployed resources."),
        row("state.backend", "Backend", "`local`, `s3` with `bucket` and `kms_key`, or `pulumi-cloud` with `organization`.").one_of(choices::BACKENDS),
        row("state.bucket", "Bucket", "Of the backend `s3`.")
            .form("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$").examples(&["our-pulumi-state"]),
        row("state.kms_key", "KMS key", "Of the backend `s3`: encrypts the secrets in the state.")
            .form("^(alias/|arn:aws:kms:).+$").examples(&["alias/pulumi-state"]),
        row("state.organization", "Organization", "Of the backend `pulumi-cloud`.")
            .form(SUFFIX).examples(&["our-organization"]),
    ]
}

#[rustfmt::skip]
fn waivers() -> Vec<Row> {
    vec![
        row("waivers", "Waivers", "What a rule finds and the team accepts for a while; each stands in the table of evidence."),
        row("waivers.*", "A waiver", "Names a rule or a requirement, not both. One that is expired, or that nothing needs, is an error."),
        row("waivers.*.rule", "Rule", "Code of the rule whose findings are accepted.").one_of(waivable_rules()),
        row("waivers.*.requirement", "Requirement", "Id of the requirement whose findings are accepted.").one_of(waivable_requirements()),
        row("waivers.*.reason", "Reason", "Why this is acceptable, in one line, for auditors.")
            .form(WORDS).examples(&["public demonstration in December"]),
        row("waivers.*.owner", "Owner", "Who accepts it.").form(WORDS).examples(&["payments-platform"]),
        row("waivers.*.expires", "Last day", "A date without quotes; after it the waiver is an error.").examples(&["2026-12-31"]),
    ]
}

#[rustfmt::skip]
fn overrides() -> Vec<Row> {
    vec![
        row("overrides", "Overrides", "Arguments of resources that the team sets for a while, where neither a key nor a requirement decides."),
        row("overrides.*", "An override", "Of the resource `<component>.<resource>`, as `paystagec plan` prints it. One that is expired or changes nothing is an error."),
        row("overrides.*.argument", "Argument", "As the Python SDK spells it.").examples(&["monitoring_interval"]),
        row("overrides.*.value", "Value", "Of the type that the SDK declares.").examples(&["30", "true", "\"resource-name\""]),
        row("overrides.*.replaces", "Replaces", "What the compiler sets, so that a change of it is noticed; left out where it sets nothing.").examples(&["60"]),
        row("overrides.*.reason", "Reason", "Why it has to differ, in one line, for reviewers and auditors.")
            .form(WORDS).examples(&["follow fail-overs more closely in the load tests"]),
        row("overrides.*.owner", "Owner", "Who decided.").form(WORDS).examples(&["payments-platform"]),
        row("overrides.*.expires", "Last day", "A date without quotes; after it the override is an error.").examples(&["2027-03-01"]),
    ]
}

/// What neither a database nor a user may be called.
fn reserved() -> impl Iterator<Item = &'static String> {
    catalogue::reserved_names().of_database()
}

/// Zones in which functions can run.
fn usable_zones() -> impl Iterator<Item = &'static String> {
    let zones = catalogue::zones().iter().filter(|zone| zone.lambda);
    zones.map(|zone| &zone.id)
}
