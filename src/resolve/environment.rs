//! The resolved environment: every value final, each with its origin. Nothing here is optional because
//! "the default applies"; `Option` means that the thing itself is absent.

use std::ops::{Deref, Range};

use ipnet::Ipv4Net;

use crate::date::Date;
use crate::diagnostic::Code;
use crate::format::{
    ApiSettings, BackupVaultSettings, BatchSettings, CurrencySettings, DatabaseSettings,
    FunctionSettings, Identity, Literal, LoadBalancerRouteSettings, LoadBalancerSettings,
    MerchantSettings, MonitoringSettings, NamedText, NetworkSettings, PaymentsSettings,
    PlanSettings, QueueSettings, RouteSettings, SecretSettings, StateSettings,
};
use crate::load::LeftOut;
use crate::origin::Value;
use crate::packages::Packages;
use crate::requirements::Class;
use crate::resolve::authority::Authority;

// Tables of plain keys are declared whole.
pub use crate::format::{
    Audit, Domain, Firewall, Keys, Migration, Output, Throttle, Tracing, Velocity,
};

impl Environment {
    /// Whether any function has packages of its own.
    pub fn installs_packages(&self) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|one| one.package_list().is_some())
    }

    /// The zones with a NAT gateway: every one, or in the class development (NET-4) the first by its id.
    pub fn exits(&self) -> impl Iterator<Item = &Zone> {
        let zones = self.network.zones.iter();
        let first = zones.clone().min_by(|a, b| a.id.value.cmp(&b.id.value));
        let only = first.filter(|_| self.class == Class::Development);
        let only = only.map(|zone| zone.id.value.as_str());
        zones.filter(move |zone| only.is_none_or(|only| zone.id.value == only))
    }

    /// Whether the load balancer shows a certificate that the program signs itself.
    pub fn signs_itself(&self) -> bool {
        self.domain.load_balancer.is_none()
            && self.load_balancer.certificate.value == Certificate::SelfSigned
    }

    /// Whether its class asks for what stands under this id.
    pub fn holds(&self, requirement: &str) -> bool {
        self.class.requirement(requirement).is_some()
    }
}

/// Everything that the team decides about one environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// What it is for, as the key `environment.class` says it.
    pub class: Class,
    pub identity: Identity,
    pub network: Network,
    pub database: Database,
    /// In the order of the spec.
    pub functions: Vec<Function>,
    /// In the order of the spec.
    pub secrets: Vec<Secret>,
    /// In the order of the spec.
    pub queues: Vec<Queue>,
    /// Keys, in the order of the spec.
    pub topics: Vec<Value<String>>,
    pub api: Api,
    pub load_balancer: LoadBalancer,
    /// Names of its own, if it has any.
    pub domain: Domain,
    pub audit: Audit,
    pub monitoring: Monitoring,
    pub keys: Keys,
    pub tracing: Tracing,
    pub firewall: Firewall,
    pub payments: Payments,
    pub migration: Migration,
    pub state: State,
    pub output: Output,
    /// What the team accepts for a while, in the order of the spec.
    pub waivers: Vec<Waiver>,
    /// Arguments that the team sets for a while, in the order of the spec.
    pub overrides: Vec<Override>,
    /// Modules of the team's own, in the order in which they are called.
    pub extensions: Vec<Extension>,
    /// What holds data or an identity and may go, by its path in the spec.
    pub removed: Vec<Value<String>>,
    /// The company's own, in the order of the file.
    pub tags: Vec<NamedText>,
}

#[derive(Debug, Clone)]
pub struct Network {
    /// Canonical, /16 to /20.
    pub cidr: Value<Ipv4Net>,
    /// Exactly three, in the order of the spec.
    pub zones: Vec<Zone>,
    pub settings: NetworkSettings,
    /// Zones that have settings of their own, by id.
    pub set_zones: Vec<Value<String>>,
}

/// One availability zone and its slots in the address plan. The slot follows from the zone id's number
/// (`use1-az4` is slot 4), so that another zone moves nothing.
#[derive(Debug, Clone)]
pub struct Zone {
    pub id: Value<String>,
    pub public_cidr: Value<Ipv4Net>,
    pub private_cidr: Value<Ipv4Net>,
    /// The zone in whose place it stands.
    pub renamed_from: Option<Value<String>>,
}

