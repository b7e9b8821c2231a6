//! A look at Python source that the team wrote: as statements of words, signs and texts, no more. Python itself is not here, so whatever
//! a look is not certain about counts as unknown, and nothing is said.

mod binding;
mod imports;
mod scan;

pub use binding::{Binding, binding};
pub use imports::imports;
pub use scan::{Statement, Token, scan};
