//! `paystagec explain`: what stands behind a word that the compiler printed: the code of a rule, a line of the generated
//! project or of the spec, a key, a requirement, a resource.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::exit::Exit;
use super::report::Reporting;
use super::rules::severities;
use super::source::{DEFECT, SpecArgument, beside, judge_and_report};
use super::terminal::Terminal;
use super::typed;
use crate::check::{Rule, rule};
use crate::date::Date;
use crate::diagnostic::{Code, Lines};
use crate::load::{Disk, read_file};
use crate::provenance::{Atlas, Unknown, find_key, requirement};
use crate::requirements::requirements;
use crate::spec::{MOST_BYTES, nearest, with_base};
use crate::whole::{beside as beside_spec, parts};

pub const EXAMPLES: &str = "\
Examples:
  paystagec explain storage-ceiling    the rule behind `error[storage-ceiling]`
  paystagec explain generated/components/network.py:42
                                       what the line is, and what decided it
  paystagec explain database.instance_class
                                       the lines, resources and tests that a key of the spec reaches
  paystagec explain spec/staging.toml:21
                                       the same, for the key on a line of the spec
  paystagec explain NET-6              what a requirement asks, what meets it, what proves it
  paystagec explain database.instance  a resource: by its name here, in Pulumi's state or in AWS";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The code of a rule (the word in brackets of a diagnostic), a file and line (generated, or of the spec), a key of the
    /// spec, a requirement, or a resource.
    #[arg(value_name = "WHAT")]
    what: String,

    /// The spec that lines and keys are about. Without it, spec/staging.toml, or else the file whose line is asked about.
    #[arg(long, value_name = "SPEC")]
    spec: Option<PathBuf>,

    /// The folder with the generated project. Without it, the one that `[output]` of the spec names, or `generated`, beside the
    /// folder of the spec.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The day by which waivers and support that ends are judged, for example 2026-12-01. Without it, today in UTC.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

/// A word is what it can be first: the code of a rule, a line of a file, a key.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let what = arguments.what.as_str();
    if let Some(rule) = Code::from_name(what).and_then(rule) {
        terminal.text(&rule_text(rule))?;
        return Ok(Exit::Fine);
    }
    let spec_path = spec_of(arguments);
    // What is wrong with the file is told when it is compiled.
    let bytes = read_file(&spec_path, MOST_BYTES).unwrap_or_default();
    let spec_text = String::from_utf8(bytes).unwrap_or_default();
    let whole = with_base(&spec_text, &Disk::beside(&spec_path))
        .ok()
        .flatten();
    let spec_text = whole.unwrap_or(spec_text);
    let line = split_line(what);
    let asked = requirement(what);
    let key = find_key(&spec_text, what);
    let spec = SpecArgument {
        spec: spec_path.clone(),
        today: arguments.today,
    };
    let reporting = Reporting::only_errors();
    let Some(judged) = judge_and_report(&spec, &reporting, terminal)? else {
        return Ok(Exit::Wrong);
    };
    let Some(output) = judged.compile().context(DEFECT)?.output else {
        return Ok(Exit::Wrong);
    };
    let folder = arguments.out.clone().unwrap_or_else(|| beside(&spec_path));
    let (spec_name, folder_name) = (
        spec_path.display().to_string(),
        folder.display().to_string(),
    );
    let atlas = Atlas::new(&output, &spec_name, &spec_text, &folder_name);
    if let Some(asked) = asked {
        terminal.text(&atlas.explain_requirement(asked))?;
        return Ok(Exit::Fine);
    }
    let resource = atlas.explain_resource(what);
    if key.is_err() && !resource.is_empty() {
        terminal.text(&resource)?;
        return Ok(Exit::Fine);
    }
    let is_name = what.contains(' ') || (what.starts_with('/') && !Path::new(what).exists());
    if is_name && key.is_err() {
        return unknown(what, atlas.entry_named(what), None, terminal);
    }
    if let Some((file, number)) = line {
        if is_of_spec(Path::new(file), &spec_path) {
            return explain_spec_line(&atlas, &spec_name, number, &spec_text, terminal);
        }
        let base = parts(&spec_text).map(|parts| beside_spec(&spec_name, parts.name));
        if base.is_some_and(|base| is_of_spec(Path::new(file), Path::new(&base))) {
            return explain_spec_line(&atlas, file, number, &spec_text, terminal);
        }
        return explain_line(&atlas, file, number, &folder, terminal);
    }
    if let Err(Unknown { nearest }) = key {
        return unknown(what, nearest, atlas.nearest_resource(what), terminal);
    }
    terminal.text(&atlas.explain_key(what))?;
    Ok(Exit::Fine)
}

