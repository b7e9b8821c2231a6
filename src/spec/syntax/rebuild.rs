//! What was meant by a line that names a table and cannot be read.

use super::format::{Format, parse};
use super::header::read;
use super::names::{Names, ways};
use super::pair::Meant;
use super::scan::{comment, slice};
use super::search::search;
use super::tidy::tidy;
use crate::spec::{nearest, path_of};

/// Whether a line names a table in another way than with brackets: `environment {`, `functions.health:`.
pub fn is_named_otherwise(line: &str, format: &Format) -> bool {
    let body = slice(line, 0..comment(line)).trim();
    if body.contains('=') || !body.ends_with(['{', ':', '}', ')', '>']) && !body.contains('.') {
        return false;
    }
    let name = body.trim_matches(['{', '}', '(', ')', '<', '>', ':', ' ']);
    let Some(header) = rebuild(&format!("[{name}]"), format, None) else {
        return false;
    };
    read(&header).is_some_and(|header| format.is_table(&header.keys))
}

/// What was meant by a header.
pub fn mend(original: &str, format: &Format, names: &Names, may_search: bool) -> Option<Meant> {
    let judge = |text: &str| Some(format.misfit(&parse(text)?, &[]));
    let (text, why) = tidy(original);
    if parse(&text).is_some() {
        return Some(Meant { text, why });
    }
    let found = if may_search {
        search(&text, judge)
    } else {
        None
    };
    let found = found.map(|(misfit, text)| (misfit + 1, text));
    let rebuilt = rebuild(&text, format, Some(names));
    let rebuilt = rebuilt.and_then(|text| judge(&text).map(|misfit| (misfit, text)));
    let best = [rebuilt, found]
        .into_iter()
        .flatten()
        .min_by_key(|(misfit, _)| *misfit);
    best.map(|(_, text)| Meant { text, why })
}

/// Marks between a table and its member: of paths, of other languages, and a bracket that came too early.
const JOINTS: &[char] = &['/', '\\', ':', ']', '>'];

/// A name that must be of plain words, of any others.
fn name_plainly(keys: &mut Vec<String>, format: &Format, names: &Names) {
    let end = (1..keys.len()).find(|end| format.has_plain_names(keys.get(..*end).unwrap_or(&[])));
    let Some(parts) = end.and_then(|end| keys.get(end..)) else {
        return;
    };
    let is_plain = |key: &String| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        key.chars().all(fits)
    };
    let table = keys.len() - parts.len();
    let inner = format.is_table(keys) && parts.iter().all(is_plain);
    if inner {
        return;
    }
    let mut ways = ways(&parts.join("-"));
    ways.extend(parts.last().filter(|last| is_plain(last)).cloned());
    let Some(name) = names.meant(&ways) else {
        return;
    };
    keys.truncate(table);
    keys.push(name);
}

/// The words of the line, with the brackets, dots and quotes that they need.
fn rebuild(line: &str, format: &Format, names: Option<&Names>) -> Option<String> {
    let mark = comment(line);
    let marks =
        |c: char| matches!(c, '[' | ']' | '(' | ')' | '<' | '>' | '{' | '}') || c.is_whitespace();
    let body = slice(line, 0..mark).trim_end();
    let name = body
        .trim_start_matches(marks)
        .trim_end_matches([']', ')', '}', '>', '{', ':', ' ', '\t']);
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    // What leads from a table to its member elsewhere; in a quoted name it is part of it.
    let name = if name.contains(['"', '\'']) {
        name.to_owned()
    } else {
        name.replace("->", ".").replace("::", ".")
    };
    let mut keys: Vec<String> = Vec::new();
    let mut rest = name.as_str();
    while !rest.is_empty() && keys.len() < 8 {
        let leads = format.is_named(&keys);
        rest =
            rest.trim_start_matches(|c| matches!(c, '.' | ' ') || (leads && JOINTS.contains(&c)));
        let word = slice(rest, 0..rest.find(|c| !is_bare(c)).unwrap_or(rest.len()));
        let behind = slice(rest, word.len()..rest.len());
        let mut longer = keys.clone();
        longer.push(word.to_owned());
        // A blank ends the name of a table that is known; in a name of the author's it is part of it.
        let ends_here = behind.starts_with(|c| c == ' ' || JOINTS.contains(&c));
        if ends_here
            && keys.is_empty()
            && !format.is_named(&longer)
            && let Some(near) = nearest(word, format.keys(&[]))
        {
            longer = vec![near.to_owned()];
        }
        let is_known = ends_here && format.is_named(&longer);
        let ends = behind.is_empty() || behind.starts_with(['.', '"', '\'']) || is_known;
        if word.is_empty() || !ends {
            break;
        }
        keys = longer;
        rest = behind;
    }
    let last = rest.trim_matches(['.', '"', '\'', ' ']);
    if !last.is_empty() {
        keys.push(last.to_owned());
    }
    if let Some(names) = names {
        name_plainly(&mut keys, format, names);
    }
    let path = keys
        .iter()
        .fold(String::new(), |path, key| path_of(&path, key));
    let (open, close) = if format.is_list(&keys) {
        ("[[", "]]")
    } else {
        ("[", "]")
    };
    let comment = slice(line, body.len()..line.len());
    (!path.is_empty()).then(|| format!("{open}{path}{close}{comment}"))
}
