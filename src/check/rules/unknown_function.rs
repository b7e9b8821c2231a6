//! A route to a function that is not there.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::spec::nearest;

use super::invalid_name::{MOST_COMPARED, meant_function};

pub const RULE: Rule = Rule {
    code: Code::UnknownFunction,
    severities: &[Severity::Error],
    what: "A route names a function that is not in the spec.",
    why: "The route would have no target.",
    wrong: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate\"",
    right: "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate-payment\"",
    check: Some(check),
};

/// How many names are compared with names, in all: thousands of unknown ones among thousands would take minutes, and have
/// another cause than misspelling.
const MOST_COMPARISONS: usize = 100_000;

/// How many functions a help text lists.
const MOST_LISTED: usize = 12;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let names = || {
        environment
            .functions
            .iter()
            .map(|function| function.key.as_str())
    };
    let mut known: BTreeSet<&str> = names().collect();
    // A function whose name cannot be one is told there.
    let meant: Vec<String> = names()
        .filter_map(|name| meant_function(name, environment))
        .take(MOST_COMPARED)
        .collect();
    known.extend(meant.iter().map(String::as_str));
    let by_api = environment.api.routes.iter().map(|route| &route.function);
    let by_load_balancer = environment
        .load_balancer
        .routes
        .iter()
        .map(|route| &route.function);
    let mut comparisons = 0;
    for function in by_api.chain(by_load_balancer) {
        let name = function.as_str();
        let is_unusable = context.is_unusable(&crate::spec::path_of("functions", name));
        let Some((_, span)) = written(function).filter(|_| !is_unusable && !known.contains(name))
        else {
            continue;
        };
        let diagnostic = Diagnostic::error(
            Code::UnknownFunction,
            span,
            format!("unknown function `{name}`"),
        )
        .label(format!("there is no `[functions.{name}]`"));
        comparisons += known.len();
        let best = (comparisons <= MOST_COMPARISONS).then(|| nearest(name, names()));
        found.push(match best.flatten() {
            Some(best) => diagnostic.did_you_mean(best),
            None if known.is_empty() => diagnostic.help(format!(
                "add a table `[functions.{name}]`, or remove the route"
            )),
            None => diagnostic.help(listed(&names().collect::<Vec<_>>())),
        });
    }
}

fn listed(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().take(MOST_LISTED).copied().collect();
    match names.len().saturating_sub(first.len()) {
        0 => format!("the functions are {}", first.join(", ")),
        more => format!("the functions are {} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn of_many_functions_the_first_are_listed() {
        assert_eq!(listed(&["a", "b"]), "the functions are a, b");
        let many = listed(&["f"; 100]);
        assert!(many.ends_with("f and 88 more"), "{many}");
    }
}
