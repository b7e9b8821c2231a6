//! Compiles a short TOML spec of a payments staging environment into a Pulumi Python project.

pub mod catalogue;
pub mod emit;
pub mod origin;
pub mod resolve;
pub mod stack;
