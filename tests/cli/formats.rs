//! Diagnostics for tools: every format tells the same, alone on the standard output; and what `--deny warnings` stops.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use paystagec::diagnostic::Code;
use serde_json::Value;

use super::project::{Project, run_in_case, stderr, stdout};

const DOCUMENT: &str = include_str!("../../docs/diagnostics-json.md");

fn report(case: &str, format: &str) -> String {
    let arguments = ["check", "spec.toml", "--message-format", format];
    stdout(&run_in_case(case, &arguments))
}

fn json_lines(case: &str) -> Vec<Value> {
    let lines = report(case, "json");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn sarif(case: &str) -> Value {
    serde_json::from_str(&report(case, "sarif")).unwrap()
}

/// Every case of a diagnostic, by name.
fn cases() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let entries = fs::read_dir(&folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // What the last commit had, the command line reads from git.
    let is_alone = |case: &String| !folder.join(case).join("head.toml").exists();
    let mut cases: Vec<String> = names.filter(is_alone).collect();
    cases.sort();
    cases
}

#[test]
fn every_format_has_each_diagnostic_of_every_case() {
    for case in cases() {
        let path = format!("{}/tests/diagnostics/{case}", env!("CARGO_MANIFEST_DIR"));
        let lines = json_lines(&case);
        let report_of_people = fs::read_to_string(format!("{path}/report.txt")).unwrap();
        let sarif = sarif(&case);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let github = report(&case, "github");
        assert!(!lines.is_empty(), "{case}");
        assert_eq!(
            (results.len(), github.lines().count()),
            (lines.len(), lines.len()),
            "{case}"
        );
        for ((line, result), command) in lines.iter().zip(results).zip(github.lines()) {
            let (code, severity) = (
                line["code"].as_str().unwrap(),
                line["severity"].as_str().unwrap(),
            );
            assert!(Code::from_name(code).is_some(), "{code}");
            let message = line["message"].as_str().unwrap();
            assert!(
                report_of_people.contains(&format!("{severity}[{code}]: {message}")),
                "{case}: {line}"
            );
            // The spec, or the base that it names.
            let file = line["file"].as_str().unwrap();
            let text = fs::read_to_string(format!("{path}/{file}")).unwrap();
            assert_place(&line["span"], &text);
            assert_eq!(line["labels"][0]["span"], line["span"]);
            assert_eq!(
                (&result["ruleId"], &result["level"]),
                (&line["code"], &line["severity"])
            );
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert_eq!(region["startLine"], line["span"]["line_start"]);
            assert_eq!(region["endColumn"], line["span"]["column_end"]);
            let named = format!(",title={code}::{}", message.replace('%', "%25"));
            assert!(command.contains(&named), "{command}");
        }
    }
}

/// Bytes, and lines with columns, are the same place.
fn assert_place(span: &Value, text: &str) {
    let field = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
    for edge in ["start", "end"] {
        let before = &text[..field(&format!("byte_{edge}"))];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        assert_eq!(field(&format!("line_{edge}")), line, "{span}");
        assert_eq!(field(&format!("column_{edge}")), column, "{span}");
    }
}

#[test]
fn the_document_names_the_fields_and_its_example_is_true() {
    let mut fields = BTreeSet::new();
    // The first proposes no edit.
    for line in json_lines("unknown-key") {
        collect_fields(&line, &mut fields);
    }
    let documented: BTreeSet<String> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once(" | "))
        .filter(|(_, rest)| {
            ["string", "span", "list", "number", "boolean"]
                .iter()
                .any(|kind| rest.starts_with(kind))
        })
        .flat_map(|(names, _)| {
            names
                .split(", ")
                .map(|name| name.trim_matches('`'))
                .collect::<Vec<_>>()
        })
        .map(|name| name.rsplit('.').next().unwrap().to_owned())
        .collect();
    assert_eq!(fields, documented);

    let example = DOCUMENT
        .split("```json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    assert!(json_lines("unknown-key").contains(&example), "{example}");
    let command = DOCUMENT
        .split("```text\n")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let command = command.trim_end_matches(" …");
    assert!(
        report("unknown-key", "github").contains(&format!("\n{command}")),
        "{command}"
    );
}

fn collect_fields(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                fields.insert(name.clone());
                collect_fields(value, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_fields(item, fields)),
        _ => {}
    }
}

