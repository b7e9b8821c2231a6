//! Two listener rules with one priority.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::DuplicatePriority,
    severities: &[Severity::Error],
    what: "Two routes of the load balancer have the same priority.",
    why: "\
        Priorities are unique within a listener. Without the key, a more specific pattern gets a lower \
        number and is evaluated first.",
    wrong: "\
        [load_balancer.routes.\"/health\"]\n\
        priority = 10\n\
        [load_balancer.routes.\"/payments/*\"]\n\
        priority = 10",
    right: "[load_balancer.routes.\"/health\"]\n[load_balancer.routes.\"/payments/*\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<u64, Range<usize>> = BTreeMap::new();
    for route in &context.environment.load_balancer.routes {
        let Some((_, span)) = written(&route.priority) else {
            continue;
        };
        if let Some(first) = seen.get(&route.priority.value) {
            let message = format!("two routes have the priority {}", route.priority.value);
            found.push(
                Diagnostic::error(Code::DuplicatePriority, span, message)
                    .label("again")
                    .secondary(first.clone(), "first here")
                    .help("remove `priority` from both, or give each its own"),
            );
        } else {
            seen.insert(route.priority.value, span);
        }
    }
}
