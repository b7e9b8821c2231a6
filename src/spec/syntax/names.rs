//! Names of functions in the file: those that routes call, and those that have a table. A name that is called and has no table is what
//! a table with a wrong name was most probably meant to have.

use std::collections::BTreeSet;

use super::header;
use super::scan::{Begin, begin, slice};
use crate::spec::nearest;

/// Names that are called and names that are there.
pub struct Names {
    defined: BTreeSet<String>,
    /// Called, without a table.
    wanted: Vec<String>,
}

/// More names are not compared with each other.
const MOST: usize = 500;

impl Names {
    pub fn of(text: &str) -> Self {
        let mut defined = BTreeSet::new();
        let mut called = BTreeSet::new();
        for line in text.lines() {
            if begin(line) == Begin::Header && line.contains("functions") {
                let keys = header::read(line).map(|header| header.keys);
                if let Some([table, name, ..]) = keys.as_deref()
                    && table == "functions"
                {
                    defined.insert(name.clone());
                }
            } else if let Some(name) = called_by(line) {
                called.insert(name.to_owned());
            }
        }
        let wanted = called.difference(&defined).take(MOST).cloned().collect();
        Self { defined, wanted }
    }

    /// The name that was meant, of several ways to write it: the first is the usual one.
    pub fn meant(&self, ways: &[String]) -> Option<String> {
        let is_wanted = |way: &&String| self.wanted.contains(way);
        if let Some(found) = ways.iter().find(is_wanted) {
            return Some(found.clone());
        }
        let wanted = || self.wanted.iter().map(String::as_str);
        let near = ways.iter().find_map(|way| nearest(way, wanted()));
        if let Some(found) = near {
            return Some(found.to_owned());
        }
        let sorted = |name: &str| {
            let mut words: Vec<String> = name.split('-').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let usual = ways.first().map(|way| sorted(way));
        let mut wanted = self.wanted.iter();
        if let Some(found) = wanted.find(|name| usual.as_ref() == Some(&sorted(name))) {
            return Some(found.clone());
        }
        let is_free = |way: &&String| !way.is_empty() && !self.defined.contains(*way);
        ways.iter().find(is_free).cloned()
    }

    /// The only function that is called and has no table.
    pub fn missing(&self) -> Option<&str> {
        match self.wanted.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The name in `function = "name"`.
fn called_by(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("function")?.trim_start();
    let rest = rest.strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = slice(rest, 1..rest.len());
    inner.split(quote).next().filter(|name| !name.is_empty())
}

/// Ways to make a name of some words: joined by hyphens, and without anything between them.
pub fn ways(words: &str) -> Vec<String> {
    let plain: String = words
        .chars()
        .map(|c| crate::spec::alike::latin(c).unwrap_or(c))
        .collect();
    let words: Vec<String> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut ways = vec![words.join("-"), words.concat()];
    ways.dedup();
    ways
}

#[cfg(test)]
mod tests {
    use super::{Names, ways};

    const TEXT: &str = "[functions.a-b]\n[functions.health]\n[api.routes.x]\nfunction = \"health\"\n[api.routes.y]\nfunction = 'pay'\n";

    #[test]
    fn what_is_called_and_missing_is_meant() {
        let names = Names::of(TEXT);
        assert_eq!(names.missing(), Some("pay"));
        let meant = |words| names.meant(&ways(words));
        assert_eq!(meant("Pay").as_deref(), Some("pay"));
        assert_eq!(meant("p_ay").as_deref(), Some("pay"));
        assert_eq!(meant("new one").as_deref(), Some("new-one"));
        assert_eq!(meant("health"), None);
    }
}
