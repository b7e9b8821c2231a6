//! The words of keys that take one of a few.

pub const ARCHITECTURES: &[&str] = &["arm64", "x86_64"];
pub const LOG_LEVELS: &[&str] = &["DEBUG", "INFO", "WARN", "ERROR"];
pub const AUDIT_ACCESS: &[&str] = &["read", "write"];
pub const DATABASE_ACCESS: &[&str] = &["read", "write", "owner"];
pub const MERCHANT_STATUSES: &[&str] = &["active", "suspended", "closed"];
pub const AUTHORIZATIONS: &[&str] = &["NONE", "AWS_IAM"];
pub const PERIODS: &[&str] = &["day", "week", "month"];
pub const BACKENDS: &[&str] = &["local", "s3", "pulumi-cloud"];

/// Policies for regional APIs that refuse TLS 1.1 and older.
pub const TLS_POLICIES: &[&str] = &[
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
];
