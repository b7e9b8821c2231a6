//! What was meant by a value of the wrong kind, as one writes it in the spec.

use super::builtins;
use crate::format::{Kind, key_at};
use crate::number::float;

/// Marks that people and word processors put around texts.
const QUOTES: &[char] = &[
    '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{201a}',
    '\u{ab}', '\u{bb}',
];

/// Words that other formats have for a value that is not there.
pub fn is_nothing(raw: &str) -> bool {
    let word = raw.trim_matches(QUOTES).to_ascii_lowercase();
    matches!(word.as_str(), "null" | "none" | "nil" | "undefined" | "~")
}

/// What to do about a variable.
pub const NO_VARIABLES: &str = "write the value itself: a spec has no variables";

/// Whether a value is a place that another tool fills: a shell, a template, Terraform, CloudFormation.
pub fn is_placeholder(raw: &str) -> bool {
    let word = raw.trim().trim_matches(QUOTES);
    let is_name = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ');
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(fits)
    };
    let between = |open: &str, close: &str| {
        let inner = word
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| is_name(inner.trim()))
    };
    let marks = ["${", "{{", "<%", "$(", "{%"];
    let words = [
        "!Ref ",
        "!Sub ",
        "!GetAtt ",
        "var.",
        "local.",
        "env(",
        "os.environ",
        "process.env",
    ];
    marks.into_iter().any(|mark| word.contains(mark))
        || words.into_iter().any(|start| word.starts_with(start))
        || [("$", ""), ("%", "%"), ("@", "@"), ("<", ">"), ("[[", "]]")]
            .into_iter()
            .any(|(open, close)| between(open, close))
}

/// Why a value is none, where that is known better than by its kind.
pub fn why(kind: Kind, raw: &str) -> Option<&'static str> {
    if kind != Kind::Number {
        return None;
    }
    let raw = bare(raw);
    if without_letters(raw).is_some() {
        return Some("has a letter that looks like a digit");
    }
    computed(raw).map(|_| "TOML computes nothing: write the result")
}

/// `2O` and `l0`: letters among digits that look like them.
fn without_letters(raw: &str) -> Option<String> {
    let has = |of: fn(&char) -> bool| raw.chars().any(|c| of(&c));
    let is_letter = |c: &char| matches!(c, 'O' | 'o' | 'l' | 'I');
    let fits = raw.chars().all(|c| c.is_ascii_digit() || is_letter(&c));
    (fits && has(char::is_ascii_digit) && has(is_letter))
        .then(|| raw.replace(['O', 'o'], "0").replace(['l', 'I'], "1"))
}

/// `2 * 10`, `60 + 30`.
fn computed(raw: &str) -> Option<u64> {
    let numbers = |mark| -> Option<Vec<u64>> {
        let parts = raw.split(mark).map(|part: &str| part.trim().parse().ok());
        parts
            .collect::<Option<Vec<u64>>>()
            .filter(|all| all.len() > 1)
    };
    let add = |sum: u64, next: &u64| sum.checked_add(*next);
    let multiply = |product: u64, next: &u64| product.checked_mul(*next);
    match (numbers('*'), numbers('+')) {
        (Some(all), _) => all.iter().try_fold(1, multiply),
        (_, Some(all)) => all.iter().try_fold(0, add),
        _ => None,
    }
    .filter(|number| *number <= LARGEST)
}

/// The value that was meant, for a key of this kind. `raw` is what was written, without a comment.
pub fn meant(kind: Kind, key: &str, raw: &str) -> Option<String> {
    let raw = raw.trim();
    if let Some(example) = example(kind, key, raw) {
        return Some(example);
    }
    match kind {
        Kind::Text => text(raw),
        Kind::Flag => flag(raw),
        Kind::Number => number(key, raw),
        Kind::Date => date(raw),
        Kind::Texts => texts(raw),
        Kind::Literal => literal(raw),
        Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables | Kind::Tables => None,
    }
}

