//! A look at Python source that the team wrote. Ruff's parser says whether it is Python; what is looked at are statements of words, signs
//! and texts, no more. Python itself is not here, so whatever a look is not certain about counts as unknown, and nothing is said.

mod binding;
mod fault;
mod folder;
mod imports;
mod missing;
mod scan;
mod text;

pub use binding::{Binding, binding};
pub use folder::walk;
pub use imports::imports;
pub use missing::missing_modules;
pub use scan::{Statement, Token, scan};
pub use text::decode;
