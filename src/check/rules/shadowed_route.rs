//! A route of the load balancer that can never match.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::LoadBalancerRoute;

pub const RULE: Rule = Rule {
    code: Code::ShadowedRoute,
    severities: &[Severity::Warning],
    what: "\
        A route of the load balancer can never match: a rule with a lower priority number matches all of its \
        paths.",
    why: "\
        The listener evaluates its rules by priority, the lowest number first, and uses the first match. \
        Without the key, a more specific pattern comes first.",
    wrong: "\
        [load_balancer.routes.\"/payments/*\"]\n\
        priority = 5\n\
        [load_balancer.routes.\"/payments/validate\"]\n\
        priority = 9",
    right: "[load_balancer.routes.\"/payments/*\"]\n[load_balancer.routes.\"/payments/validate\"]",
    check: Some(check),
};

/// Pairs of patterns that are compared at most: more than the 100 rules of a listener as it comes have. What is beyond is left alone.
const MOST_PAIRS: usize = 20_000;

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut routes: Vec<&LoadBalancerRoute> =
        context.environment.load_balancer.routes.iter().collect();
    routes.sort_by_key(|route| route.priority.value);
    // Those with a wildcard so far, by what stands before it: it has to begin what they take.
    let mut wide: BTreeMap<&str, Vec<&LoadBalancerRoute>> = BTreeMap::new();
    let mut pairs = 0;
    for route in routes {
        let pattern = route.pattern.as_str();
        let start = start(pattern);
        let ends = start
            .char_indices()
            .map(|(end, _)| end)
            .chain([start.len()]);
        let candidates = ends.filter_map(|end| wide.get(start.get(..end)?)).flatten();
        let earlier = candidates.take_while(|_| {
            pairs += 1;
            pairs <= MOST_PAIRS
        });
        let mut earlier = earlier.filter(|other| other.priority.value < route.priority.value);
        if let Some(other) = earlier.find(|other| takes_all(&other.pattern, pattern)) {
            found.extend(tell(route, other));
        }
        if start.len() < pattern.len() {
            wide.entry(start).or_default().push(route);
        }
    }
}

fn tell(route: &LoadBalancerRoute, other: &LoadBalancerRoute) -> Option<Diagnostic> {
    let (_, span) = written(&route.pattern)?;
    let (first, pattern) = (&other.pattern.value, &route.pattern.value);
    let (before, after) = (other.priority.value, route.priority.value);
    let help = match (written(&other.priority), written(&route.priority)) {
        (Some(_), None) => {
            format!("remove `priority` of \"{first}\": the more specific pattern then comes first")
        }
        (Some(_), Some(_)) => {
            "remove `priority` from both: the more specific pattern then comes first".to_owned()
        }
        (None, _) => match before.checked_sub(1).filter(|number| *number > 0) {
            Some(number) => format!(
                "give \"{pattern}\" a priority before it, for example `priority = {number}`"
            ),
            None => "remove the route".to_owned(),
        },
    };
    let message = format!("the route \"{pattern}\" can never match");
    let told = Diagnostic::warning(Code::ShadowedRoute, span, message)
        .label(format!(
            "\"{first}\" matches all of its paths first: its priority is {before}{}, before {after}{}",
            source(&other.priority),
            source(&route.priority)
        ))
        .help(help);
    Some(match written(&other.pattern) {
        Some((_, place)) => told.secondary(place, "matches every path of the other"),
        None => told,
    })
}

fn is_wildcard(character: char) -> bool {
    character == '*' || character == '?'
}

/// What stands before the first wildcard.
fn start(pattern: &str) -> &str {
    let end = pattern.find(is_wildcard).unwrap_or(pattern.len());
    pattern.get(..end).unwrap_or(pattern)
}

/// Places of a wide pattern that it may have reached: all that one needs to know of what it has read.
type Reached = BTreeSet<usize>;

