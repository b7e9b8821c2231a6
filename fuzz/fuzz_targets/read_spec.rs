//! Any bytes as a spec: the compiler answers, and never panics. The body is that of
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

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::read_spec(bytes));
