//! What a build changes against the last commit, in one line.

use std::path::Path;

use super::words::{meaning, sum};
use crate::compare::{Rest, Side, between};
use crate::compile::{Model, Output, judge_spec};
use crate::date::Date;
use crate::emit::assets::packaged_files;
use crate::git;
use crate::load::Revision;

/// `since HEAD: 1 update; nothing is lost`. Nothing where git does not know the spec, or no longer can say what it was.
/// `known` is the spec of `HEAD`, if somebody has read it.
pub fn since_head(
    spec: &Path,
    known: Option<&Model>,
    today: Date,
    output: &Output,
) -> Option<String> {
    if let Some(old) = known {
        return Some(line(old, output, today));
    }
    let folder = match spec.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let prefix = git::run(folder, &["rev-parse", "--show-prefix"], None).ok()?;
    let prefix = String::from_utf8(prefix).ok()?;
    let path = format!("{}{}", prefix.trim_end(), spec.file_name()?.to_str()?);
    let files = Revision::open(folder, "HEAD", &path).ok()?;
    let text = String::from_utf8(files.spec().ok()?).ok()?;
    let judged = judge_spec(&text, &path, &files, Date::LONG_AGO).ok()?;
    Some(match &judged.model {
        Some(old) => line(old, output, today),
        None => "since HEAD: not known, since the spec there has errors".to_owned(),
    })
}

fn line(old: &Model, output: &Output, today: Date) -> String {
    let old_files = packaged_files(&old.environment);
    let old = Side {
        text: "",
        environment: &old.environment,
        stack: &old.stack,
        files: &old_files,
    };
    let new = Side {
        text: "",
        environment: &output.environment,
        stack: &output.stack,
        files: &output.files,
    };
    let comparison = between(&old, &new, today, Rest::Freed);
    if comparison.steps.is_empty() {
        return "since HEAD: no resource changes".to_owned();
    }
    format!("since HEAD: {}; {}", sum(&comparison), meaning(&comparison))
}
