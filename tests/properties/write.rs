//! Writes valid specs for the tests in Python: `write FOLDER SEED…` makes a folder for each seed, with the spec, the files that it
//! names, and the texts to look for.
#![allow(dead_code, reason = "the modules serve the tests of properties too")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod choices;
mod decisions;
mod declared;
mod generator;
mod payments;
mod renames;
mod routes;
mod words;

use std::fs;
use std::path::Path;

use choices::{Choices, bytes_of};

/// Bytes for one spec: less for the first seeds, so that there are small ones too.
fn size(seed: u64) -> usize {
    usize::try_from(seed % 8).unwrap() * 150 + 100
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    for seed in arguments {
        let number: u64 = seed.parse().expect("a number");
        let spec = generator::spec(&mut Choices::new(&bytes_of(number, size(number))));
        let folder = Path::new(&folder).join(&seed).join("spec");
        let write = |path: &str, content: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write("spec.toml", spec.text().as_bytes());
        for (path, content) in &spec.files {
            write(path, content);
        }
        let texts = serde_json::to_string_pretty(&spec.python).unwrap();
        write("../texts.json", texts.as_bytes());
    }
}
