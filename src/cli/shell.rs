//! What shells and `man` read of the command itself: `paystagec completions` and `paystagec man`.

use std::io;

use clap::builder::PossibleValuesParser;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Exit;
use super::terminal::Terminal;
use crate::diagnostic::Code;
use crate::spec::nearest;

pub const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  paystagec completions bash > ~/.local/share/bash-completion/completions/paystagec
  paystagec completions zsh > ~/.zfunc/_paystagec
  paystagec completions fish > ~/.config/fish/completions/paystagec.fish

bash and zsh complete the codes of rules too: `paystagec explain inv<Tab>`.";

pub const MAN_EXAMPLES: &str = "\
Examples:
  paystagec man | man -l -
  paystagec man build | man -l -
  paystagec man > ~/.local/share/man/man1/paystagec.1
  paystagec man build > ~/.local/share/man/man1/paystagec-build.1";

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArguments {
    /// A command, for the page of its own. Without it, the page of all.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub fn completions(
    arguments: &CompletionsArguments,
    command: Command,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut command = with_codes(command);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    terminal.text(&String::from_utf8(script)?)?;
    Ok(Exit::Fine)
}

/// The command as shells should know it: codes complete, although `explain` takes other words too.
fn with_codes(command: Command) -> Command {
    let codes = PossibleValuesParser::new(Code::ALL.iter().map(|code| code.as_str()));
    command.mut_subcommand("explain", |explain| {
        explain.mut_arg("what", |what| what.value_parser(codes))
    })
}

pub fn man(
    arguments: &ManArguments,
    mut command: Command,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    command.build();
    let page = match &arguments.command {
        None => &command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found,
            None => {
                terminal.error(&format!("there is no command `{name}`"))?;
                terminal.help(&match nearest(
                    name,
                    command.get_subcommands().map(Command::get_name),
                ) {
                    Some(best) => format!("did you mean `{best}`?"),
                    None => "`paystagec --help` lists the commands".to_owned(),
                })?;
                return Ok(Exit::Failed);
            }
        },
    };
    terminal.text(&String::from_utf8(rendered(page.clone())?)?)?;
    Ok(Exit::Fine)
}

fn rendered(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let examples = command.get_after_help().map(ToString::to_string);
    let commands = command.has_subcommands();
    let manual = Man::new(command)
        .source(concat!("paystagec ", env!("CARGO_PKG_VERSION")))
        .manual("paystagec");
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_description_section(&mut page)?;
    manual.render_options_section(&mut page)?;
    if commands {
        manual.render_subcommands_section(&mut page)?;
    }
    // What the page's own renderer makes of them is one paragraph, whose columns are lost.
    page.extend(unfilled(&examples.unwrap_or_default()).into_bytes());
    if !commands {
        page.extend(b".SH \"SEE ALSO\"\n\\fBpaystagec\\fR(1)\n");
    }
    Ok(page)
}

/// Examples, and what follows them, with their line breaks and columns.
fn unfilled(text: &str) -> String {
    let text = text.strip_prefix("Examples:\n").unwrap_or(text);
    let lines = text.lines().map(|line| {
        // Quoted, a line that begins with a full stop is no request.
        let quoted = line.replace('\\', "\\e").replace('-', "\\-");
        format!("\\&{quoted}\n")
    });
    format!(".SH EXAMPLES\n.nf\n{}.fi\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::unfilled;

    #[test]
    fn no_line_of_an_example_is_a_request_to_the_formatter() {
        let text = unfilled("Examples:\n.hidden --all\n  a\\b\n\n'quoted'");
        assert_eq!(
            text,
            ".SH EXAMPLES\n.nf\n\\&.hidden \\-\\-all\n\\&  a\\eb\n\\&\n\\&'quoted'\n.fi\n"
        );
    }
}
