//! Functions that cannot consume a queue as the spec says.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::{Function, Source};

/// What Lambda collects without a window: botocore, lambda, CreateEventSourceMapping, `BatchSize`.
const MOST_AT_ONCE: u64 = 10;

pub const RULE: Rule = Rule {
    code: Code::InvalidConsumer,
    severities: &[Severity::Error],
    what: "\
        A function consumes a queue that another one consumes; has `batch` and consumes nothing; has batches of \
        more than 10 messages without a window; has more calls at a time than its reservation; or is one of the \
        compiler's, which handles no messages.",
    why: "\
        Of two functions each would get a part of the messages, by chance. Lambda refuses large batches \
        without a window, and throttles what exceeds the reservation: such messages become dead letters.",
    wrong: "consumes = \"settlements\"\nbatch = { size = 100 }",
    right: "consumes = \"settlements\"\nbatch = { size = 100, window_seconds = 5 }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut consumers: BTreeMap<&str, &Value<String>> = BTreeMap::new();
    for function in &context.environment.functions {
        let Some(queue) = &function.consumes else {
            found.extend(idle(function));
            continue;
        };
        found.extend(too_much(function));
        let Some((_, span)) = written(queue) else {
            continue;
        };
        if let (Source::Builtin(builtin), Some(_)) =
            (&function.source.value, written(&function.source))
        {
            let label = format!("`builtin:{builtin}` handles no messages");
            let help = "remove it, or write the path of a folder of your own as `source`";
            found.push(told(function, span).label(label).help(help));
        } else if let Some(other) = consumers.insert(queue.as_str(), queue) {
            let told = told(function, span).label("another function consumes this queue");
            let told = match written(other) {
                Some((_, place)) => told.secondary(place, "here"),
                None => told,
            };
            found.push(told.help("give each its own queue, and send to both"));
        }
    }
}

fn told(function: &Function, span: std::ops::Range<usize>) -> Diagnostic {
    let message = format!(
        "the function `{}` cannot consume a queue like this",
        function.key.value
    );
    Diagnostic::error(Code::InvalidConsumer, span, message)
}

fn idle(function: &Function) -> Option<Diagnostic> {
    let span = function.batch.written.clone()?;
    Some(
        told(function, span)
            .label("there is no queue whose messages it could mean")
            .help("add `consumes` with the key of a queue, or remove `batch`"),
    )
}

fn too_much(function: &Function) -> Vec<Diagnostic> {
    let batch = &function.batch;
    let size = written(&batch.size)
        .filter(|_| batch.size.value > MOST_AT_ONCE && batch.window_seconds.value == 0);
    let size = size.map(|(_, span)| {
        told(function, span)
            .label(format!(
                "more than {MOST_AT_ONCE} messages take time to collect"
            ))
            .help("add `window_seconds = 5`, or more")
    });
    let reserved = function.reserved_concurrency.as_ref();
    let most = batch.concurrency.as_ref().zip(reserved);
    let most = most.filter(|(most, reserved)| most.value > reserved.value);
    let most = most.and_then(|(most, reserved)| {
        let (_, span) = written(most)?;
        let told = told(function, span).label(format!(
            "more than the {} that are reserved",
            reserved.value
        ));
        let told = match written(reserved) {
            Some((_, place)) => told.secondary(place, "the reservation"),
            None => told,
        };
        let help = format!(
            "write `concurrency = {}` or less, or reserve more",
            reserved.value
        );
        Some(told.help(help).replace_with(reserved.value.to_string()))
    });
    size.into_iter().chain(most).collect()
}
