//! What becomes of a module of the team's own: copied, called, owned like every generated file, and explained. What is refused has a case in
//! `tests/diagnostics`; that the generated project runs with it is shown by `tests/graph`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeMap;

use paystagec::compile::{Compilation, Output, compile};
use paystagec::diagnostic::Code;
use paystagec::load::Memory;
use paystagec::provenance::Atlas;

const SPEC: &str = "spec/staging.toml";
const EXTRA: &str = "tests/graph/extra.py";

/// What stands in the project because there are extensions.
const ALONG: [&str; 7] = [
    "__main__.py",
    "docs/requirements.md",
    "extensions/__init__.py",
    "tests/unit/additions.py",
    "tests/unit/conftest.py",
    "tests/unit/extensions.py",
    "tests/unit/test_extensions.py",
];

fn spec(extensions: &[&str]) -> String {
    let text = std::fs::read_to_string(SPEC).unwrap();
    if extensions.is_empty() {
        return text;
    }
    let line = format!("version = 1\nextensions = {extensions:?}\n");
    assert_eq!(text.matches("version = 1\n").count(), 1);
    text.replace("version = 1\n", &line)
}

/// The files that the team's spec names.
const NAMED: [&str; 2] = ["schemas/payment.json", "certificates/ca.pem"];

fn named() -> BTreeMap<String, Vec<u8>> {
    let read = |path: &str| std::fs::read(format!("spec/{path}")).unwrap();
    NAMED.map(|path| (path.to_owned(), read(path))).into()
}

fn compiled(extensions: &[&str]) -> Compilation {
    let mut files = named();
    for path in extensions {
        files.insert((*path).to_owned(), std::fs::read(EXTRA).unwrap());
    }
    let today = "2026-06-01".parse().unwrap();
    compile(&spec(extensions), SPEC, &Memory { files }, today).unwrap()
}

