//! What the command says about itself: its rules.

use std::fs;
use std::path::Path;

use paystagec::diagnostic::Code;

use super::project::{Project, stderr, stdout};

#[test]
fn every_code_is_explained() {
    let project = Project::new();
    for code in Code::ALL {
        let text = stdout(&project.run(&["explain", code.as_str()]).code(0));
        assert!(text.starts_with(&format!("{} (", code.as_str())), "{text}");
        assert!(
            text.contains("\n\nWrong:\n\n    ") && text.contains("\n\nRight:\n\n    "),
            "{text}"
        );
    }
    let text = stdout(&project.run(&["explain", "zone-count"]).code(0));
    assert!(
        text.ends_with(
            "\nRequirements:\n\n    NET-1: a VPC over 3 availability zones, DNS support and host names on\n"
        ),
        "{text}"
    );
}

#[test]
fn an_unknown_code_is_told_with_the_nearest() {
    let project = Project::new();
    let run = project.run(&["explain", "storage-cieling"]).code(2);
    assert_eq!(stdout(&run), "");
    assert_eq!(
        stderr(&run),
        "error: `storage-cieling` is not the code of a rule\nhelp: did you mean `storage-ceiling`?\n"
    );
    let run = project.run(&["explain", "x"]).code(2);
    assert!(stderr(&run).contains("help: `paystagec rules` lists the codes\n"));
}

#[test]
fn rules_are_listed_with_severity_and_sentence() {
    let list = stdout(&Project::new().run(&["rules"]).code(0));
    assert_eq!(list.lines().count(), Code::ALL.len());
    for (line, code) in list.lines().zip(Code::ALL) {
        assert!(line.starts_with(&format!("{} ", code.as_str())), "{line}");
        assert!(line.ends_with('.'), "{line}");
    }
    let columns = |code: &str| -> Vec<String> {
        let line = list.lines().find(|line| line.starts_with(code)).unwrap();
        line.split("  ")
            .filter(|word| !word.is_empty())
            .map(|word| word.trim().to_owned())
            .collect()
    };
    assert_eq!(columns("unused-function ")[1], "warning");
    assert_eq!(columns("engine-end-of-support ")[1], "error or warning");
}

#[test]
fn the_document_of_the_rules_is_current() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let committed = fs::read_to_string(document).unwrap();
    let printed = stdout(&Project::new().run(&["rules", "--markdown"]).code(0));
    assert!(
        committed == printed,
        "docs/rules.md is stale: run `paystagec rules --markdown > docs/rules.md`"
    );
    for code in Code::ALL {
        let code = code.as_str();
        assert!(
            printed.contains(&format!("| [{code}](#{code}) | ")),
            "{code}"
        );
        assert_eq!(
            printed.matches(&format!("\n## {code}\n")).count(),
            1,
            "{code}"
        );
    }
}
