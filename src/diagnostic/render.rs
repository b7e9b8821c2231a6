//! Diagnostics as text for people. The only file that knows the rendering library.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Origin, Renderer, Snippet};

use super::lines::{Lines, within};
use super::{Code, Diagnostic, Severity, sort};
use crate::visible;
use crate::whole::beside;

/// A line that nobody would read, and that takes the library seconds to cut: it is named, not shown.
const LONGEST_LINE: usize = 10_000;

/// As many as a person may still page through; tools get all of them.
const MOST_SHOWN: usize = 1_000;

/// Places further apart than this have an excerpt each: the library reads all that lies between.
const NEARBY_LINES: usize = 500;

/// The report of all diagnostics, in the order of the file, each as rustc would show it.
pub fn render(
    diagnostics: &[Diagnostic],
    file_name: &str,
    source_text: &str,
    colour: bool,
) -> String {
    let source_text = &*without_secrets(diagnostics, source_text);
    let mut sorted: Vec<Diagnostic> = diagnostics.iter().map(shown).collect();
    sort(&mut sorted);
    let file_name = &*visible::line(file_name);
    // A fixed width: the report must not depend on the terminal that happens to show it.
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
    .term_width(140);
    let lines = Lines::new(source_text);
    let mut report = String::new();
    let more = sorted.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        // What stops a build must not hide behind a thousand warnings.
        sorted.sort_by_key(|diagnostic| diagnostic.severity);
        sorted.truncate(MOST_SHOWN);
        sort(&mut sorted);
    }
    for diagnostic in &sorted {
        report.push_str(&render_one(
            &renderer,
            diagnostic,
            file_name,
            source_text,
            &lines,
        ));
        report.push_str("\n\n");
    }
    if more > 0 {
        let _ = writeln!(report, "… and {more} more of the same file\n");
    }
    report
}

/// The source with a star for each byte of a value that is reported as a secret: a CI keeps its log longer than the spec keeps its mistake.
fn without_secrets<'a>(diagnostics: &[Diagnostic], source_text: &'a str) -> Cow<'a, str> {
    let secrets = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code == Code::SecretInVariable);
    let mut text = Cow::Borrowed(source_text);
    for secret in secrets {
        let span = secret.span.clone();
        if let Some(value) = source_text.get(span.clone()) {
            let stars = value.split('\n').map(|line| "*".repeat(line.len()));
            let stars: Vec<String> = stars.collect();
            text.to_mut().replace_range(span, &stars.join("\n"));
        }
    }
    text
}

/// What the diagnostic says of the spec's own words, in a form that people can see.
fn shown(diagnostic: &Diagnostic) -> Diagnostic {
    let line = |text: &str| visible::line(text).into_owned();
    let lines = |text: &String| visible::lines(text).into_owned();
    let secondary = diagnostic.secondary.iter();
    Diagnostic {
        message: line(&diagnostic.message),
        label: line(&diagnostic.label),
        secondary: secondary
            .map(|(span, text)| (span.clone(), line(text)))
            .collect(),
        note: diagnostic.note.as_ref().map(lines),
        help: diagnostic.help.as_ref().map(lines),
        ..diagnostic.clone()
    }
}

/// Whole lines of the source around some places: the library reads all of what it is given, for each diagnostic anew.
struct Excerpt<'a> {
    text: &'a str,
    /// The same as it is shown, a character for a character.
    shown: Cow<'a, str>,
    /// Where it begins in the source.
    offset: usize,
    /// Number of its first line, in its own file.
    line: usize,
    /// The base that it is of.
    base: Option<&'a str>,
}

