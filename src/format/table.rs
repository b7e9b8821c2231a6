//! What a declaration becomes. `table!` takes one table of the spec and makes
//!
//! - the table as written, `RawKeys`: an `Option` a key, where "left out" means "use the default",
//! - how it is read, `RawKeys::read`,
//! - a constant a key, `RawKeys::rotation_days`, with what is said about it, and all of them in `RawKeys::TABLE`,
//! - the table with its plain keys filled in, `Keys`, and how they are filled in, `RawKeys::settings`.
//!
//! A line that begins with `key` declares a plain key: its default, that it is required, or that it is optional says all that there
//! is to do about it. A line that begins with `own` declares one that a module in `resolve/` has to take from the raw table, because
//! its value is converted or computed there.
//!
//! ```text
//! table! {
//!     "keys", "Keys", "The customer-managed KMS keys.", RawKeys => Keys;
//!
//!     key rotation_days: number default(365, "once a year, as AWS does by default"),
//!         "Rotation", "How often a key's material is renewed.", unit("days"), range(90, 2_560, "what KMS takes"), serves("SEC-1");
//! }
//! ```
//!
//! Behind the sentence stand methods of `Key`, each with what it takes.

use super::key::{Key, Table};
use super::kind::{Header, List, NamedText};
use super::literal::Literal;
use crate::origin::Value;
use crate::requirements::Class;

/// A table as written.
pub trait Written: Sized {
    const TABLE: Table;

    fn read(reader: impl Read) -> Self;
}

