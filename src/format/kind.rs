//! What can stand behind a key, and how it is kept once it was read.

use std::ops::Range;

use crate::origin::Value;

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
    /// A table whose keys are names of the author's, each with a text.
    NamedTexts,
    /// A table with known keys.
    Table,
    /// A table whose keys are names of the author's, each with a table of its own.
    Entries,
    /// The same, where each name may have a list of tables too.
    EntryTables,
    /// A list of tables with known keys.
    Tables,
}

impl Kind {
    /// What has to stand there, as a diagnostic says it.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "`true` or `false`",
            Self::Number => "a whole number, 0 or more",
            Self::Date => "a date without quotes, such as 2026-12-01",
            Self::Texts => "a list of strings",
            Self::Literal => "a flag, a number, a string or a list of strings",
            Self::NamedTexts => "a table of strings",
            Self::Table => "a table",
            Self::Entries | Self::EntryTables => "a table of tables",
            Self::Tables => "a list of tables",
        }
    }

    /// Whether it is a value, not a table or a collection of tables.
    pub const fn is_value(self) -> bool {
        !matches!(
            self,
            Self::NamedTexts | Self::Table | Self::Entries | Self::EntryTables | Self::Tables
        )
    }
}

/// A list as written: where it stands, and its members.
pub type List = Value<Vec<Value<String>>>;

/// A text whose name the author chose.
#[derive(Debug, Clone)]
pub struct NamedText {
    pub name: Value<String>,
    pub text: Value<String>,
}

/// A table whose name the author chose.
#[derive(Debug)]
pub struct Named<T> {
    pub name: Value<String>,
    pub table: T,
}

/// Where a table begins: what a missing key of it points at.
#[derive(Debug, Clone)]
pub struct Header {
    /// Full path, `functions.validate-payment`; empty for the file itself.
    pub path: String,
    pub span: Range<usize>,
    /// False when the whole table was left out.
    pub present: bool,
}

impl Header {
    /// The header as one types it: `[database]`, and `[[waivers]]` for every table of a list.
    pub fn brackets(&self) -> String {
        let list = self.path.strip_suffix(']');
        match list.and_then(|path| path.rsplit_once('[')) {
            Some((list, _)) => format!("[[{list}]]"),
            None => format!("[{}]", self.path),
        }
    }
}
