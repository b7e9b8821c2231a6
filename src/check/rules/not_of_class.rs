//! A key that only another class gives a meaning.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::NotOfClass,
    severities: &[Severity::Error],
    what: "\
        A key is set that means nothing in the class of the environment: `environment.ending`, which takes off \
        the protection that only production has, or `audit.lock_days`, its lock.",
    why: "\
        Whoever reads the key takes the environment for one of another class. In every class but production \
        everything can be destroyed at any time (DEST-1); production keeps what it holds (KEEP-1).",
    wrong: "[environment]\nclass = \"staging\"\nending = true",
    right: "[environment]\nclass = \"production\"\nending = true",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    if environment.holds("KEEP-1") {
        return;
    }
    let (ending, lock) = (&environment.ending, &environment.audit.lock_days);
    let ending = written(ending).filter(|_| ending.value);
    let lock = written(lock).filter(|_| lock.value > 0);
    let keys = [
        (ending, "only production has a protection to take off"),
        (lock, "only production locks its records"),
    ];
    let class = environment.class.as_str();
    for (key, why) in keys {
        let Some((key, span)) = key else { continue };
        let line = span.clone();
        found.push(
            Diagnostic::error(
                Code::NotOfClass,
                span,
                format!("`{key}` means nothing in the class {class}"),
            )
            .label("everything can be destroyed at any time (DEST-1)")
            .help(format!("remove the line; {why}"))
            .suggest(Edit::Remove(line)),
        );
    }
}