impl<'a> Excerpt<'a> {
    /// From the first place to the last.
    fn around<'p>(
        places: impl Iterator<Item = &'p Range<usize>> + Clone,
        source_text: &'a str,
        lines: &Lines<'a>,
    ) -> Self {
        let first = places.clone().map(|span| span.start).min().unwrap_or(0);
        let last = places
            .map(|span| span.end.max(span.start))
            .max()
            .unwrap_or(0);
        let line = lines.number(first);
        let offset = lines.start(line);
        let end = lines.start(lines.number(last) + 1);
        let text = source_text.get(offset..end).unwrap_or_default();
        Self {
            text,
            shown: visible::excerpt(text),
            offset,
            line: lines.in_its_file(line),
            base: lines.base_at(offset),
        }
    }

    /// Bytes of the excerpt.
    fn span(&self, span: &Range<usize>) -> Range<usize> {
        within(
            self.text,
            &(span.start.saturating_sub(self.offset)..span.end.saturating_sub(self.offset)),
        )
    }

    /// Bytes of what is shown.
    fn shown_span(&self, span: &Range<usize>) -> Range<usize> {
        let span = self.span(span);
        if matches!(self.shown, Cow::Borrowed(_)) {
            return span;
        }
        let shown = |end| visible::excerpt(self.text.get(..end).unwrap_or_default()).len();
        within(&self.shown, &(shown(span.start)..shown(span.end)))
    }

    fn snippet<'s>(&'s self, file_name: &'s str) -> Snippet<'s, Annotation<'s>> {
        Snippet::source(&*self.shown)
            .line_start(self.line)
            .path(self.path(file_name))
    }

    /// The file that it is of, where the spec has this name.
    fn path<'s>(&self, file_name: &'s str) -> Cow<'s, str> {
        match self.base {
            Some(base) => beside(file_name, &visible::line(base)).into(),
            None => file_name.into(),
        }
    }
}

