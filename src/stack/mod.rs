//! Stage 4: `Environment` in, the resource graph out. Must not print Python.

pub mod expr;
pub mod layers;
pub mod resource;
