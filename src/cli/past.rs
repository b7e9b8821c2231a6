//! The spec of the last commit, which a spec is held against: what it takes away has to be meant.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use clap::Args;

use crate::compare::unstated::{hold, is_same_environment};
use crate::compile::{Judged, Model, earlier_model};
use crate::date::Date;
use crate::git;
use crate::load::Revision;

#[derive(Debug, Args)]
pub struct Against {
    /// The revision against which removals are judged: what holds data and is removed without being said is an error. In a pipeline the
    /// branch that a change goes to, for example origin/main.
    #[arg(long, value_name = "REV", default_value = HEAD)]
    against: String,
}

/// The revision that `build` sums up a change against.
const HEAD: &str = "HEAD";

/// What is known after a spec was held against what it followed.
#[derive(Default)]
pub struct Held {
    /// Why nobody looked.
    pub reason: Option<String>,
    /// The spec of `HEAD`, if it had to be read, differs and is of the same environment.
    pub head: Option<Model>,
}

/// What a spec followed.
enum Past {
    /// The same text.
    Same,
    /// One spec, or in a merge one of each side; and of which revisions they are.
    Specs(Vec<Model>, Vec<String>),
    /// Why nobody knows.
    Unknown(String),
}

impl Against {
    /// Adds to what is known of a spec what it takes away.
    pub fn hold(
        &self,
        spec: &Path,
        text: &str,
        judged: &mut Judged,
        today: Date,
    ) -> anyhow::Result<Held> {
        let Some(model) = &judged.model else {
            return Ok(Held::default());
        };
        let mut held = Held::default();
        match self.past(spec, text, model, today)? {
            Past::Unknown(reason) => {
                held.reason = Some(format!("unstated-loss did not run: {reason}"));
            }
            Past::Same => hold(judged, text, &[], today),
            Past::Specs(specs, of) => {
                hold(judged, text, &specs, today);
                let head = of.iter().position(|revision| revision == HEAD);
                held.head = head.and_then(|number| specs.into_iter().nth(number));
            }
        }
        Ok(held)
    }

    fn past(&self, spec: &Path, text: &str, model: &Model, today: Date) -> anyhow::Result<Past> {
        let unknown = |reason: String| Ok(Past::Unknown(reason));
        let folder = match spec.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !is_in_repository(folder) {
            return unknown(format!("{} is in no git repository", spec.display()));
        }
        let Some(name) = spec.file_name().and_then(|name| name.to_str()) else {
            return unknown("the name of the spec is no text".to_owned());
        };
        let object = format!("{}:./{name}", self.against);
        let committed = git::run(
            folder,
            &["cat-file", "blob", "--end-of-options", &object],
            None,
        );
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return unknown("git cannot be run".to_owned());
            }
            Err(_) => return unknown(format!("{} has no {}", self.against, spec.display())),
        };
        if committed == text.as_bytes() {
            return Ok(Past::Same);
        }
        let mut specs = Vec::new();
        let mut of = Vec::new();
        for revision in self.revisions(folder) {
            let Some(old) = model_of(folder, &revision, name, today)? else {
                return unknown(format!(
                    "the spec in {revision} has errors, or is no spec of this version"
                ));
            };
            if is_same_environment(&old.environment, &model.environment) {
                specs.push(old);
                of.push(revision);
            }
        }
        if specs.is_empty() {
            return unknown(format!(
                "the spec in {} is of another environment",
                self.against
            ));
        }
        Ok(Past::Specs(specs, of))
    }

    /// The revision, and in a merge the other sides.
    fn revisions(&self, folder: &Path) -> Vec<String> {
        let mut revisions = vec![self.against.clone()];
        let path = git::run(folder, &["rev-parse", "--git-path", "MERGE_HEAD"], None).ok();
        let path = path.and_then(|path| String::from_utf8(path).ok());
        let heads = path.and_then(|path| fs::read_to_string(folder.join(path.trim_end())).ok());
        revisions.extend(
            heads
                .iter()
                .flat_map(|heads| heads.lines())
                .map(str::to_owned),
        );
        revisions
    }
}

/// Asks no program where there is nothing to ask.
fn is_in_repository(folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else {
        return false;
    };
    env::var_os("GIT_DIR").is_some()
        || folder
            .ancestors()
            .any(|folder| folder.join(".git").exists())
}

/// The spec of a revision, if it has one that this compiler reads. An error is a defect of the compiler.
fn model_of(
    folder: &Path,
    revision: &str,
    name: &str,
    today: Date,
) -> anyhow::Result<Option<Model>> {
    let read = || -> io::Result<(Revision, String)> {
        let prefix = git::run(folder, &["rev-parse", "--show-prefix"], None)?;
        let prefix = String::from_utf8(prefix).map_err(io::Error::other)?;
        let path = format!("{}{name}", prefix.trim_end_matches('\n'));
        let files = Revision::open(folder, revision, &path)?;
        let text = String::from_utf8(files.spec()?).map_err(io::Error::other)?;
        Ok((files, text))
    };
    let Ok((files, text)) = read() else {
        return Ok(None);
    };
    earlier_model(&text, name, &files, today)
}
