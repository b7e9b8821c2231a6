//! What is found while a spec is read and resolved: diagnostics, and what later ones depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::absence;
use super::syntax::Mended;
use crate::diagnostic::{Code, Diagnostic};
use crate::format::Key;
use crate::origin::Value;

/// Everything that is wrong so far.
#[derive(Debug, Default)]
pub struct Problems {
    pub diagnostics: Vec<Diagnostic>,
    /// Keys that are there but unusable: they must not be reported as missing too.
    unusable: BTreeSet<String>,
    /// Where each table and each list that was written stands, by path; the end of the file has the empty path.
    pub(super) places: BTreeMap<String, Range<usize>>,
    /// Lines that are not TOML: what was guessed from them must not be reported either.
    broken_lines: Vec<Range<usize>>,
    /// Every key that was asked for, and where its value stands if it was written; kept on demand only.
    asked: Option<Places>,
    /// Keys and tables that are there in a form that cannot be read, by path: nothing in them is missing.
    left_out: BTreeSet<String>,
    /// Numbers that were written outside of what their key is declared to take.
    beyond: Vec<Beyond>,
    /// Whether nothing but that the file is no TOML is worth telling.
    is_syntax_only: bool,
    /// Whether the file has no statement at all.
    is_empty: bool,
    /// Where the spec was read from another text than the file's: what was meant by a file that is no TOML.
    mended: Option<Mended>,
}

/// A number that was written, and its key, which does not take it.
#[derive(Debug)]
pub struct Beyond {
    pub number: Value<u64>,
    pub key: &'static Key,
}

/// Keys by full path, with the place of each that was written.
pub type Places = BTreeMap<String, Option<Range<usize>>>;

impl Problems {
    /// Remembers which keys are asked for.
    pub fn remembering() -> Self {
        Self {
            asked: Some(Places::new()),
            ..Self::default()
        }
    }

    pub(super) fn ask(&mut self, path: impl FnOnce() -> String, place: Option<Range<usize>>) {
        if let Some(asked) = &mut self.asked {
            asked.insert(path(), place);
        }
    }

    pub fn into_asked(self) -> Places {
        self.asked.unwrap_or_default()
    }

    /// Remembers that the file has no statement: whatever is missing need not be told one by one.
    pub(super) fn found_nothing(&mut self) {
        self.is_empty = true;
    }

    /// Tells nothing but that the file is no TOML.
    pub(super) fn only_syntax(&mut self) {
        self.is_syntax_only = true;
    }

