//! A ceiling of storage autoscaling that lies at or under the storage itself.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::StorageCeiling,
    severities: &[Severity::Error],
    what: "The ceiling of storage autoscaling is less than a tenth above the storage.",
    why: "RDS refuses a ceiling under 110 % of the storage; it grows by at least a tenth at a time.",
    wrong: "storage_gib = 100              # the default ceiling is 100",
    right: "storage_gib = 100\nmax_storage_gib = 200",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let database = &context.environment.database;
    let (storage, ceiling) = (&database.storage_gib, &database.max_storage_gib);
    let least = (u64::from(storage.value) * 11).div_ceil(10);
    if u64::from(ceiling.value) >= least {
        return;
    }
    let message = "storage autoscaling has no room to grow";
    let ceiling_is = format!("the ceiling is {} GiB{}", ceiling.value, source(ceiling));
    let help = format!(
        "write `max_storage_gib = {}` or more",
        u64::from(storage.value) * 2
    );
    let diagnostic = match (written(storage), written(ceiling)) {
        (Some((_, storage)), Some((_, span))) => {
            Diagnostic::error(Code::StorageCeiling, span, message)
                .label(format!("must be {least} GiB or more"))
                .secondary(storage, "a tenth above this")
        }
        (Some((_, span)), None) => {
            Diagnostic::error(Code::StorageCeiling, span, message).label(ceiling_is)
        }
        (None, _) => {
            let span = context.span(ceiling, "database.max_storage_gib");
            Diagnostic::error(Code::StorageCeiling, span, message).label(ceiling_is)
        }
    };
    found.push(diagnostic.help(help));
}
