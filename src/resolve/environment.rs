//! The resolved environment: every value final, each with its origin. Nothing here is optional because
//! "the default applies"; `Option` means that the thing itself is absent.

use std::ops::Range;

use ipnet::Ipv4Net;

use crate::date::Date;
use crate::diagnostic::Code;
use crate::load::LeftOut;
use crate::origin::Value;
use crate::spec::Literal;

/// Everything that the team decides about one environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `staging`: lower-case, part of every name, the API's stage.
    pub name: Value<String>,
    /// `us-east-1`; the only region that the requirements allow.
    pub region: Value<String>,
    /// Default of the Pulumi config value `environmentSuffix`.
    pub suffix: Value<String>,
    /// ISO 8601 date, the value of the tag `MigrationDate`.
    pub migration_date: Value<String>,
    /// Value of the tag `Owner`.
    pub owner: Value<String>,
    pub real_card_data: Value<bool>,
    pub monthly_budget_usd: Option<Value<u32>>,
    /// Accounts that the provider may deploy to; empty means any. Twelve digits each.
    pub allowed_account_ids: Vec<Value<String>>,
    pub network: Network,
    pub database: Database,
    /// In the order of the spec.
    pub functions: Vec<Function>,
    pub api: Api,
    pub load_balancer: LoadBalancer,
    pub audit: Audit,
    pub monitoring: Monitoring,
    pub keys: Keys,
    pub tracing: Tracing,
    pub firewall: Firewall,
    pub payments: Payments,
    pub migration: Migration,
    pub state: State,
    /// What the team accepts for a while, in the order of the spec.
    pub waivers: Vec<Waiver>,
    /// Arguments that the team sets for a while, in the order of the spec.
    pub overrides: Vec<Override>,
    /// Modules of the team's own, in the order in which they are called.
    pub extensions: Vec<Extension>,
}

#[derive(Debug, Clone)]
pub struct Network {
    /// Canonical, /16 to /20.
    pub cidr: Value<Ipv4Net>,
    /// Exactly three, in the order of the spec.
    pub zones: Vec<Zone>,
}

/// One availability zone and its slots in the address plan. The slot follows from the zone id's number
/// (`use1-az4` is slot 4), so that another zone moves nothing.
#[derive(Debug, Clone)]
pub struct Zone {
    pub id: Value<String>,
    pub public_cidr: Value<Ipv4Net>,
    pub private_cidr: Value<Ipv4Net>,
}

