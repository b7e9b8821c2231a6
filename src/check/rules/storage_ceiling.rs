//! A ceiling of storage autoscaling that lies at or under the storage itself.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};
use crate::format::STORAGE;

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
    found.push(with_remedy(context, diagnostic));
}

/// A ceiling of twice the storage, as far as RDS goes; above that, less storage.
fn with_remedy(context: &Context<'_>, told: Diagnostic) -> Diagnostic {
    let database = &context.environment.database;
    let (storage, ceiling) = (database.storage_gib.value, &database.max_storage_gib);
    let most = STORAGE.highest;
    let most_storage = u64::from(most) * 10 / 11;
    if u64::from(storage) > most_storage {
        let told = told.help(format!(
            "write `storage_gib = {most_storage}` or less: no ceiling may be above {most} GiB"
        ));
        return match written(&database.storage_gib) {
            Some((_, span)) => told.suggest_all(
                std::iter::once(Edit::Replace(span, most_storage.to_string()))
                    .chain(ceiling_of(context, most))
                    .collect(),
            ),
            None => told,
        };
    }
    let right = storage.saturating_mul(2).min(most);
    let told = told.help(format!("write `max_storage_gib = {right}` or more"));
    let edits: Vec<Edit> = match written(ceiling) {
        Some((_, span)) => vec![Edit::Replace(span, right.to_string())],
        None => vec![Edit::AddTo(
            context.place("database"),
            format!("max_storage_gib = {right}"),
        )],
    };
    told.suggest_all(edits)
}

fn ceiling_of(context: &Context<'_>, most: u32) -> Option<Edit> {
    Some(
        match written(&context.environment.database.max_storage_gib) {
            Some((_, span)) => Edit::Replace(span, most.to_string()),
            None => Edit::AddTo(
                context.place("database"),
                format!("max_storage_gib = {most}"),
            ),
        },
    )
}
