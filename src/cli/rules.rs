//! `paystagec rules`: the rules that a spec is judged by, as a list or as `docs/rules.md`.

use std::fmt::Write as _;

use clap::Args;

use super::exit::Exit;
use super::terminal::Terminal;
use crate::check::{RULES, Rule};
use crate::diagnostic::Severity;

pub const EXAMPLES: &str = "\
Examples:
  paystagec rules
  paystagec rules --markdown > docs/rules.md";

/// Where the repository keeps what `--markdown` prints, with a section a code.
pub const DOCUMENT: &str = "docs/rules.md";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Print all that there is to say about each, as Markdown.
    #[arg(long)]
    markdown: bool,
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if arguments.markdown {
        terminal.text(&markdown())?;
    } else {
        terminal.text(&list())?;
    }
    Ok(Exit::Fine)
}

fn list() -> String {
    let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let codes = longest(&mut RULES.iter().map(|rule| rule.code.as_str().len()));
    let levels = longest(&mut RULES.iter().map(|rule| severities(rule).len()));
    RULES.iter().fold(String::new(), |mut text, rule| {
        let (code, level) = (rule.code.as_str(), severities(rule));
        let _ = writeln!(text, "{code:<codes$}  {level:<levels$}  {}", rule.what);
        text
    })
}

fn markdown() -> String {
    let mut text = "\
# Rules

What a spec is judged by. The word in brackets of a diagnostic is the code of its rule, and `paystagec explain CODE` prints the
rule's section. An error stops a build, a warning does under `--deny warnings`, a note never does.

`make generate` writes this file.

| code | severity | what is wrong |
| --- | --- | --- |
"
    .to_owned();
    for rule in RULES {
        let code = rule.code.as_str();
        let what = prose(rule.what).replace('|', "\\|");
        let _ = writeln!(
            text,
            "| [{code}](#{code}) | {} | {what} |",
            severities(rule)
        );
    }
    for rule in RULES {
        let _ = write!(text, "\n## {}\n\n{}", rule.code.as_str(), body(rule));
    }
    text
}

/// A rule's section without its heading.
pub fn body(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({})\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
        prose(rule.what),
        severities(rule),
        prose(rule.why),
        block(rule.wrong),
        block(rule.right),
    );
    let requirements = rule.requirements();
    if !requirements.is_empty() {
        text.push_str("\nRequirements:\n\n");
    }
    for requirement in requirements {
        let (heading, words) = (requirement.heading(), prose(requirement.text));
        let _ = writeln!(text, "- {heading}: {words}");
    }
    text
}

fn block(lines: &str) -> String {
    format!("```toml\n{lines}\n```\n")
}

/// Text whose signs Markdown would take for its own, but for code in backticks.
pub(super) fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for sign in text.chars() {
        in_code ^= sign == '`';
        if !in_code && matches!(sign, '*' | '_' | '<' | '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

/// `error or note`.
pub fn severities(rule: &Rule) -> String {
    let words: Vec<&str> = rule
        .severities
        .iter()
        .map(|s| Severity::as_str(*s))
        .collect();
    words.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn only_code_keeps_the_signs_of_markdown() {
        assert_eq!(
            prose("* and `a_*` [b]_<c>"),
            "\\* and `a_*` \\[b\\]\\_\\<c>"
        );
    }
}