fn output(extensions: &[&str]) -> Output {
    let compilation = compiled(extensions);
    let diagnostics = compilation.diagnostics;
    let output = compilation.output;
    output.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn file(output: &Output, path: &str) -> Option<String> {
    let found = output.files.iter().find(|file| file.path == path)?;
    Some(String::from_utf8(found.content.to_vec()).unwrap())
}

#[test]
fn an_extension_is_copied_and_called_after_the_components() {
    let with = output(&["../extra.py"]);
    let copied = file(&with, "extensions/extra.py").unwrap();
    assert_eq!(copied, std::fs::read_to_string(EXTRA).unwrap());
    let program = file(&with, "__main__.py").unwrap();
    let calls = "\nenvironment = Environment(naming, opts)\nextensions.extra.extend(environment, naming, opts)\n";
    assert!(program.contains(calls), "{program}");
    assert!(program.contains("\nimport extensions.extra\nfrom environment import Environment\n"));
    let evidence = file(&with, "docs/requirements.md").unwrap();
    assert!(
        evidence.contains("| `extensions/extra.py` | ../extra.py | `aws.s3.Bucket`, `aws.s3.BucketLifecycleConfiguration`,"),
        "{evidence}"
    );
}

#[test]
fn without_extensions_nothing_of_them_is_there() {
    let (with, without) = (output(&["../extra.py"]), output(&[]));
    let mut differing: Vec<&str> = with
        .files
        .iter()
        .filter(|file| !without.files.contains(file))
        .map(|file| file.path.as_str())
        .collect();
    differing.retain(|path| *path != "extensions/extra.py");
    assert_eq!(differing, ALONG);
    for file in &without.files {
        let is_of_them = file.path.contains("extensions");
        assert!(!is_of_them, "{}", file.path);
    }
    assert!(!file(&without, "__main__.py").unwrap().contains("extend"));
    // The graph is the compiler's: an extension moves places in the spec and changes nothing else.
    let known = |output: &Output| -> Vec<String> {
        let plan = serde_json::to_value(&output.stack).unwrap();
        let resources = plan["resources"].as_array().unwrap();
        let texts = resources.iter().map(|resource| {
            format!(
                "{} {} {}",
                resource["type"], resource["name"], resource["arguments"]
            )
        });
        texts.collect()
    };
    assert_eq!(known(&with), known(&without));
}

#[test]
fn extensions_are_called_in_the_order_of_the_spec() {
    let program = file(&output(&["../zebra.py", "lib/ant.py"]), "__main__.py").unwrap();
    let calls = "extensions.zebra.extend(environment, naming, opts)\nextensions.ant.extend(environment, naming, opts)\n";
    assert!(program.contains(calls), "{program}");
    // Imports have the order of the linter.
    assert!(
        program.contains("import extensions.ant\nimport extensions.zebra\n"),
        "{program}"
    );
}

#[test]
fn explain_leads_from_a_copied_line_to_the_line_that_it_was() {
    let output = output(&["../extra.py"]);
    let text = spec(&["../extra.py"]);
    let atlas = Atlas::new(&output, SPEC, &text, "generated");
    let answer = atlas.explain_line("extensions/extra.py", 14);
    assert!(answer.contains("copy       of extra.py:14\n"), "{answer}");
    assert!(
        answer.contains("extensions = [\"../extra.py\"] (`extensions[0]`)"),
        "{answer}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_refused_and_a_changed_source_makes_the_project_stale() {
    use assert_cmd::cargo::cargo_bin_cmd;
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in NAMED {
        let name = format!("spec/{name}");
        std::fs::create_dir_all(path(&name).parent().unwrap()).unwrap();
        std::fs::copy(&name, path(&name)).unwrap();
    }
    std::fs::copy(EXTRA, path("extra.py")).unwrap();
    std::fs::write(path("spec/staging.toml"), spec(&["../extra.py"])).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = cargo_bin_cmd!("paystagec");
        command
            .current_dir(folder.path())
            .args(arguments)
            .args(["--today", "2026-06-01"]);
        command.assert()
    };
    run(&["build", "spec/staging.toml"]).code(0);
    run(&["build", "spec/staging.toml", "--check"]).code(0);
    let text = std::fs::read_to_string(path("extra.py")).unwrap();
    std::fs::write(path("extra.py"), text.replace("reports", "statements")).unwrap();
    let stale = run(&["build", "spec/staging.toml", "--check"]).code(1);
    let diff = String::from_utf8(stale.get_output().stdout.clone()).unwrap();
    assert!(diff.contains("+++ b/extensions/extra.py"), "{diff}");
    run(&["build", "spec/staging.toml"]).code(0);
    // Taken out of the spec, it is taken out of the project, and the package with it.
    std::fs::write(path("spec/staging.toml"), spec(&[])).unwrap();
    run(&["build", "spec/staging.toml"]).code(0);
    assert!(!path("generated/extensions").exists());
    std::os::unix::fs::symlink("extra.py", path("link.py")).unwrap();
    std::fs::write(path("spec/staging.toml"), spec(&["../link.py"])).unwrap();
    let refused = run(&["check", "spec/staging.toml"]).code(1);
    let report = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(report.contains("error[invalid-extension]"), "{report}");
    assert!(
        report.contains("`spec/../link.py` is a symbolic link"),
        "{report}"
    );
}

#[test]
fn an_extension_that_is_missing_stops_the_build() {
    let files = named();
    let today = "2026-06-01".parse().unwrap();
    let text = spec(&["../extra.py"]);
    let compilation = compile(&text, SPEC, &Memory { files }, today).unwrap();
    assert!(compilation.output.is_none());
    let errors = compilation
        .diagnostics
        .iter()
        .filter(|told| told.is_error());
    let codes: Vec<Code> = errors.map(|told| told.code).collect();
    assert_eq!(codes, [Code::InvalidExtension]);
}

/// Codes of the errors of a spec with a waiver of a requirement that no rule guards.
fn errors_with_waiver(extensions: &[&str]) -> Vec<Code> {
    let waiver = "\n[[waivers]]\nrequirement = \"SEC-1\"\nreason = \"the queue holds nothing\"\nowner = \"finance\"\nexpires = 2026-12-31\n";
    let mut files = named();
    for path in extensions {
        files.insert((*path).to_owned(), std::fs::read(EXTRA).unwrap());
    }
    let today = "2026-06-01".parse().unwrap();
    let text = spec(extensions) + waiver;
    let compilation = compile(&text, SPEC, &Memory { files }, today).unwrap();
    if let Some(output) = &compilation.output {
        let tests = file(output, "tests/unit/extensions.py").unwrap();
        assert!(
            tests.contains("WAIVED_FOR_EXTENSIONS: frozenset[str] = frozenset({\"SEC-1\"})"),
            "{tests}"
        );
        let evidence = file(output, "docs/requirements.md").unwrap();
        assert!(evidence.contains("| `SEC-1` | the queue holds nothing | finance | 2026-12-31 |"));
    }
    let errors = compilation.diagnostics.iter();
    let errors = errors.filter(|told| told.is_error());
    errors.map(|told| told.code).collect()
}

#[test]
fn a_requirement_can_be_waived_for_what_extensions_add() {
    assert_eq!(errors_with_waiver(&["../extra.py"]), []);
    assert_eq!(errors_with_waiver(&[]), [Code::InvalidWaiver]);
}

#[test]
fn the_evidence_lists_the_tests_of_extensions_at_each_requirement() {
    let evidence = file(&output(&["../extra.py"]), "docs/requirements.md").unwrap();
    for (id, test) in [
        ("NET-6", "test_extensions_open_no_port"),
        ("S3-2", "test_extensions_keep_versions_of_objects"),
        ("SEC-2", "test_extensions_grant_no_more_than_is_needed"),
    ] {
        let row = evidence
            .lines()
            .find(|line| line.starts_with(&format!("| {id} |")))
            .unwrap();
        assert!(
            row.contains(&format!("`test_extensions.py::{test}`")),
            "{row}"
        );
    }
}