/// Whether a pattern matches every path that another one does. `*` is any text and `?` one character. Of what a wildcard of the
/// other one stands for, a character that the wide pattern does not name is the hardest: so only such a one is tried.
fn takes_all(wide: &str, narrow: &str) -> bool {
    let wide: Vec<char> = wide.chars().collect();
    let narrow: Vec<char> = narrow.chars().collect();
    let mut seen: BTreeSet<(usize, Reached)> = BTreeSet::new();
    let mut open = vec![(0, closed(&wide, Reached::from([0])))];
    while let Some((place, reached)) = open.pop() {
        if reached.is_empty() {
            return false;
        }
        if !seen.insert((place, reached.clone())) {
            continue;
        }
        match narrow.get(place) {
            None if !reached.contains(&wide.len()) => return false,
            None => {}
            Some('*') => {
                // Here nothing more of it, or another character.
                open.push((place, step(&wide, &reached, None)));
                open.push((place + 1, reached));
            }
            Some('?') => open.push((place + 1, step(&wide, &reached, None))),
            Some(literal) => open.push((place + 1, step(&wide, &reached, Some(*literal)))),
        }
    }
    true
}

/// Where a pattern may be after one more character; nothing stands for one that it does not name.
fn step(pattern: &[char], reached: &Reached, character: Option<char>) -> Reached {
    let next = reached
        .iter()
        .filter_map(|place| match pattern.get(*place)? {
            '*' => Some(*place),
            '?' => Some(place + 1),
            literal => (Some(*literal) == character).then_some(place + 1),
        });
    closed(pattern, next.collect())
}

/// With the places behind each `*`, which may stand for nothing.
fn closed(pattern: &[char], mut reached: Reached) -> Reached {
    for (place, _) in pattern.iter().enumerate().filter(|(_, sign)| **sign == '*') {
        if reached.contains(&place) {
            reached.insert(place + 1);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::takes_all;

    /// Whether a pattern matches a text.
    fn matches(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => {
                matches(&pattern[1..], text) || (!text.is_empty() && matches(pattern, &text[1..]))
            }
            (Some('?'), Some(_)) => matches(&pattern[1..], &text[1..]),
            (Some(sign), Some(character)) if sign == character => {
                matches(&pattern[1..], &text[1..])
            }
            _ => false,
        }
    }

    /// Every text of these signs up to a length.
    fn texts(signs: &str, longest: usize) -> Vec<Vec<char>> {
        let mut all: Vec<Vec<char>> = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..longest {
            let end = all.len();
            for index in from..end {
                for sign in signs.chars() {
                    let mut text = all[index].clone();
                    text.push(sign);
                    all.push(text);
                }
            }
            from = end;
        }
        all
    }

    #[test]
    fn patterns_hold_each_other_by_meaning() {
        for (wide, narrow) in [
            ("/payments/*", "/payments/validate"),
            ("/payments/*", "/payments/"),
            ("/*", "/a?b*"),
            ("*", "/"),
            ("/a*?", "/a*b"),
            ("/?*", "/*?"),
            ("/a*a*", "/aba*"),
        ] {
            assert!(takes_all(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("/payments/*", "/payments"),
            ("/a?", "/a*"),
            ("/a*b", "/a*"),
            ("/A*", "/ab"),
            ("/*b", "/a?"),
        ] {
            assert!(!takes_all(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn it_agrees_with_every_short_text() {
        // `c` stands for all that no pattern names.
        let texts = texts("abc", 6);
        let patterns = self::texts("ab*?", 3);
        for wide in &patterns {
            for narrow in &patterns {
                let mut all = texts.iter().filter(|text| matches(narrow, text));
                let expected = all.all(|text| matches(wide, text));
                let of = |signs: &Vec<char>| signs.iter().collect::<String>();
                assert_eq!(
                    takes_all(&of(wide), &of(narrow)),
                    expected,
                    "{wide:?} {narrow:?}"
                );
            }
        }
    }
}
