//! `paystagec compare`: what a change of the spec does to what runs.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::report::Reporting;
use super::source::{DEFECT, beside, judge_bytes, today_or_now};
use super::terminal::Terminal;
use crate::compare::{Comparison, Side, Step, between};
use crate::compile::Output;
use crate::date::Date;
use crate::load::{Disk, Loader, Revision, read_file};
use crate::spec::MOST_BYTES;

pub const EXAMPLES: &str = "\
Examples:
  paystagec compare HEAD:spec/staging.toml spec/staging.toml
  paystagec compare main:spec/staging.toml spec/staging.toml --format json > approved.json";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The spec that is deployed, or REV:PATH of the git repository: HEAD:spec/staging.toml.
    old: PathBuf,

    /// The spec that is to be deployed, or REV:PATH.
    new: PathBuf,

    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,

    /// The day by which waivers and support that ends are judged. Without it, today in UTC.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let today = today_or_now(arguments.today);
    let old = Compiled::of(&arguments.old, today, terminal)?;
    let new = Compiled::of(&arguments.new, today, terminal)?;
    let (Some(old), Some(new)) = (old, new) else {
        return Ok(Exit::Wrong);
    };
    let comparison = between(&old.side(), &new.side());
    match arguments.format {
        Format::Json => terminal.json(&serde_json::to_string_pretty(&comparison)?)?,
        Format::Human => print(&comparison, terminal)?,
    }
    Ok(Exit::Fine)
}

/// A spec that was compiled, with its text.
struct Compiled {
    text: String,
    output: Output,
}

impl Compiled {
    /// Compiles a spec on disk or of a revision. Nothing if it has errors, which are reported.
    fn of(place: &Path, today: Date, terminal: &mut Terminal) -> anyhow::Result<Option<Self>> {
        let name = place.display().to_string();
        let unread = |error| anyhow::anyhow!("cannot read {name}: {error}");
        let (bytes, loader): (Vec<u8>, Box<dyn Loader>) = match revision_of(place) {
            Some((revision, path)) => {
                let files = Revision::open(Path::new("."), revision, path).map_err(unread)?;
                let bytes = files.spec().map_err(unread)?;
                (bytes, Box::new(files))
            }
            None => {
                let bytes = read_file(place, MOST_BYTES).map_err(unread)?;
                let disk = Disk::beside(place).writing_to(&beside(place));
                (bytes, Box::new(disk))
            }
        };
        let report = Reporting::only_errors();
        let judged = judge_bytes(bytes, &name, loader.as_ref(), today, &report, terminal)?;
        let Some((text, judged)) = judged else {
            return Ok(None);
        };
        let output = judged.compile().context(DEFECT)?.output;
        Ok(output.map(|output| Self { text, output }))
    }

    fn side(&self) -> Side<'_> {
        Side {
            text: &self.text,
            output: &self.output,
        }
    }
}

/// `HEAD:spec/staging.toml`, unless a file has that name: the revision and the path.
fn revision_of(place: &Path) -> Option<(&str, &str)> {
    let text = place.to_str()?;
    if place.exists() {
        return None;
    }
    text.split_once(':')
}

fn print(comparison: &Comparison, terminal: &mut Terminal) -> anyhow::Result<()> {
    for step in &comparison.steps {
        terminal.line(&line(step))?;
    }
    Ok(())
}

fn line(step: &Step) -> String {
    format!("{} {} {}", step.op, step.token, step.name)
}
