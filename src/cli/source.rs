//! The spec that a command is about: the argument, reading it, judging it, and telling what there is to say about it.

use std::path::{Component, Path, PathBuf};
use std::string::FromUtf8Error;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::past::{Against, Held};
use super::report::Reporting;
use super::report::spec::Spec;
use super::terminal::{Terminal, number};
use crate::compile::{Judged, Model, judge_spec};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::RawOutput;
use crate::load::{Disk, Loader, read_file};
use crate::spec::{MOST_BYTES, output_folder, with_base};

#[derive(Debug, Args)]
pub struct SpecArgument {
    /// The spec, for example spec/staging.toml.
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,

    /// The day by which waivers and support that ends are judged, for example 2026-12-01. Without it, today in UTC.
    /// It decides about diagnostics, never about what is written.
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}

/// What stands before an error that no spec should be able to cause.
pub const DEFECT: &str = "this is a defect of the compiler, not of the spec";

/// The day that was given, or what day it is in UTC.
pub fn today_or_now(given: Option<Date>) -> Date {
    given.unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date().into())
}

/// Judges a spec on disk and tells people what there is to say about it. Nothing if it has errors.
pub fn judge_file(spec: &SpecArgument, terminal: &mut Terminal) -> anyhow::Result<Option<Judged>> {
    judge_and_report(spec, &Reporting::default(), terminal)
}

/// Judges a spec on disk and reports as told. Nothing if something in it stops a build.
pub fn judge_and_report(
    argument: &SpecArgument,
    report: &Reporting,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<Judged>> {
    let disk = Disk::beside(&argument.spec).writing_to(&beside(&argument.spec));
    let judged = judge_from(&disk, argument, None, report, terminal)?;
    Ok(judged.map(|(judged, _)| judged))
}

/// The same, with what gives the files that the spec names, and held against what it followed; and the spec of `HEAD`, if it was
/// read for that.
pub fn judge_from(
    loader: &dyn Loader,
    argument: &SpecArgument,
    against: Option<&Against>,
    report: &Reporting,
    terminal: &mut Terminal,
) -> anyhow::Result<Option<(Judged, Option<Model>)>> {
    let spec = argument.spec.as_path();
    report.prepare(terminal);
    let name = spec.display().to_string();
    let bytes = read_file(spec, MOST_BYTES)
        .map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?;
    let today = today_or_now(argument.today);
    let (text, mut judged) = judged(bytes, &name, loader, today)?;
    let held = against.map(|against| against.hold(spec, &text, &mut judged, today));
    let Held { reason, head } = held.transpose().context(DEFECT)?.unwrap_or_default();
    let source = Spec {
        name: &name,
        text: &text,
    };
    let is_fine = tell(&judged, &source, report, terminal)?;
    if let Some(reason) = reason.filter(|_| is_fine) {
        terminal.status(&reason)?;
    }
    Ok(is_fine.then_some((judged, head)))
}

/// Judges what a spec of this name holds. Nobody is told yet.
pub fn judged(
    bytes: Vec<u8>,
    name: &str,
    loader: &dyn Loader,
    today: Date,
) -> anyhow::Result<(String, Judged)> {
    // One that is too large is cut, maybe within a character.
    let decoded = if bytes.len() > MOST_BYTES {
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        String::from_utf8(bytes)
    };
    Ok(match decoded {
        Ok(text) => {
            // What is wrong with the base is told by the judgement.
            let whole = with_base(&text, loader).ok().flatten();
            let text = whole.unwrap_or(text);
            let judged = judge_spec(&text, name, loader, today).context(DEFECT)?;
            (text, judged)
        }
        Err(error) => not_text(&error),
    })
}

/// Tells people what was found. Whether the spec may be built.
pub fn tell(
    judged: &Judged,
    source: &Spec<'_>,
    report: &Reporting,
    terminal: &mut Terminal,
) -> anyhow::Result<bool> {
    let name = source.name;
    report.print(&judged.diagnostics, source, terminal)?;
    let errors = count(judged, Severity::Error);
    let warnings = count(judged, Severity::Warning);
    let counted = [(errors, "error"), (warnings, "warning")];
    let counted = counted.iter().filter(|(count, _)| *count > 0);
    let counted: Vec<String> = counted.map(|(count, what)| number(*count, what)).collect();
    let found = format!("{name} has {}", counted.join(" and "));
    if errors > 0 {
        terminal.error(&found)?;
        terminal.help("`paystagec explain CODE` says more about the code in brackets")?;
        return Ok(false);
    }
    if warnings > 0 && report.denies_warnings() {
        terminal.error(&format!("{found}, and warnings are denied"))?;
        return Ok(false);
    }
    Ok(true)
}

/// A file that is no text, with what could be read of it.
fn not_text(error: &FromUtf8Error) -> (String, Judged) {
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let at = error.utf8_error().valid_up_to();
    let place = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    let diagnostic = Diagnostic::error(Code::TomlSyntax, place, "the file is not UTF-8 text")
        .label("these bytes stand for no character")
        .help("save the file as UTF-8");
    let judged = Judged {
        diagnostics: vec![diagnostic],
        model: None,
        timings: Vec::new(),
    };
    (text, judged)
}

fn count(judged: &Judged, severity: Severity) -> usize {
    judged
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == severity)
        .count()
}

/// `0 warnings`, `1 warning, 2 notes`.
pub fn findings(judged: &Judged) -> String {
    let warnings = number(count(judged, Severity::Warning), "warning");
    match count(judged, Severity::Note) {
        0 => warnings,
        notes => format!("{warnings}, {}", number(notes, "note")),
    }
}

/// Where the project of a spec is written: `generated`, or the folder that it names, beside the folder in which the spec is.
/// `spec/staging.toml` is written to `generated`.
pub fn beside(spec: &Path) -> PathBuf {
    let folder = spec.parent().unwrap_or(Path::new(""));
    let usual = RawOutput::folder
        .default
        .map(|usual| usual.value.to_string());
    let name = named_folder(spec).or(usual).unwrap_or_default();
    match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().unwrap_or(Path::new("")).join(name),
        Some(Component::RootDir | Component::Prefix(_)) => folder.join(name),
        Some(Component::CurDir | Component::ParentDir) | None => folder.join("..").join(name),
    }
}

/// The folder that a spec names, if it can be one; what is wrong with another is told when the spec is judged.
fn named_folder(spec: &Path) -> Option<String> {
    let bytes = read_file(spec, MOST_BYTES).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let whole = with_base(&text, &Disk::beside(spec)).ok().flatten();
    let name = output_folder(whole.as_deref().unwrap_or(&text))?;
    let mut parts = Path::new(&name).components();
    let is_name = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::beside;

    #[test]
    fn the_project_lies_beside_the_folder_of_the_spec() {
        let cases = [
            ("spec/staging.toml", "generated"),
            ("./spec/staging.toml", "./generated"),
            ("/a/spec/staging.toml", "/a/generated"),
            ("staging.toml", "../generated"),
            ("../staging.toml", "../../generated"),
            ("/staging.toml", "/generated"),
        ];
        for (spec, folder) in cases {
            assert_eq!(beside(Path::new(spec)), Path::new(folder), "{spec}");
        }
    }
}
