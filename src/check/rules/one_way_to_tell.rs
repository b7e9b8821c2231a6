//! Alarms of production that reach people in one way only.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::requirements::Class;

pub const RULE: Rule = Rule {
    code: Code::OneWayToTell,
    severities: &[Severity::Error],
    what: "\
        In the class production, `monitoring.notify` has addresses only, or endpoints only.",
    why: "\
        MON-5 asks production for two ways: a mail server that is down, or an endpoint that is, must not leave \
        people without the alarm that says so.",
    wrong: "notify = [\"email:payments-oncall@example.com\"]",
    right: "\
        notify = [\"email:payments-oncall@example.com\", \"https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let key = "monitoring.notify";
    let environment = context.environment;
    let notify = environment.monitoring.notify.iter();
    let ways: BTreeSet<&str> = notify.map(|one| one.protocol.as_str()).collect();
    let [way] = ways.into_iter().collect::<Vec<_>>()[..] else {
        return;
    };
    if environment.class != Class::Production || context.is_unusable(key) {
        return;
    }
    let (has, lacks) = match way {
        "email" => (
            "an address",
            "an `https://` endpoint of whoever wakes people",
        ),
        _ => ("an endpoint", "an `email:` address"),
    };
    found.push(
        Diagnostic::error(
            Code::OneWayToTell,
            context.place(key),
            format!("alarms of production reach people by {has} only"),
        )
        .label("MON-5 asks production for two ways")
        .help(format!("add {lacks}")),
    );
}
