//! The command line: arguments in, exit code out. Reads the spec, calls the compiler, writes, prints. Results go to the
//! standard output, everything about the spec and the folder to the standard error; where a tool reads the diagnostics, they alone
//! go to the standard output.

mod build;
mod compare;
mod exit;
mod explain;
mod init;
mod past;
mod plan;
mod reference;
mod report;
mod rules;
mod schema;
mod shell;
mod source;
mod terminal;
mod typed;
mod verify;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::load::Disk;
use crate::visible;
use exit::Exit;
use source::{SpecArgument, beside, findings, judge_from};
use terminal::Terminal;

/// Compiles a TOML spec of a payments staging environment into a Pulumi Python project.
#[derive(Debug, Parser)]
#[command(name = "paystagec", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    /// Whether to print in colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  paystagec init                             write a first spec, spec/staging.toml
  paystagec build spec/staging.toml          write generated/
  paystagec build spec/staging.toml --check  show what is stale; exit code 1 if anything is
  paystagec check spec/staging.toml          only judge the spec
  paystagec plan spec/staging.toml           list the resources by layer
  paystagec explain storage-ceiling          say what a rule asks for, and why
  paystagec explain generated/settings.py:12 say what a generated line is, and what decided it

Exit codes: 0 fine, 1 the spec or the folder is wrong, 2 usage, input or output.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a first spec from a few answers.
    #[command(after_help = init::EXAMPLES)]
    Init(init::Arguments),
    /// Write the Pulumi project of a spec.
    #[command(after_help = build::EXAMPLES)]
    Build(build::Arguments),
    /// Judge a spec and write nothing.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Say what a change of the spec does to what runs: the steps, and what they mean.
    #[command(after_help = compare::EXAMPLES)]
    Compare(compare::Arguments),
    /// Say whether a preview wants exactly what was approved.
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Arguments),
    /// List the resources of a spec by layer.
    #[command(after_help = plan::EXAMPLES)]
    Plan(plan::Arguments),
    /// Explain a rule, a generated line, or a key of the spec.
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Arguments),
    /// List the rules that a spec is judged by.
    #[command(after_help = rules::EXAMPLES)]
    Rules(rules::Arguments),
    /// Print the format of the spec: a JSON Schema for editors, or a reference of all keys.
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::Arguments),
    /// Print the completions of a shell.
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(shell::CompletionsArguments),
    /// Print the manual page.
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(shell::ManArguments),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  paystagec check spec/staging.toml
  paystagec check spec/staging.toml --deny warnings
  paystagec check spec/staging.toml --message-format github
  paystagec check spec/staging.toml --message-format sarif > paystagec.sarif";

#[derive(Debug, Args)]
struct CheckArguments {
    #[command(flatten)]
    spec: SpecArgument,

    #[command(flatten)]
    against: past::Against,

    #[command(flatten)]
    report: report::Reporting,
}

/// Runs the command line with these arguments, the program's name first.
pub fn run<'a>(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let failed = error.use_stderr();
            let text = error.render();
            // What was typed may be the name of a file that somebody else chose.
            let plain = text.to_string();
            let shown = visible::lines(&plain);
            let text = if shown == plain && terminal::wants_colour(ColorChoice::Auto, failed) {
                text.ansi().to_string()
            } else {
                shown.into_owned()
            };
            let stream = if failed { err } else { out };
            // Nothing can be said about a stream that cannot be written to.
            let _ = stream.write_all(text.as_bytes());
            return ExitCode::from(if failed {
                Exit::Failed as u8
            } else {
                Exit::Fine as u8
            });
        }
    };
    let mut terminal = Terminal::new(cli.color, out, err);
    let result = match &cli.command {
        Command::Init(arguments) => init::run(arguments, &mut terminal),
        Command::Build(arguments) => build::run(arguments, &mut terminal),
        Command::Check(arguments) => check(arguments, &mut terminal),
        Command::Compare(arguments) => compare::run(arguments, &mut terminal),
        Command::Verify(arguments) => verify::run(arguments, &mut terminal),
        Command::Plan(arguments) => plan::run(arguments, &mut terminal),
        Command::Explain(arguments) => explain::run(arguments, &mut terminal),
        Command::Rules(arguments) => rules::run(arguments, &mut terminal),
        Command::Schema(arguments) => schema::run(arguments, &mut terminal),
        Command::Completions(arguments) => {
            shell::completions(arguments, Cli::command(), &mut terminal)
        }
        Command::Man(arguments) => shell::man(arguments, Cli::command(), &mut terminal),
    };
    let exit = result.unwrap_or_else(|error| {
        let _ = terminal.error(&format!("{error:#}"));
        Exit::Failed
    });
    ExitCode::from(exit as u8)
}

fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

fn check(arguments: &CheckArguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let spec = &arguments.spec.spec;
    let disk = Disk::beside(spec).writing_to(&beside(spec));
    let judged = judge_from(
        &disk,
        &arguments.spec,
        Some(&arguments.against),
        &arguments.report,
        terminal,
    )?;
    let Some((judged, head)) = judged else {
        return Ok(Exit::Wrong);
    };
    let findings = findings(&judged);
    // The process is about to end, which takes the graphs away at once and not resource by resource.
    std::mem::forget((judged, head));
    terminal.line(&format!("{}: no errors, {findings}", spec.display()))?;
    Ok(Exit::Fine)
}
