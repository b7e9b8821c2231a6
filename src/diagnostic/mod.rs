//! What the author of a spec did wrong, as data: collected by `spec`, `resolve` and `check`, printed by whoever called.
//! Nothing in here reads a file or prints.

mod code;
mod lines;
mod render;
mod suggestion;
mod waivable;

use std::ops::Range;

pub use code::Code;
pub use lines::{Lines, Place};
pub use render::render;
pub use suggestion::{Edit, Suggestion};
pub use waivable::{WAIVABLE, Waivable, waivable_requirements, waivable_rules};

/// How much a diagnostic matters. Errors stop a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One finding about the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// A lower-case phrase without a full stop.
    pub message: String,
    /// Bytes of the spec that are the cause.
    pub span: Range<usize>,
    /// What is said at the cause; may be empty.
    pub label: String,
    /// Other places that take part, each with its own text.
    pub secondary: Vec<(Range<usize>, String)>,
    /// Facts that the reader may not know: why, and by which requirement.
    pub note: Option<String>,
    /// What to type, or to do.
    pub help: Option<String>,
    /// What the help proposes to type, for tools: alternatives, each of which mends it.
    pub suggestions: Vec<Suggestion>,
    /// Whether a waiver made it a note.
    pub is_waived: bool,
}

impl Diagnostic {
    pub fn error(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message)
    }

    pub fn warning(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message)
    }

    pub fn note_only(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, span, message)
    }

    fn new(code: Code, severity: Severity, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            span,
            label: String::new(),
            secondary: Vec::new(),
            note: None,
            help: None,
            suggestions: Vec::new(),
            is_waived: false,
        }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn secondary(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An edit that the help speaks of; several calls are alternatives.
    #[must_use]
    pub fn suggest(self, edit: Edit) -> Self {
        self.suggest_all(vec![edit])
    }

    /// Edits that belong together.
    #[must_use]
    pub fn suggest_all(mut self, edits: Vec<Edit>) -> Self {
        self.suggestions.push(Suggestion { edits });
        self
    }

    /// Another text for the cause.
    #[must_use]
    pub fn replace_with(self, new: impl Into<String>) -> Self {
        let span = self.span.clone();
        self.suggest(Edit::Replace(span, new.into()))
    }

    /// Lets every place lead elsewhere.
    pub fn moved(&mut self, to: &impl Fn(Range<usize>) -> Range<usize>) {
        self.span = to(self.span.clone());
        for (span, _) in &mut self.secondary {
            *span = to(span.clone());
        }
        let suggestions = std::mem::take(&mut self.suggestions).into_iter();
        self.suggestions = suggestions.map(|one| one.moved(to)).collect();
    }

    /// `write "text"`: another string at the cause.
    #[must_use]
    pub fn write_text(self, text: &str) -> Self {
        let help = format!("write \"{text}\"");
        self.help(help).replace_with(quoted(text))
    }

    /// `write name = value`: another value at the cause.
    #[must_use]
    pub fn write_value(self, name: &str, value: impl std::fmt::Display) -> Self {
        let help = format!("write `{name} = {value}`");
        self.help(help).replace_with(value.to_string())
    }

    /// The string nearest to the one at the cause.
    #[must_use]
    pub fn did_you_mean(self, text: &str) -> Self {
        let help = format!("did you mean \"{text}\"?");
        self.help(help).replace_with(quoted(text))
    }

    /// The name nearest to the one at the cause, which may stand in a header or before a `=`.
    #[must_use]
    pub fn did_you_mean_name(self, name: &str) -> Self {
        let help = format!("did you mean `{name}`?");
        let key = if is_bare(name) {
            name.to_owned()
        } else {
            quoted(name)
        };
        self.help(help).replace_with(key)
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A text as a string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

fn is_bare(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !name.is_empty() && name.chars().all(fits)
}

/// Whether a build must stop.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}

/// In the order of the file; at one place errors first.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.span.start, d.severity, d.code, d.span.end);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    diagnostics.dedup();
}
