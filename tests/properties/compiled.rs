//! What every valid spec becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ipnet::Ipv4Net;
use paystagec::catalogue::kind;
use paystagec::compile::{Compilation, Output, compile};
use paystagec::diagnostic::{has_errors, render};
use paystagec::load::Memory;

use crate::generator::{Spec, TODAY};
use crate::{for_valid_specs, same};

pub fn compile_text(spec: &Spec, text: &str) -> Compilation {
    let loader = Memory {
        files: spec.files.clone(),
    };
    compile(text, "spec.toml", &loader, TODAY.parse().unwrap()).unwrap()
}

type Compiled = Result<Arc<Output>, String>;

type Files = BTreeMap<String, Vec<u8>>;
/// By text and files of the spec; whoever needs one that another test is about to compile, waits.
type All = BTreeMap<(String, Files), Arc<OnceLock<Compiled>>>;

/// What the specs of all properties become: they are the same ones.
static COMPILED: Mutex<All> = Mutex::new(BTreeMap::new());

/// Of more specs than these nothing is kept, so that any number fits into memory.
const MOST_KEPT: usize = 64;

/// What one of the valid specs becomes, or what the compiler has against it. Compiled once for all properties.
pub fn output(spec: &Spec) -> Compiled {
    let text = spec.text();
    let place = {
        // A property that failed leaves the others their specs.
        let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = all.len() >= MOST_KEPT;
        let key = (text.clone(), spec.files.clone());
        match all.get(&key) {
            Some(place) => Arc::clone(place),
            None if is_full => Arc::default(),
            None => Arc::clone(all.entry(key).or_default()),
        }
    };
    let made = place.get_or_init(|| output_of(spec, &text).map(Arc::new));
    made.clone()
}

pub fn output_of(spec: &Spec, text: &str) -> Result<Output, String> {
    let compilation = compile_text(spec, text);
    let report = || render(&compilation.diagnostics, "spec.toml", text, false);
    if has_errors(&compilation.diagnostics) {
        return Err(report());
    }
    let report = report();
    compilation.output.ok_or(report)
}

#[test]
fn a_valid_spec_compiles_and_always_to_the_same() {
    for_valid_specs(|spec, _| {
        let (one, other) = (output(spec)?, output_of(spec, &spec.text())?);
        same("files", &one.files, &other.files)
    });
}

#[test]
fn paths_are_unique_and_stay_in_the_folder() {
    for_valid_specs(|spec, _| {
        let mut seen = BTreeSet::new();
        for file in &output(spec)?.files {
            let inside = |part: &str| !part.is_empty() && part != "." && part != "..";
            if !file.path.split('/').all(inside) || file.path.contains('\\') {
                return Err(format!("{} leads elsewhere", file.path));
            }
            if !seen.insert(file.path.clone()) {
                return Err(format!("{} is written twice", file.path));
            }
        }
        Ok(())
    });
}

#[test]
fn resources_have_addresses_of_their_own() {
    for_valid_specs(|spec, _| {
        let mut seen = BTreeSet::new();
        for member in output(spec)?.stack.members() {
            let address = (
                member.component.path.clone(),
                member.resource.kind,
                member.logical(),
            );
            if !seen.insert(address.clone()) {
                return Err(format!("{address:?} is there twice"));
            }
        }
        Ok(())
    });
}

/// For the longest suffix that the project takes, too.
#[test]
fn names_are_what_aws_takes() {
    for_valid_specs(|spec, _| {
        let output = output(spec)?;
        let suffix = "x".repeat(output.stack.longest_suffix());
        if suffix.len() < 8 {
            return Err(format!("{} characters for the suffix", suffix.len()));
        }
        for name in output.stack.name_uses() {
            let length = name.stem.chars().count() + suffix.len();
            if length > name.limit {
                return Err(format!("{} of {} is {length} long", name.stem, name.what));
            }
            let legal = |c: char| c.is_ascii_alphanumeric() || "-_./:+=@, ".contains(c);
            if !name.stem.chars().all(legal) {
                return Err(format!("{} of {}", name.stem, name.what));
            }
        }
        for member in output.stack.members() {
            if kind(member.resource.kind).is_none() {
                return Err(format!("{} is not in the catalogue", member.resource.kind));
            }
        }
        Ok(())
    });
}

#[test]
fn subnets_are_disjoint_and_inside_the_range() {
    for_valid_specs(|spec, _| {
        let output = output(spec)?;
        let network = &output.environment.network;
        let zones = network.zones.iter();
        let all: Vec<Ipv4Net> = zones
            .flat_map(|zone| [zone.public_cidr.value, zone.private_cidr.value])
            .collect();
        for (index, one) in all.iter().enumerate() {
            if !network.cidr.value.contains(one) || one.trunc() != *one || one.prefix_len() > 28 {
                return Err(format!("{one} in {}", network.cidr.value));
            }
            for other in all.iter().skip(index + 1) {
                if one.contains(other) || other.contains(one) {
                    return Err(format!("{one} meets {other}"));
                }
            }
        }
        Ok(())
    });
}

/// Each argument and each name knows where it came from, and what came from the spec stands there.
#[test]
fn origins_point_into_the_spec() {
    for_valid_specs(|spec, _| {
        let text = spec.text();
        for member in output(spec)?.stack.members() {
            for argument in &member.resource.arguments {
                if let paystagec::origin::Origin::Spec { key, span } = member.origin(argument)
                    && text.get(span.clone()).is_none_or(str::is_empty)
                {
                    return Err(format!("{key} at {span:?}"));
                }
            }
        }
        Ok(())
    });
}