/// The spec that was named, the usual one, or the file whose line is asked about.
fn spec_of(arguments: &Arguments) -> PathBuf {
    const USUAL: &str = "spec/staging.toml";
    if let Some(spec) = &arguments.spec {
        return spec.clone();
    }
    let file = split_line(&arguments.what).map(|(file, _)| Path::new(file));
    let is_spec = |file: &&Path| is_toml(file) && !Path::new(USUAL).exists() && file.exists();
    file.filter(is_spec).unwrap_or(Path::new(USUAL)).to_owned()
}

fn is_toml(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| extension == "toml")
}

/// Whether a file is the spec, which may be called by its name alone where no other file has this name.
fn is_of_spec(file: &Path, spec: &Path) -> bool {
    file == spec
        || match (file.canonicalize(), spec.canonicalize()) {
            (Ok(file), Ok(spec)) => file == spec,
            (Err(_), Ok(_)) => Some(file.as_os_str()) == spec.file_name(),
            _ => false,
        }
}

/// The keys on a line of the spec.
fn explain_spec_line(
    atlas: &Atlas<'_>,
    file: &str,
    number: Option<usize>,
    spec_text: &str,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let in_whole = Lines::new(spec_text);
    let is_base = parts(spec_text).is_some_and(|parts| file.ends_with(parts.name));
    let lines = in_whole.count(is_base);
    let whole = |number: usize| match is_base {
        true => in_whole.of_base(number).unwrap_or(number),
        false => number,
    };
    let Some(number) = number.filter(|number| (1..=lines).contains(number)) else {
        terminal.error(&format!("{file} does not name a line"))?;
        terminal.help(&format!(
            "the file has {lines} lines: write `{file}:1` for the first"
        ))?;
        return Ok(Exit::Failed);
    };
    let keys = atlas.keys_on(whole(number));
    if keys.is_empty() {
        terminal.error(&format!("{file}:{number} has no key of the spec"))?;
        let next = (number + 1..=lines).find(|next| !atlas.keys_on(whole(*next)).is_empty());
        if let Some(next) = next {
            terminal.help(&format!("the next key is on `{file}:{next}`"))?;
        }
        return Ok(Exit::Failed);
    }
    let answers: Vec<String> = keys.iter().map(|key| atlas.explain_key(key)).collect();
    terminal.text(&answers.join("\n"))?;
    Ok(Exit::Fine)
}

/// File and line, if the word names a file: it ends with a number, or holds a slash.
fn split_line(what: &str) -> Option<(&str, Option<usize>)> {
    if what.contains('"') {
        return None;
    }
    match what.rsplit_once(':') {
        Some((file, number)) => Some((file, number.parse().ok())),
        None => what.contains('/').then_some((what, None)),
    }
}

