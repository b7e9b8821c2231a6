//! Makes every slip of a text, and looks at what is said about each.

use paystagec::diagnostic::{Diagnostic, has_errors};
use paystagec::load::Loader;

/// How far from the slip the first error may stand, and how many there may be.
const LINES: usize = 2;
const MOST: usize = 5;

/// One slip.
pub struct Slip {
    /// The line of the slip, from 1.
    pub line: usize,
    pub what: String,
    pub text: String,
}

/// What became of all of them.
#[derive(Default)]
pub struct Measured {
    /// Those that are no valid spec.
    pub count: usize,
    pub failures: Vec<String>,
}

impl Measured {
    /// Of a hundred, rounded down to a tenth.
    pub fn percent(&self) -> f64 {
        let good = self.count - self.failures.len();
        (good as f64 * 1_000.0 / self.count.max(1) as f64).floor() / 10.0
    }
}

/// Bytes of the text that belong to comments.
fn comments(text: &str) -> Vec<bool> {
    let mut marks = vec![false; text.len()];
    let mut quote: Option<&str> = None;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let step = rest.chars().next().map_or(1, char::len_utf8);
        match quote {
            Some(end) if rest.starts_with(end) => {
                at += end.len();
                quote = None;
                continue;
            }
            Some(end) if end.starts_with('"') && rest.starts_with('\\') => {
                at += 2;
                continue;
            }
            Some(_) => {}
            None if rest.starts_with('#') => {
                let end = at + rest.find('\n').unwrap_or(rest.len());
                marks[at..end].fill(true);
                at = end;
                continue;
            }
            None => {
                let quotes = ["\"\"\"", "'''", "\"", "'"];
                if let Some(found) = quotes.into_iter().find(|quote| rest.starts_with(quote)) {
                    quote = Some(found);
                    at += found.len();
                    continue;
                }
            }
        }
        at += step;
    }
    marks
}

/// Each of these characters outside comments, taken away and doubled.
pub fn slips(text: &str, characters: &str) -> Vec<Slip> {
    let comments = comments(text);
    let mut slips = Vec::new();
    for (at, character) in text.char_indices() {
        if comments[at] || !characters.contains(character) {
            continue;
        }
        let line = text[..at].matches('\n').count() + 1;
        let end = at + character.len_utf8();
        for (what, middle) in [
            ("lacks", String::new()),
            ("doubles", format!("{character}{character}")),
        ] {
            slips.push(Slip {
                line,
                what: format!("line {line} {what} `{character}`"),
                text: format!("{}{middle}{}", &text[..at], &text[end..]),
            });
        }
    }
    slips
}

/// Compiles each slip, up to the checks.
pub fn measure(slips: &[Slip], loader: &dyn Loader) -> Measured {
    let mut measured = Measured::default();
    for slip in slips {
        let today = super::generator::TODAY.parse().unwrap();
        let (_, diagnostics) =
            paystagec::compile_environment(&slip.text, "spec.toml", loader, today);
        if !has_errors(&diagnostics) {
            continue;
        }
        measured.count += 1;
        if let Err(why) = judge(slip, &diagnostics) {
            let line = slip.text.lines().nth(slip.line - 1).unwrap_or_default();
            measured
                .failures
                .push(format!("{}: {why}\n    {line}", slip.what));
        }
    }
    measured
}

fn judge(slip: &Slip, diagnostics: &[Diagnostic]) -> Result<(), String> {
    let errors: Vec<&Diagnostic> = diagnostics
        .iter()
        .filter(|found| found.is_error())
        .collect();
    let line = |found: &Diagnostic| slip.text[..found.span.start].matches('\n').count() + 1;
    let said = |found: &Diagnostic| format!("{}: {} ({})", line(found), found.message, found.label);
    let first = errors[0];
    if line(first).abs_diff(slip.line) > LINES {
        return Err(format!("first error at line {}", said(first)));
    }
    if errors.len() > MOST {
        return Err(format!(
            "{} errors, the last at line {}",
            errors.len(),
            said(errors[errors.len() - 1])
        ));
    }
    Ok(())
}
