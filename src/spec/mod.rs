//! Stage 1: text in, `RawSpec` out. Every key that was written, with its place; every mistake of the file in one run.
//! Must not know a default.

mod fixed;
mod raw;
mod read;
mod reader;
mod suggest;

pub use raw::{
    Header, List, RawApi, RawAudit, RawDatabase, RawEnvironment, RawFirewall, RawFunction, RawKeys,
    RawLoadBalancer, RawLoadBalancerRoute, RawMonitoring, RawNetwork, RawPlan, RawQuota, RawRoute,
    RawSpec, RawState, RawThrottle, RawTracing, RawUses, RawWaiver,
};
pub use read::{known_keys, read};
pub use reader::{Places, Problems, path_of};
pub use suggest::nearest;