/// The words that a key takes, if it takes a few only: which one is meant, nobody knows.
pub fn words_of(path: &str) -> Option<String> {
    let words = key_at(path)?.choices;
    if words.is_empty() {
        return None;
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Some(format!("write {}", quoted.join(" or ")))
}

/// What a function of the compiler's uses, by its `source`.
pub fn uses_of(source: &str) -> Option<String> {
    let words = builtins::uses(source.strip_prefix("builtin:")?)?;
    Some(words.to_owned())
}

fn bare(raw: &str) -> &str {
    raw.trim_matches(QUOTES).trim()
}

fn text(raw: &str) -> Option<String> {
    if is_placeholder(raw) {
        return None;
    }
    let content = if raw.starts_with('[') && raw.ends_with(']') {
        // A list of one.
        bare(raw.trim_matches(['[', ']']).trim().trim_end_matches(','))
    } else {
        bare(raw)
    };
    let is_plain = !content.is_empty()
        && !content.contains(['"', '\'', '[', ']', '{', '}'])
        && !content.contains(char::is_control)
        && content.len() < 300;
    if !is_plain {
        return None;
    }
    // A backslash is one in single quotes only.
    Some(if content.contains('\\') {
        format!("'{content}'")
    } else {
        format!("\"{content}\"")
    })
}

fn flag(raw: &str) -> Option<String> {
    let word = bare(raw).to_ascii_lowercase();
    let flag = match word.as_str() {
        "true" | "yes" | "y" | "on" | "1" | "t" | "enabled" | "enable" => true,
        "false" | "no" | "n" | "off" | "0" | "f" | "disabled" | "disable" => false,
        _ => return None,
    };
    Some(flag.to_string())
}

/// A number without its unit, thousands' commas and quotes; in the unit of the key.
fn number(key: &str, raw: &str) -> Option<String> {
    let raw = bare(raw);
    if let Some(digits) = without_letters(raw) {
        return Some(digits);
    }
    if let Some(result) = computed(raw) {
        return Some(result.to_string());
    }
    let raw = raw.trim_start_matches('$');
    let raw = raw
        .strip_prefix('(')
        .and_then(|raw| raw.strip_suffix(')'))
        .unwrap_or(raw);
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, ',' | '_' | '.' | '\'' | ' ');
    let digits: &str = raw.get(..raw.find(|c| !is_digit(c)).unwrap_or(raw.len()))?;
    let unit = raw.get(digits.len()..)?.trim().to_ascii_lowercase();
    let amount = amount(digits.trim())?;
    let value = amount * factor(key, &unit)?;
    let whole = value.round();
    if (value - whole).abs() > 1e-9 || whole > float(LARGEST) {
        return None;
    }
    Some(grouped(
        &format!("{whole:.0}"),
        digits.contains([',', '_', '\'', ' ']),
    ))
}

fn amount(digits: &str) -> Option<f64> {
    let groups: Vec<&str> = digits.split([',', '_', '\'', ' ']).collect();
    let (first, rest) = groups.split_first()?;
    let is_grouped = rest.iter().all(|group| group.len() == 3);
    if first.is_empty() || (!rest.is_empty() && (!is_grouped || first.len() > 3)) {
        return None;
    }
    let joined = groups.concat();
    if joined.len() > 15 || !joined.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // `100.000` is a hundred to some, a hundred thousand to others.
    if joined
        .split_once('.')
        .is_some_and(|(_, rest)| rest.len() == 3)
    {
        return None;
    }
    joined.trim_end_matches('.').parse().ok()
}

