//! Forms of texts that several keys have, as regular expressions.

/// Lower-case words joined by hyphens, beginning with a letter.
pub const KEBAB: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
pub const SUFFIX: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
pub const CIDR: &str = "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$";
/// More than spaces.
pub const WORDS: &str = "\\S";
pub const RELATIVE: &str = "^[^/]";
pub const MODULE: &str = "^([^/].*/)?[a-z][a-z0-9_]*\\.py$";
