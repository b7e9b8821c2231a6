//! `paystagec rules`: the rules that a spec is judged by.

use clap::Args;

use super::Exit;
use super::explain::severities;
use super::terminal::Terminal;
use crate::check::RULES;

#[derive(Debug, Args)]
pub struct Arguments {}

pub fn run(_arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let width = |words: &mut dyn Iterator<Item = usize>| words.max().unwrap_or_default();
    let codes = width(&mut RULES.iter().map(|rule| rule.code.as_str().len()));
    let levels = width(&mut RULES.iter().map(|rule| severities(rule).len()));
    for rule in RULES {
        terminal.line(&format!(
            "{:<codes$}  {:<levels$}  {}",
            rule.code.as_str(),
            severities(rule),
            rule.what
        ))?;
    }
    Ok(Exit::Fine)
}
