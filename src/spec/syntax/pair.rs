//! A line that sets a key, and what was meant by it where it cannot be read.

use super::super::remedy;
use super::super::suggest::nearest;
use super::format::{Format, Misfit, parse};
use super::scan::{comment, slice};
use super::search::search;
use super::tidy::tidy;
use crate::format::Kind;

/// From here on a text is not what was meant.
const TOO_ODD: Misfit = 100;

/// What was meant.
pub struct Meant {
    pub text: String,
    /// Why it was not what TOML takes, where that is known better than by the difference.
    pub why: Option<&'static str>,
}

/// A pair taken apart, as far as one can.
struct Parts<'t> {
    key: &'t str,
    operator: &'t str,
    value: &'t str,
    /// With the blanks before it.
    comment: &'t str,
}

impl Parts<'_> {
    fn of(text: &str) -> Parts<'_> {
        let first = slice(text, 0..text.find('\n').unwrap_or(text.len()));
        let lines = text.len() > first.len();
        let mark = if lines { text.len() } else { comment(first) };
        let body = slice(text, 0..mark).trim_end();
        let quoted = body.starts_with(['"', '\'']);
        let key_end = if quoted {
            let operator = body.find(['=', ':']);
            operator.unwrap_or(0)
        } else {
            let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'');
            body.find(|c: char| !is_key(c)).unwrap_or(body.len())
        };
        let key = slice(body, 0..key_end).trim_end();
        let rest = slice(body, key.len()..body.len());
        let is_operator =
            |c: char| matches!(c, '=' | ':' | '>' | '+' | '?' | '~') || c.is_whitespace();
        let value = rest.trim_start_matches(is_operator);
        let value = match value.strip_prefix("->") {
            Some(behind) => behind.trim_start(),
            None => value,
        };
        let operator = slice(rest, 0..rest.len() - value.len());
        Parts {
            key,
            operator,
            value,
            comment: slice(text, body.len()..text.len()),
        }
    }
}

/// What was meant by a pair of the table with this name.
pub fn mend(original: &str, table: &[String], format: &Format, may_search: bool) -> Option<Meant> {
    let judge = |text: &str| -> Option<Misfit> {
        if text.contains('\n')
            && super::scan::begin(text.rsplit('\n').next()?) == super::scan::Begin::Header
        {
            let (own, header) = text.rsplit_once('\n')?;
            let header = format.misfit(&parse(header)?, &[]);
            return Some(format.misfit(&parse(own)?, table) + header);
        }
        Some(format.misfit(&parse(text)?, table))
    };
    let (text, why) = tidy(original);
    if parse(&text).is_some() {
        return Some(Meant { text, why });
    }
    let parts = Parts::of(without_lead(&text, table, format));
    let (key, kind) = known_key(parts.key, table, format);
    let assembled =
        |operator: &str, value: &str| format!("{key}{operator}{value}{}", parts.comment);
    let mut found: Vec<(Misfit, Meant)> = Vec::new();
    let mut add = |candidate: Option<String>, why: Option<&'static str>, handicap: Misfit| {
        let Some(candidate) = candidate else { return };
        if let Some(misfit) = judge(&candidate) {
            found.push((
                misfit + handicap,
                Meant {
                    text: candidate,
                    why,
                },
            ));
        }
    };
    add(
        apart(&text, table, format),
        Some("each statement needs a line of its own"),
        0,
    );
    let remark = commented(parts.value).map(|value| assembled(operator(parts.operator), &value));
    add(
        remark,
        Some("what follows a value is a comment, behind `#`"),
        0,
    );
    let says_nothing = kind.is_none() && parts.operator.trim().is_empty();
    if !parts.key.is_empty() && !parts.value.is_empty() && !says_nothing {
        let operator = operator(parts.operator);
        let by_operator = why.or_else(|| why_operator(parts.operator));
        add(Some(assembled(operator, parts.value)), by_operator, 0);
        let is_scalar = matches!(
            kind,
            Some(Kind::Flag | Kind::Number | Kind::Date | Kind::Literal)
        ) || !parts.value.contains(['"', '\'', '[', '{']);
        let handicap = if is_scalar { 0 } else { 2 };
        let meant = kind.and_then(|kind| remedy::meant(kind, last_word(&key), parts.value));
        let is_nested = kind == Some(Kind::Table) && parts.value.starts_with('{');
        let by_kind = kind.filter(|_| !is_nested);
        let by_kind = by_kind.map(|kind| remedy::why(kind, parts.value).unwrap_or(why_value(kind)));
        let because = by_operator.or(by_kind);
        add(
            meant.map(|meant| assembled(operator, &meant)),
            because,
            handicap,
        );
        if kind == Some(Kind::Table) {
            let mut inner = table.to_vec();
            inner.extend(key.split('.').map(str::to_owned));
            let (value, has_colons) = within_braces(parts.value, &inner, format);
            let colons =
                Some("between key and value stands `=`, also within braces").filter(|_| has_colons);
            add(Some(assembled(operator, &value)), colons.or(by_operator), 1);
        }
        if kind.is_none() {
            let quoted = remedy::meant(Kind::Literal, "", parts.value);
            add(quoted.map(|value| assembled(operator, &value)), because, 3);
        }
    }
    let is_good = |found: &[(Misfit, Meant)]| found.iter().any(|(misfit, _)| *misfit == 0);
    if may_search
        && !is_good(&found)
        && let Some((misfit, text)) = search(&text, judge)
    {
        found.push((misfit + 1, Meant { text, why }));
    }
    let limit = if kind.is_some() { TOO_ODD } else { 2 * TOO_ODD };
    let best = found.into_iter().min_by_key(|(misfit, _)| *misfit);
    best.filter(|(misfit, _)| *misfit < limit)
        .map(|(_, meant)| meant)
}

