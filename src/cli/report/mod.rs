//! What there is to say about a spec, in the form that its reader takes: a person, or a tool (`docs/diagnostics-json.md`).

mod github;
mod json;
mod sarif;
pub mod spec;

use clap::{Args, ValueEnum};

use spec::Spec;

use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, has_errors, render};
use crate::visible;

/// How `build` and `check` report.
#[derive(Debug, Default, Args)]
pub struct Reporting {
    /// The form of diagnostics. Any but `human` goes to the standard output, and results to the standard error.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    message_format: Format,

    /// What stops a build although it is no error.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    deny: Option<Deny>,

    /// Whether a spec without errors is nothing to talk about.
    #[arg(skip)]
    only_errors: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Excerpts of the spec with marks, for people.
    #[default]
    Human,
    /// A JSON object a line.
    Json,
    /// One SARIF 2.1.0 document, for code hosts.
    Sarif,
    /// Commands for GitHub Actions, which make annotations.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings; notes never stop anything.
    Warnings,
}

impl Reporting {
    /// For commands that answer another question than whether the spec is right.
    pub fn only_errors() -> Self {
        Self {
            only_errors: true,
            ..Self::default()
        }
    }

    pub fn denies_warnings(&self) -> bool {
        self.deny == Some(Deny::Warnings)
    }

    /// Keeps the standard output free for diagnostics if a tool reads them. Before anything is printed.
    pub fn prepare(&self, terminal: &mut Terminal) {
        if self.message_format != Format::Human {
            terminal.yield_output();
        }
    }

    /// Prints the diagnostics of a spec. A tool is answered even if there are none.
    pub fn print(
        &self,
        diagnostics: &[Diagnostic],
        spec: &Spec<'_>,
        terminal: &mut Terminal,
    ) -> anyhow::Result<()> {
        if self.only_errors && !has_errors(diagnostics) {
            return Ok(());
        }
        let text = match self.message_format {
            Format::Human => {
                let colour = terminal.colours_errors();
                terminal.report(&render(diagnostics, spec.name, spec.text, colour))?;
                return Ok(());
            }
            Format::Json => visible::json(&json::lines(diagnostics, spec)?).into_owned(),
            Format::Sarif => {
                let docs = sarif::docs_base();
                visible::json(&sarif::document(diagnostics, spec, docs.as_deref())?).into_owned()
            }
            Format::Github => visible::lines(&github::commands(diagnostics, spec)).into_owned(),
        };
        terminal.yielded(&text)?;
        Ok(())
    }
}
