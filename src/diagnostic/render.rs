//! Diagnostics as text for people. The only file that knows the rendering library.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Severity, sort};

/// The report of all diagnostics, in the order of the file, each as rustc would show it.
pub fn render(
    diagnostics: &[Diagnostic],
    file_name: &str,
    source_text: &str,
    colour: bool,
) -> String {
    let mut sorted = diagnostics.to_vec();
    sort(&mut sorted);
    // A fixed width: the report must not depend on the terminal that happens to show it.
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
    .term_width(140);
    let mut report = String::new();
    for diagnostic in &sorted {
        report.push_str(&render_one(&renderer, diagnostic, file_name, source_text));
        report.push_str("\n\n");
    }
    report
}

/// Line and column of a byte, both from 1; columns count characters.
pub fn position(source_text: &str, offset: usize) -> (usize, usize) {
    let offset = clamp(source_text, offset);
    let before = source_text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn render_one(
    renderer: &Renderer,
    diagnostic: &Diagnostic,
    file_name: &str,
    source_text: &str,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut primary = AnnotationKind::Primary.span(within(source_text, &diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let others = diagnostic.secondary.iter().map(|(span, label)| {
        AnnotationKind::Context
            .span(within(source_text, span))
            .label(label.as_str())
    });
    let snippet = Snippet::source(source_text)
        .path(file_name)
        .annotation(primary)
        .annotations(others);
    let notes = diagnostic.note.iter().map(|text| Level::NOTE.message(text));
    let helps = diagnostic.help.iter().map(|text| Level::HELP.message(text));
    let group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.as_str())
        .element(snippet)
        .elements(notes.chain(helps));
    renderer.render(&[group])
}

/// The span, cut to the text and to whole characters: a defect elsewhere must not become a panic while reporting.
fn within(source_text: &str, span: &Range<usize>) -> Range<usize> {
    let start = clamp(source_text, span.start);
    start..clamp(source_text, span.end).max(start)
}

fn clamp(source_text: &str, offset: usize) -> usize {
    let mut offset = offset.min(source_text.len());
    while !source_text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "a\n\u{e9}b\n";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, 2), (2, 1));
        assert_eq!(position(text, 4), (2, 2));
        assert_eq!(position(text, 99), (3, 1));
    }
}
