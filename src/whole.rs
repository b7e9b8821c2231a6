//! A spec and its base as one text: a place is bytes of the whole, which knows whose line that is. Behind the spec's own text stands a
//! line that no TOML can be, and then the base.

/// Begins the line between the two.
const MARK: &str = "\n\0base ";

/// The two texts of a whole.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    pub own: &'a str,
    /// The base as the spec names it.
    pub name: &'a str,
    pub base: &'a str,
    /// Where the base begins in the whole.
    pub start: usize,
}

pub fn join(own: &str, name: &str, base: &str) -> String {
    format!("{own}{MARK}{name}\n{base}")
}

/// The parts of a text that has a base.
pub fn parts(text: &str) -> Option<Parts<'_>> {
    let (own, rest) = text.split_once(MARK)?;
    let (name, base) = rest.split_once('\n')?;
    Some(Parts {
        own,
        name,
        base,
        start: text.len() - base.len(),
    })
}

/// The base as one calls it who calls the spec by this name.
pub fn beside(spec: &str, base: &str) -> String {
    match spec.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{base}"),
        None => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{beside, join, parts};

    #[test]
    fn a_whole_has_the_parts_that_it_was_joined_of() {
        let text = join("a = 1\n", "staging.toml", "b = 2\n");
        let found = parts(&text).unwrap();
        assert_eq!(
            (found.own, found.name, found.base),
            ("a = 1\n", "staging.toml", "b = 2\n")
        );
        assert_eq!(text.get(found.start..), Some("b = 2\n"));
        assert!(parts("a = 1\n").is_none());
        assert_eq!(
            beside("spec/production.toml", "staging.toml"),
            "spec/staging.toml"
        );
    }
}
