//! Compiles a short TOML spec of a payments staging environment into a Pulumi Python project.

mod answers;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod compare;
pub mod compile;
pub mod date;
pub mod deployer;
pub mod diagnostic;
pub mod emit;
pub mod format;
mod git;
pub mod judge;
pub mod load;
mod number;
pub mod origin;
pub mod overridable;
pub mod packages;
mod parallel;
mod project_path;
pub mod provenance;
pub mod requirements;
pub mod resolve;
pub mod schema;
pub mod spec;
pub mod stack;
mod tables;
mod visible;
pub mod whole;
pub mod write;

pub use compile::compile_environment;
