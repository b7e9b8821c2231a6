//! Stage 1: text in, `RawSpec` out. Every key that was written, with its place; every mistake of the file in one run.
//! Must not know a default.

mod absence;
mod alike;
pub mod builtins;
pub mod choices;
mod fixed;
mod literal;
mod problems;
mod raw;
mod read;
mod reader;
mod remedy;
mod shape;
mod suggest;
mod syntax;

pub use alike::latin;
pub use literal::Literal;
pub use problems::{Places, Problems};
pub use raw::{
    Header, List, RawApi, RawAudit, RawCurrency, RawDatabase, RawEnvironment, RawFirewall,
    RawFunction, RawKeys, RawLoadBalancer, RawLoadBalancerRoute, RawMerchant, RawMigration,
    RawMonitoring, RawNetwork, RawOverride, RawPayments, RawPlan, RawQuota, RawRoute, RawSpec,
    RawState, RawThrottle, RawTracing, RawUses, RawVelocity, RawWaiver,
};
pub use read::{MOST_BYTES, known_keys, read};
pub use reader::path_of;
pub use shape::{Asked, Kind, Outline, read_outline};
pub use suggest::nearest;
