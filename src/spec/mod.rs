//! Stage 1: text in, `RawSpec` out. Every key that was written, with its place; every mistake of the file in one run.
//! Must not know a default.

mod absence;
mod alike;
mod based;
pub mod builtins;
mod fixed;
mod path;
mod problems;
mod read;
mod reader;
mod remedy;
mod suggest;
mod syntax;

pub use alike::latin;
pub use based::{output_folder, with_base};
pub use path::path_of;
pub use problems::{Beyond, Places, Problems};
pub use read::{MOST_BYTES, known_keys, read};
pub use suggest::nearest;
