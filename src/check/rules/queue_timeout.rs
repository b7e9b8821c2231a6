//! Messages that come again while they are still handled.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::VISIBILITY_FACTOR;
use crate::resolve::environment::{Function, Queue};

pub const RULE: Rule = Rule {
    code: Code::QueueTimeout,
    severities: &[Severity::Error, Severity::Warning],
    what: "\
        A queue hides its messages for less time than the function that consumes it may take; or for less than \
        six times as long, counted with the window of its batches (warning).",
    why: "\
        A message that is visible again before its call has ended is handled twice; Lambda refuses such a queue. \
        AWS advises six times the time-out, so that a batch that was throttled can be tried again.",
    wrong: "\
        [queues.settlements]\n\
        visibility_timeout_seconds = 20\n\
        [functions.settle]\n\
        consumes = \"settlements\"\n\
        timeout_seconds = 30",
    right: "[queues.settlements]      # 180, six times 30\n[functions.settle]\nconsumes = \"settlements\"\ntimeout_seconds = 30",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for function in &environment.functions {
        let Some(consumed) = &function.consumes else {
            continue;
        };
        let mut queues = environment.queues.iter();
        let queue = queues.find(|queue| queue.key.value == consumed.value);
        found.extend(queue.and_then(|queue| told(function, queue)));
    }
}

fn told(function: &Function, queue: &Queue) -> Option<Diagnostic> {
    let visibility = &queue.visibility_timeout_seconds;
    let timeout = function.timeout_seconds.value;
    let advised = VISIBILITY_FACTOR * timeout + function.batch.window_seconds.value;
    // A derived one is right by itself.
    let (_, span) = written(visibility)?;
    if visibility.value >= advised {
        return None;
    }
    let (queue, function_name) = (&queue.key.value, &function.key.value);
    let told = if visibility.value < timeout {
        let message = format!(
            "messages of `{queue}` come again while the function `{function_name}` still handles them"
        );
        Diagnostic::error(Code::QueueTimeout, span, message)
            .label(format!("shorter than the function's {timeout} s"))
    } else {
        let message = format!(
            "messages of `{queue}` may come again while the function `{function_name}` waits to handle them"
        );
        Diagnostic::warning(Code::QueueTimeout, span, message)
            .label(format!("less than {advised} s, which AWS advises"))
    };
    let told = match written(&function.timeout_seconds) {
        Some((_, place)) => told.secondary(place, "how long a call may take"),
        None => told,
    };
    Some(
        told.help(format!(
            "leave it out, or write `visibility_timeout_seconds = {advised}`"
        ))
        .replace_with(advised.to_string()),
    )
}