    /// Whether keys were found that are of no use where they stand.
    pub(super) fn has_stray_keys(&self) -> bool {
        let mut found = self.diagnostics.iter();
        found.any(|found| matches!(found.code, Code::UnknownKey | Code::WrongType))
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether a key, or a table around it, was reported while it was read.
    pub fn is_unusable(&self, path: &str) -> bool {
        if self.unusable.contains(path) {
            return true;
        }
        let ends = path.match_indices(['.', '[']).map(|(end, _)| end);
        let mut ends = ends.chain([path.len()]);
        ends.any(|end| self.left_out.contains(path.get(..end).unwrap_or_default()))
    }

    /// Remembers a key or table that is there in another form: nothing in it is missing.
    pub fn leave_out(&mut self, path: String) {
        self.left_out.insert(path);
    }

    pub fn mark_unusable(&mut self, path: &str) {
        self.unusable.insert(path.to_owned());
    }

    /// Remembers a number that its key does not take; a rule reports it.
    pub(super) fn note_beyond(&mut self, number: Beyond) {
        self.beyond.push(number);
    }

    /// Numbers outside of what their key is declared to take.
    pub fn beyond(&self) -> &[Beyond] {
        &self.beyond
    }

    /// Whether a key or table is there.
    pub fn is_written(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// Where a table or list stands, or else the nearest table around it that was written.
    pub fn place(&self, key: &str) -> Range<usize> {
        let mut path = key;
        loop {
            if let Some(span) = self.places.get(path) {
                return span.clone();
            }
            path = match path.rsplit_once('.') {
                Some((table, _)) => table,
                None => "",
            };
        }
    }

    /// Whether a table of named tables has at least one that was written.
    pub fn has_entries(&self, table: &str) -> bool {
        let prefix = format!("{table}.");
        let mut paths = self.places.keys().chain(&self.left_out);
        paths.any(|path| path.starts_with(&prefix))
    }

    /// Records a syntax error.
    pub fn syntax_error(&mut self, text: &str, diagnostic: Diagnostic) {
        let start = text
            .get(..diagnostic.span.start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1);
        let end = text
            .get(diagnostic.span.end..)
            .and_then(|after| after.find('\n'))
            .map_or(text.len(), |newline| diagnostic.span.end + newline);
        self.broken_lines.push(start..end);
        self.diagnostics.push(diagnostic);
    }

    /// Remembers that the file was no TOML, and what the spec was read from.
    pub(super) fn mended(&mut self, mended: Mended) {
        self.left_out.extend(mended.left_out.iter().cloned());
        self.mended = Some(mended);
    }

    /// All diagnostics but those that only follow from a syntax error, at their places in the file.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let Self {
            mut diagnostics,
            unusable: _,
            places,
            broken_lines,
            asked: _,
            left_out: _,
            beyond: _,
            is_syntax_only,
            is_empty,
            mended,
        } = self;
        if is_syntax_only {
            diagnostics.retain(|found| found.code == Code::TomlSyntax);
        }
        if is_empty {
            return vec![nothing()];
        }
        let end = places.get("").map_or(0, |span| span.start);
        let tables = places.iter().filter(|(path, _)| !path.is_empty());
        let header = tables.map(|(_, span)| span.start).min();
        let header = header.unwrap_or(end);
        let Some(mended) = mended else {
            absence::join_beginning(&mut diagnostics, header, end);
            absence::join(&mut diagnostics, &places);
            return diagnostics;
        };
        if !absence::lacks_beginning(&diagnostics) {
            absence::join(&mut diagnostics, &places);
        }
        let is_syntax =
            |found: &Diagnostic| matches!(found.code, Code::TomlSyntax | Code::TooLarge);
        for found in &mut diagnostics {
            if !is_syntax(found) {
                found.moved(&|span| mended.map.back(span));
            }
        }
        let is_whole = broken_lines.is_empty();
        let broken = Spans::new(mended.guessed.iter().cloned().chain(broken_lines));
        diagnostics.retain(|found| {
            let may_follow = (found.code == Code::MissingKey && !is_whole)
                || (mended.has_lost && absence::follows_from_absence(found.code));
            is_syntax(found) || !(may_follow || broken.contain(found.span.start))
        });
        diagnostics.extend(mended.faults);
        let back = |at: usize| mended.map.back(at..at).start;
        absence::join_beginning(&mut diagnostics, back(header), back(end));
        diagnostics
    }
}

/// What is said of an empty file.
fn nothing() -> Diagnostic {
    Diagnostic::error(Code::MissingKey, 0..0, "the spec is empty")
        .label("the file holds no key")
        .help("`paystagec init` writes a first spec, from a few answers")
}

/// Places of the file that many others are compared with.
struct Spans {
    /// By start, the furthest end of all that begin before.
    ends: BTreeMap<usize, usize>,
}

impl Spans {
    fn new(spans: impl Iterator<Item = Range<usize>>) -> Self {
        let mut sorted: Vec<Range<usize>> = spans.collect();
        sorted.sort_unstable_by_key(|span| span.start);
        let mut ends = BTreeMap::new();
        let mut furthest = 0;
        for span in sorted {
            furthest = furthest.max(span.end);
            ends.insert(span.start, furthest);
        }
        Self { ends }
    }

    fn contain(&self, at: usize) -> bool {
        let before = self.ends.range(..=at).next_back();
        before.is_some_and(|(_, end)| at <= *end)
    }
}