/// The key as the format has it, if there is one that only looks different.
pub fn known_key(written: &str, table: &[String], format: &Format) -> (String, Option<Kind>) {
    let plain = written.trim_matches(['"', '\'']);
    let kind_of = |key: &str| {
        let mut names: Vec<String> = table.to_vec();
        let mut words = key.split('.').map(str::to_owned);
        let last = words.next_back()?;
        names.extend(words);
        format.kind(&names, &last)
    };
    if let Some(kind) = kind_of(written) {
        return (written.to_owned(), Some(kind));
    }
    match kind_of(plain) {
        Some(kind) if !plain.is_empty() => return (plain.to_owned(), Some(kind)),
        _ => {}
    }
    match nearest(plain, format.keys(table)) {
        Some(best) if !plain.is_empty() => (best.to_owned(), format.kind(table, best)),
        _ => (written.to_owned(), None),
    }
}

/// Several statements of one line, each on its own.
fn apart(text: &str, table: &[String], format: &Format) -> Option<String> {
    let is_own = |word: &str| format.kind(table, word).is_some();
    let mut lines = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(next) = slice(text, at..text.len()).chars().next() {
        match next {
            '"' | '\'' => {
                at = super::scan::string(text, at).0.max(at + 1);
                continue;
            }
            '#' | '\n' | '{' | '[' => break,
            _ => {}
        }
        at += next.len_utf8();
        if !matches!(next, ' ' | '\t' | ',' | ';') {
            continue;
        }
        let rest = slice(text, at..text.len());
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = slice(rest, 0..rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let behind = slice(rest, word.len()..rest.len()).trim_start();
        let before = slice(text, from..at).trim_end_matches([' ', '\t', ',', ';']);
        if is_own(word) && behind.starts_with('=') && before.contains('=') {
            lines.push_str(before);
            lines.push('\n');
            from = at;
        }
    }
    (from > 0).then(|| format!("{lines}{}", slice(text, from..text.len())))
}

/// A string with words behind it that are meant for people.
fn commented(value: &str) -> Option<String> {
    if !value.starts_with(['"', '\'']) || value.contains('\n') {
        return None;
    }
    let (end, closed) = super::scan::string(value, 0);
    let words = slice(value, end..value.len());
    let is_remark =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | ':' | '-' | '.' | ',' | '(' | ')' | '/');
    let begins = words.starts_with(' ')
        && words
            .trim()
            .starts_with(|c: char| c.is_alphabetic() || c == '(');
    let fits = closed && begins && words.chars().all(is_remark);
    fits.then(|| format!("{} # {}", slice(value, 0..end), words.trim()))
}

/// The statement without a word or mark of another language before a known key: `export`, `-`, `let`.
fn without_lead<'t>(text: &'t str, table: &[String], format: &Format) -> &'t str {
    let first = Parts::of(text);
    let Some((_, rest)) = text.split_once(' ') else {
        return text;
    };
    let is_key = |key: &str| format.kind(table, key).is_some();
    let next = Parts::of(rest.trim_start());
    let leads = !is_key(first.key) && first.operator.trim().is_empty();
    if leads && is_key(next.key) && !next.operator.trim().is_empty() {
        rest.trim_start()
    } else {
        text
    }
}

