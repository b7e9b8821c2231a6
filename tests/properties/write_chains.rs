//! Writes chains of valid specs, each one to three edits away from the one before: `write-chains FOLDER LINKS SEED…` makes
//! `FOLDER/SEED/LINK/` from 0 to LINKS, with the spec, the files that it names, and what was edited.
#![allow(dead_code, reason = "the modules serve the tests of properties too")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod choices;
mod decisions;
mod declared;
mod edits;
mod generator;
mod payments;
mod renames;
mod routes;
mod words;

use std::fs;
use std::path::Path;

use choices::{Choices, bytes_of};
use generator::Spec;

/// Bytes for one spec: not so many that it takes the engine long.
fn size(seed: u64) -> usize {
    usize::try_from(seed % 4).unwrap() * 120 + 80
}

/// Bytes for the edits of one link.
const OF_EDITS: usize = 2_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let links: u64 = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number of links");
    for seed in arguments {
        let number: u64 = seed.parse().expect("a number");
        let folder = Path::new(&folder).join(&seed);
        let firsts = (0..).map(|next: u64| {
            let bytes = bytes_of(number + next * 1_009, size(number));
            generator::spec(&mut Choices::new(&bytes))
        });
        let mut spec = firsts.take(100).find(edits::is_valid).unwrap();
        write(&folder.join("0"), &spec, &[]);
        for link in 1..=links {
            let seed = number * 1_000_003 + link;
            let bytes = bytes_of(seed, OF_EDITS);
            let mut choices = Choices::new(&bytes);
            let donor = generator::spec(&mut Choices::new(&bytes_of(seed + 500, 1_000)));
            let mut said = Vec::new();
            for _ in 0..choices.between(1, 3) {
                let edited = edits::edit(&spec, &donor, &mut choices);
                let (edited, what) =
                    edited.unwrap_or_else(|| panic!("{number}/{link}: no edit fits"));
                spec = edited;
                said.push(what);
            }
            write(&folder.join(link.to_string()), &spec, &said);
        }
    }
}

fn write(folder: &Path, spec: &Spec, edits: &[String]) {
    let write = |path: &str, content: &[u8]| {
        let path = folder.join("spec").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("spec.toml", spec.text().as_bytes());
    for (path, content) in &spec.files {
        write(path, content);
    }
    write(
        "../edits.json",
        serde_json::to_string_pretty(edits).unwrap().as_bytes(),
    );
}
