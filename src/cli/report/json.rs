//! Diagnostics as JSON, an object a line. `docs/diagnostics-json.md` documents the fields: they are added to, never renamed.

use std::ops::Range;

use serde::Serialize;

use super::spec::Spec;
use crate::diagnostic::{Diagnostic, Lines, Place};

#[derive(Serialize)]
struct Message<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    file: String,
    span: Span,
    labels: Vec<Label<'a>>,
    note: Option<&'a str>,
    help: Option<&'a str>,
    suggestions: Vec<Suggestion>,
    waived: bool,
}

/// One way to mend it: all edits together.
#[derive(Serialize)]
struct Suggestion {
    edits: Vec<Edit>,
}

/// What stands for the bytes of a span then.
#[derive(Serialize)]
struct Edit {
    span: Span,
    text: String,
}

#[derive(Serialize)]
struct Label<'a> {
    primary: bool,
    text: &'a str,
    span: Span,
    /// Where it is another file than the diagnostic's: the spec, or its base.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

#[derive(Serialize)]
struct Span {
    byte_start: usize,
    byte_end: usize,
    line_start: usize,
    column_start: usize,
    line_end: usize,
    column_end: usize,
}

pub fn lines(diagnostics: &[Diagnostic], spec: &Spec<'_>) -> anyhow::Result<String> {
    let lines = Lines::new(spec.text);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&serde_json::to_string(&message(diagnostic, spec, &lines))?);
        text.push('\n');
    }
    Ok(text)
}

fn message<'a>(diagnostic: &'a Diagnostic, spec: &Spec<'a>, lines: &Lines<'_>) -> Message<'a> {
    let label = |primary, text: &'a str, bytes: &Range<usize>| Label {
        primary,
        text,
        span: span(lines.place(bytes)),
        file: (lines.base_at(bytes.start) != lines.base_at(diagnostic.span.start))
            .then(|| spec.file(lines, bytes)),
    };
    let first = label(true, &diagnostic.label, &diagnostic.span);
    let others = diagnostic.secondary.iter();
    let others = others.map(|(bytes, text)| label(false, text, bytes));
    Message {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        file: spec.file(lines, &diagnostic.span),
        span: span(lines.place(&diagnostic.span)),
        labels: [first].into_iter().chain(others).collect(),
        note: diagnostic.note.as_deref(),
        help: diagnostic.help.as_deref(),
        suggestions: suggestions(diagnostic, spec, lines),
        waived: diagnostic.is_waived,
    }
}

fn suggestions(diagnostic: &Diagnostic, spec: &Spec<'_>, lines: &Lines<'_>) -> Vec<Suggestion> {
    let suggestions = diagnostic.suggestions.iter();
    let edits = suggestions.map(|suggestion| {
        let edits = spec.edits(lines, diagnostic, suggestion).into_iter();
        edits.map(|(bytes, text)| Edit {
            span: span(lines.place(&bytes)),
            text,
        })
    });
    edits
        .map(|edits| Suggestion {
            edits: edits.collect(),
        })
        .filter(|suggestion| !suggestion.edits.is_empty())
        .collect()
}

fn span(place: Place) -> Span {
    let Place {
        byte_start,
        byte_end,
        line_start,
        column_start,
        line_end,
        column_end,
    } = place;
    Span {
        byte_start,
        byte_end,
        line_start,
        column_start,
        line_end,
        column_end,
    }
}