/// What a broken pair should be, for a label.
pub fn expected(text: &str, table: &[String], format: &Format) -> Option<String> {
    let parts = Parts::of(text);
    let (_, kind) = known_key(parts.key, table, format);
    let has_string = kind == Some(Kind::Text) && parts.value.starts_with(['"', '\'']);
    match kind {
        Some(_) if remedy::is_placeholder(parts.value) => {
            Some("a variable of another tool".to_owned())
        }
        Some(_) if has_string && super::scan::string(parts.value, 0).1 => {
            Some("the string has ended before".to_owned())
        }
        Some(kind) if parts.value.is_empty() => {
            Some(format!("the value is missing: it {}", why_value(kind)))
        }
        Some(kind) => Some(why_value(kind).to_owned()),
        None if parts.key.is_empty() => Some("the key is missing".to_owned()),
        None if parts.operator.trim().is_empty() => {
            Some("neither `key = value` nor a table's `[header]`".to_owned())
        }
        None => None,
    }
}

/// What to do about a pair of which nobody knows what was meant.
pub fn advice(text: &str, table: &[String], format: &Format) -> &'static str {
    let parts = Parts::of(text);
    if remedy::is_placeholder(parts.value) {
        return remedy::NO_VARIABLES;
    }
    match known_key(parts.key, table, format).1 {
        Some(Kind::Text) => "a text stands in quotes, with nothing but a comment behind it",
        Some(Kind::Flag) => "`true` or `false`, without quotes",
        Some(Kind::Number) => "digits alone, without a unit, a sign or a fraction",
        Some(Kind::Date) => "a date such as 2026-12-01, without quotes",
        Some(Kind::Texts) => "texts in quotes, with commas between them, within `[` and `]`",
        Some(Kind::Literal) => "a number, a flag, or a text in quotes",
        Some(Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables | Kind::Tables) => {
            "a table has a header of its own, or stands in braces: `{ key = value }`"
        }
        None => "a line holds `key = value`, the `[header]` of a table, or a comment behind `#`",
    }
}

/// The key that a broken pair sets, if one can tell.
pub fn key_of(text: &str, table: &[String], format: &Format) -> Option<String> {
    let parts = Parts::of(text);
    let (key, kind) = known_key(parts.key, table, format);
    kind.map(|_| key)
}

fn last_word(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// The operator with the blanks that were around it, where they line up with others.
fn operator(written: &str) -> &str {
    if written.trim() == "=" && !written.contains('\n') {
        written
    } else {
        " = "
    }
}

fn why_operator(written: &str) -> Option<&'static str> {
    match written.trim() {
        "=" => None,
        "" => Some("`=` is missing between key and value"),
        ":" => Some("between key and value stands `=`, not `:`"),
        "==" => Some("one `=` too many"),
        _ => Some("between key and value stands `=`"),
    }
}

fn why_value(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "must be a string, in quotes",
        Kind::Flag => "must be `true` or `false`",
        Kind::Number => "must be a whole number, without a unit or commas",
        Kind::Date => "must be a date, year-month-day without quotes",
        Kind::Texts => "must be a list of strings",
        Kind::Literal => "must be a value, a string in quotes",
        Kind::NamedTexts | Kind::Table | Kind::Entries | Kind::EntryTables | Kind::Tables => {
            "must be a table"
        }
    }
}

/// An inline table with each entry as it was meant, and whether one had a colon. Entries may stand on lines under the key, as in YAML.
fn within_braces(value: &str, table: &[String], format: &Format) -> (String, bool) {
    let inner = value.trim().trim_start_matches('{').trim_end_matches('}');
    let mut entries: Vec<String> = Vec::new();
    let mut has_colons = false;
    for entry in split(inner) {
        let entry = entry.trim();
        let is_group = entry.len() == 3 && entry.bytes().all(|byte| byte.is_ascii_digit());
        match entries.last_mut() {
            // The thousands of `100,000`.
            Some(last) if is_group && last.ends_with(|c: char| c.is_ascii_digit()) => {
                last.push('_');
                last.push_str(entry);
                continue;
            }
            _ => {}
        }
        if entry.is_empty() {
            continue;
        }
        let parts = Parts::of(entry);
        has_colons |= parts.operator.contains(':');
        let (key, kind) = known_key(parts.key, table, format);
        let plain = format!("{key} = {}", parts.value);
        let fits = parse(&plain).is_some_and(|parsed| format.misfit(&parsed, table) == 0);
        let meant = kind.and_then(|kind| remedy::meant(kind, last_word(&key), parts.value));
        entries.push(match meant.filter(|_| !fits) {
            Some(value) => format!("{key} = {value}"),
            None => plain,
        });
    }
    (format!("{{ {} }}", entries.join(", ")), has_colons)
}

/// Entries between commas or lines, outside of strings.
fn split(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let mut quote = None;
    let mut from = 0;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), '\n') => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, ',' | '\n') => {
                entries.push(slice(text, from..at));
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    entries.push(slice(text, from..text.len()));
    entries
}
