//! The bodies of the fuzz targets, without a fuzzer: on the specs that are here, on what a fuzzer found once, and on mutations of
//! both. `CONTRIBUTING.md` says how to fuzz for longer.

use std::fs;
use std::path::Path;

use crate::choices::{Choices, bytes_of};
use crate::generator;
use crate::judge::{read_spec, spec_to_files};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files under a folder, in the order of their paths.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Bytes changed, taken away, doubled or put in, as a fuzzer would.
fn mutate(bytes: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=choices.below(6) {
        let place = choices.below(bytes.len() + 1);
        let end = (place + choices.below(40)).min(bytes.len());
        match choices.below(4) {
            0 if place < bytes.len() => bytes[place] = choices.of(b"\"'\\[]{}=.,#\n0-x \xff"),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let part = bytes[place..end].to_vec();
                let there = choices.below(bytes.len() + 1);
                bytes.splice(there..there, part);
            }
            _ => bytes.insert(place, choices.of(b"\"'\\[]{}=.,#\n9-_ \0")),
        }
    }
    bytes
}

#[test]
fn specs_and_mutations_of_them_are_judged() {
    let mut seeds = files("tests/diagnostics");
    seeds.extend(files("spec"));
    seeds.extend(files("fuzz/regressions/read_spec"));
    for (number, seed) in seeds.iter().enumerate() {
        read_spec(seed);
        for turn in 0..6 {
            let decisions = bytes_of(number as u64 * 100 + turn, 64);
            read_spec(&mutate(seed, &mut Choices::new(&decisions)));
        }
    }
}

#[test]
fn decisions_and_mutations_of_them_are_built() {
    for seed in files("fuzz/regressions/spec_to_files") {
        spec_to_files(&seed);
    }
    for number in 0..60 {
        spec_to_files(&bytes_of(number, 900));
    }
}

/// A key that no generated spec has would be a key that no property is about.
#[test]
fn generated_specs_have_every_key_of_the_format() {
    let ends = |path: &str| {
        let table = path.split(['.', '[']).next().unwrap_or(path).to_owned();
        let key = path.rsplit('.').next().unwrap_or(path).to_owned();
        (table, key)
    };
    let mut missing = std::collections::BTreeSet::new();
    let mut written = std::collections::BTreeSet::new();
    for number in 0..200 {
        let bytes = bytes_of(number, 1_200);
        let text = generator::spec(&mut Choices::new(&bytes)).text();
        for (path, place) in paystagec::spec::known_keys(&text) {
            // Names of the author's are quoted, if they are not plain.
            if path.ends_with('"') {
                continue;
            }
            match place {
                Some(_) => written.insert(ends(&path)),
                None => missing.insert(ends(&path)),
            };
        }
    }
    // A generated spec is one file.
    for key in ["base", "without"] {
        missing.remove(&(key.to_owned(), key.to_owned()));
    }
    let never: Vec<_> = missing.difference(&written).collect();
    assert!(never.is_empty(), "{never:?}");
    assert!(written.len() > 60, "{written:?}");
}
