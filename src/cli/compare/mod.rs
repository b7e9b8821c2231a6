//! `paystagec compare`: what a change of the spec does to what runs.

mod head;
mod human;
mod markdown;
mod words;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::report::Reporting;
use crate::cli::source::{DEFECT, beside, judge_bytes, today_or_now};
use crate::cli::terminal::Terminal;
use crate::compare::{Comparison, Side, State, between, since, state};
use crate::compile::Output;
use crate::date::Date;
use crate::load::{Disk, Loader, Revision, read_file};
use crate::spec::MOST_BYTES;

pub use head::since_head;

pub const EXAMPLES: &str = "\
Examples:
  paystagec compare HEAD:spec/staging.toml spec/staging.toml
  paystagec compare --state state.json spec/staging.toml
  paystagec compare main:spec/staging.toml spec/staging.toml --format json > approved.json
  paystagec compare origin/main:spec/staging.toml spec/staging.toml --format markdown --deny data,outage,rights";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The deployed spec and the new one, each a file or REV:PATH of the git repository: HEAD:spec/staging.toml. With
    /// --state, only the new one.
    #[arg(value_names = ["OLD", "NEW"], num_args = 1..=2, required = true)]
    specs: Vec<PathBuf>,

    /// What is deployed, in place of OLD: the output of `pulumi stack export`. Its secrets stay encrypted.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// How to print it: for a terminal, for a pull request, or for a tool (docs/compare-json.md).
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,

    /// What must not happen; exit code 1 if it does.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<Denied>,

    /// Print every step with every argument.
    #[arg(long)]
    all: bool,

    /// The day by which waivers and support that ends are judged. Without it, today in UTC.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Markdown,
    Json,
}

/// What a pipeline may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Denied {
    /// Any step.
    Steps,
    /// A replacement.
    Replacements,
    /// A deletion.
    Deletions,
    /// A step that AWS would refuse, or accept without an error although something is lost.
    Refusals,
    /// Data that is lost.
    Data,
    /// An interruption, also one in the maintenance window.
    Outage,
    /// Clients that have to change something, or whose requests are refused.
    Clients,
    /// Rights that are gained.
    Rights,
    /// More to pay.
    Cost,
    /// A way back that does not restore everything.
    NoWayBack,
}

impl Denied {
    /// Whether it happens, and in which words.
    fn happens(self, comparison: &Comparison) -> Option<&'static str> {
        let any = |op: &str| comparison.steps.iter().any(|step| step.op == op);
        let (happens, words) = match self {
            Self::Steps => (!comparison.steps.is_empty(), "something changes"),
            Self::Replacements => (any("replace"), "something is replaced"),
            Self::Deletions => (any("delete"), "something is deleted"),
            Self::Refusals => (!comparison.refusals.is_empty(), "AWS refuses a step"),
            Self::Data => (!comparison.data.is_empty(), "data is lost"),
            Self::Outage => (!comparison.outage.is_empty(), "something is interrupted"),
            Self::Clients => (!comparison.clients.is_empty(), "clients notice"),
            Self::Rights => (!comparison.rights.gained.is_empty(), "rights are gained"),
            Self::Cost => {
                let before = comparison.cost.before.as_ref();
                let rises = before.is_some_and(|before| comparison.cost.after.usd > before.usd);
                (rises, "it costs more")
            }
            Self::NoWayBack => (
                !comparison.way_back.restores_all,
                "the way back does not restore everything",
            ),
        };
        happens.then_some(words)
    }
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let Some(comparison) = compared(arguments, terminal)? else {
        return Ok(Exit::Wrong);
    };
    match arguments.format {
        Format::Json => terminal.json(&serde_json::to_string_pretty(&comparison)?)?,
        Format::Markdown => terminal.text(&markdown::text(&comparison))?,
        Format::Human => human::print(&comparison, arguments.all, terminal)?,
    }
    let denied = arguments.deny.iter();
    let denied: Vec<&str> = denied
        .filter_map(|what| what.happens(&comparison))
        .collect();
    if denied.is_empty() {
        return Ok(Exit::Fine);
    }
    terminal.error(&format!("denied: {}", denied.join(", ")))?;
    Ok(Exit::Wrong)
}

/// Nothing if a spec has errors, which are reported.
fn compared(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Option<Comparison>> {
    let today = today_or_now(arguments.today);
    match (&arguments.state, arguments.specs.as_slice()) {
        (None, [old, new]) => {
            let old = Compiled::of(old, Date::LONG_AGO, terminal)?;
            let new = Compiled::of(new, today, terminal)?;
            let both = old.as_ref().zip(new.as_ref());
            Ok(both.map(|(old, new)| between(&old.side(), &new.side(), today)))
        }
        (Some(file), [new]) => {
            let state = read_state(file)?;
            let Some(new) = Compiled::of(new, today, terminal)? else {
                return Ok(None);
            };
            of_this_environment(&state, &new, file)?;
            Ok(Some(since(&state, &new.side(), today)))
        }
        (None, _) => anyhow::bail!(
            "compare takes two specs: paystagec compare HEAD:spec/staging.toml spec/staging.toml"
        ),
        (Some(_), _) => anyhow::bail!(
            "with --state, compare takes one spec: paystagec compare --state state.json spec/staging.toml"
        ),
    }
}

/// A state is larger than a spec: it has the outputs of all resources and the files of archives.
const MOST_OF_A_STATE: usize = 512 << 20;

fn read_state(file: &Path) -> anyhow::Result<State> {
    let name = file.display();
    let bytes = read_file(file, MOST_OF_A_STATE)
        .map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?;
    state::read(&bytes).map_err(|why| anyhow::anyhow!("cannot read {name}: {why}"))
}

fn of_this_environment(state: &State, new: &Compiled, file: &Path) -> anyhow::Result<()> {
    let wanted = &new.output.environment.identity.name.value;
    match &state.deployment {
        Some(deployment) if deployment.environment != *wanted => anyhow::bail!(
            "{} is the state of the environment `{}`, and the spec is for `{wanted}`",
            file.display(),
            deployment.environment
        ),
        _ => Ok(()),
    }
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