fn grouped(digits: &str, wanted: bool) -> String {
    if !wanted || digits.len() < 4 {
        return digits.to_owned();
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// What a number with this unit is multiplied with for the key; `None` if the unit is of another dimension.
fn factor(key: &str, unit: &str) -> Option<f64> {
    let seconds = |unit: &str| {
        Some(match unit {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
            "d" | "day" | "days" => 86_400.0,
            "w" | "week" | "weeks" => 604_800.0,
            _ => return None,
        })
    };
    let mebibytes = |unit: &str| {
        Some(match unit {
            "m" | "mb" | "mib" | "megabytes" | "mbytes" => 1.0,
            "g" | "gb" | "gib" | "gigabytes" | "gbytes" => 1_024.0,
            "t" | "tb" | "tib" | "terabytes" => 1_048_576.0,
            _ => return None,
        })
    };
    match unit {
        "" | "%" => return Some(1.0),
        "k" => return Some(1_000.0),
        _ => {}
    }
    let own = key.rsplit('_').next().unwrap_or(key);
    match own {
        "mib" | "gib" => Some(mebibytes(unit)? / mebibytes(own)?),
        "seconds" | "ms" | "hours" | "days" => Some(seconds(unit)? / seconds(own)?),
        "percent" => matches!(unit, "%" | "percent" | "pct").then_some(1.0),
        "usd" => matches!(unit, "usd" | "$" | "dollars" | "dollar").then_some(1.0),
        _ => matches!(unit, "/s" | "rps" | "requests" | "/sec" | "per second").then_some(1.0),
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A date in one of the forms of other places. Of two numbers that may both be a month, the first is.
fn date(raw: &str) -> Option<String> {
    let raw = bare(raw);
    let day_only = raw
        .split(['T', 't'])
        .next()
        .filter(|first| first.len() == 10);
    let written = day_only.unwrap_or(raw);
    let parts: Vec<&str> = written
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day) = match *parts.as_slice() {
        [all] if all.len() == 8 => (all.get(..4)?, number_of(all.get(4..6)?)?, all.get(6..)?),
        [year, month, day, ..] if year.len() == 4 => (year, number_of(month)?, day),
        [one, other, year] if year.len() == 4 => {
            let first_is_day = written.contains('.')
                || one.parse::<u64>().is_ok_and(|number| number > 12)
                || other.starts_with(|c: char| c.is_ascii_alphabetic());
            if first_is_day {
                (year, number_of(other)?, one)
            } else {
                (year, number_of(one)?, other)
            }
        }
        _ => return None,
    };
    let day: u64 = day
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok()?;
    let written = format!("{year}-{month:02}-{day:02}");
    let valid = written.parse::<toml::value::Datetime>().is_ok();
    valid.then_some(written)
}

/// Up to here a float tells whole numbers apart.
const LARGEST: u64 = 1 << 53;

fn number_of(month: &str) -> Option<u64> {
    if let Ok(number) = month.parse() {
        return Some(number);
    }
    let short = month.get(..3)?.to_ascii_lowercase();
    let index = MONTHS.iter().position(|name| *name == short)?;
    u64::try_from(index + 1).ok()
}

/// A list of strings out of one, or out of members that are none.
fn texts(raw: &str) -> Option<String> {
    let inner = raw
        .trim_start_matches(['[', '(', '{'])
        .trim_end_matches([']', ')', '}']);
    let without_comment = |line: &'_ str| {
        let mark = if line.trim_start().starts_with('#') {
            Some(0)
        } else {
            line.find(" #")
        };
        line.get(..mark.unwrap_or(line.len()))
            .unwrap_or_default()
            .to_owned()
    };
    let lines: Vec<String> = inner.lines().map(without_comment).collect();
    let members: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|member| bare(member.trim().trim_start_matches("- ")))
        .filter(|member| !member.is_empty())
        .collect();
    let quoted: Option<Vec<String>> = members.iter().map(|member| text(member)).collect();
    let quoted = quoted.filter(|quoted| !quoted.is_empty())?;
    Some(format!("[{}]", quoted.join(", ")))
}

fn literal(raw: &str) -> Option<String> {
    match bare(raw).to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => return Some("true".to_owned()),
        "no" | "off" | "false" => return Some("false".to_owned()),
        _ => {}
    }
    number("", raw)
        .filter(|_| !raw.starts_with(QUOTES))
        .or_else(|| text(raw))
}

