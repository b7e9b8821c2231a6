//! Diagnostics as text for people. The only file that knows the rendering library.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::lines::{Lines, within};
use super::{Diagnostic, Severity, sort};

/// A line that nobody would read, and that takes the library seconds to cut: it is named, not shown.
const LONGEST_LINE: usize = 10_000;

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
    let lines = Lines::new(source_text);
    let mut report = String::new();
    for diagnostic in &sorted {
        let excerpt = Excerpt::around(diagnostic, source_text, &lines);
        report.push_str(&render_one(&renderer, diagnostic, file_name, &excerpt));
        report.push_str("\n\n");
    }
    report
}

/// Whole lines of the source, from the first place of a diagnostic to its last: the library reads all of what it is given, for
/// each diagnostic anew.
struct Excerpt<'a> {
    text: &'a str,
    /// Where it begins in the source.
    offset: usize,
    /// Number of its first line.
    line: usize,
}

impl<'a> Excerpt<'a> {
    fn around(diagnostic: &Diagnostic, source_text: &'a str, lines: &Lines<'_>) -> Self {
        let places = || {
            let others = diagnostic.secondary.iter().map(|(span, _)| span);
            others.chain([&diagnostic.span])
        };
        let first = places().map(|span| span.start).min().unwrap_or(0);
        let last = places()
            .map(|span| span.end.max(span.start))
            .max()
            .unwrap_or(0);
        let line = lines.number(first);
        let offset = lines.start(line);
        let end = lines.start(lines.number(last) + 1);
        Self {
            text: source_text.get(offset..end).unwrap_or_default(),
            offset,
            line,
        }
    }

    fn span(&self, span: &Range<usize>) -> Range<usize> {
        within(
            self.text,
            &(span.start.saturating_sub(self.offset)..span.end.saturating_sub(self.offset)),
        )
    }
}

fn render_one(
    renderer: &Renderer,
    diagnostic: &Diagnostic,
    file_name: &str,
    excerpt: &Excerpt<'_>,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.as_str());
    let notes = diagnostic.note.iter().map(|text| Level::NOTE.message(text));
    let helps = diagnostic.help.iter().map(|text| Level::HELP.message(text));
    if excerpt.text.lines().any(|line| line.len() > LONGEST_LINE) {
        let place = Lines::new(excerpt.text).place(&excerpt.span(&diagnostic.span));
        let origin = Origin::path(file_name)
            .line(excerpt.line + place.line_start - 1)
            .char_column(place.column_start);
        let label = Level::NOTE.message(diagnostic.label.as_str());
        let group = title
            .element(origin)
            .element(label)
            .elements(notes.chain(helps));
        return renderer.render(&[group]);
    }
    let mut primary = AnnotationKind::Primary.span(excerpt.span(&diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let others = diagnostic.secondary.iter().map(|(span, label)| {
        AnnotationKind::Context
            .span(excerpt.span(span))
            .label(label.as_str())
    });
    let snippet = Snippet::source(excerpt.text)
        .line_start(excerpt.line)
        .path(file_name)
        .annotation(primary)
        .annotations(others);
    let group = title.element(snippet).elements(notes.chain(helps));
    renderer.render(&[group])
}
