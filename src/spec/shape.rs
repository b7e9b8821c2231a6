//! The keys of the format, asked of the reader itself: it is run on an empty file and notes what it asks for. Whatever
//! describes the format begins here, so that no second list of keys can drift from the first.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::problems::Problems;
use super::raw::RawSpec;
use super::read::spec;
use super::reader::{Reader, Sink};

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    Number,
    Date,
    /// A list of texts.
    Texts,
    /// A flag, a number, a text or a list of texts.
    Literal,
    /// A table with known keys.
    Table,
    /// A table whose keys are names of the author's, each with a table of its own.
    Entries,
    /// The same, where each name may have a list of tables too.
    EntryTables,
    /// A list of tables with known keys.
    Tables,
}

/// A key that the reader asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Full path of its table, with `*` for a member of a collection: `functions.*`.
    pub table: String,
    pub key: &'static str,
    pub kind: Kind,
}

impl Asked {
    /// `functions.*.memory_mib`.
    pub fn path(&self) -> String {
        if self.table.is_empty() {
            self.key.to_owned()
        } else {
            format!("{}.{}", self.table, self.key)
        }
    }
}

/// The format, as far as the reader and the resolver know it.
#[derive(Debug)]
pub struct Outline {
    /// In the order of the reader.
    pub keys: Vec<Asked>,
    /// Paths of keys that have no default.
    pub required: BTreeSet<String>,
}

/// What the reader makes of a file in which every table is there and empty and every collection has one member, `*`. Once the
/// spec is resolved, the problems hold the outline.
pub fn read_outline() -> (RawSpec, Problems) {
    let sink = Sink::new(Problems::outlining());
    let nothing = DeTable::new();
    let spec = spec(Reader::of_file(&nothing, "", &sink));
    (spec, sink.into_inner())
}
