//! A character too many, or one too few: the error stands where the slip is, and little else is said. Measured over every single
//! bracket, brace, quote, comma and `=` of whole specs, the committed one and random ones.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a panic is how a test fails, and what is not told well is worth reading"
)]

#[path = "../properties/choices.rs"]
#[allow(dead_code, reason = "shared with the properties")]
mod choices;
#[path = "../properties/decisions.rs"]
mod decisions;
#[path = "../properties/declared.rs"]
mod declared;
#[path = "../properties/generator.rs"]
#[allow(dead_code, reason = "shared with the properties")]
mod generator;
#[path = "../properties/payments.rs"]
mod payments;
#[path = "../properties/renames.rs"]
mod renames;
#[path = "../properties/routes.rs"]
mod routes;
#[path = "../properties/words.rs"]
#[allow(dead_code, reason = "shared with the properties")]
mod words;

mod bounds;
mod habits;
mod lost;
mod measure;
mod places;

use std::fs;
use std::path::Path;

use choices::{Choices, bytes_of};
use measure::{Slip, measure};
use paystagec::load::{Disk, Memory};

const SPEC: &str = "spec/staging.toml";

/// Single characters that hold a spec together.
const MARKS: &str = "[]{}\"',=";

/// Fails below the floor; says what is not yet told where it is.
fn at_least(floor: f64, name: &str, slips: &[Slip], loader: &dyn paystagec::load::Loader) {
    let measured = measure(slips, loader);
    let percent = measured.percent();
    let told = format!(
        "{name}: {percent} % of {} slips are told where they are; the others:\n{}",
        measured.count,
        measured.failures.join("\n")
    );
    println!("{told}");
    assert!(measured.count > 100, "{told}");
    assert!(percent >= floor, "below {floor} %: {told}");
}

#[test]
fn of_the_committed_spec() {
    let text = fs::read_to_string(SPEC).unwrap();
    let slips = measure::slips(&text, MARKS);
    at_least(100.0, SPEC, &slips, &Disk::beside(Path::new(SPEC)));
}

#[test]
fn of_random_specs() {
    for seed in [3, 6, 7] {
        let spec = generator::spec(&mut Choices::new(&bytes_of(seed, 700)));
        // A fourth of them: all take a minute in a build for tests.
        let slips: Vec<Slip> = measure::slips(&spec.text(), MARKS)
            .into_iter()
            .step_by(4)
            .collect();
        let files = spec.files.clone();
        at_least(99.0, &format!("seed {seed}"), &slips, &Memory { files });
    }
}
