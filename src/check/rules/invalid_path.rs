//! A path of the API or a pattern of the load balancer that AWS does not take.

use std::collections::BTreeSet;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidPath,
    severities: &[Severity::Error],
    what: "\
        The path of an API route or the pattern of a load balancer route has a form that AWS does not \
        take.",
    why: "\
        API paths are segments of letters, digits and . _ : -, or a parameter in braces, whose name \
        takes no colon; listener rules take * and ? as wildcards and at most 128 characters.",
    wrong: "[api.routes.\"GET /payments/:id/\"]",
    right: "[api.routes.\"GET /payments/{id}\"]",
    check: Some(check),
};

/// Longest pattern of a listener rule, and the most wildcards in one.
const PATTERN_LENGTH: usize = 128;
const WILDCARDS: usize = 5;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for route in &context.environment.api.routes {
        let Some((_, span)) = written(&route.key) else {
            continue;
        };
        if let Err((label, help)) = path(&route.path) {
            found.push(
                Diagnostic::error(
                    Code::InvalidPath,
                    span,
                    format!("`{}` is not a path that the API takes", route.path),
                )
                .label(label)
                .help(help),
            );
            let right = format!("{} {}", route.method, right_path(&route.path));
            if path(&right_path(&route.path)).is_ok() {
                suggest(found, &right);
            }
        }
    }
    for route in &context.environment.load_balancer.routes {
        let Some((_, span)) = written(&route.pattern) else {
            continue;
        };
        if let Err((label, help)) = pattern(&route.pattern) {
            let message = format!(
                "`{}` is not a pattern that the load balancer takes",
                route.pattern.value
            );
            found.push(
                Diagnostic::error(Code::InvalidPath, span, message)
                    .label(label)
                    .help(help),
            );
            let right = right_pattern(&route.pattern);
            if pattern(&right).is_ok() {
                suggest(found, &right);
            }
        }
    }
}

/// Puts what to write in place of a general help, where the whole of it is known to be right.
fn suggest(found: &mut Vec<Diagnostic>, right: &str) {
    if let Some(told) = found.pop() {
        found.push(told.write_text(right));
    }
}

/// The path that was meant: one slash between segments, parameters in braces, only the last of them with the rest of the path.
fn right_path(path: &str) -> String {
    let path = path.trim().trim_matches(['"', '\'']);
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let last = segments.len().saturating_sub(1);
    let segments = segments.iter().enumerate().map(|(index, segment)| {
        let name = segment.trim_matches(['{', '}', '<', '>']);
        let is_parameter = segment.starts_with(['{', ':', '<']);
        match (is_parameter, name.trim_start_matches(':').strip_suffix('+')) {
            (true, Some(name)) if index == last => format!("{{{name}+}}"),
            (true, Some(name)) => format!("{{{name}}}"),
            (true, None) => format!("{{{}}}", name.trim_start_matches(':')),
            (false, _) => (*segment).to_owned(),
        }
    });
    format!("/{}", segments.collect::<Vec<_>>().join("/"))
}

/// The pattern that was meant: without a method and quotes, with a wildcard for a parameter.
fn right_pattern(pattern: &str) -> String {
    let pattern = pattern.trim().trim_matches(['"', '\'', ' ']);
    let path = match pattern.split_once(' ') {
        Some((method, path)) if method.chars().all(|c| c.is_ascii_alphabetic()) => path.trim(),
        _ => pattern,
    };
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let segments = segments.map(|segment| {
        if segment.starts_with(['{', ':', '<']) {
            "*"
        } else {
            segment
        }
    });
    format!("/{}", segments.collect::<Vec<_>>().join("/"))
}

/// What is wrong, and what to type.
type Fault = (&'static str, String);

fn path(path: &str) -> Result<(), Fault> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err((
            "must begin with a slash",
            "a path is written from its first slash on".to_owned(),
        ));
    };
    if rest.is_empty() {
        return Err((
            "the root is no route",
            "name what is asked for: \"/payments\"".to_owned(),
        ));
    }
    if rest.ends_with('/') {
        return Err((
            "must not end with a slash",
            "the last slash may go".to_owned(),
        ));
    }
    // A request hands over one value for each name.
    let mut names = BTreeSet::new();
    let last = rest.split('/').count() - 1;
    for (index, segment) in rest.split('/').enumerate() {
        if segment.is_empty() {
            return Err((
                "has an empty segment",
                "write one slash between segments".to_owned(),
            ));
        }
        let is_of = |signs: &str, text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
        };
        let parameter = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let greedy = parameter.and_then(|name| name.strip_suffix('+'));
        let name = greedy.or(parameter).unwrap_or(segment);
        if greedy.is_some() && index != last {
            return Err((
                "only the last parameter may take the rest of the path",
                format!("without `+`: {{{name}}}"),
            ));
        }
        if parameter.is_none()
            && let Some(name) = segment.strip_prefix(':')
        {
            return Err((
                "parameters stand in braces",
                format!("in braces: {{{name}}}"),
            ));
        }
        if parameter.is_some() && !names.insert(name) {
            return Err((
                "a parameter stands in it twice",
                format!("give the second `{name}` another name"),
            ));
        }
        if parameter.is_some() && is_of("._:-", name) && !is_of("._-", name) {
            // The names of a method's parameters: ^[a-zA-Z0-9._$-]+$, says API Gateway's guide to mappings.
            let help = "use letters, digits and . _ -".to_owned();
            return Err((
                "the name of a parameter has a character that is not allowed",
                help,
            ));
        }
        // API Gateway: "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable", the same for braces.
        if !is_of("._:-", name) {
            let help =
                "use letters, digits and . _ : -, or a parameter such as {payment_id}".to_owned();
            return Err(("a segment has a character that is not allowed", help));
        }
    }
    Ok(())
}

fn pattern(pattern: &str) -> Result<(), Fault> {
    if !pattern.starts_with('/') && !pattern.starts_with('*') {
        return Err((
            "must begin with a slash",
            "a pattern is a path, without a method".to_owned(),
        ));
    }
    if pattern.chars().count() > PATTERN_LENGTH {
        return Err((
            "has more than 128 characters",
            "shorten it with a wildcard".to_owned(),
        ));
    }
    if pattern.chars().filter(|c| "*?".contains(*c)).count() > WILDCARDS {
        return Err((
            "has more than five wildcards",
            "a rule may have five".to_owned(),
        ));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?".contains(c);
    if !pattern.chars().all(allowed) {
        let help = "use letters, digits, _-.$/~\"'@:+& and the wildcards * and ?".to_owned();
        return Err(("has a character that is not allowed", help));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{path, pattern};

    #[test]
    fn paths_of_the_api() {
        for good in [
            "/health",
            "/payments/{id}",
            "/payments/{id}/refunds",
            "/files/{path+}",
            "/a.b_c:d-e",
        ] {
            assert!(path(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "payments",
            "/payments/",
            "/a//b",
            "/a b",
            "/{path+}/x",
            "/{}",
            "/{a}b",
            "/:id",
            "/{id}/{id}",
            "/{id}/x/{id+}",
            "/*",
            "/a~b",
            "/~",
            "/a%20b",
            "/{a~b}",
            "/\u{e9}",
        ] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_of_the_load_balancer() {
        assert!(
            pattern("/payments/*").is_ok() && pattern("/health").is_ok() && pattern("*").is_ok()
        );
        for bad in ["payments/*", "/a b", "/{id}", "/*/*/*/*/*/*"] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
        assert!(pattern(&format!("/{}", "a".repeat(128))).is_err());
    }
}
