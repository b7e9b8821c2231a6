//! Audit objects and logs in S3: two buckets, alike but for encryption and for who may write.

use super::policy::{self, Statement};
use super::shared::{key_arn, key_origin};
use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Handle, Resource};

/// Where S3 puts the audit bucket's access logs.
const ACCESS_LOG_PREFIX: &str = "s3/audit/";

/// What the two buckets do not share.
struct Bucket<'e> {
    /// Role in names and variables: `audit`.
    role: &'static str,
    variable: &'static str,
    /// The one rule of the encryption configuration.
    encryption: Expr,
    /// What decides its key, where the spec does.
    decides: Option<&'e Origin>,
    controls: &'static str,
}

pub fn audit(env: &Environment) -> Component {
    let mut layer = Component::new(
        "audit",
        "Payment audit objects, and the bucket that holds the access logs of S3 and the load balancer",
        "Versioned, encrypted and private buckets that keep their objects for a fixed time.",
        if env.holds("KEEP-1") {
            &["S3-1", "S3-2", "S3-3", "S3-4", "KEEP-1", "KEEP-2"]
        } else {
            &["S3-1", "S3-2", "S3-3", "S3-4", "DEST-1"]
        },
    );
    let (audit, audit_ready) = bucket(
        &mut layer,
        env,
        Bucket {
            role: "audit",
            variable: "audit_bucket",
            encryption: with_own_key(env),
            decides: key_origin(env, "data"),
            controls: "S3-4 CKV_AWS_145",
        },
    );
    layer.add(bucket_policy(
        "audit_bucket_policy",
        &audit,
        &audit_ready,
        vec![only_new_objects(&audit)],
    ));
    let (logs, logs_ready) = bucket(
        &mut layer,
        env,
        Bucket {
            role: "logs",
            variable: "log_bucket",
            encryption: Expr::map([(
                "apply_server_side_encryption_by_default",
                Expr::map([("sse_algorithm", "AES256".into())]),
            )])
            .noted("Load balancers cannot write to a bucket that is encrypted with a KMS key."),
            decides: None,
            controls: "S3-4 CKV_AWS_19",
        },
    );
    let logs_policy = layer.add(bucket_policy(
        "log_bucket_policy",
        &logs,
        &logs_ready,
        log_writers(&audit, &logs),
    ));
    layer.add(
        Resource::new("aws.s3.BucketLogging", "audit_bucket_logging")
            .arg("bucket", audit.out("id"))
            .arg("target_bucket", logs.out("id"))
            .fixed("target_prefix", ACCESS_LOG_PREFIX, "S3-1 CKV_AWS_18 S3.9")
            .after_because(
                &logs_policy,
                "S3 refuses a target that it may not write to.",
            ),
    );
    layer
}

/// SSE-KMS; the bucket key keeps the number of calls to KMS small.
fn with_own_key(env: &Environment) -> Expr {
    let by_default = Expr::map([
        ("sse_algorithm", "aws:kms".into()),
        ("kms_master_key_id", key_arn(env, "data")),
    ]);
    Expr::map([
        ("apply_server_side_encryption_by_default", by_default),
        ("bucket_key_enabled", true.into()),
    ])
}

/// A bucket with everything about it but its policy. The second handle is what a policy has to wait for.
fn bucket(layer: &mut Component, env: &Environment, what: Bucket<'_>) -> (Handle, [Handle; 2]) {
    let variable = what.variable;
    let part = |kind: &'static str, part: &str| Resource::new(kind, &format!("{variable}_{part}"));
    let bucket = Resource::new("aws.s3.Bucket", variable)
        .arg("bucket", super::shared::bucket_name(what.role));
    let bucket = if env.holds("KEEP-1") {
        bucket
            .fixed("force_destroy", false, "KEEP-1")
            .because("S3 deletes no bucket that holds objects.")
    } else {
        bucket
            .fixed("force_destroy", true, "DEST-1")
            .because("Destroying the environment deletes the objects.")
    };
    let is_locked = what.role == "audit" && env.holds("KEEP-2");
    let bucket = if is_locked {
        bucket.fixed("object_lock_enabled", true, "KEEP-2 CKV_AWS_143")
    } else {
        bucket
    };
    let bucket = layer.add(bucket.tags("s3", what.role));
    let public_access = layer.add(
        part("aws.s3.BucketPublicAccessBlock", "public_access")
            .arg("bucket", bucket.out("id"))
            .fixed("block_public_acls", true, "S3-4 CKV_AWS_53 S3.8")
            .fixed("block_public_policy", true, "S3-4 CKV_AWS_54 S3.8")
            .fixed("ignore_public_acls", true, "S3-4 CKV_AWS_55 S3.8")
            .fixed("restrict_public_buckets", true, "S3-4 CKV_AWS_56 S3.8"),
    );
    let ownership = layer.add(
        part("aws.s3.BucketOwnershipControls", "ownership")
            .arg("bucket", bucket.out("id"))
            .fixed(
                "rule",
                Expr::map([("object_ownership", "BucketOwnerEnforced".into())]),
                "S3-4 CKV2_AWS_65 S3.12",
            ),
    );
    layer.add(
        part(
            "aws.s3.BucketServerSideEncryptionConfiguration",
            "encryption",
        )
        .arg("bucket", bucket.out("id"))
        .fixed("rules", Expr::List(vec![what.encryption]), what.controls)
        .decided_too("rules", what.decides),
    );
    let versioning = layer.add(
        part("aws.s3.BucketVersioning", "versioning")
            .arg("bucket", bucket.out("id"))
            .fixed(
                "versioning_configuration",
                Expr::map([("status", "Enabled".into())]),
                "S3-2 CKV_AWS_21",
            ),
    );
    layer.add(
        part("aws.s3.BucketLifecycleConfiguration", "lifecycle")
            .arg("bucket", bucket.out("id"))
            .from("rules", &env.audit.retention_days, lifecycle(env))
            .after(&versioning),
    );
    if is_locked {
        layer.add(
            part("aws.s3.BucketObjectLockConfiguration", "lock")
                .arg("bucket", bucket.out("id"))
                .from("rule", &env.audit.lock_days, lock(env))
                .because("From when it is written, nobody shortens it or takes it off.")
                .after(&versioning),
        );
    }
    (bucket, [public_access, ownership])
}

