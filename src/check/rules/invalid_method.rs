//! A route of the API without a method that REST APIs know.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::paths::{is_path, right_path};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::METHODS;
use crate::spec::nearest;

pub const RULE: Rule = Rule {
    code: Code::InvalidMethod,
    severities: &[Severity::Error],
    what: "The key of an API route does not begin with an HTTP method in upper case.",
    why: "\
        A route is a method and a path. Validators, models and permissions belong to one method each; \
        therefore `ANY` is not accepted.",
    wrong: "[api.routes.\"post /payments\"]",
    right: "[api.routes.\"POST /payments\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        let method = route.method.as_str();
        let Some((_, span)) = written(&route.key).filter(|_| !METHODS.contains(&method)) else {
            continue;
        };
        let key = route.key.value.as_str();
        let diagnostic = if method.chars().all(|c| c.is_ascii_alphabetic()) && !method.is_empty() {
            let message = format!("unknown method `{method}`");
            Diagnostic::error(Code::InvalidMethod, span, message)
                .label(format!("must be one of {}", METHODS.join(", ")))
        } else {
            let message = format!("the route `{key}` has no method");
            Diagnostic::error(Code::InvalidMethod, span, message)
                .label("must be a method, a space and a path")
        };
        found.push(match meant(key) {
            Some((best, path)) => diagnostic.write_text(&format!("{best} {path}")),
            None => match path_of(key) {
                Some(path) => diagnostic
                    .help(format!("write \"GET {path}\" or another method"))
                    .replace_with(format!("\"GET {path}\"")),
                None => diagnostic.help("a route is written as \"GET /payments\""),
            },
        });
    }
}

/// The method and path that were meant, where a method can be told: `get /health`, `/health GET`, `GET,/health`, `"GET" /health`.
pub fn meant(key: &str) -> Option<(&'static str, String)> {
    let (at, path) = slash(key)?;
    let (before, behind) = (key.get(..at)?, key.get(at..)?);
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let first = before.trim().split("://").next().unwrap_or_default();
    let first = first.split_whitespace().next().unwrap_or_default();
    let word = first.trim_matches(|c| !is_letter(c));
    let is_scheme =
        before.contains("://") && before.trim().starts_with(word) && !before.contains(' ');
    if !word.is_empty() && !is_scheme {
        let method = nearest(word, METHODS)?;
        return Some((method, path));
    }
    let last = behind.trim().rsplit_once(' ')?.1;
    let method = METHODS
        .into_iter()
        .find(|method| last.eq_ignore_ascii_case(method))?;
    let path = right_path(behind.trim().strip_suffix(last)?.trim());
    is_path(&path).then_some((method, path))
}

/// The path in a key without a method.
fn path_of(key: &str) -> Option<String> {
    slash(key).map(|(_, path)| path)
}

/// Where the path begins, and as it was meant.
fn slash(key: &str) -> Option<(usize, String)> {
    let start = match key.split_once("://") {
        Some((scheme, behind)) => scheme.len() + 3 + behind.find('/')?,
        None => key.find('/')?,
    };
    let path = right_path(key.get(start..)?);
    is_path(&path).then_some((start, path)).or_else(|| {
        // The method stands behind it.
        let first = key.get(start..)?.split_whitespace().next()?;
        let path = right_path(first);
        is_path(&path).then_some((start, path))
    })
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_method_is_found_where_it_stands() {
        for key in [
            "get /health",
            "GET: /health",
            "GET,/health",
            "\"GET\" /health",
            "/health GET",
            "get https://x/health",
            "GTE /health",
        ] {
            assert_eq!(meant(key), Some(("GET", "/health".to_owned())), "{key}");
        }
        for key in ["/health", "https://x/health", "health", ""] {
            assert_eq!(meant(key), None, "{key}");
        }
    }
}
