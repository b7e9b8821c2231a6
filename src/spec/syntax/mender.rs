//! What is known while a file is mended, and how one statement of it is replaced, left out or reported.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::format::{Format, parse};
use super::map::{Map, Mend, difference};
use super::names::Names;
use super::pair::{self, Meant};
use super::scan::{self, slice};
use super::words::{Told, plain, told, written};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::spec::{path_of, remedy};

/// So many statements are mended by trying, and so many more by what is known about them; the rest is left out.
const MOST_SEARCHED: usize = 24;
pub const MOST_MENDED: usize = 400;
/// Bytes that are read ahead for values that end on a later line, in all.
const MOST_AHEAD: usize = 64 << 20;

pub const MESSAGE: &str = "the file is not valid TOML";

/// What became of the file.
#[derive(Debug, Default)]
pub struct Mended {
    pub text: String,
    pub map: Map,
    pub faults: Vec<Diagnostic>,
    /// Statements of the file that are a guess or left out: what is found there may not be the author's.
    pub guessed: Vec<Range<usize>>,
    /// Keys and tables that were left out, by path.
    pub left_out: Vec<String>,
    /// Whether a whole table was left out, and nobody knows which.
    pub has_lost: bool,
}

impl Mended {
    /// Whether all that was wrong is where statements stand: the file is TOML.
    pub fn is_of_places(&self) -> bool {
        let mut faults = self.faults.iter();
        !self.faults.is_empty() && faults.all(|fault| fault.code == Code::UnknownKey)
    }
}

/// A file while its statements are mended: where reading is, what was met, and what became of it.
pub struct Mender<'t> {
    pub text: &'t str,
    pub format: Format,
    pub names: OnceCell<Names>,
    /// Names of the table that pairs belong to.
    pub table: Vec<String>,
    /// Its path, with the number of the member if it is one of a list.
    pub scope: String,
    pub members: BTreeMap<String, usize>,
    /// Where each table and key was set first.
    pub defined: BTreeMap<String, Range<usize>>,
    pub mends: Vec<Mend>,
    pub result: Mended,
    pub broken: Vec<Range<usize>>,
    pub mended: usize,
    pub ahead: usize,
    /// Tables that were opened as in other languages.
    pub open_braces: usize,
    /// Within a table that is left out.
    pub skip_to_header: bool,
    pub misspelt: Misspelt,
}

/// Names that are no table's, up to the wrong one, with the place of their report among the faults.
#[derive(Default)]
pub struct Misspelt {
    pub told: BTreeMap<Vec<String>, (usize, MeantTable)>,
    /// Tables whose members need a name and stand without one, with the place of their report.
    pub without_name: BTreeMap<String, usize>,
    /// Every table that has a header of its own.
    pub headers: Option<BTreeSet<Vec<String>>>,
}

/// The table that was meant by a name in a header.
#[derive(Clone)]
pub struct MeantTable {
    pub keys: Vec<String>,
    pub why: String,
}

impl<'t> Mender<'t> {
    /// At the beginning of a file.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            format: Format::new(),
            names: OnceCell::new(),
            table: Vec::new(),
            scope: String::new(),
            members: BTreeMap::new(),
            defined: BTreeMap::new(),
            mends: Vec::new(),
            result: Mended::default(),
            broken: Vec::new(),
            mended: 0,
            ahead: MOST_AHEAD,
            open_braces: 0,
            skip_to_header: false,
            misspelt: Misspelt::default(),
        }
    }

    /// The file as it was meant, with all that was found.
    pub fn into_mended(self) -> Mended {
        let Self {
            text,
            mut mends,
            mut result,
            broken,
            ..
        } = self;
        // What is moved to the top, and what goes with a header, is not found in the order of the file.
        mends.sort_by_key(|mend| (mend.span.start, mend.span.end));
        let (mended, map) = Map::apply(text, mends);
        result.text = mended;
        result.map = map;
        result.guessed = broken;
        result
    }

    /// Names of functions, gathered once they are needed.
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(self.text))
    }

    /// Remembers the keys of a pair that was mended.
    pub fn define(&mut self, text: &str, span: Range<usize>) {
        for (key, _) in parse(text).iter().flatten() {
            let path = path_of(&self.scope, key.get_ref());
            self.defined.entry(path).or_insert(span.clone());
        }
    }

    pub fn twice(&mut self, message: &str, again: &Range<usize>, first: Range<usize>) -> Told<'_> {
        self.result.faults.push(
            Diagnostic::error(Code::TomlSyntax, again.clone(), message.to_owned())
                .label("again")
                .secondary(first, "first here"),
        );
        Told {
            diagnostic: self.result.faults.last_mut(),
        }
    }

    /// Whether there is time to mend one more: by trying too, or only by what is known.
    pub fn take_turn(&mut self) -> Option<bool> {
        self.mended += 1;
        (self.mended <= MOST_MENDED).then_some(self.mended <= MOST_SEARCHED)
    }

    pub fn replace(&mut self, span: Range<usize>, meant: &Meant) {
        let statement = slice(self.text, span.clone());
        let change = difference(statement, &meant.text);
        let place = span.start + change.span.start..span.start + change.span.end;
        let label = match meant.why {
            Some(why) => why.to_owned(),
            None => told(slice(statement, change.span.clone()), &change.text),
        };
        let help = written(&meant.text, change.span.start, &change.text);
        let mut diagnostic = Diagnostic::error(Code::TomlSyntax, place.clone(), MESSAGE)
            .label(label)
            .suggest(Edit::Replace(place.clone(), change.text.clone()));
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.result.faults.push(diagnostic);
        self.broken.push(span);
        self.mends.push(Mend {
            span: place,
            text: change.text,
        });
    }

    /// Reports a statement of which nobody knows what was meant.
    pub fn leave_out(&mut self, span: Range<usize>) {
        let statement = slice(self.text, span.clone());
        let error = toml::de::DeTable::parse(statement).err();
        let found = error.as_ref().and_then(toml::de::Error::span);
        let mut place = found.map_or(span.clone(), |found| {
            span.start + found.start..span.start + found.end
        });
        if place.start > span.end || place.end > span.end {
            place = span.end..span.end;
        }
        let label = error.map_or_else(String::new, |error| plain(error.message()));
        let mut diagnostic = Diagnostic::error(Code::TomlSyntax, place, MESSAGE).label(label);
        let is_known = self.mended <= MOST_MENDED;
        let expected = is_known.then(|| pair::expected(statement, &self.table, &self.format));
        if let Some(expected) = expected.flatten() {
            diagnostic = diagnostic.label(expected);
        }
        if is_known {
            diagnostic = diagnostic.help(pair::advice(statement, &self.table, &self.format));
        }
        let value = statement.split('=').nth(1).unwrap_or_default();
        let value = slice(value, 0..scan::comment(value)).trim();
        if remedy::is_nothing(value) {
            diagnostic = diagnostic
                .label("TOML has no word for nothing: a key that is left out has its default")
                .help("remove the line")
                .suggest(Edit::Remove(span.clone()));
        }
        self.result.faults.push(diagnostic);
        self.blank(span);
    }

    pub fn blank(&mut self, span: Range<usize>) {
        self.broken.push(span.clone());
        self.mends.push(Mend {
            span,
            text: String::new(),
        });
    }
}
