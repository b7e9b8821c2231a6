//! The one Python printer: blocks of the graph in, source in the form that `ruff format` keeps out.

pub mod block;
pub mod expr;
pub mod literal;
pub mod module;

/// Line length of the generated project (`pyproject.toml` says the same to ruff).
pub const WIDTH: usize = 100;
