//! Whether a package is needed where a function runs, and not where its archive is made:
//! <https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers>.

use std::cmp::Ordering;

use super::wheel::Target;

/// Whether a marker holds; nothing for what is no marker. An empty one holds everywhere.
pub fn holds(marker: &str, target: &Target) -> Option<bool> {
    if marker.trim().is_empty() {
        return Some(true);
    }
    let words = words(marker)?;
    let mut parser = Parser {
        words: &words,
        target,
        depth: 0,
    };
    let value = parser.any()?;
    parser.words.is_empty().then_some(value)
}

/// Whether a list of conditions on Python's version (`>=3.11,<4`) takes the one of the target.
pub fn takes(specifiers: &str, target: &Target) -> Option<bool> {
    let mut all = true;
    for one in specifiers.split(',').map(str::trim) {
        let end = one.find(|c: char| !"<>=!~".contains(c))?;
        let (operator, version) = one.split_at_checked(end)?;
        all &= compare(&target.full(), operator, version.trim())?;
    }
    Some(all)
}

/// Deeper brackets are nobody's.
const DEEPEST: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word<'m> {
    /// Between quotation marks.
    Text(&'m str),
    /// A variable, `and`, `or`, `in`, `not`.
    Name(&'m str),
    Sign(&'m str),
}

fn words(marker: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = if first == '"' || first == '\'' {
            let (text, after) = rest.get(1..)?.split_once(first)?;
            rest = after;
            Word::Text(text)
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let is_sign = |c: char| "<>=!~".contains(c);
            let end = if is_name(first) {
                rest.find(|c| !is_name(c))
            } else if is_sign(first) {
                rest.find(|c| !is_sign(c))
            } else {
                "()".contains(first).then_some(1)
            };
            let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            rest = after;
            if is_name(first) {
                Word::Name(word)
            } else {
                Word::Sign(word)
            }
        };
        words.push(word);
        rest = rest.trim_start();
    }
    Some(words)
}

struct Parser<'w, 'm> {
    words: &'w [Word<'m>],
    target: &'w Target,
    depth: usize,
}

impl<'m> Parser<'_, 'm> {
    fn next(&mut self) -> Option<Word<'m>> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first.clone())
    }

    fn skip(&mut self, word: &Word<'_>) -> bool {
        let is_next = self.words.first() == Some(word);
        if is_next {
            self.next();
        }
        is_next
    }

    fn any(&mut self) -> Option<bool> {
        let mut value = self.all()?;
        while self.skip(&Word::Name("or")) {
            value |= self.all()?;
        }
        Some(value)
    }

    fn all(&mut self) -> Option<bool> {
        let mut value = self.one()?;
        while self.skip(&Word::Name("and")) {
            value &= self.one()?;
        }
        Some(value)
    }

    fn one(&mut self) -> Option<bool> {
        if self.skip(&Word::Sign("(")) {
            self.depth += 1;
            let value = (self.depth < DEEPEST).then(|| self.any())??;
            self.depth -= 1;
            return self.skip(&Word::Sign(")")).then_some(value);
        }
        let (left, is_version) = self.value()?;
        let operator = match self.next()? {
            Word::Sign(sign) => sign,
            Word::Name("in") => "in",
            Word::Name("not") if self.skip(&Word::Name("in")) => "not in",
            Word::Name(_) | Word::Text(_) => return None,
        };
        let (right, is_too) = self.value()?;
        match operator {
            "in" => Some(right.contains(&left)),
            "not in" => Some(!right.contains(&left)),
            _ if is_version => compare(&left, operator, &right),
            _ if is_too => compare(&right, turned(operator), &left),
            "==" | "===" => Some(left == right),
            "!=" => Some(left != right),
            "<" => Some(left < right),
            "<=" => Some(left <= right),
            ">" => Some(left > right),
            ">=" => Some(left >= right),
            _ => None,
        }
    }

    /// A text, and whether it is a version of the target's.
    fn value(&mut self) -> Option<(String, bool)> {
        let name = match self.next()? {
            Word::Text(text) => return Some((text.to_owned(), false)),
            Word::Name(name) => name,
            Word::Sign(_) => return None,
        };
        let text = match name {
            "python_version" => return Some((self.target.python(), true)),
            "python_full_version" | "implementation_version" => {
                return Some((self.target.full(), true));
            }
            "os_name" | "os.name" => "posix",
            "sys_platform" | "sys.platform" => "linux",
            "platform_machine" | "platform.machine" => self.target.machine,
            "platform_system" => "Linux",
            "platform_python_implementation" => "CPython",
            "implementation_name" => "cpython",
            // Not known of Lambda; no extra is asked for.
            "platform_release" | "platform_version" | "extra" => "",
            _ => return None,
        };
        Some((text.to_owned(), false))
    }
}

impl Target {
    /// Lambda runs the newest patch of a version.
    fn full(&self) -> String {
        format!("{}.99", self.python())
    }
}

