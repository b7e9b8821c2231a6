//! A key that only another class gives a meaning.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::NotOfClass,
    severities: &[Severity::Error],
    what: "\
        A key is set that means nothing in the class of the environment: `environment.ending`, which takes off \
        the protection that only production has.",
    why: "\
        Whoever reads the key takes the environment for one of another class. In every class but production \
        everything can be destroyed at any time (DEST-1); production keeps what it holds (KEEP-1).",
    wrong: "[environment]\nclass = \"staging\"\nending = true",
    right: "[environment]\nclass = \"production\"\nending = true",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let ending = &environment.ending;
    let Some((key, span)) = written(ending).filter(|_| ending.value) else {
        return;
    };
    if environment.holds("KEEP-1") {
        return;
    }
    let class = environment.class.as_str();
    let line = span.clone();
    found.push(
        Diagnostic::error(
            Code::NotOfClass,
            span,
            format!("`{key}` means nothing in the class {class}"),
        )
        .label("everything can be destroyed at any time (DEST-1)")
        .help("remove the line; only production has a protection to take off")
        .suggest(Edit::Remove(line)),
    );
}
