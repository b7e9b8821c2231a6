//! The one Python printer: blocks of the graph in, source in the form that `ruff format` keeps out.

pub mod block;
pub mod expr;
pub mod function;
pub mod literal;
pub mod module;
mod text;
pub mod used;

/// Line length of the generated project (`pyproject.toml` says the same to ruff).
pub const WIDTH: usize = 100;

/// Appends formatted text to a `String`, which cannot fail.
macro_rules! put {
    ($out:expr, $($format:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($format)*);
    }};
}
pub(crate) use put;

/// Appends spaces up to an indentation.
pub fn pad(out: &mut String, columns: usize) {
    const SPACES: &str = "                                ";
    let mut left = columns;
    while left > 0 {
        let spaces = SPACES.get(..left).unwrap_or(SPACES);
        out.push_str(spaces);
        left -= spaces.len();
    }
}