#[derive(Debug, Clone)]
pub struct Database {
    pub settings: DatabaseSettings,
    /// Connections above which people are told; derived from the class.
    pub alarm_connections: Value<u64>,
    /// Of AWS Backup, where the spec asks for one.
    pub backup_vault: Option<BackupVaultSettings>,
}

#[derive(Debug, Clone)]
pub struct Function {
    /// Key of the spec's table, kebab-case: `validate-payment`.
    pub key: Value<String>,
    /// The key cut to whole words of at most ten characters, or `short_name`: for names of at most 32 characters.
    pub short_name: Value<String>,
    /// What it was called in stacks that have it under that name.
    pub renamed_from: Option<Value<String>>,
    pub source: Value<Source>,
    pub settings: FunctionSettings,
    /// Variables of the team's own, in the order of the file.
    pub environment: Vec<NamedText>,
    pub uses: Uses,
    /// What its folder asks for; nothing for code of the compiler's.
    pub packages: Packages,
    /// Key of the queue whose messages call it.
    pub consumes: Option<Value<String>>,
    /// How they do; nothing without a queue.
    pub batch: Batch,
}

impl Function {
    /// Whether its code is this one of the compiler's.
    pub fn is_builtin(&self, name: &str) -> bool {
        matches!(&self.source.value, Source::Builtin(builtin) if builtin == name)
    }

    /// Whether what the compiler's functions share is packaged with it.
    pub fn shares_payments(&self) -> bool {
        matches!(self.source.value, Source::Builtin(_)) || self.settings.library.is_some()
    }

    /// Where the project lists what is installed for it, if anything is.
    pub fn package_list(&self) -> Option<String> {
        let has_some = !self.packages.locked.is_empty();
        has_some.then(|| format!("packages/{}.txt", self.key.value.replace('-', "_")))
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
    /// Keys of secrets whose values it reads.
    pub secrets: Vec<Value<String>>,
    /// Keys of topics that it publishes to.
    pub topics: Vec<Value<String>>,
    /// Keys of queues, and what it does with them.
    pub queues: Vec<(Value<String>, Value<Flow>)>,
}

/// What a function does with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Send,
    Receive,
}

impl Flow {
    /// As it is written in the spec.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }
}

/// How messages reach the function that consumes them.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where the table stands, if it does.
    pub written: Option<Range<usize>>,
    pub settings: BatchSettings,
}

#[derive(Debug, Clone)]
pub struct Secret {
    /// `processor-api-key`.
    pub key: Value<String>,
    pub settings: SecretSettings,
}

#[derive(Debug, Clone)]
pub struct Queue {
    /// `settlements`.
    pub key: Value<String>,
    /// Key of the topic whose messages it gets.
    pub topic: Option<Value<String>>,
    /// Written, or derived from the function that consumes it.
    pub visibility_timeout_seconds: Value<u64>,
    pub settings: QueueSettings,
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
    pub settings: ApiSettings,
}

impl Api {
    /// The keys with their plans, by name: what a list of all of them is passed to shall not change with the order of the spec.
    pub fn keys(&self) -> Vec<(&Plan, &Value<String>)> {
        let plans = self.plans.iter();
        let mut keys: Vec<_> = plans
            .flat_map(|plan| plan.api_keys.iter().map(move |key| (plan, key)))
            .collect();
        keys.sort_by(|(_, a), (_, b)| a.value.cmp(&b.value));
        keys
    }
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
    /// Method and path that it had.
    pub renamed_from: Option<Value<String>>,
    pub settings: RouteSettings,
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
    pub quota_requests: Value<u64>,
    /// `DAY`, `WEEK` or `MONTH`.
    pub quota_period: Value<String>,
    pub throttle: Throttle,
    /// Names of the API keys of this plan; at least one.
    pub api_keys: Vec<Value<String>>,
    pub settings: PlanSettings,
    /// What it was called in stacks that have it under that name.
    pub renamed_from: Option<Value<String>>,
}

