//! A ceiling of storage autoscaling that lies at or under the storage itself.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::STORAGE;
use crate::number::grouped;

pub const RULE: Rule = Rule {
    code: Code::StorageCeiling,
    severities: &[Severity::Error],
    what: "The maximum of storage autoscaling is less than 10 % above the storage.",
    why: "RDS rejects a maximum below 110 % of the storage; each step adds at least 10 %.",
    wrong: "storage_gib = 100              # the default ceiling is 100",
    right: "storage_gib = 100\nmax_storage_gib = 200",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let database = &context.environment.database;
    let (storage, ceiling) = (&database.storage_gib, &database.max_storage_gib);
    let least = (storage.value * 11).div_ceil(10);
    if ceiling.value >= least {
        return;
    }
    let message = "storage autoscaling has no room to grow";
    let ceiling_is = format!(
        "the ceiling is {} GiB{}",
        grouped(ceiling.value),
        source(ceiling)
    );
    let diagnostic = match (written(storage), written(ceiling)) {
        (Some((_, storage)), Some((_, span))) => {
            Diagnostic::error(Code::StorageCeiling, span, message)
                .label(format!("must be {} GiB or more", grouped(least)))
                .secondary(storage, "10 % above this")
        }
        (Some((_, span)), None) => {
            Diagnostic::error(Code::StorageCeiling, span, message).label(ceiling_is)
        }
        (None, _) => {
            let span = context.span(ceiling, "database.max_storage_gib");
            Diagnostic::error(Code::StorageCeiling, span, message).label(ceiling_is)
        }
    };
    found.push(with_remedy(context, diagnostic));
}

/// A ceiling of twice the storage, as far as RDS goes; above that, less storage under the highest ceiling.
fn with_remedy(context: &Context<'_>, told: Diagnostic) -> Diagnostic {
    let database = &context.environment.database;
    let (storage, ceiling) = (&database.storage_gib, &database.max_storage_gib);
    let highest = STORAGE.highest;
    let most = grouped(highest * 10 / 11);
    let is_too_large = storage.value * 11 > highest * 10;
    let right = storage.value.saturating_mul(2).min(highest);
    let mut edits = Vec::new();
    if is_too_large && let Some((_, span)) = written(storage) {
        edits.push(Edit::Replace(span, most.clone()));
    }
    let right = grouped(right);
    if ceiling.value != highest || !is_too_large {
        edits.push(match written(ceiling) {
            Some((_, span)) => Edit::Replace(span, right.clone()),
            None => Edit::AddTo(
                context.place("database"),
                format!("max_storage_gib = {right}"),
            ),
        });
    }
    let help = if is_too_large {
        format!(
            "write `storage_gib = {most}` or less, and `max_storage_gib = {right}`, the most that RDS takes"
        )
    } else {
        format!("write `max_storage_gib = {right}` or more")
    };
    told.help(help).suggest_all(edits)
}
