//! Alarms that reach nobody.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::NobodyToTell,
    severities: &[Severity::Error],
    what: "The alarms have no subscriber.",
    why: "MON-5 requires alarm actions that reach people.",
    wrong: "notify = []",
    right: "notify = [\"email:payments-oncall@example.com\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let key = "monitoring.notify";
    let is_empty = context.environment.monitoring.notify.is_empty();
    if !is_empty || context.is_unusable(key) || context.is_unusable("monitoring") {
        return;
    }
    found.push(
        Diagnostic::error(
            Code::NobodyToTell,
            context.place(key),
            "alarms have no subscriber",
        )
        .label("MON-5 requires alarm actions that reach people")
        .help("list the people or services on call in `notify` of `[monitoring]`, such as email:oncall@example.com"),
    );
}
