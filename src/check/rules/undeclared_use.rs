//! A function that uses a secret or a queue that is not there.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::spec::{nearest, path_of};

pub const RULE: Rule = Rule {
    code: Code::UndeclaredUse,
    severities: &[Severity::Error],
    what: "A function uses a secret, a queue or a topic, or consumes a queue, that is not in the spec; or a queue names such a topic.",
    why: "Its role and its variables would name something that is not there.",
    wrong: "[functions.settle]\nuses = { secrets = [\"processor-api-key\"] }",
    right: "\
        [secrets.processor-api-key]\n\
        \n\
        [functions.settle]\n\
        uses = { secrets = [\"processor-api-key\"] }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let secrets: Vec<&str> = environment
        .secrets
        .iter()
        .map(|secret| secret.key.as_str())
        .collect();
    let queues: Vec<&str> = environment
        .queues
        .iter()
        .map(|queue| queue.key.as_str())
        .collect();
    let topics: Vec<&str> = environment
        .topics
        .iter()
        .map(|topic| topic.as_str())
        .collect();
    let named = environment.queues.iter();
    let named = named.filter_map(|queue| queue.topic.as_ref());
    found.extend(named.filter_map(|used| told(context, "topic", used, &topics)));
    for function in &environment.functions {
        let uses = &function.uses;
        let used_secrets = uses.secrets.iter();
        found.extend(used_secrets.filter_map(|used| told(context, "secret", used, &secrets)));
        let used_topics = uses.topics.iter();
        found.extend(used_topics.filter_map(|used| told(context, "topic", used, &topics)));
        let used_queues = uses.queues.iter().map(|(queue, _)| queue);
        let used_queues = used_queues.chain(&function.consumes);
        found.extend(used_queues.filter_map(|used| told(context, "queue", used, &queues)));
    }
}

fn told(
    context: &Context<'_>,
    what: &str,
    used: &Value<String>,
    declared: &[&str],
) -> Option<Diagnostic> {
    let name = used.as_str();
    let (_, span) = written(used)?;
    // One whose table has an error is told there.
    if declared.contains(&name) || context.is_unusable(&path_of(&format!("{what}s"), name)) {
        return None;
    }
    let table = format!("[{what}s.{name}]");
    let diagnostic = Diagnostic::error(
        Code::UndeclaredUse,
        span,
        format!("unknown {what} `{name}`"),
    )
    .label(format!("there is no `{table}`"));
    Some(match nearest(name, declared.iter().copied()) {
        Some(best) => diagnostic.did_you_mean(best),
        None => diagnostic.help(format!(
            "add a table `{table}`, or use nothing of that name"
        )),
    })
}
