//! A snapshot that RDS could not restore the database from.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidSnapshot,
    severities: &[Severity::Error],
    what: "`migration.snapshot` is not the ARN of a snapshot of an RDS instance in us-east-1.",
    why: "\
        The deployment copies the snapshot, encrypts the copy with the environment's key, and restores from \
        the copy. The original must be in the same region, and only the ARN says in which account it is \
        (MIG-1).",
    wrong: "[migration]\nsnapshot = \"payments-dev\"",
    right: "[migration]\nsnapshot = \"arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(snapshot) = &context.environment.migration.snapshot else {
        return;
    };
    let (Some((key, span)), Err((label, help))) = (written(snapshot), judge(snapshot)) else {
        return;
    };
    found.push(
        Diagnostic::error(
            Code::InvalidSnapshot,
            span,
            format!("`{key}` is not a usable snapshot"),
        )
        .label(label)
        .help(help),
    );
}

/// What is wrong with it, and what to do.
fn judge(arn: &str) -> Result<(), (&'static str, &'static str)> {
    let write = "write \"arn:aws:rds:us-east-1:<account>:snapshot:<name>\", as `aws rds describe-db-snapshots` prints it";
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let ["arn", "aws", "rds", region, account, kind, name] = parts.as_slice() else {
        return Err(("not an ARN of RDS", write));
    };
    if *kind == "cluster-snapshot" {
        return Err((
            "a snapshot of an Aurora cluster, which an RDS instance cannot be restored from",
            "export its data and load it into a new database",
        ));
    }
    if *region != "us-east-1" {
        return Err((
            "in another region",
            "copy it to us-east-1 first, and write the ARN of the copy",
        ));
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let may_hold = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b':';
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(may_hold);
    if *kind == "snapshot" && is_account && is_name {
        Ok(())
    } else {
        Err(("not the ARN of a snapshot", write))
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn manual_and_automated_snapshots_are_taken() {
        for right in [
            "arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev",
            "arn:aws:rds:us-east-1:123456789012:snapshot:rds:payments-2026-11-20-07-10",
        ] {
            assert_eq!(judge(right), Ok(()), "{right}");
        }
        for wrong in [
            "payments-dev",
            "arn:aws:rds:us-east-1:123456789012:db:payments",
            "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:payments",
            "arn:aws:rds:eu-west-1:123456789012:snapshot:payments",
            "arn:aws:rds:us-east-1:12345:snapshot:payments",
            "arn:aws:rds:us-east-1:123456789012:snapshot:",
            "arn:aws:rds:us-east-1:123456789012:snapshot:a b",
        ] {
            assert!(judge(wrong).is_err(), "{wrong}");
        }
    }
}