#[derive(Debug, Clone)]
pub struct Database {
    /// `14` or `14.22`; a bare major follows minor upgrades.
    pub version: Value<String>,
    /// Whether RDS may go on with the major version, for money, after its standard support.
    pub extended_support: Value<bool>,
    pub instance_class: Value<String>,
    pub storage_gib: Value<u32>,
    /// Ceiling of storage autoscaling.
    pub max_storage_gib: Value<u32>,
    pub backup_retention_days: Value<u32>,
    /// UTC, `07:00-08:00`.
    pub backup_window: Value<String>,
    /// UTC, `sun:08:30-sun:09:30`.
    pub maintenance_window: Value<String>,
    /// Database inside the instance.
    pub name: Value<String>,
    /// Master user; never `postgres` or `admin`.
    pub master_username: Value<String>,
    /// Role that functions log in as by IAM authentication.
    pub application_username: Value<String>,
    /// Free storage below which people are told, GiB.
    pub alarm_free_storage_gib: Value<u32>,
    /// CPU above which people are told, percent.
    pub alarm_cpu_percent: Value<u32>,
    /// Connections above which people are told; derived from the class.
    pub alarm_connections: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Function {
    /// Key of the spec's table, kebab-case: `validate-payment`.
    pub key: Value<String>,
    /// The key cut to whole words of at most ten characters, or `short_name`: for names of at most 32 characters.
    pub short_name: Value<String>,
    pub source: Value<Source>,
    /// `python3.13`.
    pub runtime: Value<String>,
    /// `arm64` or `x86_64`.
    pub architecture: Value<String>,
    pub memory_mib: Value<u32>,
    pub timeout_seconds: Value<u32>,
    /// How long one execution takes as a rule, warm or cold; for the rules on capacity only.
    pub expected_duration_ms: Value<u32>,
    pub log_level: Value<String>,
    /// Opt-in: new accounts refuse any reservation.
    pub reserved_concurrency: Option<Value<u32>>,
    /// When EventBridge calls it by itself: `rate(1 minute)`, or `cron(…)` in UTC.
    pub schedule: Option<Value<String>>,
    pub uses: Uses,
    /// People are told when more than this share of invocations fails, percent.
    pub alarm_error_percent: Value<u32>,
}

impl Function {
    /// Whether its code is this one of the compiler's.
    pub fn is_builtin(&self, name: &str) -> bool {
        matches!(&self.source.value, Source::Builtin(builtin) if builtin == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Code that comes with the compiler, by name.
    Builtin(String),
    /// A folder of the team's own, relative to the spec, with its files by relative path.
    Folder {
        path: String,
        files: Vec<(String, Vec<u8>)>,
        /// What stands in the folder and is not taken along.
        left_out: Vec<LeftOut>,
    },
}

/// What a function uses; its policy follows from it.
#[derive(Debug, Clone)]
pub struct Uses {
    pub database: Option<Value<Access>>,
    pub audit: Option<Value<Access>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    /// Of the database only: as its master user, to change its shape.
    Owner,
}

impl Access {
    /// As it is written in the spec.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Owner => "owner",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Api {
    pub throttle: Throttle,
    /// In the order of the spec.
    pub routes: Vec<Route>,
    /// In the order of the spec.
    pub plans: Vec<Plan>,
    /// `SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09`.
    pub tls_policy: Value<String>,
    /// `apigateway.Account` is one per region and account: true when this stack manages it.
    pub manage_account_role: Value<bool>,
    pub alarm_4xx_percent: Value<u32>,
    pub alarm_5xx_percent: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Throttle {
    pub rate_per_second: Value<u32>,
    pub burst: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Route {
    /// `POST /payments/validate`.
    pub key: Value<String>,
    /// `POST`.
    pub method: String,
    /// `/payments/{payment_id}`: begins with a slash and does not end with one.
    pub path: String,
    /// Key of a function.
    pub function: Value<String>,
    /// JSON schema of the body, if it is validated.
    pub body: Option<Value<Body>>,
    /// Names of headers that must be present.
    pub required_headers: Vec<Value<String>>,
    /// Names of query parameters that must be present.
    pub required_query: Vec<Value<String>>,
    pub api_key_required: Value<bool>,
    /// `NONE` or `AWS_IAM`.
    pub authorization: Value<String>,
}

/// A JSON schema (draft-04) for a request body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Name of the model: the file's stem, kebab-case (`payment`).
    pub name: String,
    /// Path as the spec gives it.
    pub path: String,
    /// The parsed schema; object keys keep the file's order.
    pub schema: serde_json::Value,
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub key: Value<String>,
    pub quota_requests: Value<u32>,
    /// `DAY`, `WEEK` or `MONTH`.
    pub quota_period: Value<String>,
    pub throttle: Throttle,
    /// Names of the API keys of this plan; at least one.
    pub api_keys: Vec<Value<String>>,
}

#[derive(Debug, Clone)]
pub struct LoadBalancer {
    pub certificate: Value<Certificate>,
    pub allowed_cidrs: Vec<Value<Ipv4Net>>,
    /// In the order of the spec; priorities are derived from the pattern, not from the position.
    pub routes: Vec<LoadBalancerRoute>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// Made by the Pulumi program; its key lies in the stack's state.
    SelfSigned,
    /// ARN of an ACM certificate.
    Arn(String),
}

#[derive(Debug, Clone)]
pub struct LoadBalancerRoute {
    /// `/payments/*`.
    pub pattern: Value<String>,
    pub function: Value<String>,
    /// 1 to 50,000, unique: written, or derived so that more specific patterns come first.
    pub priority: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Audit {
    pub retention_days: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Monitoring {
    pub log_retention_days: Value<u32>,
    pub notify: Vec<Value<Subscriber>>,
}

/// `email:payments-oncall@example.com`, or an https URL, which is the endpoint as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub protocol: String,
    pub endpoint: String,
}

#[derive(Debug, Clone)]
pub struct Keys {
    /// 7 to 30.
    pub deletion_window_days: Value<u32>,
    /// 90 to 2560.
    pub rotation_days: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Tracing {
    /// Share of the API's requests that are traced, percent.
    pub sampling_percent: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Firewall {
    pub enabled: Value<bool>,
    /// Requests of one address in five minutes.
    pub requests_per_five_minutes: Value<u32>,
}

/// What the built-in functions accept.
#[derive(Debug, Clone)]
pub struct Payments {
    /// In the order of the spec.
    pub currencies: Vec<Currency>,
    pub velocity: Velocity,
    /// How long the answer to an idempotency key is kept.
    pub idempotency_hours: Value<u32>,
    /// People are told when more payments than this are rejected, percent.
    pub alarm_rejection_percent: Value<u32>,
    /// People are told when an audit record waits for longer.
    pub alarm_outbox_age_seconds: Value<u32>,
    /// Reference data, in the order of the spec.
    pub merchants: Vec<Merchant>,
}

/// How many payments of one merchant are accepted in any span of so many seconds.
#[derive(Debug, Clone)]
pub struct Velocity {
    pub payments: Value<u32>,
    pub seconds: Value<u32>,
}

/// A currency and what one payment in it may be, in minor units.
#[derive(Debug, Clone)]
pub struct Currency {
    /// `USD`.
    pub code: Value<String>,
    pub minimum: Value<u32>,
    pub maximum: Value<u32>,
}

#[derive(Debug, Clone)]
pub struct Merchant {
    /// `mer_acme0001`.
    pub id: Value<String>,
    /// `active`, `suspended` or `closed`.
    pub status: Value<String>,
}

/// How the database comes from development.
#[derive(Debug, Clone)]
pub struct Migration {
    /// ARN of the snapshot that the database is made from; without one it begins empty.
    pub snapshot: Option<Value<String>>,
}

/// Where the Pulumi state lives.
#[derive(Debug, Clone)]
pub enum State {
    /// A local file; secrets under a passphrase.
    Local,
    /// An S3 bucket, secrets under a KMS key.
    S3 {
        bucket: Value<String>,
        kms_key: Value<String>,
    },
    /// Pulumi Cloud, in this organisation.
    PulumiCloud { organization: Value<String> },
}

/// A finding that the team accepts until a day.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Where it stands in the spec.
    pub place: Range<usize>,
    pub subject: Value<Subject>,
    pub reason: Value<String>,
    /// Who decided.
    pub owner: Value<String>,
    /// The last day on which it holds.
    pub expires: Value<Date>,
}

/// What is waived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// What one rule finds.
    Rule(Code),
    /// What the rules find that guard a requirement, by its id.
    Requirement(String),
}

/// An argument that the team sets until a day.
#[derive(Debug, Clone)]
pub struct Override {
    /// Where it stands in the spec.
    pub place: Range<usize>,
    /// `database.instance`: component and resource.
    pub resource: Value<String>,
    /// As the Python SDK spells it.
    pub argument: Value<String>,
    pub value: Value<Literal>,
    /// What the compiler sets by itself; nothing if the argument is left to AWS.
    pub replaces: Option<Value<Literal>>,
    pub reason: Value<String>,
    /// Who decided.
    pub owner: Value<String>,
    /// The last day on which it holds.
    pub expires: Value<Date>,
}

impl Override {
    /// What it is about: `` `monitoring_interval` of `database.instance` ``.
    pub fn subject(&self) -> String {
        format!("`{}` of `{}`", self.argument.value, self.resource.value)
    }
}

/// A module that is copied into the project and called after the components.
#[derive(Debug, Clone)]
pub struct Extension {
    /// A Python identifier: `extra` for `../extra.py`.
    pub name: String,
    /// Relative to the spec's folder.
    pub path: Value<String>,
    pub content: String,
}
