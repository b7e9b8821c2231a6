//! The command line: arguments in, exit code out. Reads the spec, calls the compiler, writes, prints. Results go to the
//! standard output, everything about the spec and the folder to the standard error; where a tool reads the diagnostics, they alone
//! go to the standard output.

mod build;
mod explain;
mod init;
mod plan;
mod report;
mod rules;
mod schema;
mod shell;
mod terminal;
mod typed;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::string::FromUtf8Error;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::compile::{Compilation, compile};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::load::{Disk, Loader, read_file};
use crate::spec::MOST_BYTES;
use crate::visible;
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
    /// List the resources of a spec by layer.
    #[command(after_help = plan::EXAMPLES)]
    Plan(plan::Arguments),
    /// Explain a rule, a generated line, or a key of the spec.
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Arguments),
    /// List the rules that a spec is judged by.
    #[command(after_help = rules::EXAMPLES)]
    Rules(rules::Arguments),
    /// Print the JSON Schema of the spec, for editors.
    #[command(after_help = schema::EXAMPLES)]
    Schema,
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
    report: report::Reporting,
}

#[derive(Debug, Args)]
struct SpecArgument {
    /// The spec, for example spec/staging.toml.
    #[arg(value_name = "SPEC")]
    spec: PathBuf,

    /// The day by which waivers and support that ends are judged, for example 2026-12-01. Without it, today in UTC.
    /// It decides about diagnostics, never about what is written.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

/// The day that was given, or what day it is in UTC.
fn today_or_now(given: Option<Date>) -> anyhow::Result<Date> {
    if let Some(today) = given {
        return Ok(today);
    }
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock stands before 1970; give the day with --today")?;
    i64::try_from(since.as_secs() / SECONDS_OF_A_DAY)
        .ok()
        .and_then(Date::of_unix_day)
        .context("the clock gives no day; give it with --today")
}

const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Fine = 0,
    /// The spec or the folder is wrong.
    Wrong = 1,
    /// Usage, input or output.
    Failed = 2,
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
        Command::Plan(arguments) => plan::run(arguments, &mut terminal),
        Command::Explain(arguments) => explain::run(arguments, &mut terminal),
        Command::Rules(arguments) => rules::run(arguments, &mut terminal),
        Command::Schema => schema::run(&mut terminal),
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
    let Some(compilation) = compile_and_report(&arguments.spec, &arguments.report, terminal)?
    else {
        return Ok(Exit::Wrong);
    };
    let findings = findings(&compilation);
    terminal.line(&format!("{}: no errors, {findings}", spec.display()))?;
    Ok(Exit::Fine)
}

/// Compiles a spec on disk and tells people what there is to say about it. Nothing if it has errors.
fn compile_file(
    spec: &SpecArgument,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<Compilation>> {
    compile_and_report(spec, &report::Reporting::default(), terminal)
}

/// Compiles a spec on disk and reports as told. Nothing if something in it stops a build.
fn compile_and_report(
    argument: &SpecArgument,
    report: &report::Reporting,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<Compilation>> {
    let disk = Disk::beside(&argument.spec).writing_to(&build::beside(&argument.spec));
    compile_from(&disk, argument, report, terminal)
}

/// The same, with what gives the files that the spec names.
fn compile_from(
    loader: &dyn Loader,
    argument: &SpecArgument,
    report: &report::Reporting,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<Compilation>> {
    let spec = argument.spec.as_path();
    report.prepare(terminal);
    let name = spec.display().to_string();
    let bytes = read_file(spec, MOST_BYTES)
        .map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?;
    // One that is too large is cut, maybe within a character.
    let decoded = if bytes.len() > MOST_BYTES {
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        String::from_utf8(bytes)
    };
    let (text, compilation) = match decoded {
        Ok(text) => {
            let compilation = compile(&text, &name, loader, today_or_now(argument.today)?)
                .context("this is a defect of the compiler, not of the spec")?;
            (text, compilation)
        }
        Err(error) => not_text(&error),
    };
    let source = report::Spec {
        name: &name,
        text: &text,
    };
    report.print(&compilation.diagnostics, &source, terminal)?;
    let errors = count(&compilation, Severity::Error);
    let warnings = count(&compilation, Severity::Warning);
    let found = format!(
        "{name} has {} and {}",
        number(errors, "error"),
        number(warnings, "warning")
    );
    if errors > 0 {
        terminal.error(&found)?;
        terminal.help("`paystagec explain CODE` says more about the code in brackets")?;
        return Ok(None);
    }
    if warnings > 0 && report.denies_warnings() {
        terminal.error(&format!("{found}, and warnings are denied"))?;
        return Ok(None);
    }
    Ok(Some(compilation))
}

/// A file that is no text, with what could be read of it.
fn not_text(error: &FromUtf8Error) -> (String, Compilation) {
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let at = error.utf8_error().valid_up_to();
    let place = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    let diagnostic = Diagnostic::error(Code::TomlSyntax, place, "the file is not UTF-8 text")
        .label("these bytes stand for no character")
        .help("save the file as UTF-8");
    let compilation = Compilation {
        diagnostics: vec![diagnostic],
        output: None,
        timings: Vec::new(),
    };
    (text, compilation)
}

fn count(compilation: &Compilation, severity: Severity) -> usize {
    compilation
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == severity)
        .count()
}

/// `0 warnings`, `1 warning, 2 notes`.
fn findings(compilation: &Compilation) -> String {
    let warnings = number(count(compilation, Severity::Warning), "warning");
    match count(compilation, Severity::Note) {
        0 => warnings,
        notes => format!("{warnings}, {}", number(notes, "note")),
    }
}

/// `1 file`, `2 files`.
fn number(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
