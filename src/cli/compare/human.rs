//! A comparison for a terminal: what it means, then a line a step.

use super::words::{lines, meaning, sections, sum};
use crate::cli::terminal::{Terminal, number};
use crate::compare::Comparison;

/// Steps that one screen takes; `--all` prints the rest.
const MOST_STEPS: usize = 40;
/// Lines of one section.
const MOST_LINES: usize = 8;

pub fn print(comparison: &Comparison, all: bool, terminal: &mut Terminal) -> anyhow::Result<()> {
    if comparison.steps.is_empty() {
        let same = number(comparison.same, "resource");
        terminal.line(&format!("nothing changes: {same}"))?;
    } else {
        let stay = number(comparison.same, "resource");
        terminal.line(&format!(
            "{}; {stay} stay; {}",
            sum(comparison),
            meaning(comparison)
        ))?;
    }
    for section in sections(comparison) {
        let most = if all { usize::MAX } else { MOST_LINES };
        for (place, line) in section.lines.iter().take(most).enumerate() {
            let title = if place == 0 { section.title } else { "" };
            terminal.line(&format!("{title:<9} {line}"))?;
        }
        if section.lines.len() > most {
            let more = section.lines.len() - most;
            terminal.line(&format!("{:<9} and {more} more (--all)", ""))?;
        }
    }
    if comparison.steps.is_empty() {
        return Ok(());
    }
    terminal.line("")?;
    let steps = lines(&comparison.steps);
    let most = if all { usize::MAX } else { MOST_STEPS };
    let shown = steps.iter().take(most);
    let widest = shown.clone().map(|line| line.what.chars().count()).max();
    let widest = widest.unwrap_or_default().min(60);
    for line in shown {
        let mut why = line.why.iter();
        let first = why.next().map(String::as_str).unwrap_or_default();
        let text = format!("{} {:<widest$}  {first}", line.mark, line.what);
        terminal.line(text.trim_end())?;
        let rest: Vec<&String> = why.collect();
        let told = if all { rest.len() } else { rest.len().min(2) };
        for why in rest.iter().take(told) {
            terminal.line(&format!("  {:<widest$}  {why}", ""))?;
        }
        if rest.len() > told {
            let more = rest.len() - told;
            terminal.line(&format!("  {:<widest$}  and {more} more (--all)", ""))?;
        }
    }
    if steps.len() > most {
        terminal.line(&format!("and {} more (--all)", steps.len() - most))?;
    }
    Ok(())
}
