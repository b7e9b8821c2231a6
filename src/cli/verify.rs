//! `paystagec verify`: whether a preview plans exactly the approved change.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::terminal::{Terminal, number};
use crate::compare::verify::{differences, read_approved, read_preview};
use crate::load::read_file;

pub const EXAMPLES: &str = "\
Examples:
  paystagec compare origin/main:spec/staging.toml spec/staging.toml --format json > approved.json
  pulumi preview --json > preview.json
  paystagec verify approved.json preview.json";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The approved change: the output of `paystagec compare --format json`.
    approved: PathBuf,

    /// The preview: the output of `pulumi preview --json`.
    preview: PathBuf,
}

/// Previews hold the states of all resources, twice.
const MOST_BYTES: usize = 1 << 30;

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let approved = read(&arguments.approved, read_approved)?;
    let preview = read(&arguments.preview, read_preview)?;
    let found = differences(&approved, &preview);
    for difference in &found {
        terminal.line(difference)?;
    }
    if found.is_empty() {
        terminal.line("the preview plans exactly the approved change")?;
        return Ok(Exit::Fine);
    }
    terminal.error(&format!(
        "{} between the approved change and the preview",
        number(found.len(), "difference")
    ))?;
    terminal.help("compare again with what is deployed now, and have the result reviewed")?;
    Ok(Exit::Wrong)
}

fn read<T>(file: &Path, parse: fn(&[u8]) -> Result<T, String>) -> anyhow::Result<T> {
    let name = file.display();
    let bytes = read_file(file, MOST_BYTES)
        .map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?;
    parse(&bytes).map_err(|why| anyhow::anyhow!("cannot read {name}: {why}"))
}
