//! `paystagec explain`: what stands behind a word that the compiler printed.

use std::fmt::Write as _;

use clap::Args;

use super::Exit;
use super::terminal::Terminal;
use crate::check::{Rule, rule};
use crate::diagnostic::{Code, Severity};
use crate::spec::nearest;

pub const EXAMPLES: &str = "\
Examples:
  paystagec explain storage-ceiling    the rule behind `error[storage-ceiling]`";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The code of a rule: the word in brackets of a diagnostic.
    #[arg(value_name = "WHAT")]
    what: String,
}

/// A word is what it can be first: the code of a rule.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let what = arguments.what.as_str();
    if let Some(rule) = Code::from_name(what).and_then(rule) {
        terminal.text(&rule_text(rule))?;
        return Ok(Exit::Fine);
    }
    unknown(what, terminal)
}

fn unknown(what: &str, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    terminal.error(&format!("`{what}` is not the code of a rule"))?;
    let codes = Code::ALL.iter().map(|code| code.as_str());
    terminal.help(&match nearest(what, codes) {
        Some(code) => format!("did you mean `{code}`?"),
        None => "`paystagec rules` lists the codes".to_owned(),
    })?;
    Ok(Exit::Failed)
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

fn rule_text(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({})\n\n{}\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
        rule.code.as_str(),
        severities(rule),
        rule.what,
        rule.why,
        indented(rule.wrong),
        indented(rule.right),
    );
    let requirements = rule.requirements();
    if !requirements.is_empty() {
        text.push_str("\nRequirements:\n\n");
    }
    for requirement in requirements {
        let _ = writeln!(text, "    {}: {}", requirement.id, requirement.text);
    }
    text
}

fn indented(lines: &str) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        text
    })
}
