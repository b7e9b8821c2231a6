//! A database that nobody prepares.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Access;

pub const RULE: Rule = Rule {
    code: Code::NoMigration,
    severities: &[Severity::Warning],
    what: "A function reads or writes the database, but no function uses it as its owner.",
    why: "\
        Each function logs in with IAM as its own database user. RDS creates only the master user. The other \
        users and the tables are created by a migration, which `builtin:migrate` runs during the deployment.",
    wrong: "\
        [functions.payment-status]\n\
        source = \"builtin:payment-status\"\n\
        uses = { database = \"read\" }",
    right: "\
        [functions.payment-status]\n\
        source = \"builtin:payment-status\"\n\
        uses = { database = \"read\" }\n\
        \n\
        [functions.migrate]\n\
        source = \"builtin:migrate\"\n\
        uses = { database = \"owner\" }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let used = || {
        let functions = context.environment.functions.iter();
        functions.filter_map(|function| function.uses.database.as_ref())
    };
    let mut functions = context.environment.functions.iter();
    // One that lacks the use is told by another rule.
    let is_there = functions.any(|function| function.is_builtin("migrate"));
    if is_there || used().any(|used| used.value == Access::Owner) {
        return;
    }
    let Some((key, span)) = used().find_map(written) else {
        return;
    };
    found.push(
        Diagnostic::warning(
            Code::NoMigration,
            span,
            "nothing creates the database users of the functions",
        )
        .label(format!("`{key}` logs in as one"))
        .help(
            "\
                add `[functions.migrate]` with `source = \"builtin:migrate\"` and `uses = { database = \
                \"owner\" }`, or create them yourself",
        ),
    );
}
