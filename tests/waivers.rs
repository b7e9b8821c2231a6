//! What becomes of a waiver in the generated project.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use paystagec::compile::{Output, compile};
use paystagec::load::Disk;

const SPEC: &str = "spec/staging.toml";

/// A waiver of the one warning that the staging spec has, with text that would break out of a table.
const WAIVER: &str = "
[[waivers]]
requirement = \"DB-1\"
reason = \"the move | is <b>planned</b>\"
owner = \"payments-platform\"
expires = 2027-01-31
";

fn output(more: &str, today: &str) -> Option<Output> {
    let text = std::fs::read_to_string(SPEC).unwrap() + more;
    let loader = Disk::beside(Path::new(SPEC));
    let compilation = compile(&text, SPEC, &loader, today.parse().unwrap()).unwrap();
    compilation.output
}

fn evidence(output: &Output) -> String {
    let mut files = output.files.iter();
    let file = files.find(|file| file.path == "docs/requirements.md");
    String::from_utf8(file.unwrap().content.to_vec()).unwrap()
}

#[test]
fn a_waiver_stands_in_the_evidence_and_changes_nothing_else() {
    let with = output(WAIVER, "2026-12-01").unwrap();
    let text = evidence(&with);
    assert!(text.contains("\n## Waivers\n"), "{text}");
    let row = "| `DB-1` | the move \\| is &lt;b&gt;planned&lt;/b&gt; | payments-platform | 2027-01-31 |\n";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("| DB-1<br>[waiver](#waivers) | "), "{text}");
    let without = output("", "2026-12-01").unwrap();
    assert!(!evidence(&without).contains("aiver"));
    for (one, other) in with.files.iter().zip(&without.files) {
        assert_eq!(one.path, other.path);
        assert_eq!(
            one.content == other.content,
            one.path != "docs/requirements.md",
            "{}",
            one.path
        );
    }
}

#[test]
fn the_day_decides_whether_there_is_output_and_not_what_it_is() {
    let early = output(WAIVER, "2026-01-01").unwrap();
    let last = output(WAIVER, "2027-01-31").unwrap();
    assert_eq!(early.files, last.files);
    assert!(output(WAIVER, "2027-02-01").is_none());
}
