//! Two branches that each change the spec, put together by the real git: one build finishes what git left. It writes what a build
//! of the merged spec writes into an empty folder, keeps aside what people edited by hand, and touches nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod edits;
mod pairs;
mod repository;
mod settings;
mod states;
