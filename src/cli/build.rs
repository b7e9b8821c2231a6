//! `paystagec build`: writes the project of a spec, or shows what is stale.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use super::compare::since_head;
use super::exit::Exit;
use super::past::Against;
use super::report::Reporting;
use super::source::{DEFECT, SpecArgument, beside, findings, judge_from, today_or_now};
use super::terminal::{Terminal, number};
use super::typed;
use super::watch::Watched;
use crate::compile::{Model, Output};
use crate::load::{Disk, Loader};
use crate::write::{self, Edits, Outcome, Refusal};

pub const EXAMPLES: &str = "\
Examples:
  paystagec build spec/staging.toml
  paystagec build spec/staging.toml --out infrastructure/generated
  paystagec build spec/staging.toml --check    in CI: exit code 1 and a diff if generated/ is stale
  paystagec build spec/staging.toml --accept-edits
                                               save edits of generated files as a patch beside the folder
  paystagec build spec/staging.toml --force    give up edits of generated files
  paystagec build spec/staging.toml --watch    build again after every change, until Ctrl-C

What is written is owned through a manifest in the folder. Files that are not in it are never touched; files
in it that were edited by hand stop the build. After a merge, settle conflicts in the spec and build: generated
files are written again, and manual edits from the merge are saved as a patch.";

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    spec: SpecArgument,

    #[command(flatten)]
    against: Against,

    #[command(flatten)]
    report: Reporting,

    /// The folder to write. Without it, the one that `[output]` of the spec names, or `generated`, beside the folder of the spec.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Write nothing; print what a build would change.
    #[arg(long, conflicts_with_all = ["force", "accept_edits"])]
    check: bool,

    /// Save edits of generated files as a patch beside the folder, then overwrite them.
    #[arg(long, conflicts_with = "force")]
    accept_edits: bool,

    /// Overwrite generated files that were edited by hand.
    #[arg(long)]
    force: bool,

    /// Write into a folder that holds the environment of this name: it has been renamed since.
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    renamed_from: Option<String>,

    /// Build again whenever the spec changes or a file that it names, until Ctrl-C.
    #[arg(long, conflicts_with = "check")]
    watch: bool,

    /// Print how long each stage took.
    #[arg(long)]
    timings: bool,
}

impl Arguments {
    /// Where the project is written.
    fn folder(&self) -> PathBuf {
        let out = self.out.clone();
        out.unwrap_or_else(|| beside(&self.spec.spec))
    }

    fn edits(&self) -> Edits {
        match (self.force, self.accept_edits) {
            (true, _) => Edits::GiveUp,
            (false, true) => Edits::SetAside,
            (false, false) => Edits::Refuse,
        }
    }
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if arguments.watch {
        return watch(arguments, terminal);
    }
    let disk = Disk::beside(&arguments.spec.spec).writing_to(&arguments.folder());
    // The process is about to end, which takes the graphs away at once and not resource by resource.
    build_once(arguments, &disk, terminal, std::mem::forget)
}

/// After a build that could not write.
const RETRY: Duration = Duration::from_secs(10);

/// Builds, and again after every change. Ends with the process, unless nothing can be read, or nobody reads what is printed: a build that Ctrl-C
/// interrupts is finished by the next, like any that was killed.
fn watch(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let spec = &arguments.spec.spec;
    let mut has_begun = false;
    loop {
        let watched = Watched::new(spec, &arguments.folder());
        let again_after = match build_once(arguments, &watched, terminal, drop) {
            // Another build, or the disk: the files that are watched do not tell when that is over.
            Ok(Exit::Failed) => Some(RETRY),
            Ok(_) => None,
            Err(error) if !has_begun => return Err(error),
            Err(error) => {
                terminal.error(&format!("{error:#}"))?;
                None
            }
        };
        has_begun = true;
        let files = match watched.companions() {
            0 => String::new(),
            count => format!(" and {} that it names", number(count, "file")),
        };
        terminal.status(&format!(
            "watching {}{files}; Ctrl-C ends it",
            spec.display()
        ))?;
        if terminal.is_unread() {
            return Ok(Exit::Fine);
        }
        terminal.status(&match watched.wait(again_after) {
            Some(changed) => format!("{changed} has changed"),
            None => "trying again".to_owned(),
        })?;
    }
}

