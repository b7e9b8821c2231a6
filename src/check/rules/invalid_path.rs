//! A path of the API or a pattern of the load balancer that AWS does not take.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::paths::{Fault, fault, is_path, of_address, right_path};
use crate::diagnostic::{Code, Diagnostic, Severity};

use super::invalid_method::meant;
use crate::format::METHODS;

pub const RULE: Rule = Rule {
    code: Code::InvalidPath,
    severities: &[Severity::Error],
    what: "AWS does not accept the path of an API route or the pattern of a load balancer route.",
    why: "\
        A segment of an API path has letters, digits and . _ : -, or is a parameter in braces, whose name \
        has no colon. A pattern of a listener rule has at most 128 characters, with the wildcards * and ?.",
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
        // A route without a method is told with all that it needs.
        let has_method = METHODS.contains(&route.method.as_str());
        if route.method.is_empty() || (!has_method && meant(&route.key).is_some()) {
            continue;
        }
        if let Err((label, help)) = fault(&route.path) {
            found.push(
                Diagnostic::error(
                    Code::InvalidPath,
                    span,
                    format!("`{}` is not a valid path of the API", route.path),
                )
                .label(label)
                .help(help),
            );
            let right = format!("{} {}", route.method, right_path(&route.path));
            if is_path(&right_path(&route.path)) {
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
                "`{}` is not a valid pattern of the load balancer",
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

/// The pattern that was meant: without a method and quotes, with a wildcard for a parameter.
fn right_pattern(pattern: &str) -> String {
    let pattern = pattern.trim().trim_matches(['"', '\'', ' ']);
    let path = match pattern.split_once(' ') {
        Some((method, path)) if method.chars().all(|c| c.is_ascii_alphabetic()) => path.trim(),
        _ => pattern,
    };
    let path = if path.contains("://") {
        of_address(path)
    } else {
        path
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

fn pattern(pattern: &str) -> Result<(), Fault> {
    if pattern.contains("://") && !pattern.starts_with('/') {
        return Err((
            "is an address, not a path",
            "a pattern is a path, without scheme and host".to_owned(),
        ));
    }
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
    use super::pattern;

    #[test]
    fn the_path_of_an_address_is_meant() {
        assert_eq!(
            super::right_pattern("https://x/payments/{id}"),
            "/payments/*"
        );
    }

    #[test]
    fn patterns_of_the_load_balancer() {
        assert!(
            pattern("/payments/*").is_ok() && pattern("/health").is_ok() && pattern("*").is_ok()
        );
        assert!(pattern("/a.:+://?").is_ok());
        for bad in ["https://x/a", "payments/*", "/a b", "/{id}", "/*/*/*/*/*/*"] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
        assert!(pattern(&format!("/{}", "a".repeat(128))).is_err());
    }
}
