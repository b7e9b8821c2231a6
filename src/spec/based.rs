//! A spec that says only what differs from another one, its base: tables are merged key by key, whatever else it says replaces what
//! the base says, and what it lists in `without` is not taken over.

use std::io;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::path::path_of;
use super::problems::Problems;
use super::reader::{Reader, Sink};
use crate::diagnostic::{Code, Diagnostic, Edit, Lines};
use crate::format::{RawSpec, Written as _};
use crate::load::Loader;
use crate::whole::{Parts, join, parts};

/// The spec with its base behind it, if it names one: see `whole.rs`. Says why not, where the base is of no use.
pub fn with_base(text: &str, loader: &dyn Loader) -> Result<Option<String>, Box<Diagnostic>> {
    // Most have none, and are read once.
    if parts(text).is_some() || !(text.contains("base") || text.contains("without")) {
        return Ok(None);
    }
    let (document, _) = DeTable::parse_recoverable(text);
    let Some(named) = document.get_ref().get("base") else {
        return match document.get_ref().get("without") {
            Some(listed) => Err(Box::new(nothing_to_leave_out(listed.span()))),
            None => Ok(None),
        };
    };
    let span = named.span();
    // Of the wrong type: that is told where the key is read.
    let Some(name) = named.get_ref().as_str() else {
        return Ok(None);
    };
    let refused = |label: String, help: &str| {
        let message = format!("the base `{name}` cannot be used");
        Box::new(
            Diagnostic::error(Code::InvalidBase, span.clone(), message)
                .label(label)
                .help(help.to_owned()),
        )
    };
    if !is_beside(name) {
        let help = "copy it, or write the name of a spec in the same folder: the files that it names are found from there";
        return Err(refused(
            "is not a TOML file beside this one".to_owned(),
            help,
        ));
    }
    let read = loader.read(name).and_then(|bytes| {
        String::from_utf8(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
    });
    let base = match read {
        Ok(base) => base,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let help = "write the name of a spec in the same folder, or remove the line";
            return Err(refused("does not exist beside this file".to_owned(), help));
        }
        Err(error) => {
            let help = "make it a file that can be read, or name another";
            return Err(refused(format!("cannot be read: {error}"), help));
        }
    };
    let (document, errors) = DeTable::parse_recoverable(&base);
    if let Some(error) = errors.first() {
        let at = error.span().map_or(0, |span| span.start);
        let line = Lines::new(&base).number(at);
        let help = "correct it first: `paystagec check` says more about it";
        return Err(refused(format!("is not TOML: line {line}"), help));
    }
    if document.get_ref().contains_key("base") {
        let help = "name the base of that one, and write what it changes here";
        return Err(refused(
            "has a base itself, which no base may".to_owned(),
            help,
        ));
    }
    Ok(Some(join(text, name, &base)))
}

/// The folder that the spec, or else its base, names for the project, whatever else is wrong.
pub fn output_folder(text: &str) -> Option<String> {
    let named = |text: &str| {
        let (document, _) = DeTable::parse_recoverable(text);
        let output = document.get_ref().get("output")?.get_ref().as_table()?;
        let folder = output.get("folder")?.get_ref().as_str()?;
        Some(folder.to_owned())
    };
    match parts(text) {
        Some(parts) => named(parts.own).or_else(|| named(parts.base)),
        None => named(text),
    }
}

fn nothing_to_leave_out(span: Range<usize>) -> Diagnostic {
    let message = "`without` has a meaning only beside `base`";
    Diagnostic::error(Code::InvalidBase, span.clone(), message)
        .label("this spec has no base to leave something out of")
        .help("remove the line, or name a base")
        .suggest(Edit::Remove(span))
}

fn is_beside(name: &str) -> bool {
    name.ends_with(".toml") && !name.contains(['/', '\\', '\n', '\0'])
}

