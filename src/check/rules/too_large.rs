//! A spec, or something that it asks for, beyond every bound. That the file itself is too large is found before it is read.

use std::collections::HashSet;
use std::ops::Range;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::TooLarge,
    severities: &[Severity::Error],
    what: "\
        The file is larger than 4 MiB, or exceeds a limit of AWS or of the compiler: 5,000 functions, 10,000 \
        paths of the API, 10,000 API keys, 50,000 routes of the load balancer, 1,024 characters in a \
        path, or more routes to one function than its policy has room for.",
    why: "\
        Each function has its own role (FN-4), and an account has at most 5,000 roles, a region 10,000 API \
        keys, a listener 50,000 priorities, a URL 10,240 characters, the ARN of a method 1,600, and the policy \
        of a function, with a statement for each route, 20,480 bytes. The \
        default quota of an API is 300 paths. A program must have written such a spec by mistake; it is \
        rejected early to save minutes.",
    wrong: "[api.routes.\"GET /payments/{id}/{id2}/…\"]      # a thousand parameters",
    right: "[api.routes.\"GET /payments/{id}/{proxy+}\"]",
    check: Some(check),
};

/// Roles of an account at most, whatever is raised: AWS's number for IAM (documented).
const FUNCTIONS: usize = 5_000;
/// The compiler's own bound: 300 is what an API has unless raised (documented).
const PATHS: usize = 10_000;
/// Of a region, and never raised (documented).
const API_KEYS: usize = 10_000;
/// One priority each.
const PATTERNS: usize = 50_000;
/// Leaves the greater part of a URL and of a method's ARN to hosts, values and queries.
pub(super) const PATH_LENGTH: usize = 1_024;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let functions = environment.functions.iter();
    let keys = environment.api.plans.iter().flat_map(|plan| {
        // A key that was not written has the name of its plan.
        let of_plan = written(&plan.key);
        plan.api_keys
            .iter()
            .map(move |key| written(key).or_else(|| of_plan.clone()))
    });
    let patterns = environment.load_balancer.routes.iter();
    found.extend(
        [
            beyond(
                functions.map(|function| written(&function.key)),
                FUNCTIONS,
                "functions",
            ),
            beyond(keys, API_KEYS, "API keys"),
            beyond(
                patterns.map(|route| written(&route.pattern)),
                PATTERNS,
                "routes of the load balancer",
            ),
            paths(context),
        ]
        .into_iter()
        .flatten(),
    );
    for route in &environment.api.routes {
        let Some((_, span)) = written(&route.key) else {
            continue;
        };
        let length = route.path.chars().count();
        if length > PATH_LENGTH {
            found.push(
                Diagnostic::error(Code::TooLarge, span, "a path of the API is too long")
                    .label(format!("has {length} characters, and {PATH_LENGTH} fit"))
                    .help("take the rest of a path with one parameter: `{proxy+}`"),
            );
        }
    }
}

type Place<'a> = Option<(&'a str, Range<usize>)>;

/// Points at the first one too many.
fn beyond<'a>(
    places: impl Iterator<Item = Place<'a>> + Clone,
    most: usize,
    things: &str,
) -> Option<Diagnostic> {
    let (_, span) = places.clone().nth(most)??;
    Some(
        Diagnostic::error(Code::TooLarge, span, format!("too many {things}"))
            .label(format!("{} in all, and {most} fit", places.count()))
            .help("divide them among several environments, each with a spec of its own"),
    )
}

/// Each part of a path is a resource, once for all routes that share it.
fn paths(context: &Context<'_>) -> Option<Diagnostic> {
    let mut seen: HashSet<&str> = HashSet::new();
    for route in &context.environment.api.routes {
        if route.path.len() > PATH_LENGTH {
            continue;
        }
        let slashes = route.path.match_indices('/').map(|(at, _)| at);
        let ends = slashes.skip(1).chain([route.path.len()]);
        seen.extend(ends.filter_map(|end| route.path.get(..end)));
        if seen.len() > PATHS {
            let (_, span) = written(&route.key)?;
            return Some(
                Diagnostic::error(Code::TooLarge, span, "too many paths of the API")
                    .label(format!("{PATHS} fit, parts of paths counted by themselves"))
                    .help("take the rest of a path with one parameter: `{proxy+}`"),
            );
        }
    }
    None
}