/// `done` gets what was built when nobody needs it any more.
fn build_once(
    arguments: &Arguments,
    loader: &dyn Loader,
    terminal: &mut Terminal,
    done: fn((Output, Option<Model>)),
) -> anyhow::Result<Exit> {
    let start = Instant::now();
    let judged = judge_from(
        loader,
        &arguments.spec,
        Some(&arguments.against),
        &arguments.report,
        terminal,
    )?;
    let Some((judged, head)) = judged else {
        return Ok(Exit::Wrong);
    };
    let findings = findings(&judged);
    let mut compilation = judged.compile().context(DEFECT)?;
    let Some(output) = compilation.output.take() else {
        return Ok(Exit::Wrong);
    };
    let folder = arguments.folder();
    let write_start = Instant::now();
    let exit = if arguments.check {
        check(arguments, &output, &folder, terminal)?
    } else {
        build(&output, head.as_ref(), arguments, &findings, terminal)?
    };
    if arguments.timings {
        let mut rows = compilation.timings;
        rows.push((
            if arguments.check { "compare" } else { "write" },
            write_start.elapsed(),
        ));
        rows.push(("all", start.elapsed()));
        print_timings(&rows, terminal)?;
    }
    done((output, head));
    Ok(exit)
}

/// `head` is the spec of the last commit, if it is known already.
fn build(
    output: &Output,
    head: Option<&Model>,
    arguments: &Arguments,
    findings: &str,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let folder = arguments.folder();
    let folder = folder.as_path();
    let mut waits = || tell_waiting(folder, terminal);
    let outcome = match write::write_renamed(
        &output.files,
        folder,
        arguments.edits(),
        arguments.renamed_from.as_deref(),
        &mut waits,
    ) {
        Ok(outcome) => outcome,
        Err(write::Error::Refused(refusals)) => {
            print_refusals(&refusals, folder, terminal)?;
            return Ok(Exit::Wrong);
        }
        Err(error) => return stop(&error, terminal),
    };
    let Outcome {
        written,
        unchanged,
        removed,
        forced,
        set_aside,
        kept,
        line_ends: _,
        yielded: _,
        unmerged: _,
    } = &outcome;
    for path in forced {
        let did = match set_aside {
            Some(_) => "set aside",
            None => "gave up",
        };
        let path = folder.join(path);
        terminal.warning(&format!("{did} the edits in {}", path.display()))?;
    }
    if let Some(patch) = set_aside {
        terminal.help(&format!(
            "`patch -p1 -d {} < {}` brings the edits back",
            typed::path(folder),
            typed::path(patch)
        ))?;
    }
    for path in kept {
        let path = folder.join(path);
        terminal.warning(&format!(
            "left {} alone, since it may hold secrets of a stack",
            path.display()
        ))?;
    }
    tell_more(&outcome, folder, terminal)?;
    terminal.line(&format!(
        "{}: {} written, {} unchanged, {} removed",
        folder.display(),
        number(written.len(), "file"),
        unchanged.len(),
        removed.len()
    ))?;
    terminal.line(&resources_by_layer(output))?;
    terminal.line(findings)?;
    // Of a build that changes nothing there is nothing new to say.
    if !(written.is_empty() && removed.is_empty()) {
        let today = today_or_now(arguments.spec.today);
        if let Some(line) = since_head(&arguments.spec.spec, head, today, output) {
            terminal.line(&line)?;
        }
    }
    Ok(Exit::Fine)
}

/// What a reader has to know beside the files.
fn tell_more(outcome: &Outcome, folder: &Path, terminal: &mut Terminal) -> anyhow::Result<()> {
    if !outcome.line_ends.is_empty() {
        terminal.warning(&format!(
            "{} differed in line endings only: rewritten",
            number(outcome.line_ends.len(), "file")
        ))?;
        terminal.help(&format!(
            "commit {}, so that git leaves the line ends as they are",
            folder.join(".gitattributes").display()
        ))?;
    }
    for file in outcome.yielded.iter().filter(|file| !file.lacks.is_empty()) {
        let path = folder.join(&file.path);
        terminal.warning(&format!(
            "{} is not paystagec's, and stays as it is",
            path.display()
        ))?;
        let lacks: Vec<String> = file.lacks.iter().map(|line| format!("`{line}`")).collect();
        terminal.help(&format!("add to it: {}", lacks.join(", ")))?;
    }
    if outcome.unmerged {
        terminal.help(&format!(
            "`git add --all {}` marks the conflicts there as resolved",
            folder.display()
        ))?;
    }
    Ok(())
}

