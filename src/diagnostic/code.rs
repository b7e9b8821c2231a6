//! The closed set of codes. Each is explained by its rule in `check/`, and a test holds that every code has one.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// What kind of mistake a diagnostic tells about; stable, so that people can search and link to it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum Code {
    TomlSyntax,
    TooLarge,
    UnknownKey,
    MissingKey,
    WrongType,
    UnsupportedVersion,
    RequirementSwitchedOff,
    RealCardData,
    InvalidChoice,
    InvalidName,
    InvalidTag,
    DuplicateName,
    InvalidRename,
    InvalidRemoval,
    UnstatedLoss,
    NameTooLong,
    UnportablePath,
    OutOfRange,
    RefusedByAws,
    OverBudget,
    InvalidCidr,
    InvalidCurrency,
    InvalidMerchant,
    CidrNotCanonical,
    CidrSize,
    CidrNotPrivate,
    CidrOverlap,
    ZoneCount,
    UnknownZone,
    DuplicateZone,
    ElasticIps,
    DefaultQuotas,
    UnknownEngineVersion,
    NewerEngineVersion,
    EngineEndOfSupport,
    UnknownInstanceClass,
    DatabaseConnections,
    StorageCeiling,
    InvalidWindow,
    FunctionSource,
    FunctionSyntax,
    FunctionEntry,
    FunctionPackages,
    UnknownModule,
    FilesLeftOut,
    SecretInSource,
    InvalidVariable,
    SecretInVariable,
    UnknownBuiltin,
    UnknownRuntime,
    RuntimeEndOfSupport,
    UnusedFunction,
    FunctionTimeout,
    FunctionConcurrency,
    UnknownFunction,
    NoFunction,
    NoMerchant,
    InvalidCaller,
    NoCaller,
    NoMigration,
    NoRoute,
    InvalidMethod,
    InvalidPath,
    InvalidSchedule,
    InvalidSnapshot,
    ConflictingRoutes,
    OpenRoute,
    IdInPath,
    BodySchema,
    UnvalidatedBody,
    BuiltinUses,
    InvalidParameter,
    IncompletePlan,
    BurstBelowRate,
    PlanAboveStage,
    UnreachableLimit,
    InvalidCertificate,
    InvalidAuthority,
    AuthorityExpiry,
    SeveralAuthorities,
    UnauthenticatedRoute,
    NobodyAllowed,
    TooManyNetworks,
    EverybodyAllowed,
    UnreachableRange,
    DuplicatePriority,
    ShadowedRoute,
    NobodyToTell,
    InvalidSubscriber,
    StateBackend,
    InvalidWaiver,
    ExpiredWaiver,
    UnusedWaiver,
    InvalidOverride,
    UnknownResource,
    UnknownArgument,
    ClosedArgument,
    StaleOverride,
    NeedlessOverride,
    ExpiredOverride,
    InvalidExtension,
}

impl Code {
    /// All codes, in the order of the documentation.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code that is printed like this.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The code as printed: the variant's words in kebab-case.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}
