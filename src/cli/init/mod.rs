//! `paystagec init`: a first spec from a few answers, given as options or on a terminal. Each answer is judged by the compiler
//! before it is taken; what is in the way is never overwritten.

mod dialogue;
mod draft;
mod place;
mod question;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;

use self::dialogue::Dialogue;
use self::draft::{Answers, Draft, Judged};
use self::place::{Placed, is_taken, place};
use self::question::QUESTIONS;
use super::exit::Exit;
use super::source::today_or_now;
use super::terminal::Terminal;
use super::typed;
use crate::date::Date;

pub const EXAMPLES: &str = "\
Examples:
  paystagec init                             ask on the terminal, and write spec/staging.toml
  paystagec init spec/staging.toml --owner payments --migration-date 2026-12-01 \\
      --allow 203.0.113.0/24 --notify oncall@example.com
                                             ask nothing

Answers that are not given are asked for on a terminal. Without one, or with --yes, the defaults stand for them,
and owner, migration date, ranges and address have to be given.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The spec to write. The files that it names are written beside it.
    #[arg(value_name = "PATH", default_value = "spec/staging.toml")]
    path: PathBuf,

    /// The team that answers for the environment.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,

    /// The environment's name, a word of every resource's name. Without it, `staging`.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// What every name ends with, so that copies stand side by side. Without it, `main`.
    #[arg(long, value_name = "SUFFIX")]
    suffix: Option<String>,

    /// The day of the migration, for example 2026-12-01.
    #[arg(long, value_name = "DATE")]
    migration_date: Option<String>,

    /// Whether there will be real card data, `yes` or `no`. Without it, `no`.
    #[arg(long, value_name = "ANSWER")]
    real_card_data: Option<String>,

    /// What a month may cost, in US dollars. Without it, 320.
    #[arg(long, value_name = "NUMBER")]
    monthly_budget_usd: Option<String>,

    /// The private range of the VPC. Without it, `10.40.0.0/16`.
    #[arg(long, value_name = "RANGE")]
    cidr: Option<String>,

    /// The ranges that may connect to the load balancer, separated by commas.
    #[arg(long, value_name = "RANGES")]
    allow: Option<String>,

    /// Whom alarms reach: an e-mail address, or one that begins with `https://`; several are separated by commas.
    #[arg(long, value_name = "ADDRESS")]
    notify: Option<String>,

    /// Pay for extended support of PostgreSQL 14, once standard support has ended.
    #[arg(long)]
    extended_support: bool,

    /// Ask nothing, and take the defaults.
    #[arg(long, short = 'y', conflicts_with = "ask")]
    yes: bool,

    /// Ask although the standard input is no terminal: an answer a line.
    #[arg(long)]
    ask: bool,

    /// The day by which support that ends is judged, for example 2026-12-01. Without it, today in UTC.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl Arguments {
    /// What was given, by the id of the question.
    fn given(&self, id: &str) -> Option<&str> {
        let answer = match id {
            "owner" => &self.owner,
            "name" => &self.name,
            "suffix" => &self.suffix,
            "migration_date" => &self.migration_date,
            "real_card_data" => &self.real_card_data,
            "monthly_budget_usd" => &self.monthly_budget_usd,
            "cidr" => &self.cidr,
            "allow" => &self.allow,
            "notify" => &self.notify,
            _ => &None,
        };
        answer.as_deref()
    }

    fn asks(&self) -> bool {
        self.ask || (!self.yes && io::stdin().is_terminal())
    }
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let path = arguments.path.as_path();
    if is_taken(path) {
        return in_the_way(path, terminal);
    }
    let today = today_or_now(arguments.today);
    let mut draft = Draft::new(path, today, arguments.extended_support);
    let mut answers = Answers::new();
    // What no answer can correct: support of the database that has ended.
    let unanswered = draft.judge(&answers)?;
    if unanswered.has_errors() {
        draft.report(&unanswered.errors(), &unanswered, terminal)?;
        terminal.error("nothing was written")?;
        terminal.help(
            "`--extended-support` writes a spec that pays for longer support of its database",
        )?;
        return Ok(Exit::Wrong);
    }
    let Some(()) = take_options(arguments, &draft, &mut answers, terminal)? else {
        return Ok(Exit::Wrong);
    };
    if arguments.asks() {
        let mut input = io::stdin().lock();
        let mut dialogue = Dialogue::new(&mut input, terminal);
        if !dialogue.hold(&mut draft, &mut answers)? {
            terminal
                .error("the input ended before every question was answered; nothing was written")?;
            return Ok(Exit::Failed);
        }
    } else if !take_defaults(&mut answers, terminal)? {
        return Ok(Exit::Failed);
    }
    // Answers that are right one by one may not go together, such as names that are too long for each other.
    let judged = draft.judge(&answers)?;
    draft.report(&judged.diagnostics, &judged, terminal)?;
    if judged.has_errors() {
        terminal.error("nothing was written")?;
        return Ok(Exit::Wrong);
    }
    write(path, &judged, terminal)
}

