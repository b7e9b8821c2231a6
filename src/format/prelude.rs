//! What every declaration needs.

pub use super::key::{DEVELOPMENT, Key, PRODUCTION, Plain, Range, Table};
pub use super::kind::{Header, Kind, Named, NamedText};
pub use super::literal::Literal;
pub use super::table::{Fill, Read, Written};
pub(super) use super::table::{
    chosen, declared, filled, kind, owned, read, settled, table, value, written,
};
pub use crate::origin::Value;
