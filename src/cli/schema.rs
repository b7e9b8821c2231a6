//! `paystagec schema`: the format of the spec, as editors read it.

use super::exit::Exit;
use super::terminal::Terminal;

pub const EXAMPLES: &str = "\
Examples:
  paystagec schema > spec/paystagec.schema.json

With the first line `#:schema ./paystagec.schema.json`, editors that know Taplo (in VS Code: Even Better TOML)
complete and explain the keys of a spec beside it.";

pub fn run(terminal: &mut Terminal) -> anyhow::Result<Exit> {
    terminal.json(crate::schema::text()?.trim_end())?;
    Ok(Exit::Fine)
}
