//! What a function's folder locks, in the project: the list, the module that asks for it, and where its lines come from. What is refused has a
//! case in `tests/diagnostics`; that the archive follows the lock is shown by `tests/engine/test_packages.py`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeMap;

use paystagec::compile::{Compilation, Output, compile};
use paystagec::diagnostic::Code;
use paystagec::load::Memory;
use paystagec::provenance::Atlas;

const SPEC: &str = "spec/staging.toml";
const FUNCTION: &str = "\n[functions.refund]\nsource = \"refund\"\nschedule = \"rate(1 day)\"\n";

fn spec(settings: &str) -> String {
    std::fs::read_to_string(SPEC).unwrap() + FUNCTION + settings
}

fn output(settings: &str, lock: &str) -> Output {
    let compilation = compiled(settings, lock);
    let diagnostics = compilation.diagnostics;
    compilation
        .output
        .unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn compiled(settings: &str, lock: &str) -> Compilation {
    let named = ["schemas/payment.json", "certificates/ca.pem"];
    let read = |path: &str| std::fs::read(format!("spec/{path}")).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> =
        named.map(|path| (path.to_owned(), read(path))).into();
    let handler = b"import json, yaml, money\ndef handle(event, context):\n    import optional\n    return money\n";
    files.insert("refund/handler.py".to_owned(), handler.to_vec());
    files.insert("refund/requirements.txt".to_owned(), lock.into());
    let today = "2026-06-01".parse().unwrap();
    compile(&spec(settings), SPEC, &Memory { files }, today).unwrap()
}

fn file(output: &Output, path: &str) -> Option<String> {
    let found = output.files.iter().find(|file| file.path == path)?;
    Some(String::from_utf8(found.content.to_vec()).unwrap())
}

#[test]
fn a_lock_becomes_a_list_for_where_the_function_runs() {
    let settings = "runtime = \"python3.11\"\narchitecture = \"x86_64\"\n";
    let lock = "Money==1.0 --hash=sha256:01\ntomli==2.0 ; python_version < \"3.11\" --hash=sha256:02\nuvloop==0.2 ; platform_machine == 'x86_64' --hash=sha256:03\n";
    let output = output(settings, lock);
    assert_eq!(
        file(&output, "packages/refund.txt").unwrap(),
        "# What the requirements.txt of `refund` locks, for Python 3.11 on manylinux_2_26_x86_64.\nmoney==1.0 \\\n    --hash=sha256:01\nuvloop==0.2 \\\n    --hash=sha256:03\n"
    );
    assert_eq!(
        file(&output, "functions/refund/requirements.txt").unwrap(),
        lock
    );
    assert!(
        file(&output, "README.md")
            .unwrap()
            .contains("[packages/](packages/)")
    );
    let module = file(&output, "components/functions/refund.py").unwrap();
    let asked = "            code=wheels.function_code(\n                \"functions/refund\",\n                listed=\"packages/refund.txt\",\n                python=\"3.11\",\n                platform=\"manylinux_2_26_x86_64\",\n                modules=[\"yaml\"],\n            ),\n";
    assert!(module.contains(asked), "{module}");
    assert!(module.contains("import wheels\n") && !module.contains("import archives"));
}

#[test]
fn a_list_without_end_is_refused_in_time() {
    let mut list = String::new();
    for number in 0..2_000_000 {
        list.push_str(&format!("package-{number}\n"));
    }
    let compilation = compiled("", &list);
    let found: Vec<&str> = compilation
        .diagnostics
        .iter()
        .filter(|one| one.code == Code::FunctionPackages)
        .map(|one| one.label.as_str())
        .collect();
    assert_eq!(
        found,
        ["`refund/requirements.txt` names more than 10000 packages"]
    );
}

#[test]
fn explain_leads_from_the_list_to_the_lock() {
    let output = output("", "money==1.0 --hash=sha256:01\n");
    let text = spec("");
    let atlas = Atlas::new(&output, SPEC, &text, "generated");
    let answer = atlas.explain_line("packages/refund.txt", 2);
    assert!(
        answer.contains("locked by spec/refund/requirements.txt\n"),
        "{answer}"
    );
    assert!(answer.contains("source = \"refund\""), "{answer}");
}

#[test]
fn without_a_lock_nothing_is_installed() {
    let output = output("", "boto3\n");
    assert_eq!(file(&output, "packages/refund.txt"), None);
    assert!(!file(&output, "README.md").unwrap().contains("packages/"));
    let module = file(&output, "components/functions/refund.py").unwrap();
    assert!(module.contains("code=archives.function_code(\"functions/refund\"),\n"));
}
