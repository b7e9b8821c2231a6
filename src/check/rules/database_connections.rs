//! More executions at once than the database has connections for.

use crate::catalogue::instance_class;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::demand::{self, Demand};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::number::grouped;
use crate::resolve::environment::Function;

pub const RULE: Rule = Rule {
    code: Code::DatabaseConnections,
    severities: &[Severity::Warning],
    what: "\
        Functions that use the database may have more concurrent executions than its instance class has \
        connections.",
    why: "\
        Each execution holds one connection. When PostgreSQL has none left, clients get errors at peak load, \
        and operators cannot log in to investigate. The concurrency is what the API's throttle admits, or \
        what the functions reserve if that is less.",
    wrong: "\
        [database]\n\
        instance_class = \"db.t4g.micro\"\n\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }",
    right: "\
        [database]\n\
        instance_class = \"db.t4g.medium\"\n\
        [api]\n\
        throttle = { rate_per_second = 50, burst = 100 }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let database = &context.environment.database;
    let Some((_, span)) = written(&database.instance_class) else {
        return;
    };
    let Some(class) = instance_class(&database.instance_class) else {
        return;
    };
    let users = || {
        let functions = context.environment.functions.iter();
        functions.filter(|function| function.uses.database.is_some())
    };
    let called = demand::called_by_api(context.environment);
    let Some(Demand { peak, because }) = demand::of(context.environment, &called, users()) else {
        return;
    };
    let peak = reserved(users()).map_or(peak, |reserved| reserved.min(peak));
    let most = class.max_connections();
    if peak <= most {
        return;
    }
    let diagnostic = Diagnostic::warning(
        Code::DatabaseConnections,
        span,
        "the API admits more concurrent requests than the database has connections",
    )
    .label(format!("{most} connections, and up to {} executions", grouped(peak)))
    .note(because)
    .help(
        "use a larger class, lower the API's throttle, or set `reserved_concurrency` of the functions",
    );
    found.push(demand::with_throttle(context, diagnostic));
}

/// What all of them together may run at once; nothing if one of them has no bound of its own.
fn reserved<'a>(mut functions: impl Iterator<Item = &'a Function>) -> Option<u64> {
    functions.try_fold(0, |sum, function| {
        let reserved = function.reserved_concurrency.as_ref()?;
        Some(sum + reserved.value)
    })
}