/// Reads a spec, which is TOML, with its base.
pub fn read_based(
    text: &str,
    parts: &Parts<'_>,
    own: DeTable<'_>,
    sink: Sink,
) -> (RawSpec, Problems) {
    // Blanks in the place of what stands before give the places in the whole.
    let shifted = format!("{}{}", " ".repeat(parts.start), parts.base);
    let (base, _) = DeTable::parse_recoverable(&shifted);
    let mut base = base.into_inner();
    let left_out = leave_out(&mut base, &own, parts.name);
    let mut merger = Merger {
        text,
        parts,
        told: left_out,
    };
    let merged = merger.merge("", base, own);
    let end = parts.own.trim_end().len();
    let spec = RawSpec::read(Reader::of_file(&merged, text, end, &sink));
    let mut problems = sink.into_inner();
    merger.told.into_iter().for_each(|told| problems.push(told));
    (spec, problems)
}

/// Takes out of the base what the spec lists in `without`. What is not there is told.
fn leave_out(base: &mut DeTable<'_>, own: &DeTable<'_>, name: &str) -> Vec<Diagnostic> {
    let listed = own
        .get("without")
        .and_then(|list| list.get_ref().as_array());
    let mut told = Vec::new();
    for member in listed.into_iter().flatten() {
        let Some(path) = member.get_ref().as_str() else {
            continue;
        };
        let is_gone = keys_of(path).is_some_and(|keys| remove(base, &keys));
        if !is_gone {
            let message = format!("there is no `{path}` to leave out");
            told.push(
                Diagnostic::error(Code::InvalidBase, member.span(), message)
                    .label(format!("not found in {name}"))
                    .help("remove it from `without`, or write the path of a key or a table of the base")
                    .suggest(Edit::Remove(member.span())),
            );
        }
    }
    told
}

/// The keys of a path as TOML writes it: `api.routes."GET /health"`.
fn keys_of(path: &str) -> Option<Vec<String>> {
    let text = format!("{path} = 0");
    let (document, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        return None;
    }
    let mut keys = Vec::new();
    let mut table = document.get_ref();
    loop {
        let (key, value) = table.iter().next()?;
        keys.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(keys),
        }
    }
}

fn remove(table: &mut DeTable<'_>, keys: &[String]) -> bool {
    match keys {
        [] => false,
        [last] => table.remove(last.as_str()).is_some(),
        [first, rest @ ..] => match table.get_mut(first.as_str()).map(Spanned::get_mut) {
            Some(DeValue::Table(inner)) => remove(inner, rest),
            _ => false,
        },
    }
}

struct Merger<'a> {
    text: &'a str,
    parts: &'a Parts<'a>,
    told: Vec<Diagnostic>,
}

impl Merger<'_> {
    fn merge<'t>(&mut self, path: &str, base: DeTable<'t>, own: DeTable<'t>) -> DeTable<'t> {
        let mut merged = base;
        for (key, value) in own {
            let key_path = path_of(path, key.get_ref());
            let Some(old) = merged.remove(key.get_ref().as_ref()) else {
                merged.insert(key, value);
                continue;
            };
            let (span, old_span) = (value.span(), old.span());
            let value = match (old.into_inner(), value.into_inner()) {
                (DeValue::Table(old), DeValue::Table(new)) => {
                    DeValue::Table(self.merge(&key_path, old, new))
                }
                (_, new) => {
                    self.compare(&key_path, &key.span(), &span, &old_span);
                    new
                }
            };
            merged.insert(key, Spanned::new(span, value));
        }
        merged
    }

    /// Tells of a value that says what the base says.
    fn compare(&mut self, path: &str, key: &Range<usize>, own: &Range<usize>, old: &Range<usize>) {
        let text = |span: &Range<usize>| self.text.get(span.clone()).map(str::trim);
        // The version of the format is each file's own.
        if path == "version" || text(own) != text(old) {
            return;
        }
        let message = format!("`{path}` repeats its base");
        self.told.push(
            Diagnostic::warning(Code::RepeatedValue, own.clone(), message)
                .label(format!("{} says the same", self.parts.name))
                .secondary(old.clone(), "here")
                .help("remove the line: what the base says later would not count")
                .suggest(Edit::Remove(key.start..own.end)),
        );
    }
}