fn render_one(
    renderer: &Renderer,
    diagnostic: &Diagnostic,
    file_name: &str,
    source_text: &str,
    lines: &Lines<'_>,
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
    let line = lines.number(diagnostic.span.start);
    let is_near = |place: &&(Range<usize>, String)| {
        lines.number(place.0.start).abs_diff(line) <= NEARBY_LINES
            && lines.base_at(place.0.start) == lines.base_at(diagnostic.span.start)
    };
    let near = || diagnostic.secondary.iter().filter(is_near);
    let places = near().map(|(span, _)| span).chain([&diagnostic.span]);
    let excerpt = Excerpt::around(places, source_text, lines);
    if excerpt.text.lines().any(|line| line.len() > LONGEST_LINE) {
        let place = Lines::new(excerpt.text).place(&excerpt.span(&diagnostic.span));
        let origin = Origin::path(excerpt.path(file_name))
            .line(excerpt.line + place.line_start - 1)
            .char_column(place.column_start);
        let label = Level::NOTE.message(diagnostic.label.as_str());
        let group = title
            .element(origin)
            .element(label)
            .elements(notes.chain(helps));
        return renderer.render(&[group]);
    }
    let mut primary = AnnotationKind::Primary.span(excerpt.shown_span(&diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let context = |excerpt: &Excerpt<'_>, span: &Range<usize>, label: &'_ str| {
        AnnotationKind::Context
            .span(excerpt.shown_span(span))
            .label(label.to_owned())
    };
    let far = diagnostic.secondary.iter().filter(|place| !is_near(place));
    let far: Vec<(Excerpt<'_>, &Range<usize>, &str)> = far
        .map(|(span, label)| {
            let excerpt = Excerpt::around([span].into_iter(), source_text, lines);
            (excerpt, span, label.as_str())
        })
        .filter(|(excerpt, ..)| excerpt.text.lines().all(|line| line.len() <= LONGEST_LINE))
        .collect();
    let others = near().map(|(span, label)| context(&excerpt, span, label));
    let mut group = title.element(
        excerpt
            .snippet(file_name)
            .annotation(primary)
            .annotations(others),
    );
    for (excerpt, span, label) in &far {
        let annotation = context(excerpt, span, label);
        group = group.element(excerpt.snippet(file_name).annotation(annotation));
    }
    renderer.render(&[group.elements(notes.chain(helps))])
}

#[cfg(test)]
mod tests {
    use super::{MOST_SHOWN, render};
    use crate::diagnostic::{Code, Diagnostic};

    #[test]
    fn places_that_are_far_apart_have_an_excerpt_each() {
        let text = format!("first = 1\n{}last = 1\n", "other = 0\n".repeat(2_000));
        let last = text.len() - 9;
        let diagnostic = Diagnostic::error(Code::DuplicateName, last..last + 4, "twice")
            .label("again")
            .secondary(0..5, "the first")
            .help("rename one");
        let report = render(&[diagnostic], "spec.toml", &text, false);
        assert!(report.contains("spec.toml:2002:1"), "{report}");
        assert!(report.contains("spec.toml:1:1"), "{report}");
        assert!(report.contains("| first = 1"), "{report}");
        assert!(report.contains("the first") && report.contains("help: rename one"));
        assert!(report.lines().count() < 20, "{report}");
    }

    #[test]
    fn what_is_invisible_is_shown_and_pointed_at() {
        let text = "a = \"\x1b[2J\u{9b}\"\r\nbad\u{202e} = \"x\r\"\n";
        let start = text.find("bad").unwrap();
        let diagnostic = Diagnostic::error(Code::UnknownKey, start..start + 6, "no \x1b[31m\n")
            .label("la\u{9b}bel")
            .secondary(5..12, "se\x1bcond")
            .note("no\x07te")
            .help("he\u{2066}lp");
        for (colour, escapes) in [(false, false), (true, true)] {
            let report = render(
                std::slice::from_ref(&diagnostic),
                "s\x1bpec\n.toml",
                text,
                colour,
            );
            assert_eq!(report.contains('\x1b'), escapes, "{report}");
            assert!(!report.contains(['\u{9b}', '\u{202e}', '\u{2066}', '\x07', '\r']));
            assert!(!report.contains("\x1b[2J") && !report.contains("\x1b[31m\n"));
        }
        let report = render(&[diagnostic], "s\x1bpec\n.toml", text, false);
        for part in [
            "no ␛[31m␊",
            "s␛pec␊.toml:2:1",
            "a = \"␛[2J\u{fffd}\"",
            "bad\u{fffd} = \"x␍\"",
            "^^^^ la\\u{9b}bel",
            "- se␛cond",
            "no␇te",
            "he\\u{2066}lp",
        ] {
            assert!(report.contains(part), "{part}: {report}");
        }
    }

    #[test]
    fn no_error_hides_behind_warnings() {
        let text = "x = 1\n".repeat(MOST_SHOWN + 1);
        let mut all: Vec<Diagnostic> = (0..MOST_SHOWN)
            .map(|line| Diagnostic::warning(Code::UnusedFunction, line * 6..line * 6 + 1, "unused"))
            .collect();
        let last = MOST_SHOWN * 6;
        all.push(Diagnostic::error(
            Code::UnknownKey,
            last..last + 1,
            "unknown",
        ));
        let report = render(&all, "spec.toml", &text, false);
        assert!(report.contains("error[unknown-key]"));
        assert!(report.ends_with("… and 1 more of the same file\n\n"));
    }

    #[test]
    fn of_thousands_the_first_are_shown_and_the_rest_is_counted() {
        let text = "x = 1\n".repeat(MOST_SHOWN + 7);
        let all: Vec<Diagnostic> = (0..MOST_SHOWN + 7)
            .map(|line| Diagnostic::error(Code::UnknownKey, line * 6..line * 6 + 1, "unknown"))
            .collect();
        let report = render(&all, "spec.toml", &text, false);
        assert_eq!(report.matches("error[unknown-key]").count(), MOST_SHOWN);
        assert!(report.ends_with("… and 7 more of the same file\n\n"));
    }
}
