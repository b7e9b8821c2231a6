//! An instance class that RDS for PostgreSQL does not have.

use crate::catalogue::{instance_class, instance_classes};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::UnknownInstanceClass,
    severities: &[Severity::Error],
    what: "RDS for PostgreSQL has no such instance class in us-east-1.",
    why: "\
        The creation would fail after minutes. Memory, connections and alarm thresholds are derived from the \
        class.",
    wrong: "instance_class = \"t4g.medium\"",
    right: "instance_class = \"db.t4g.medium\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let class = &context.environment.database.instance_class;
    let Some((_, span)) = written(class).filter(|_| instance_class(class).is_none()) else {
        return;
    };
    let names = || instance_classes().iter().map(|class| class.name);
    let diagnostic = Diagnostic::error(
        Code::UnknownInstanceClass,
        span,
        format!("unknown instance class `{}`", class.value),
    )
    .label("RDS for PostgreSQL does not have it");
    let with_prefix = format!("db.{}", class.value);
    let best = instance_class(&with_prefix)
        .map(|class| class.name)
        .or_else(|| nearest(class, names()));
    found.push(match best {
        Some(best) => diagnostic.did_you_mean(best),
        None => diagnostic.help(format!(
            "for staging take one of {}",
            names().take(4).collect::<Vec<_>>().join(", ")
        )),
    });
}