fn turned(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// Compares versions as installers do; nothing for what is none.
fn compare(left: &str, operator: &str, right: &str) -> Option<bool> {
    let begins = right.strip_suffix(".*");
    let (left_parts, _) = numbers(left)?;
    let (right_parts, is_before) = numbers(begins.unwrap_or(right))?;
    let has_prefix = |length: usize| {
        let at = |parts: &[u64], index: usize| parts.get(index).copied().unwrap_or(0);
        (0..length).all(|index| at(&left_parts, index) == at(&right_parts, index))
    };
    if begins.is_some() {
        let is_of = has_prefix(right_parts.len());
        return match operator {
            "==" => Some(is_of),
            "!=" => Some(!is_of),
            _ => None,
        };
    }
    let length = left_parts.len().max(right_parts.len());
    let padded = |parts: &[u64]| {
        let mut parts = parts.to_vec();
        parts.resize(length, 0);
        parts
    };
    // Of `3.13.0a1` and `3.13.0` the first is earlier; the target is no such version.
    let later = if is_before {
        Ordering::Greater
    } else {
        Ordering::Equal
    };
    let order = padded(&left_parts).cmp(&padded(&right_parts)).then(later);
    match operator {
        "==" | "===" => Some(order.is_eq()),
        "!=" => Some(order.is_ne()),
        "<" => Some(order.is_lt()),
        "<=" => Some(order.is_le()),
        ">" => Some(order.is_gt()),
        ">=" => Some(order.is_ge()),
        "~=" => Some(order.is_ge() && has_prefix(right_parts.len().checked_sub(1)?)),
        _ => None,
    }
}

/// The numbers of a version, and whether it comes before the release that they name.
fn numbers(version: &str) -> Option<(Vec<u64>, bool)> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (release, rest) = version.split_at_checked(end.unwrap_or(version.len()))?;
    let parts = release.trim_end_matches('.').split('.');
    let parts: Option<Vec<u64>> = parts.map(|part| part.parse().ok()).collect();
    let is_before = ["a", "b", "rc", ".dev", "dev"]
        .iter()
        .any(|word| rest.starts_with(word));
    Some((parts?, is_before))
}

#[cfg(test)]
mod tests {
    use super::{Target, holds, takes};

    const ARM: Target = Target {
        minor: 13,
        glibc: 34,
        machine: "aarch64",
    };

    #[test]
    fn markers_are_about_the_function_and_not_about_this_machine() {
        for (marker, expected) in [
            ("", Some(true)),
            ("python_version >= '3.9'", Some(true)),
            ("python_version < \"3.13\"", Some(false)),
            ("python_version == '3.13'", Some(true)),
            ("'3.9' <= python_version", Some(true)),
            ("python_full_version < '3.11.3'", Some(false)),
            ("python_full_version <= '3.11.0a6'", Some(false)),
            ("python_full_version >= '3.13.0rc1'", Some(true)),
            ("python_full_version == '3.13.*'", Some(true)),
            ("python_full_version != '3.13.*'", Some(false)),
            ("python_full_version == '3.1.*'", Some(false)),
            ("python_version ~= '3.10'", Some(true)),
            ("python_version ~= '3.10.1'", Some(false)),
            ("sys_platform == 'win32'", Some(false)),
            ("os_name == 'nt' or platform_system == 'Linux'", Some(true)),
            ("platform_machine in 'x86_64 aarch64'", Some(true)),
            ("platform_machine not in 'x86_64 amd64'", Some(true)),
            (
                "(sys_platform == 'linux' and platform_machine == 'x86_64') or extra == 'x'",
                Some(false),
            ),
            (
                "implementation_name == 'cpython' and (python_version < '3' or os_name != 'nt')",
                Some(true),
            ),
            ("platform_python_implementation != 'PyPy'", Some(true)),
            ("python_version", None),
            ("colour == 'red'", None),
            ("python_version >= '3.9' python_version", None),
            ("(python_version >= '3.9'", None),
            ("python_version >= '3.9", None),
            ("python_version not '3.9'", None),
            ("python_version >= 'x'", None),
            ("python_version < '3.*'", None),
            ("python_version & '3'", None),
        ] {
            assert_eq!(holds(marker, &ARM), expected, "{marker}");
        }
        let deep = format!("{}os_name == 'nt'{}", "(".repeat(9_000), ")".repeat(9_000));
        assert_eq!(holds(&deep, &ARM), None);
    }

    #[test]
    fn a_lock_says_for_which_pythons_it_is() {
        assert_eq!(takes(">=3.11", &ARM), Some(true));
        assert_eq!(takes(">=3.11, <4", &ARM), Some(true));
        assert_eq!(takes(">=3.14", &ARM), Some(false));
        assert_eq!(takes(">=3.9,<3.13", &ARM), Some(false));
        assert_eq!(takes("==3.13.*", &ARM), Some(true));
        assert_eq!(takes("3.13", &ARM), None);
    }
}