/// Who gives what is written in a table, key by key. Reports what is of the wrong type; it then counts as left out.
pub trait Read: Sized {
    fn header(&self) -> Header;
    fn text(&mut self, key: &'static Key) -> Option<Value<String>>;
    fn flag(&mut self, key: &'static Key) -> Option<Value<bool>>;
    fn number(&mut self, key: &'static Key) -> Option<Value<u64>>;
    /// As ISO 8601 text.
    fn date(&mut self, key: &'static Key) -> Option<Value<String>>;
    fn texts(&mut self, key: &'static Key) -> Option<List>;
    fn literal(&mut self, key: &'static Key) -> Option<Value<Literal>>;
    fn named_texts(&mut self, key: &'static Key) -> Vec<NamedText>;
    fn table(&mut self, key: &'static Key) -> Self;
    fn entries(&mut self, key: &'static Key) -> Vec<(Value<String>, Self)>;
    fn entry_tables(&mut self, key: &'static Key) -> Vec<(Value<String>, Self)>;
    fn tables(&mut self, key: &'static Key) -> Vec<Self>;
    /// Reports every key that nobody asked for.
    fn finish(self);
}

/// Who fills in what was left out.
pub trait Fill {
    /// What the environment is for: some defaults depend on it.
    fn class(&self) -> Class;

    /// The word that was written, if it is one of the key's choices. Another is reported, and counts as left out.
    fn chosen(
        &mut self,
        written: Option<Value<String>>,
        key: &'static Key,
    ) -> Option<Value<String>>;

    /// A key without a default. Where it is missing, this is reported, and the value stands in.
    fn required<T>(
        &mut self,
        written: Option<Value<T>>,
        header: &Header,
        key: &'static Key,
        stand_in: T,
    ) -> Value<T>;
}

macro_rules! table {
    (@written $path:literal, $title:literal, $about:literal, $raw:ident; $(
        $(key $key:ident: $kind:ident $fill:ident $(($($value:tt)*))?,
            $key_title:literal, $key_about:literal $(, $key_part:ident($($key_argument:tt)*))*)?
        $(own $own:ident: $own_kind:ident $(($table:ident))?
            $(, $own_title:literal, $own_about:literal)? $(, $own_part:ident($($own_argument:tt)*))*)?;
    )*) => {
        #[doc = $about]
        #[derive(Debug)]
        pub struct $raw {
            pub header: Header,
            $(
                $(#[doc = $key_about] pub $key: written!($kind),)?
                $($(#[doc = $own_about])? pub $own: written!($own_kind $($table)?),)?
            )*
        }

        #[allow(non_upper_case_globals, reason = "a key's constant has the key's name")]
        impl $raw {
            $(
                $(pub const $key: Key = declared!(
                    Key::new(concat!($path, ".", stringify!($key)), stringify!($key), kind!($kind)).said($key_title, $key_about),
                    $kind $fill $(($($value)*))?
                )$(.$key_part($($key_argument)*))*;)?
                $(pub const $own: Key = Key::new(concat!($path, ".", stringify!($own)), stringify!($own), kind!($own_kind))
                    $(.said($own_title, $own_about))?
                    $(.holds(&<$table as Written>::TABLE))?
                    $(.$own_part($($own_argument)*))*;)?
            )*
        }

        impl Written for $raw {
            const TABLE: Table = Table {
                path: $path,
                title: $title,
                about: $about,
                keys: &[$($($raw::$key)? $($raw::$own)?),*],
            };

            #[allow(unused_mut, reason = "a table may have no keys")]
            fn read(mut reader: impl Read) -> Self {
                let table = Self {
                    header: reader.header(),
                    $(
                        $($key: reader.$kind(&$raw::$key),)?
                        $($own: read!(reader, &$raw::$own, $own_kind $($table)?),)?
                    )*
                };
                reader.finish();
                table
            }
        }
    };
    (@settings $raw:ident, $settings:ident; $(
        $(key $key:ident: $kind:ident $fill:ident $(($($value:tt)*))?,
            $key_title:literal, $key_about:literal $(, $key_part:ident($($key_argument:tt)*))*)?
        $(own $own:ident: $own_kind:ident $(($table:ident))?
            $(, $own_title:literal, $own_about:literal)? $(, $own_part:ident($($own_argument:tt)*))*)?;
    )*) => {
        /// The plain keys of the table, each with its final value.
        #[derive(Debug, Clone)]
        pub struct $settings {
            $($(#[doc = $key_about] pub $key: settled!($kind $fill),)?)*
        }

        impl $raw {
            /// Takes the plain keys and fills in what was left out.
            #[allow(unused_variables, reason = "nobody has to be asked where all is optional, or a number with a default")]
            pub fn settings(&mut self, filler: &mut impl Fill) -> $settings {
                $settings {
                    $($($key: {
                        let written = chosen!(filler, self.$key.take(), &$raw::$key, $kind);
                        filled!(filler, written, &self.header, &$raw::$key, $kind $fill $(($($value)*))?)
                    },)?)*
                }
            }
        }
    };
    ($path:literal, $title:literal, $about:literal, $raw:ident => $settings:ident; $($keys:tt)*) => {
        table! { @written $path, $title, $about, $raw; $($keys)* }
        table! { @settings $raw, $settings; $($keys)* }
    };
    ($path:literal, $title:literal, $about:literal, $raw:ident; $($keys:tt)*) => {
        table! { @written $path, $title, $about, $raw; $($keys)* }
    };
}

/// The kind that a word of a declaration stands for.
macro_rules! kind {
    (text) => {
        Kind::Text
    };
    (flag) => {
        Kind::Flag
    };
    (number) => {
        Kind::Number
    };
    (date) => {
        Kind::Date
    };
    (texts) => {
        Kind::Texts
    };
    (literal) => {
        Kind::Literal
    };
    (named_texts) => {
        Kind::NamedTexts
    };
    (table) => {
        Kind::Table
    };
    (entries) => {
        Kind::Entries
    };
    (entry_tables) => {
        Kind::EntryTables
    };
    (tables) => {
        Kind::Tables
    };
}

/// The type of a value.
macro_rules! value {
    (text) => { String };
    (date) => { String };
    (flag) => { bool };
    (number) => { u64 };
    (texts) => { Vec<Value<String>> };
    (literal) => { Literal };
}

/// A value as a table holds it.
macro_rules! owned {
    (text $value:expr) => {
        $value.to_owned()
    };
    (date $value:expr) => {
        $value.to_owned()
    };
    ($kind:ident $value:expr) => {
        $value
    };
}

/// The type of a key as written.
macro_rules! written {
    (table $table:ident) => { $table };
    (tables $table:ident) => { Vec<$table> };
    (entries $table:ident) => { Vec<Named<$table>> };
    (entry_tables $table:ident) => { Vec<Named<$table>> };
    (named_texts) => { Vec<NamedText> };
    ($kind:ident) => { Option<Value<value!($kind)>> };
}

/// How a key is read that has no value alone.
macro_rules! read {
    ($reader:ident, $key:expr, table $table:ident) => {
        $table::read($reader.table($key))
    };
    ($reader:ident, $key:expr, tables $table:ident) => {
        $reader.tables($key).into_iter().map($table::read).collect()
    };
    ($reader:ident, $key:expr, $entries:ident $table:ident) => {
        $reader
            .$entries($key)
            .into_iter()
            .map(|(name, table)| Named {
                name,
                table: $table::read(table),
            })
            .collect()
    };
    ($reader:ident, $key:expr, $kind:ident) => {
        $reader.$kind($key)
    };
}

/// What a key's default, or that it has none, says about it.
macro_rules! declared {
    ($key:expr, $kind:ident default($value:expr, $reason:literal)) => {
        $key.default(Plain::$kind($value), $reason)
    };
    ($key:expr, $kind:ident required($value:expr)) => {
        $key.required().stand_in(Plain::$kind($value))
    };
    ($key:expr, $kind:ident optional) => {
        $key.optional()
    };
}

/// The type of a plain key once it is filled in.
macro_rules! settled {
    (texts optional) => { Vec<Value<String>> };
    ($kind:ident optional) => { Option<Value<value!($kind)>> };
    ($kind:ident $fill:ident) => { Value<value!($kind)> };
}

/// What was written; of a text, if it is one of the key's choices.
macro_rules! chosen {
    ($filler:ident, $written:expr, $key:expr, text) => {
        $filler.chosen($written, $key)
    };
    ($filler:ident, $written:expr, $key:expr, $kind:ident) => {
        $written
    };
}

/// What was written, or what stands for it.
macro_rules! filled {
    ($filler:ident, $written:ident, $header:expr, $key:expr, $kind:ident default($value:expr, $reason:literal)) => {
        $key.or_default_in($filler.class(), $written, owned!($kind $value))
    };
    ($filler:ident, $written:ident, $header:expr, $key:expr, $kind:ident required($value:expr)) => {
        $filler.required($written, $header, $key, owned!($kind $value))
    };
    ($filler:ident, $written:ident, $header:expr, $key:expr, texts optional) => {
        $written.map(|list| list.value).unwrap_or_default()
    };
    ($filler:ident, $written:ident, $header:expr, $key:expr, $kind:ident optional) => { $written };
}

pub(super) use {chosen, declared, filled, kind, owned, read, settled, table, value, written};
