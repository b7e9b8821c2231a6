//! A comparison for a pull request: the worst first, the steps folded, within the length limit of a comment.

use std::fmt::Write as _;

use super::words::{Line, lines, meaning, sections, sum};
use crate::cli::terminal::number;
use crate::compare::Comparison;

/// Code hosts take comments of 65,536 characters (GitHub's documentation of its limits: "body is too long").
const MOST: usize = 65_000;
/// Lines of one section before the rest is counted.
const MOST_LINES: usize = 50;
/// For what ends the text.
const TAIL: usize = 200;

/// The text, with its end.
pub fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    if comparison.steps.is_empty() {
        let same = number(comparison.same, "resource");
        let _ = writeln!(text, "**Nothing changes**: {same}.");
        return text;
    }
    let stay = number(comparison.same, "resource");
    let _ = writeln!(
        text,
        "**{}**; {stay} stay; {}.\n",
        sum(comparison),
        meaning(comparison)
    );
    for section in sections(comparison) {
        let mark = if section.is_bad { "⚠ " } else { "" };
        let _ = writeln!(text, "- {mark}**{}**", section.title);
        for line in section.lines.iter().take(MOST_LINES) {
            push(&mut text, &format!("  - {}\n", escaped(line)));
        }
        if section.lines.len() > MOST_LINES {
            let more = section.lines.len() - MOST_LINES;
            push(&mut text, &format!("  - and {more} more\n"));
        }
    }
    let steps = lines(&comparison.steps);
    let _ = writeln!(
        text,
        "\n<details><summary>{}</summary>\n",
        number(comparison.steps.len(), "step")
    );
    let _ = writeln!(text, "| | resource | because |\n| --- | --- | --- |");
    let mut told = 0;
    for line in &steps {
        if !push(&mut text, &row(line)) {
            break;
        }
        told += 1;
    }
    if told < steps.len() {
        let _ = writeln!(text, "| | and {} more | |", steps.len() - told);
    }
    let _ = writeln!(text, "\n</details>");
    text
}

/// Adds a part if there is room for it and for the end.
fn push(text: &mut String, part: &str) -> bool {
    let fits = text.chars().count() + part.chars().count() <= MOST - TAIL;
    if fits {
        text.push_str(part);
    }
    fits
}

fn row(line: &Line) -> String {
    let why: Vec<String> = line.why.iter().take(5).map(|why| escaped(why)).collect();
    let mut why = why.join("<br>");
    if line.why.len() > 5 {
        let _ = write!(why, "<br>and {} more", line.why.len() - 5);
    }
    format!("| `{}` | {} | {why} |\n", line.mark, escaped(&line.what))
}

/// Plain text: no markup of a name or a value counts.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' | '@' => {
                safe.push('\\');
                safe.push(letter);
            }
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}
