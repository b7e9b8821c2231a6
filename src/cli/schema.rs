//! `paystagec schema`: the format of the spec, as editors read it, or as `docs/spec.md`.

use clap::Args;

use super::exit::Exit;
use super::reference;
use super::terminal::Terminal;

pub const EXAMPLES: &str = "\
Examples:
  paystagec schema > spec/paystagec.schema.json
  paystagec schema --markdown > docs/spec.md

With the first line `#:schema ./paystagec.schema.json`, editors that know Taplo (in VS Code: Even Better TOML)
complete and explain the keys of a spec beside it.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Print a reference of all keys for people, as Markdown.
    #[arg(long)]
    markdown: bool,
}

pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if arguments.markdown {
        terminal.text(&reference::markdown())?;
    } else {
        terminal.json(crate::schema::text()?.trim_end())?;
    }
    Ok(Exit::Fine)
}