/// What every record is locked by, without its writer saying so.
fn lock(env: &Environment) -> Expr {
    let retention = Expr::map([
        ("mode", "COMPLIANCE".into()),
        ("days", (&env.audit.lock_days.value).into()),
    ]);
    Expr::map([("default_retention", retention)])
}

/// Both rules cover the whole bucket; a prefix of nothing says so explicitly.
fn lifecycle(env: &Environment) -> Expr {
    let days = Expr::from(&env.audit.retention_days.value);
    let rule = |id: &str, expiration: Expr, last: (&str, Expr)| {
        Expr::map([
            ("id", id.into()),
            ("status", "Enabled".into()),
            ("filter", Expr::map([("prefix", "".into())])),
            ("expiration", expiration),
            last,
        ])
    };
    Expr::List(vec![
        rule(
            "expire",
            Expr::map([("days", days.clone())]),
            (
                "noncurrent_version_expiration",
                Expr::map([("noncurrent_days", days)]),
            ),
        )
        .noted("Noncurrent versions are kept as long, so overwriting destroys no evidence."),
        rule(
            "clean-up",
            Expr::map([("expired_object_delete_marker", true.into())]),
            (
                "abort_incomplete_multipart_upload",
                Expr::map([("days_after_initiation", 7.into())]),
            ),
        )
        .noted("A rule that deletes expired delete markers cannot set days."),
    ])
}

/// Nothing without TLS, and what the other statements say.
fn bucket_policy(
    variable: &str,
    bucket: &Handle,
    wait_for: &[Handle; 2],
    others: Vec<Statement>,
) -> Resource {
    let tls_only = Statement::deny(
        "TlsOnly",
        ["s3:*"],
        Expr::list([
            bucket.out("arn"),
            Expr::concat([bucket.out("arn"), "/*".into()]),
        ]),
    )
    .principal("AWS", "*".into())
    .condition("Bool", "aws:SecureTransport", "false");
    let policy = Resource::new("aws.s3.BucketPolicy", variable)
        .arg("bucket", bucket.out("id"))
        .arg(
            "policy",
            policy::document([tls_only].into_iter().chain(others)),
        );
    let [public_access, ownership] = wait_for;
    policy
        .after_because(
            public_access,
            "One at a time: S3 refuses changes of one bucket that meet.",
        )
        .after(ownership)
}

/// No request may write over a record. Parts of an upload in parts cannot carry the header, and make no object: the request
/// that completes it does. Source: "Enforce conditional writes on Amazon S3 buckets" in the user guide of S3
/// (conditional-writes-enforce), which also says that copies into such a bucket are refused.
fn only_new_objects(audit: &Handle) -> Statement {
    let objects = Expr::concat([audit.out("arn"), "/*".into()]);
    Statement::deny("OnlyNewObjects", ["s3:PutObject"], objects)
        .principal("AWS", "*".into())
        .condition("Null", "s3:if-none-match", "true")
        .condition("Bool", "s3:ObjectCreationOperation", "true")
        .because(
            "Whoever writes has to say `If-None-Match`: S3 then refuses to write over an object.",
        )
}

/// The services that write into the log bucket, each under its own prefix and only for this account.
fn log_writers(audit: &Handle, logs: &Handle) -> Vec<Statement> {
    let under = |path: Vec<Expr>| {
        Expr::concat(
            [logs.out("arn"), Expr::text("/")]
                .into_iter()
                .chain(path)
                .chain([Expr::text("*")]),
        )
    };
    vec![
        Statement::allow(
            "LoadBalancerLogs",
            ["s3:PutObject"],
            under(vec!["AWSLogs/".into(), Expr::AccountId, "/".into()]),
        )
        .principal(
            "Service",
            "logdelivery.elasticloadbalancing.amazonaws.com".into(),
        ),
        Statement::allow(
            "BucketAccessLogs",
            ["s3:PutObject"],
            under(vec![ACCESS_LOG_PREFIX.into()]),
        )
        .principal("Service", "logging.s3.amazonaws.com".into())
        .condition("StringEquals", "aws:SourceAccount", Expr::AccountId)
        .condition("ArnEquals", "aws:SourceArn", audit.out("arn")),
    ]
}
