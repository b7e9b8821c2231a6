//! Any bytes as decisions: a valid spec is taken, a damaged one is answered, and what is written is whole. The body is that of
//! `tests/properties/judge.rs`, which `cargo test` runs too.
#![no_main]
#![allow(dead_code, reason = "the modules serve the tests of properties too")]

#[path = "../../tests/properties/choices.rs"]
mod choices;
#[path = "../../tests/properties/decisions.rs"]
mod decisions;
#[path = "../../tests/properties/declared.rs"]
mod declared;
#[path = "../../tests/properties/generator.rs"]
mod generator;
#[path = "../../tests/properties/judge.rs"]
mod judge;
#[path = "../../tests/properties/payments.rs"]
mod payments;
#[path = "../../tests/properties/renames.rs"]
mod renames;
#[path = "../../tests/properties/routes.rs"]
mod routes;
#[path = "../../tests/properties/words.rs"]
mod words;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::spec_to_files(bytes));
