//! What a rule sees: the environment, and where things stand in the file.

use std::ops::Range;

use crate::date::Date;
use crate::origin::{Origin, Value};
use crate::resolve::Entry;
use crate::resolve::environment::{Environment, Function, Source};
use crate::spec::{Beyond, Problems};

/// The environment under judgement.
pub struct Context<'a> {
    pub environment: &'a Environment,
    /// For life cycles that go on whatever the spec says.
    pub today: Date,
    problems: &'a Problems,
}

impl<'a> Context<'a> {
    pub fn new(environment: &'a Environment, today: Date, problems: &'a Problems) -> Self {
        Self {
            environment,
            today,
            problems,
        }
    }

    /// The functions whose code lies in a folder beside the spec.
    pub fn own_code(&self) -> impl Iterator<Item = OwnCode<'a>> + use<'a> {
        self.environment.functions.iter().filter_map(|function| {
            let Source::Folder { path, files, .. } = &function.source.value else {
                return None;
            };
            let (key, span) = written(&function.source)?;
            let entry = Entry::of(&function.handler.value)?;
            let entry_file = entry.file_in(files.iter().map(|(name, _)| name.as_str()))?;
            Some(OwnCode {
                function,
                path,
                files,
                entry,
                entry_file,
                key,
                span,
            })
        })
    }

    /// Whether a key was reported while it was read: its value says nothing then.
    pub fn is_unusable(&self, key: &str) -> bool {
        self.problems.is_unusable(key)
    }

    /// Numbers outside of what their key is declared to take.
    pub fn beyond(&self) -> &[Beyond] {
        self.problems.beyond()
    }

    /// Where a value stands. One that was not written stands at the header of its table, `key` being its full path.
    pub fn span<T>(&self, value: &Value<T>, key: &str) -> Range<usize> {
        written(value).map_or_else(|| self.place(key), |(_, span)| span)
    }

    /// Whether the spec has the key.
    pub fn is_written(&self, key: &str) -> bool {
        self.problems.is_written(key)
    }

    /// Where a table or list stands, or else the nearest table around it that was written.
    pub fn place(&self, key: &str) -> Range<usize> {
        self.problems.place(key)
    }

    /// Whether a table of named tables is empty, and not only because its entries have errors.
    pub fn has_no_entries(&self, table: &str) -> bool {
        !self.is_unusable(table) && !self.problems.has_entries(table)
    }
}

/// Code of the team's own, and where the spec names its folder.
pub struct OwnCode<'a> {
    pub function: &'a Function,
    pub path: &'a str,
    /// By relative path.
    pub files: &'a [(String, Vec<u8>)],
    /// What Lambda calls, and the file that it imports for that.
    pub entry: Entry<'a>,
    pub entry_file: &'a str,
    pub key: &'a str,
    pub span: Range<usize>,
}

/// Full key and place of a value that was written; nothing for one that was filled in.
pub fn written<T>(value: &Value<T>) -> Option<(&str, Range<usize>)> {
    match &value.origin {
        Origin::Spec { key, span } => Some((key, span.clone())),
        Origin::Default(_) | Origin::Derived(_) | Origin::Fixed(_) | Origin::Override(_) => None,
    }
}

/// How a value came about, for a label: nothing for one that was written.
pub fn source<T>(value: &Value<T>) -> String {
    match &value.origin {
        Origin::Spec { .. } => String::new(),
        Origin::Default(key) => format!(" (the default of `{}`)", key.replace(".*", "")),
        Origin::Derived(from) => format!(" (derived from {})", from.join(", ")),
        Origin::Fixed(requirement) => format!(" (fixed by {requirement})"),
        Origin::Override(set) => format!(" (an override of {})", set.owner),
    }
}
