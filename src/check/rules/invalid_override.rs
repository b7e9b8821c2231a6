//! An override without reason or owner. A second one of the same argument is found in the graph (`judge/overrides/mod.rs`).

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::waivers::is_hidden;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Override;

pub const RULE: Rule = Rule {
    code: Code::InvalidOverride,
    severities: &[Severity::Error],
    what: "\
        An override has no reason or owner, or the argument is set twice.",
    why: "\
        Overrides are printed in the code and in the evidence, where reviewers and auditors read who \
        decided, and why. With two overrides of one argument it is unclear which one applies.",
    wrong: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        reason = \"\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-03-01",
    right: "\
        [overrides.\"database.instance\"]\n\
        argument = \"monitoring_interval\"\n\
        value = 30\n\
        replaces = 60\n\
        reason = \"follow fail-overs more closely in the load tests\"\n\
        owner = \"payments-platform\"\n\
        expires = 2027-03-01",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(context.environment.overrides.iter().filter_map(no_text));
}

fn no_text(set: &Override) -> Option<Diagnostic> {
    for (value, key) in [(&set.reason, "reason"), (&set.owner, "owner")] {
        let text = value.value.trim();
        if text.is_empty() || text.chars().any(is_hidden) {
            let (_, span) = written(value)?;
            let message = format!("the override of {} has no {key}", set.subject());
            return Some(
                Diagnostic::error(Code::InvalidOverride, span, message)
                    .label("must be one line of text, without characters that hide it")
                    .help("reviewers and auditors read who decided, and why"),
            );
        }
    }
    None
}