fn explain_line(
    atlas: &Atlas<'_>,
    file: &str,
    number: Option<usize>,
    folder: &Path,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let path = inside(Path::new(file), folder);
    let Some(text) = atlas.text(&path) else {
        terminal.error(&format!(
            "the spec yields no file {}",
            folder.join(&path).display()
        ))?;
        let known = || atlas.paths();
        let is_called = |known: &&str| known.rsplit('/').next() == Some(path.as_str());
        let named = known().filter(is_called);
        let outermost = named.min_by_key(|known| known.len());
        let best = outermost.or_else(|| nearest(&path, known()));
        if is_toml(Path::new(file)) && Path::new(file).exists() {
            let spec = typed::path(Path::new(file));
            terminal.help(&format!("if it is a spec, add `--spec {spec}`"))?;
        } else if let Some(path) = best {
            let path = folder.join(path);
            terminal.help(&format!("did you mean `{}`?", path.display()))?;
        }
        return Ok(Exit::Failed);
    };
    let lines = text.lines().count();
    let Some(number) = number.filter(|number| (1..=lines).contains(number)) else {
        terminal.error(&format!("{file} does not name a line"))?;
        terminal.help(&format!(
            "the file has {lines} lines: write `{}:1` for the first",
            folder.join(&path).display()
        ))?;
        return Ok(Exit::Failed);
    };
    let on_disk = std::fs::read(folder.join(&path)).unwrap_or_default();
    if on_disk != text.as_bytes() {
        let file = folder.join(&path);
        terminal.warning(&format!(
            "{} is not what the spec yields; this is the line that a build would write",
            file.display()
        ))?;
    }
    terminal.text(&atlas.explain_line(&path, number))?;
    Ok(Exit::Fine)
}

/// The path inside the output folder, with forward slashes; one that leads elsewhere is taken for such a path already.
fn inside(file: &Path, folder: &Path) -> String {
    let plain = |path: &Path| -> PathBuf {
        let parts = path.components();
        parts.filter(|part| *part != Component::CurDir).collect()
    };
    let (file, folder) = (plain(file), plain(folder));
    let relative = match file.strip_prefix(&folder) {
        Ok(relative) => relative.to_path_buf(),
        Err(_) => match (file.canonicalize(), folder.canonicalize()) {
            (Ok(full), Ok(root)) => full.strip_prefix(root).map_or(file, Path::to_path_buf),
            _ => file,
        },
    };
    relative.to_string_lossy().replace('\\', "/")
}

/// Says that a word is nothing known, and what is near it: keys and resources first, then codes.
fn unknown(
    what: &str,
    key: Option<String>,
    resource: Option<String>,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let group = requirements_of(what);
    let kind = if !group.is_empty() {
        "a requirement"
    } else if what.contains(['.', ' ', '/']) {
        "a key of the spec"
    } else {
        "the code of a rule, nor a key of the spec"
    };
    terminal.error(&format!("`{what}` is not {kind}"))?;
    let code = nearest(what, Code::ALL.iter().map(|code| code.as_str()));
    let word = code.map(str::to_owned).or_else(|| key.clone());
    terminal.help(&match (group.as_slice(), key, resource) {
        ([_, ..], ..) => format!("there are {}", group.join(", ")),
        (_, Some(key), Some(resource)) => {
            format!("did you mean `{key}`, a key, or `{resource}`, a resource?")
        }
        (_, None, Some(resource)) => format!("did you mean `{resource}`, a resource?"),
        _ => match word {
            Some(word) => format!("did you mean `{word}`?"),
            None => "`paystagec rules` lists the codes; lines are written as FILE:LINE".to_owned(),
        },
    })?;
    Ok(Exit::Failed)
}

/// The requirements of a group, for a word with the form of one of them, `NET-99`.
fn requirements_of(what: &str) -> Vec<&'static str> {
    let Some((group, number)) = what.rsplit_once('-') else {
        return Vec::new();
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let ids = requirements().iter().map(|row| row.id);
    let is_of = |id: &&str| {
        let own = id.rsplit_once('-');
        own.is_some_and(|(own, _)| own.eq_ignore_ascii_case(group))
    };
    let mut ids: Vec<&str> = ids.filter(is_of).collect();
    ids.dedup();
    ids
}

fn rule_text(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({})\n\n{}\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
        rule.code.as_str(),
        severities(rule),
        rule.what,
        rule.why,
        indented(rule.wrong),
        indented(rule.right),
    );
    let requirements = rule.requirements();
    if !requirements.is_empty() {
        text.push_str("\nRequirements:\n\n");
    }
    for requirement in requirements {
        let _ = writeln!(text, "    {}: {}", requirement.heading(), requirement.text);
    }
    text
}

fn indented(lines: &str) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        text
    })
}