fn check(
    arguments: &Arguments,
    output: &Output,
    folder: &Path,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut waits = || tell_waiting(folder, terminal);
    let stale = match write::check(&output.files, folder, &mut waits) {
        Ok(stale) => stale,
        Err(error) => return stop(&error, terminal),
    };
    if stale.is_empty() {
        let files = number(output.files.len(), "file");
        terminal.line(&format!("{}: {files}, up to date", folder.display()))?;
        return Ok(Exit::Fine);
    }
    for file in &stale {
        terminal.diff(&file.diff)?;
    }
    let line_ends = stale.iter().filter(|file| file.line_ends).count();
    if line_ends > 0 {
        terminal.warning(&format!(
            "{} in line ends alone",
            if line_ends == 1 {
                "1 file differs".to_owned()
            } else {
                format!("{line_ends} files differ")
            }
        ))?;
    }
    terminal.error(&format!(
        "{} is stale: {} would change",
        folder.display(),
        number(stale.len(), "file")
    ))?;
    let out = arguments
        .out
        .as_ref()
        .map(|out| format!(" --out {}", typed::path(out)))
        .unwrap_or_default();
    terminal.help(&format!(
        "run `paystagec build {}{out}`",
        typed::path(&arguments.spec.spec)
    ))?;
    Ok(Exit::Wrong)
}

fn tell_waiting(folder: &Path, terminal: &mut Terminal) {
    // A stream that cannot be written to is told about when there is something to say.
    let _ = terminal.status(&format!(
        "another build is working in {}; waiting for it, at most {} seconds",
        folder.display(),
        write::LONGEST_WAIT.as_secs()
    ));
}

/// Every way to stop but refusals: a folder that is wrong is the user's to mend, a disk that fails is not.
fn stop(error: &write::Error, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    terminal.error(&error.to_string())?;
    match error {
        write::Error::Folder(_, reason) => terminal.help(reason.help())?,
        write::Error::Changed(_) => {
            terminal.help("build again: it compares the files that were written in the meantime")?;
        }
        write::Error::Locked(_) => terminal.help("let it end, then build again")?,
        write::Error::OtherEnvironment { holds, builds, .. } => terminal.help(&format!(
            "give each environment a folder of its own: `folder = \"{builds}\"` in `[output]` of its spec, or for once `--out generated-{builds}`; if it is the same one under a new \
             name, build once with `--renamed-from {holds}`"
        ))?,
        write::Error::OtherSuffix { name, holds, .. } => terminal.help(&format!(
            "write `suffix = \"{holds}\"`: a second copy is a stack of its own, with `pulumi config set environmentSuffix`; if \
             nothing of it is deployed, build once with `--renamed-from {name}`"
        ))?,
        _ => {}
    }
    Ok(match error {
        write::Error::Io { .. } | write::Error::Locked(_) => Exit::Failed,
        write::Error::Refused(_)
        | write::Error::Manifest { .. }
        | write::Error::OtherEnvironment { .. }
        | write::Error::OtherSuffix { .. }
        | write::Error::Path { .. }
        | write::Error::Folder(..)
        | write::Error::Changed(_) => Exit::Wrong,
    })
}

fn print_refusals(
    refusals: &[Refusal],
    folder: &Path,
    terminal: &mut Terminal,
) -> anyhow::Result<()> {
    for refusal in refusals {
        let path = folder.join(&refusal.path);
        let problem = refusal.reason.problem();
        terminal.error(&match &refusal.place {
            None => format!("{} {problem}", path.display()),
            Some(place) => format!(
                "{}:{} {problem}: `{}`",
                path.display(),
                place.line,
                place.key
            ),
        })?;
        terminal.message_diff(&refusal.diff)?;
        terminal.help(refusal.reason.help())?;
    }
    terminal.error("nothing was written")?;
    Ok(())
}

fn resources_by_layer(output: &Output) -> String {
    let layers = output.stack.layers();
    let total = layers.iter().map(|(_, members)| members.len()).sum();
    let list: Vec<String> = layers
        .iter()
        .map(|(layer, members)| format!("{layer} {}", members.len()))
        .collect();
    format!("{}: {}", number(total, "resource"), list.join(", "))
}

fn print_timings(rows: &[(&str, Duration)], terminal: &mut Terminal) -> anyhow::Result<()> {
    for (stage, time) in rows {
        terminal.line(&format!(
            "{stage:<20} {:>9.3} ms",
            time.as_secs_f64() * 1000.0
        ))?;
    }
    Ok(())
}
