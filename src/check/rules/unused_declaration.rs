//! Secrets and queues that nobody uses, or that lead nowhere.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::{Flow, Function, Queue};
use crate::spec::path_of;

pub const RULE: Rule = Rule {
    code: Code::UnusedDeclaration,
    severities: &[Severity::Warning],
    what: "No function reads the secret; none sends to the queue, or none receives from it; none publishes to the topic, or no queue gets its messages.",
    why: "\
        A secret that nobody reads is paid for and can leak. Messages that nobody receives are deleted when \
        the queue's retention ends.",
    wrong: "[queues.settlements]\n\n[functions.validate]\nuses = { queues = { settlements = \"send\" } }",
    right: "\
        [queues.settlements]\n\
        \n\
        [functions.validate]\n\
        uses = { queues = { settlements = \"send\" } }\n\
        \n\
        [functions.settle]\n\
        consumes = \"settlements\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for secret in &environment.secrets {
        let name = secret.key.as_str();
        let is_used = environment.functions.iter().any(|function| {
            let mut used = function.uses.secrets.iter();
            used.any(|used| used.value == name)
        });
        let Some((_, span)) = written(&secret.key).filter(|_| !is_used) else {
            continue;
        };
        let message = format!("nobody reads the secret `{name}`");
        let told = Diagnostic::warning(Code::UnusedDeclaration, span, message)
            .label("no function names it in its `uses`")
            .help(format!(
                "add `uses = {{ secrets = [\"{name}\"] }}` to a function, or remove the table"
            ));
        found.push(told);
    }
    for topic in &environment.topics {
        found.extend(unheard(context, topic));
    }
    for queue in &environment.queues {
        found.extend(one_sided(context, queue));
    }
}

fn one_sided(context: &Context<'_>, queue: &Queue) -> Option<Diagnostic> {
    let name = queue.key.as_str();
    let functions = &context.environment.functions;
    // A word that is none has an error of its own.
    let is_unusable = |function: &Function| {
        let uses = path_of(&path_of("functions", &function.key), "uses");
        context.is_unusable(&path_of(&path_of(&uses, "queues"), name))
    };
    if functions.iter().any(is_unusable) {
        return None;
    }
    let uses = |flow: Flow| {
        functions.iter().any(|function| {
            let mut used = function.uses.queues.iter();
            used.any(|(used, does)| used.value == name && does.value == flow)
        })
    };
    let is_consumed = functions.iter().any(|function| {
        let consumed = function.consumes.as_ref();
        consumed.is_some_and(|consumed| consumed.value == name)
    });
    let (label, help) = match (
        uses(Flow::Send) || queue.topic.is_some(),
        is_consumed || uses(Flow::Receive),
    ) {
        (true, true) => return None,
        (false, false) => ("no function uses it", "remove the table"),
        (true, false) => (
            "messages are sent to it, and no function receives them",
            "add `consumes` to the function that handles them",
        ),
        (false, true) => (
            "no function sends to it",
            "add it to the `uses` of the function that sends, or waive this rule if others send",
        ),
    };
    let (_, span) = written(&queue.key)?;
    let message = format!("the queue `{name}` leads nowhere");
    let told = Diagnostic::warning(Code::UnusedDeclaration, span, message);
    Some(told.label(label).help(help))
}

fn unheard(context: &Context<'_>, topic: &Value<String>) -> Option<Diagnostic> {
    let environment = context.environment;
    let name = topic.as_str();
    let published = environment.functions.iter().any(|function| {
        let mut used = function.uses.topics.iter();
        used.any(|used| used.value == name)
    });
    let heard = environment.queues.iter().any(|queue| {
        queue
            .topic
            .as_ref()
            .is_some_and(|named| named.value == name)
    });
    let (label, help) = match (published, heard) {
        (true, true) => return None,
        (false, _) => (
            "no function publishes to it",
            "add it to the `uses` of the function that publishes, or remove the table",
        ),
        (true, false) => (
            "no queue gets what is published",
            "add `topic` to the queues that get its messages",
        ),
    };
    let (_, span) = written(topic)?;
    let message = format!("the topic `{name}` leads nowhere");
    let told = Diagnostic::warning(Code::UnusedDeclaration, span, message);
    Some(told.label(label).help(help))
}