/// What stands for a word where a whole table or list is wanted.
fn example(kind: Kind, key: &str, raw: &str) -> Option<String> {
    let word = bare(raw);
    if kind == Kind::Texts && key == "zones" && word.matches("use1-az").count() != 3 {
        return Some("[\"use1-az1\", \"use1-az2\", \"use1-az4\"]".to_owned());
    }
    if kind != Kind::Table {
        return None;
    }
    let given = number("", raw);
    let amount = |usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let double = || {
        let number = given
            .as_ref()
            .and_then(|given| given.replace('_', "").parse::<u64>().ok());
        number.map_or("100".to_owned(), |number| {
            number.saturating_mul(2).to_string()
        })
    };
    Some(match key {
        "uses" => {
            let right = ["read", "write", "owner"]
                .into_iter()
                .find(|right| *right == word);
            match word {
                "audit" => "{ audit = \"write\" }".to_owned(),
                _ => format!("{{ database = \"{}\" }}", right.unwrap_or("read")),
            }
        }
        "throttle" => format!(
            "{{ rate_per_second = {}, burst = {} }}",
            amount("50"),
            double()
        ),
        "quota" => format!("{{ requests = {}, period = \"month\" }}", amount("100_000")),
        "velocity" => format!("{{ payments = {}, seconds = 60 }}", amount("600")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::meant;
    use crate::format::Kind;

    #[test]
    fn numbers_lose_their_unit_and_their_commas() {
        let number = |key, raw| meant(Kind::Number, key, raw);
        let is =
            |key, raw, right: &str| assert_eq!(number(key, raw).as_deref(), Some(right), "{raw}");
        is("storage_gib", "20 GiB", "20");
        is("memory_mib", "\"512MB\"", "512");
        is("memory_mib", "1GB", "1024");
        is("requests", "100,000", "100_000");
        is("requests", "1'000'000", "1_000_000");
        is("timeout_seconds", "5 minutes", "300");
        is("timeout_seconds", "\"10s\"", "10");
        is("sampling_percent", "5%", "5");
        is("storage_gib", "0020", "20");
        is("storage_gib", "20.0", "20");
        is("storage_gib", "2O", "20");
        is("storage_gib", "l0", "10");
        is("storage_gib", "2 * 10", "20");
        is("timeout_seconds", "60 + 30", "90");
        is("storage_gib", "(20)", "20");
        assert_eq!(number("storage_gib", "100000000 * 100000000"), None);
        assert_eq!(number("storage_gib", "OO"), None);
        assert_eq!(number("storage_gib", "1,00"), None);
        assert_eq!(number("requests", "100.000"), None);
        assert_eq!(number("storage_gib", "10 minutes"), None);
        assert_eq!(number("storage_gib", "twenty"), None);
    }

    #[test]
    fn places_that_another_tool_fills_are_no_values() {
        let filled = [
            "${SIZE}",
            "{{ size }}",
            "$SIZE",
            "%SIZE%",
            "<SIZE>",
            "<%= size %>",
            "@SIZE@",
            "!Ref Size",
            "var.size",
            "\"${SIZE}\"",
        ];
        for raw in filled {
            assert!(super::is_placeholder(raw), "{raw}");
            for kind in [Kind::Text, Kind::Number, Kind::Flag, Kind::Date] {
                assert_eq!(meant(kind, "x", raw), None, "{raw}");
            }
        }
        for raw in ["20", "$20", "db.t4g.medium", "5%", "50%", "<20>", "\"\""] {
            assert!(!super::is_placeholder(raw), "{raw}");
        }
    }

    #[test]
    fn flags_and_dates_are_known_in_other_forms() {
        for raw in ["no", "\"false\"", "False", "off", "0"] {
            assert_eq!(meant(Kind::Flag, "x", raw).as_deref(), Some("false"));
        }
        let dates = [
            "12/01/2026",
            "2026/12/01",
            "1.12.2026",
            "\"2026-12-01\"",
            "20261201",
            "Dec 1, 2026",
            "1 December 2026",
            "2026-12-1",
            "2026-12-01T00:00:00Z",
        ];
        for raw in dates {
            assert_eq!(
                meant(Kind::Date, "x", raw).as_deref(),
                Some("2026-12-01"),
                "{raw}"
            );
        }
        assert_eq!(meant(Kind::Date, "x", "31/31/2026"), None);
    }

    #[test]
    fn texts_get_quotes_and_brackets() {
        let is = |kind, raw, right: &str| assert_eq!(meant(kind, "x", raw).as_deref(), Some(right));
        is(Kind::Text, "db.t4g.medium", "\"db.t4g.medium\"");
        is(Kind::Text, "\u{201c}14\u{201d}", "\"14\"");
        is(Kind::Text, "[\"a\"]", "\"a\"");
        is(Kind::Texts, "\"a\"", "[\"a\"]");
        is(Kind::Texts, "a, b", "[\"a\", \"b\"]");
        is(Kind::Texts, "[1, true]", "[\"1\", \"true\"]");
    }
}
