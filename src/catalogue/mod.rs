//! Facts about AWS, compiled in from the `.toml` files beside this module: every row says where it comes from.
//! Must not hold a policy of this project: only what AWS and its provider do.

mod addresses;
mod arguments;
mod bounds;
mod conflicts;
mod consequences;
mod currencies;
mod engines;
mod kinds;
mod limits;
mod modules;
mod outputs;
mod permissions;
mod prices;
mod quotas;
mod reserved;
mod services;

pub use addresses::{SpecialRange, special_range};
pub use arguments::{ArgumentType, Arguments, arguments};
pub use bounds::{Bounds, OneOf, bounds};
pub use conflicts::{Conflicts, InUse, Limit, Unique, conflicts};
pub use consequences::{Becomes, Consequence, MajorStep, Outage, SHORT, Serves, consequence};
pub use currencies::{currencies, largest_amount};
pub use engines::{
    LifeCycle, Release, Support, engine_versions, is_engine_version, is_upgrade, life_cycle,
    life_cycles, major, newest_minor, versions_of,
};
pub use kinds::{Change, Condition, DeleteFirst, Kind, NameRule, Setting, Source, kind, kinds};
pub use limits::{NameLimit, longest_name, name_limits};
pub use modules::{Modules, Package, modules};
pub use outputs::{DerivedOutput, derived_output};
pub use permissions::{
    Permissions, ResourceType, Scope, permissions, permissions_of, resource_type, resource_types,
    scope,
};
pub use prices::{ByUse, ClassPrice, Per, Price, Prices, Times, Use, extended_support_usd, prices};
pub use quotas::{KindQuota, Quota, Quotas, quotas};
pub use reserved::{ReservedNames, Words, reserved_names};
pub use services::{
    InstanceClass, Runtime, Zone, instance_class, instance_classes, runtime, runtimes, zone, zones,
};

/// How sure a fact is, by where it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// Read from the installed `pulumi_aws`.
    Sdk,
    /// cfn-lint's data.
    Linter,
    /// botocore's service models.
    ServiceModel,
    /// AWS documentation.
    Documented,
    /// A source file or an issue of the Terraform provider.
    Provider,
    /// Public pages, not AWS's own word.
    Web,
    /// From memory: check before relying on it.
    Memory,
}
