//! The format of the spec: each key once, a file a group of tables. `table!` makes of a declaration what the stages need: the
//! table as written, how it is read, how it is filled in, and what is said about its keys. Whatever speaks about keys (diagnostics,
//! the JSON Schema, `docs/spec.md`, `explain`, `init`, the random specs of the tests) reads it here.
//!
//! Must not read a file or apply a default: `spec/` reads, `resolve/` fills in, each through a trait of `table.rs`.

mod api;
mod database;
mod decisions;
mod domain;
mod environment;
mod forms;
mod functions;
mod key;
mod kind;
mod literal;
mod load_balancer;
mod payments;
mod place;
mod prelude;
mod services;
mod table;
mod uses;

pub use api::{
    ApiSettings, BURST, METHODS, PlanSettings, PlanThrottle, QUOTA, Quota, RawApi, RawPlan,
    RawPlanThrottle, RawQuota, RawRoute, RawThrottle, RouteSettings, Throttle,
};
pub use database::{BackupVaultSettings, DatabaseSettings, RawBackupVault, RawDatabase, STORAGE};
pub use decisions::{RawOverride, RawWaiver};
pub use domain::{Domain, RawDomain};
pub use environment::{
    Identity, NetworkSettings, OWN_TAGS, RawEnvironment, RawNetwork, RawSpec, RawZoneSettings,
    VERSION,
};
pub use functions::{FunctionSettings, OWN_VARIABLES, RawFunction, RawUses, SHORT_NAME_LENGTH};
pub use key::{DefaultValue, Key, OfClass, Plain, Range, Table};
pub use kind::{Header, Kind, List, Named, NamedText};
pub use literal::Literal;
pub use load_balancer::{
    LoadBalancerRouteSettings, LoadBalancerSettings, RawLoadBalancer, RawLoadBalancerRoute,
};
pub use payments::{
    CurrencySettings, MerchantSettings, Migration, Output, PaymentsSettings, RawCurrency,
    RawMerchant, RawMigration, RawOutput, RawPayments, RawState, RawVelocity, StateSettings,
    Velocity,
};
pub use place::{FILE, key_at, keys, reference, table_of};
pub use services::{
    Audit, Firewall, Keys, LONGEST_LOGS, MonitoringSettings, RawAudit, RawFirewall, RawKeys,
    RawMonitoring, RawTracing, Tracing,
};
pub use table::{Fill, Read, Written};
pub use uses::{
    BatchSettings, QueueSettings, RawBatch, RawQueue, RawSecret, RawTopic, SecretSettings,
    VISIBILITY_FACTOR, VISIBILITY_SECONDS, queue_variable, secret_variable, topic_variable,
};
