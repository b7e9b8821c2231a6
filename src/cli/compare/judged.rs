//! The specs that are compared: on disk, or of a revision of the git repository.

use std::path::Path;

use crate::cli::report::Reporting;
use crate::cli::report::spec::Spec;
use crate::cli::source::{beside, judged, tell};
use crate::cli::terminal::Terminal;
use crate::compare::Side;
use crate::compile;
use crate::compile::Model;
use crate::date::Date;
use crate::emit::File;
use crate::emit::assets::packaged_files;
use crate::load::{Disk, Loader, Revision, read_file};
use crate::spec::MOST_BYTES;

/// A spec that was judged, before anybody is told.
pub struct Judged {
    name: String,
    text: String,
    judged: compile::Judged,
    /// Of its project, if it is right: all that a comparison reads.
    files: Vec<File>,
}

/// A spec without errors, with its text.
pub struct Sound {
    pub text: String,
    pub model: Model,
    files: Vec<File>,
}

impl Judged {
    /// Reads and judges the spec at a path, or at the path of a revision.
    pub fn at(place: &Path, today: Date) -> anyhow::Result<Self> {
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
        let (text, judged) = judged(bytes, &name, loader.as_ref(), today)?;
        let model = judged.model.as_ref();
        let files = model.map_or_else(Vec::new, |model| packaged_files(&model.environment));
        Ok(Self {
            name,
            text,
            judged,
            files,
        })
    }

    /// Tells people of its errors. Nothing if it has any.
    pub fn told(self, terminal: &mut Terminal) -> anyhow::Result<Option<Sound>> {
        let source = Spec {
            name: &self.name,
            text: &self.text,
        };
        let is_fine = tell(&self.judged, &source, &Reporting::only_errors(), terminal)?;
        let model = self.judged.model.filter(|_| is_fine);
        Ok(model.map(|model| Sound {
            text: self.text,
            model,
            files: self.files,
        }))
    }
}

impl Sound {
    pub fn side(&self) -> Side<'_> {
        Side {
            text: &self.text,
            environment: &self.model.environment,
            stack: &self.model.stack,
            files: &self.files,
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
