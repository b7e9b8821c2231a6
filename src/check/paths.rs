//! Paths of the API: what AWS takes, and what was meant by one that it does not.

use std::collections::BTreeSet;

/// What is wrong, and what to type.
pub type Fault = (&'static str, String);

/// Why the API does not take a path.
pub fn fault(path: &str) -> Result<(), Fault> {
    let Some(rest) = path.strip_prefix('/') else {
        if path.contains("://") {
            return Err((
                "is an address, not a path",
                "write the path only, without scheme and host".to_owned(),
            ));
        }
        return Err((
            "must begin with a slash",
            "write the path with its first slash".to_owned(),
        ));
    };
    if rest.is_empty() {
        return Err((
            "the root is not a route",
            "name a resource: \"/payments\"".to_owned(),
        ));
    }
    if rest.ends_with('/') {
        return Err((
            "must not end with a slash",
            "remove the last slash".to_owned(),
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
                "only the last parameter may match the rest of the path",
                format!("without `+`: {{{name}}}"),
            ));
        }
        if parameter.is_none()
            && let Some(name) = segment.strip_prefix(':')
        {
            return Err((
                "parameters are written in braces",
                format!("in braces: {{{name}}}"),
            ));
        }
        if parameter.is_some() && !names.insert(name) {
            return Err(("duplicate parameter", format!("rename the second `{name}`")));
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

/// The path that was meant: one slash between segments, parameters in braces, only the last of them with the rest of the path.
pub fn right_path(path: &str) -> String {
    let path = of_address(path.trim().trim_matches(['"', '\'']));
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

/// Whether the API takes a path.
pub fn is_path(text: &str) -> bool {
    fault(text).is_ok()
}

/// The path in an address, `https://example.com/health?deep=1`.
pub fn of_address(address: &str) -> &str {
    let path = match address.split_once("://") {
        Some((_, behind)) => behind.find('/').and_then(|at| behind.get(at..)),
        None => None,
    };
    let path = path.unwrap_or(address);
    match path.split_once(['?', '#']) {
        Some((before, _)) if before.starts_with('/') => before,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{fault, right_path};

    #[test]
    fn paths_of_the_api() {
        for good in [
            "/health",
            "/payments/{id}",
            "/payments/{id}/refunds",
            "/files/{path+}",
            "/a.b_c:d-e",
        ] {
            assert!(fault(good).is_ok(), "{good}");
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
            assert!(fault(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_path_of_an_address_is_meant() {
        for (address, path) in [
            ("https://x/health", "/health"),
            ("http://example.com:8080/health?x=1", "/health"),
            ("/health?deep=1#top", "/health"),
            ("health/:id", "/health/{id}"),
        ] {
            assert_eq!(right_path(address), path);
        }
    }
}
