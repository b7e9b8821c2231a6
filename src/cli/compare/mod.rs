//! `paystagec compare`: what a change of the spec does to what runs.

mod back;
mod environments;
mod head;
mod human;
mod judged;
mod markdown;
mod words;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::source::today_or_now;
use crate::cli::terminal::Terminal;
use crate::compare::environments::{Differences, differences};
use crate::compare::{Comparison, Rest, State, between, since, state};
use crate::date::Date;
use crate::load::read_file;
use crate::parallel::both;
use judged::{Judged, Sound};

pub use head::since_head;

pub const EXAMPLES: &str = "\
Examples:
  paystagec compare HEAD:spec/staging.toml spec/staging.toml
  paystagec compare --state state.json spec/staging.toml
  paystagec compare spec/staging.toml spec/production.toml     two environments beside each other
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
                let rises = before.is_some_and(|before| {
                    comparison.cost.after.with_payments() > before.with_payments()
                });
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
    let comparison = match compared(arguments, terminal)? {
        Some(Compared::Change(comparison)) => *comparison,
        Some(Compared::Environments(differences)) => {
            return tell_environments(&differences, arguments, terminal);
        }
        None => return Ok(Exit::Wrong),
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
    // Thousands of steps, and the process is about to end.
    std::mem::forget(comparison);
    if denied.is_empty() {
        return Ok(Exit::Fine);
    }
    terminal.error(&format!("denied: {}", denied.join(", ")))?;
    Ok(Exit::Wrong)
}

/// What two specs have to do with each other.
enum Compared {
    /// They are of one environment, at two times.
    Change(Box<Comparison>),
    /// They are of two, which stand beside each other.
    Environments(Box<Differences>),
}

fn tell_environments(
    differences: &Differences,
    arguments: &Arguments,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    if !arguments.deny.is_empty() {
        anyhow::bail!("`--deny` is about a change of one environment, and these are two");
    }
    match arguments.format {
        Format::Json => terminal.json(&serde_json::to_string_pretty(differences)?)?,
        Format::Markdown => terminal.text(&environments::markdown(differences))?,
        Format::Human => environments::print(differences, terminal)?,
    }
    Ok(Exit::Fine)
}

/// Whether two specs are of two environments: two files with two names. One file at two times is a change of its environment.
fn are_two(old: (&Path, &Sound), new: (&Path, &Sound)) -> bool {
    let name = |sound: &Sound| sound.model.environment.name.value.clone();
    let file = |path: &Path| path.file_name().map(std::ffi::OsStr::to_owned);
    name(old.1) != name(new.1) && file(old.0) != file(new.0)
}

/// Nothing if a spec has errors, which are reported.
fn compared(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Option<Compared>> {
    let today = today_or_now(arguments.today);
    match (&arguments.state, arguments.specs.as_slice()) {
        (None, [old_path, new_path]) => {
            let (old, new) = both(
                || Judged::at(old_path, Date::LONG_AGO),
                || Judged::at(new_path, today),
            );
            let old = old?.told(terminal)?;
            let new = new?.told(terminal)?;
            let sides = old.as_ref().zip(new.as_ref());
            let comparison = sides.map(|(a, b)| {
                if are_two((old_path, a), (new_path, b)) {
                    return Compared::Environments(Box::new(differences(
                        &a.side(),
                        &b.side(),
                        today,
                    )));
                }
                let change = between(&a.side(), &b.side(), today, Rest::Left);
                Compared::Change(Box::new(change))
            });
            // The process is about to end, which takes the graphs away at once and not resource by resource.
            std::mem::forget((old, new));
            Ok(comparison)
        }
        (Some(file), [new]) => {
            let state = read_state(file)?;
            let Some(new) = Judged::at(new, today)?.told(terminal)? else {
                return Ok(None);
            };
            of_this_environment(&state, &new, file)?;
            let change = since(&state, &new.side(), today);
            Ok(Some(Compared::Change(Box::new(change))))
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

fn of_this_environment(state: &State, new: &Sound, file: &Path) -> anyhow::Result<()> {
    let wanted = &new.model.environment.identity.name.value;
    match &state.deployment {
        Some(deployment) if deployment.environment != *wanted => anyhow::bail!(
            "{} is the state of the environment `{}`, and the spec is for `{wanted}`",
            file.display(),
            deployment.environment
        ),
        _ => Ok(()),
    }
}