#[test]
fn sarif_has_every_rule_and_links_them_in_a_ci() {
    let document = sarif("unused-function");
    assert_eq!(document["version"], "2.1.0");
    let rules = |document: &Value| {
        document["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .clone()
    };
    let ids: Vec<String> = rules(&document)
        .iter()
        .map(|rule| rule["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        Code::ALL
            .iter()
            .map(|code| code.as_str())
            .collect::<Vec<_>>()
    );
    let levels: BTreeSet<String> = rules(&document)
        .iter()
        .map(|rule| {
            rule["defaultConfiguration"]["level"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        levels.contains("error") && levels.contains("warning"),
        "{levels:?}"
    );
    assert!(
        rules(&document)
            .iter()
            .all(|rule| rule.get("helpUri").is_none())
    );

    let run = assert_cmd::cargo::cargo_bin_cmd!("paystagec")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("GITHUB_SERVER_URL", "https://code.example")
        .env("GITHUB_REPOSITORY", "payments/staging")
        .env("GITHUB_SHA", "0123abc")
        .args(["check", "spec/staging.toml", "--message-format", "sarif"])
        .assert()
        .code(0);
    let linked: Value = serde_json::from_str(&stdout(&run)).unwrap();
    assert_eq!(
        rules(&linked)[0]["helpUri"],
        "https://code.example/payments/staging/blob/0123abc/docs/rules.md#toml-syntax"
    );
}

#[test]
fn in_a_format_for_tools_results_leave_the_standard_output() {
    let project = Project::new();
    let run = |arguments: &[&str]| {
        let format = ["--message-format", "json"];
        project.run(&[&["build", "spec/staging.toml"], arguments, &format].concat())
    };
    let build = run(&["--timings"]).code(0);
    let is_json = |line: &str| {
        serde_json::from_str::<Value>(line).is_ok_and(|value| value["code"].is_string())
    };
    assert!(stdout(&build).lines().all(is_json), "{}", stdout(&build));
    assert!(stderr(&build).contains("\ngenerated: ") && stderr(&build).contains("\nwrite "));
    assert!(!stderr(&build).contains("warning["), "{}", stderr(&build));
    assert!(project.path("generated/__main__.py").exists());

    project.edit("storage_gib = 20", "storage_gib = 40");
    let check = run(&["--check"]).code(1);
    assert!(stdout(&check).lines().all(is_json), "{}", stdout(&check));
    assert!(stderr(&check).contains("\n+            allocated_storage=40,\n"));
}

#[test]
fn tools_get_a_document_when_there_is_nothing_to_report() {
    let project = Project::new();
    // Long before PostgreSQL 14 leaves support there is no warning either.
    project.edit("migration_date = 2026-12-01", "migration_date = 2026-01-01");
    let run = |format| {
        let arguments = ["check", "spec/staging.toml", "--today", "2026-01-01"];
        let arguments = [&arguments[..], &["--message-format", format]].concat();
        stdout(&project.run(&arguments).code(0))
    };
    assert_eq!((run("json"), run("github")), (String::new(), String::new()));
    let document: Value = serde_json::from_str(&run("sarif")).unwrap();
    assert_eq!(document["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn bytes_that_are_no_text_have_a_place() {
    let project = Project::new();
    fs::write(project.path("spec/staging.toml"), b"version = 1\n# \xff\n").unwrap();
    let arguments = ["check", "spec/staging.toml", "--message-format", "github"];
    let run = project.run(&arguments).code(1);
    assert!(
        stdout(&run).starts_with("::error file=spec/staging.toml,line=2,endLine=2,col=3,endColumn=4,title=toml-syntax::the file is not UTF-8 text"),
        "{}",
        stdout(&run)
    );
}

#[test]
fn denied_warnings_stop_a_build() {
    let project = Project::new();
    let run = |command, arguments: &[&str]| {
        project.run(&[&[command, "spec/staging.toml"], arguments].concat())
    };
    run("check", &[]).code(0);
    for command in ["check", "build"] {
        let denied = run(command, &["--deny", "warnings"]).code(1);
        let said = stderr(&denied);
        assert!(said.contains("warning[engine-end-of-support]: "), "{said}");
        let end = "error: spec/staging.toml has 1 warning, and warnings are denied\n";
        assert!(said.ends_with(end), "{said}");
        assert_eq!(stdout(&denied), "");
    }
    assert!(!project.path("generated").exists());
    run("build", &[]).code(0);
    let noted = run_in_case("elastic-ips", &["check", "spec.toml", "--deny", "warnings"]).code(0);
    assert!(
        stderr(&noted).starts_with("note[elastic-ips]: "),
        "{}",
        stderr(&noted)
    );
}

#[test]
fn waived_findings_are_marked_for_tools() {
    let case = "everybody-allowed-waived";
    let line = &json_lines(case)[0];
    assert_eq!(
        (&line["severity"], &line["waived"]),
        (&"note".into(), &true.into())
    );
    let result = &sarif(case)["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["kind"], "inSource");
    assert_eq!(result["suppressions"][0]["justification"], line["note"]);
    assert_eq!(json_lines("everybody-allowed")[0]["waived"], false);
    let result = &sarif("everybody-allowed")["runs"][0]["results"][0];
    assert!(result.get("suppressions").is_none());
    run_in_case(case, &["check", "spec.toml", "--deny", "warnings"]).code(0);
}
