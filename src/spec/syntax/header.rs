//! A line that names a table.

use toml::de::{DeTable, DeValue};

use super::format::parse;
use super::scan::{comment, slice, trim};

/// A header as it was written.
pub struct Header {
    pub keys: Vec<String>,
    /// `[[waivers]]`: one more of a list.
    pub is_member: bool,
}

/// The header of a line that can be read.
pub fn read(line: &str) -> Option<Header> {
    let line = trim(line);
    if !line.starts_with('[') {
        return None;
    }
    let document = parse(line)?;
    let mut keys = Vec::new();
    let mut table = &document;
    while let Some((key, value)) = table.iter().next() {
        keys.push(key.get_ref().to_string());
        match member(value.get_ref()) {
            Some(inner) => table = inner,
            None => break,
        }
    }
    Some(Header {
        keys,
        is_member: line.starts_with("[["),
    })
}

fn member<'t>(value: &'t DeValue<'t>) -> Option<&'t DeTable<'t>> {
    match value {
        DeValue::Table(table) => Some(table),
        DeValue::Array(members) => match members.iter().next()?.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a line without `=` is rather a header whose first bracket is missing.
pub fn lacks_first_bracket(line: &str) -> bool {
    let body = slice(line, 0..comment(line)).trim();
    let starts = body.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && body.ends_with(']') && !body.contains('[') && !body.contains(" = ")
}
