//! Stage 4: `Environment` in, the resource graph out. Must not print Python.

pub mod cost;
pub mod expr;
pub mod graph;
mod json;
pub mod layers;
pub mod names;
pub mod overrides;
pub mod places;
pub mod resource;
