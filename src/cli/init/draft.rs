//! The spec that the answers make, and what the compiler says about it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::question::QUESTIONS;
use crate::cli::terminal::Terminal;
use crate::compile;
use crate::date::Date;
use crate::diagnostic::{self, Diagnostic, Severity, render};
use crate::load::{Disk, Listing, Loader};
use crate::schema;

const TEMPLATE: &str = include_str!("spec.toml");

/// The schema of the payment's body, for the function that comes with the compiler.
const PAYMENT: &str = include_str!("../../../spec/schemas/payment.json");

/// Where comments stand, unless a value is longer.
const COMMENT_COLUMN: usize = 38;

/// Where the template looks for it.
const PAYMENT_PATH: &str = "schemas/payment.json";

/// Answers as TOML, by the id of their question.
pub type Answers = BTreeMap<&'static str, String>;

/// What the answers make.
#[derive(Debug)]
pub struct Draft<'a> {
    path: &'a Path,
    name: String,
    today: Date,
    /// Whether the database may outlive its standard support.
    pub extended_support: bool,
}

/// A draft with what the compiler says about it.
pub struct Judged {
    pub text: String,
    pub diagnostics: Vec<Diagnostic>,
}

impl Judged {
    pub fn errors(&self) -> Vec<Diagnostic> {
        let found = self.diagnostics.iter();
        let errors = found.filter(|diagnostic| diagnostic.severity == Severity::Error);
        errors.cloned().collect()
    }

    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }
}

impl<'a> Draft<'a> {
    pub fn new(path: &'a Path, today: Date, extended_support: bool) -> Self {
        Self {
            path,
            name: path.display().to_string(),
            today,
            extended_support,
        }
    }

    /// Shows diagnostics of what was judged.
    pub fn report(
        &self,
        diagnostics: &[Diagnostic],
        judged: &Judged,
        terminal: &mut Terminal,
    ) -> anyhow::Result<()> {
        let colour = terminal.colours_errors();
        terminal.report(&render(diagnostics, &self.name, &judged.text, colour))?;
        Ok(())
    }

    /// Files that the spec names, by path relative to it.
    pub fn companions() -> anyhow::Result<Vec<(&'static str, String)>> {
        Ok(vec![
            (PAYMENT_PATH, PAYMENT.to_owned()),
            (schema::FILE_NAME, schema::text()?),
        ])
    }

    /// The spec with these answers, and with right ones for the others.
    pub fn judge(&self, answers: &Answers) -> anyhow::Result<Judged> {
        let text = self.text(answers);
        let loader = Beside(Disk::beside(self.path));
        let compile::Judged { diagnostics, .. } =
            compile::judge_spec(&text, &self.name, &loader, self.today)?;
        Ok(Judged { text, diagnostics })
    }

    fn text(&self, answers: &Answers) -> String {
        let value = |place: &str| -> String {
            let question = QUESTIONS.iter().find(|question| question.id == place);
            let model = || question.and_then(|question| question.toml(&question.model()).ok());
            match (answers.get(place), place) {
                (Some(answer), _) => answer.clone(),
                (None, "path") => self.name.clone(),
                (None, "extended_support") => self.extended_support.to_string(),
                (None, _) => model().unwrap_or_default(),
            }
        };
        filled(TEMPLATE, value)
    }
}

/// The template with a value in each of its places. In a comment the value stands bare, on one line.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let bare = |place: &str| -> String {
        let value = value(place);
        let text = value.trim_matches('"').chars();
        text.map(|c| if c.is_control() { ' ' } else { c }).collect()
    };
    let mut text = String::new();
    for line in template.lines() {
        match line.split_once(" # ") {
            _ if line.starts_with('#') => text.push_str(&with_values(line, bare)),
            Some((code, comment)) if code.contains("{{") => {
                let (code, comment) = (with_values(code, &value), with_values(comment, bare));
                text.push_str(&format!("{code:<COMMENT_COLUMN$}# {comment}"));
            }
            _ => text.push_str(&with_values(line, &value)),
        }
        text.push('\n');
    }
    text
}

fn with_values(line: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, place, after)) = next_place(rest) {
        text.push_str(before);
        text.push_str(&value(place));
        rest = after;
    }
    text + rest
}

/// What is before the next place, its name, and what is after it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (place, after) = rest.split_once("}}")?;
    Some((before, place, after))
}

/// Files beside the spec: those that are there, else those that will be.
struct Beside(Disk);

impl Loader for Beside {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.0.read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && path == PAYMENT_PATH => {
                Ok(PAYMENT.as_bytes().to_vec())
            }
            read => read,
        }
    }

    fn list(&self, folder: &str) -> io::Result<Listing> {
        self.0.list(folder)
    }

    fn link_in(&self, path: &str) -> Option<String> {
        self.0.link_in(path)
    }
}