#[derive(Debug, Clone)]
pub struct LoadBalancer {
    pub certificate: Value<Certificate>,
    /// Who issues the certificates that callers have to show; nobody is asked for one where nothing is written.
    pub clients: Option<Value<Clients>>,
    pub allowed_cidrs: Vec<Value<Ipv4Net>>,
    /// In the order of the spec; priorities are derived from the pattern, not from the position.
    pub routes: Vec<LoadBalancerRoute>,
    pub settings: LoadBalancerSettings,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// Made by the Pulumi program; its key lies in the stack's state.
    SelfSigned,
    /// ARN of an ACM certificate.
    Arn(String),
}

/// A bundle of certificates for the load balancer's trust store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// Path as the spec gives it.
    pub path: String,
    /// The file as it is.
    pub content: Vec<u8>,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// What it holds, in its order; at least one.
    pub authorities: Vec<Authority>,
}

impl Clients {
    /// Where the generated project has it.
    pub const FILE: &'static str = "certificates/clients.pem";
}

#[derive(Debug, Clone)]
pub struct LoadBalancerRoute {
    /// `/payments/*`.
    pub pattern: Value<String>,
    pub function: Value<String>,
    /// 1 to 50,000, unique: written, or derived so that more specific patterns come first.
    pub priority: Value<u64>,
    pub settings: LoadBalancerRouteSettings,
    /// The pattern that it had.
    pub renamed_from: Option<Value<String>>,
}

#[derive(Debug, Clone)]
pub struct Monitoring {
    pub settings: MonitoringSettings,
    pub notify: Vec<Value<Subscriber>>,
}

/// `email:payments-oncall@example.com`, or an https URL, which is the endpoint as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub protocol: String,
    pub endpoint: String,
}

/// What the built-in functions accept.
#[derive(Debug, Clone)]
pub struct Payments {
    /// In the order of the spec.
    pub currencies: Vec<Currency>,
    pub velocity: Velocity,
    pub settings: PaymentsSettings,
    /// Reference data, in the order of the spec.
    pub merchants: Vec<Merchant>,
}

/// A currency and what one payment in it may be, in minor units.
#[derive(Debug, Clone)]
pub struct Currency {
    /// `USD`.
    pub code: Value<String>,
    pub settings: CurrencySettings,
}

#[derive(Debug, Clone)]
pub struct Merchant {
    /// `mer_acme0001`.
    pub id: Value<String>,
    /// The id that it had.
    pub renamed_from: Option<Value<String>>,
    /// The plan whose API keys are its own.
    pub plan: Option<Value<String>>,
    /// Names of further API keys that are its own.
    pub keys: Vec<Value<String>>,
    /// Of its client certificate, by RFC 2253.
    pub subject: Option<Value<String>>,
    /// Subjects of the authorities whose certificates count; none: all of the file.
    pub issuers: Vec<Value<String>>,
    pub settings: MerchantSettings,
}

#[derive(Debug, Clone)]
pub struct State {
    pub backend: Backend,
    pub settings: StateSettings,
}

/// Where the Pulumi state lives.
#[derive(Debug, Clone)]
pub enum Backend {
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

/// Lets the plain keys of a table be read where the others stand: `function.memory_mib`.
macro_rules! read_through {
    ($($table:ident: $field:ident is $settings:ident;)*) => {$(
        impl Deref for $table {
            type Target = $settings;

            fn deref(&self) -> &$settings {
                &self.$field
            }
        }
    )*};
}

read_through! {
    Environment: identity is Identity;
    Network: settings is NetworkSettings;
    Database: settings is DatabaseSettings;
    Function: settings is FunctionSettings;
    Batch: settings is BatchSettings;
    Secret: settings is SecretSettings;
    Queue: settings is QueueSettings;
    Api: settings is ApiSettings;
    Route: settings is RouteSettings;
    Plan: settings is PlanSettings;
    LoadBalancer: settings is LoadBalancerSettings;
    LoadBalancerRoute: settings is LoadBalancerRouteSettings;
    Monitoring: settings is MonitoringSettings;
    Payments: settings is PaymentsSettings;
    Currency: settings is CurrencySettings;
    Merchant: settings is MerchantSettings;
    State: settings is StateSettings;
}
