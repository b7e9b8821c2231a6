//! What the command gives to editors, shells and readers of manuals.

use std::fs;
use std::path::Path;
use std::process::Command;

use paystagec::format::{keys, reference, table_of};

use super::project::{Project, spec, stderr, stdout};

#[test]
fn the_committed_schema_is_current_and_the_spec_names_it() {
    let spec = spec();
    let schema = spec.with_file_name(paystagec::schema::FILE_NAME);
    let committed = fs::read_to_string(schema).unwrap_or_default();
    let printed = stdout(&Project::new().run(&["schema"]).code(0));
    assert!(
        committed == printed,
        "spec/paystagec.schema.json is stale: run `make generate`"
    );
    let text = fs::read_to_string(&spec).unwrap();
    let first = text.lines().next().unwrap();
    let named = first.strip_prefix("#:schema ").unwrap();
    assert!(spec.with_file_name(named).is_file(), "{named}");
}

#[test]
fn the_reference_of_the_spec_is_current_and_has_every_key() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md");
    let committed = fs::read_to_string(document).unwrap_or_default();
    let printed = stdout(&Project::new().run(&["schema", "--markdown"]).code(0));
    assert!(
        committed == printed,
        "docs/spec.md is stale: run `make generate`"
    );
    let headings = printed.lines().filter_map(|line| line.strip_prefix("## "));
    // As GitHub makes an anchor of a heading.
    let of_anchor = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ');
    let anchor = |text: &str| {
        let kept: String = text.chars().filter(of_anchor).collect();
        kept.to_lowercase().replace(' ', "-")
    };
    let anchors: Vec<String> = headings.map(anchor).collect();
    for link in printed.split("](#").skip(1) {
        let link = link.split(')').next().unwrap();
        assert!(anchors.iter().any(|known| known == link), "{link}");
    }
    for key in keys() {
        let place = reference(table_of(key).unwrap());
        let anchor = place.strip_prefix("docs/spec.md#").unwrap();
        let at = anchors.iter().position(|known| known == anchor).unwrap();
        let section = printed.split("\n## ").nth(at + 1).unwrap();
        let row = format!("\n| `{}` | ", key.name);
        assert_eq!(section.matches(&row).count(), 1, "{}", key.path);
    }
}

/// Every command, as the help lists them.
fn commands(project: &Project) -> Vec<String> {
    let help = stdout(&project.run(&["--help"]).code(0));
    let list = help.split_once("\nCommands:\n").unwrap().1;
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// What bash offers for the last of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let script = stdout(&Project::new().run(&["completions", "bash"]).code(0));
    let asked = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; _paystagec paystagec \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words.len() - 1
    );
    let output = Command::new("bash").args(["-c", &asked]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    let offered = String::from_utf8(output.stdout).unwrap();
    offered.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_codes() {
    assert_eq!(completed(&["paystagec", "expl"]), ["explain"]);
    assert_eq!(
        completed(&["paystagec", "build", "--acc"]),
        ["--accept-edits"]
    );
    assert_eq!(
        completed(&["paystagec", "check", "--message-format", "s"]),
        ["sarif"]
    );
    assert_eq!(
        completed(&["paystagec", "explain", "invalid-c"]),
        [
            "invalid-choice",
            "invalid-cidr",
            "invalid-currency",
            "invalid-consumer",
            "invalid-caller",
            "invalid-certificate"
        ]
    );
}

#[test]
fn every_shell_has_completions_of_every_command() {
    let project = Project::new();
    let commands = commands(&project);
    assert!(commands.len() > 5, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&project.run(&["completions", shell]).code(0));
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell}: {command}");
        }
    }
    let zsh = stdout(&project.run(&["completions", "zsh"]).code(0));
    assert!(zsh.contains(" storage-ceiling "), "{zsh}");
    project.run(&["completions", "tcsh"]).code(2);
}

#[test]
fn every_command_has_a_page_in_the_manual() {
    let project = Project::new();
    let whole = stdout(&project.run(&["man"]).code(0));
    assert!(whole.contains(".TH paystagec 1"), "{whole}");
    for command in commands(&project) {
        let entry = format!("paystagec\\-{command}(1)");
        assert!(whole.contains(&entry), "{entry}");
        let page = stdout(&project.run(&["man", &command]).code(0));
        let title = format!(".TH paystagec-{command} 1");
        assert!(page.contains(&title), "{page}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION"] {
            assert!(
                page.contains(&format!("\n.SH {section}\n")),
                "{command}: {section}"
            );
        }
    }
    let page = stdout(&project.run(&["man", "build"]).code(0));
    assert!(page.contains("\\-\\-accept\\-edits"), "{page}");
    assert!(
        page.contains("\n.nf\n\\&  paystagec build spec/staging.toml\n"),
        "{page}"
    );
    assert_eq!(
        stderr(&project.run(&["man", "buidl"]).code(2)),
        "error: there is no command `buidl`\nhelp: did you mean `build`?\n"
    );
}