/// The answers among the options. Nothing if one of them is wrong, which is then told.
fn take_options(
    arguments: &Arguments,
    draft: &Draft<'_>,
    answers: &mut Answers,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<()>> {
    let mut all_right = true;
    for question in &QUESTIONS {
        let Some(given) = arguments.given(question.id) else {
            continue;
        };
        let option = question.option();
        match question.toml(given) {
            Err(problem) => {
                all_right = false;
                terminal.error(&format!("{option}: {problem}"))?;
            }
            Ok(value) => {
                let alone = Answers::from([(question.id, value.clone())]);
                let judged = draft.judge(&alone)?;
                if judged.has_errors() {
                    all_right = false;
                    draft.report(&judged.errors(), &judged, terminal)?;
                    terminal.error(&format!("{option} {given} is not valid"))?;
                }
                answers.insert(question.id, value);
            }
        }
    }
    if !all_right {
        terminal.error("nothing was written")?;
    }
    Ok(all_right.then_some(()))
}

/// Defaults for what was not given. False if there is none for something, which is then told.
fn take_defaults(answers: &mut Answers, terminal: &mut Terminal) -> anyhow::Result<bool> {
    let mut missing = Vec::new();
    for question in &QUESTIONS {
        if answers.contains_key(question.id) {
            continue;
        }
        match question.default().map(|answer| question.toml(&answer)) {
            Some(Ok(value)) => {
                answers.insert(question.id, value);
            }
            _ => missing.push(question.option()),
        }
    }
    if missing.is_empty() {
        return Ok(true);
    }
    let list = missing.join(", ");
    terminal.error(&format!("not given: {list}; nothing was written"))?;
    terminal.help("give them as options, or run `paystagec init` on a terminal")?;
    Ok(false)
}

fn in_the_way(path: &Path, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let name = path.display();
    terminal.error(&format!("{name} is there already; nothing was written"))?;
    terminal.help(&if path.is_dir() {
        format!(
            "name a file: `paystagec init {}`",
            typed::path(&path.join("staging.toml"))
        )
    } else {
        format!(
            "change it (`paystagec check {}` judges it), or name another path",
            typed::path(path)
        )
    })?;
    Ok(Exit::Wrong)
}

/// The files that the spec names, then the spec.
fn write(path: &Path, judged: &Judged, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    for (name, content) in Draft::companions()? {
        let companion = path.with_file_name(name);
        terminal.line(&match place(&companion, &content)? {
            Placed::Written => format!("{}: written", companion.display()),
            Placed::InTheWay => format!("{}: there already, left alone", companion.display()),
        })?;
    }
    if place(path, &judged.text)? == Placed::InTheWay {
        return in_the_way(path, terminal);
    }
    let (name, lines) = (path.display(), judged.text.lines().count());
    terminal.line(&format!("{name}: written, {lines} lines"))?;
    terminal.line(&format!("next: paystagec build {}", typed::path(path)))?;
    Ok(Exit::Fine)
}
