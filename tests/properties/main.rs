//! What holds for every valid spec, not for the team's alone. A spec is made of decisions, decisions of bytes: a failure is shrunk
//! to the fewest and smallest, and printed with the text of the spec.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod choices;
mod compiled;
mod corpus;
mod decisions;
mod declared;
mod generator;
mod judge;
mod literals;
mod payments;
mod renames;
mod routes;
mod stable;
mod words;

use std::fmt::Debug;

use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestRunner};

use choices::Choices;
use generator::Spec;

/// Bytes that no spec uses up.
const MOST_BYTES: usize = 1_200;

/// Holds a property against valid specs: always the same ones, and `PROPTEST_CASES` of them.
fn for_valid_specs(holds: impl Fn(&Spec, &mut Choices<'_>) -> Result<(), String>) {
    let bytes = proptest::collection::vec(any::<u8>(), 0..MOST_BYTES);
    let config = Config {
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        max_shrink_iters: 1_000,
        ..Config::with_cases(cases())
    };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&bytes, |bytes| {
        let mut choices = Choices::new(&bytes);
        let spec = generator::spec(&mut choices);
        holds(&spec, &mut choices)
            .map_err(|reason| TestCaseError::fail(format!("{reason}\n{}", spec.text())))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(64)
}

/// Says what two values are, if they are not the same.
fn same<T: PartialEq + Debug>(what: &str, one: &T, other: &T) -> Result<(), String> {
    if one == other {
        return Ok(());
    }
    Err(format!("{what}: {one:?} is not {other:?}"))
}
