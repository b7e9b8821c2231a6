//! The same spec gives the same bytes, wherever and by whomever it is built, and however its tables are ordered.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use paystagec::compile::compile;
use paystagec::load::Memory;
use tempfile::TempDir;

/// By which support that ends is judged.
const TODAY: &str = "2026-11-01";
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Files of a folder by path, the manifest among them.
type Files = BTreeMap<String, Vec<u8>>;

fn staging() -> String {
    fs::read_to_string(Path::new(ROOT).join("spec/staging.toml")).unwrap()
}

/// A team's folder of function code, its files made in this order.
const CODE: [&str; 4] = ["handler.py", "rules.py", "data/a.json", "data/b.json"];

/// The spec with a function whose code is the team's.
fn with_own_code() -> String {
    staging().replacen(
        "source = \"builtin:health\"",
        "source = \"functions/own\"",
        1,
    )
}

/// Lays out a project in a folder and builds it; `shell` stands before the command.
fn build(folder: &Path, code: &[&str], shell: &str, environment: &[(&str, &str)]) -> Files {
    let spec = folder.join("spec");
    fs::create_dir_all(spec.join("schemas")).unwrap();
    fs::write(spec.join("staging.toml"), with_own_code()).unwrap();
    let schema = Path::new(ROOT).join("spec/schemas/payment.json");
    fs::copy(schema, spec.join("schemas/payment.json")).unwrap();
    fs::create_dir_all(spec.join("certificates")).unwrap();
    let authority = Path::new(ROOT).join("spec/certificates/ca.pem");
    fs::copy(authority, spec.join("certificates/ca.pem")).unwrap();
    for file in code {
        let path = spec.join("functions/own").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let code = format!("# {file}\ndef handle(event, context):\n    return {{}}\n");
        fs::write(path, code).unwrap();
    }
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{shell} exec \"$0\" build spec/staging.toml"))
        .arg(env!("CARGO_BIN_EXE_paystagec"))
        .current_dir(folder)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut files = Files::new();
    collect(&folder.join("generated"), "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

fn decoded(content: &[u8]) -> String {
    String::from_utf8_lossy(content).into_owned()
}

#[track_caller]
fn assert_same(some: &Files, others: &Files) {
    let paths = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(some), paths(others));
    for (path, content) in some {
        let (one, other) = (decoded(content), decoded(&others[path]));
        let differs = one.lines().zip(other.lines()).find(|(a, b)| a != b);
        assert!(one == other, "{path}: {differs:?}");
    }
}

fn plainly(folder: &TempDir) -> Files {
    build(folder.path(), &CODE, "", &[])
}

#[test]
fn the_folder_does_not_matter() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let deep = other.path().join("a folder/ünïcode/very/deep");
    assert_same(&plainly(&one), &build(&deep, &CODE, "", &[]));
}

#[test]
fn locale_time_zone_and_user_do_not_matter() {
    let one = TempDir::new().unwrap();
    let usual = plainly(&one);
    let settings = [
        ("LC_ALL", "C", "TZ", "UTC0"),
        ("LC_ALL", "tr_TR.UTF-8", "TZ", "Pacific/Kiritimati"),
        ("LANG", "ja_JP.eucJP", "TZ", "America/St_Johns"),
        ("USER", "somebody else", "HOME", "/nowhere"),
        ("LOGNAME", "root", "HOSTNAME", "another"),
        ("COLUMNS", "20", "TERM", "dumb"),
        ("NO_COLOR", "1", "CLICOLOR_FORCE", "1"),
    ];
    for (first, value, second, other) in settings {
        let folder = TempDir::new().unwrap();
        let environment = [(first, value), (second, other)];
        let files = build(folder.path(), &CODE, "", &environment);
        assert_same(&usual, &files);
    }
}

#[cfg(unix)]
#[test]
fn the_umask_changes_no_byte() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let strict = build(other.path(), &CODE, "umask 077;", &[]);
    assert_same(&plainly(&one), &strict);
}

#[test]
fn the_order_of_files_in_a_folder_does_not_matter() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut reversed = CODE;
    reversed.reverse();
    // What interpreters and editors leave behind is no code.
    let leftovers = ["__pycache__/handler.pyc", ".handler.py.swp"];
    let code: Vec<&str> = leftovers.into_iter().chain(reversed).collect();
    let files = build(other.path(), &code, "", &[]);
    assert_same(&plainly(&one), &files);
}

/// The files that a spec becomes, without a disk.
fn files_of(spec: &str) -> Files {
    let schema = fs::read(Path::new(ROOT).join("spec/schemas/payment.json")).unwrap();
    let authority = fs::read(Path::new(ROOT).join("spec/certificates/ca.pem")).unwrap();
    let loader = Memory {
        files: [
            ("schemas/payment.json".to_owned(), schema),
            ("certificates/ca.pem".to_owned(), authority),
        ]
        .into(),
    };
    let compilation = compile(spec, "staging.toml", &loader, TODAY.parse().unwrap()).unwrap();
    let output = compilation.output.expect("a valid spec");
    let files = output.files.into_iter();
    files
        .map(|file| (file.path, file.content.to_vec()))
        .collect()
}

/// What stands before the first table, and each table with its lines: `("functions.health", "[functions.health]…")`.
fn tables(spec: &str) -> (String, Vec<(String, String)>) {
    let mut head = String::new();
    let mut tables: Vec<(String, String)> = Vec::new();
    for line in spec.lines() {
        if let Some(name) = line.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or(name);
            tables.push((name.to_owned(), String::new()));
        }
        let text = tables.last_mut().map_or(&mut head, |(_, text)| text);
        text.push_str(line);
        text.push('\n');
    }
    (head, tables)
}

/// Order has a meaning only among the members of one table: functions, routes and plans keep it here.
#[test]
fn the_order_of_top_level_tables_does_not_matter() {
    let spec = staging();
    let expected = files_of(&spec);
    let (head, tables) = tables(&spec);
    let top = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    let mut names: Vec<String> = Vec::new();
    for (name, _) in &tables {
        if !names.contains(&top(name)) {
            names.push(top(name));
        }
    }
    for turn in 0..=names.len() {
        if turn == names.len() {
            names.reverse();
        } else {
            names.rotate_left(1);
        }
        let ordered = names.iter().flat_map(|name| {
            let members = tables.iter().filter(move |(table, _)| top(table) == *name);
            members.map(|(_, text)| text.as_str())
        });
        let text = format!("{head}{}", ordered.collect::<String>());
        assert_same(&expected, &files_of(&text));
    }
}

#[test]
fn the_order_of_keys_in_a_table_does_not_matter() {
    let spec = staging();
    let (head, tables) = tables(&spec);
    let reversed = tables.iter().map(|(_, text)| {
        let lines: Vec<&str> = text.lines().collect();
        let (header, keys) = lines.split_first().unwrap();
        let keys: Vec<&str> = keys.iter().rev().copied().collect();
        format!("{header}\n{}\n", keys.join("\n"))
    });
    let text = format!("{head}{}", reversed.collect::<String>());
    assert_same(&files_of(&spec), &files_of(&text));
}

/// Functions, routes and zones stand in the output in the order of the spec, which is the order in which the team thinks of
/// them. No name, number or address follows from it, so that another order moves lines and changes none.
#[test]
fn the_order_of_functions_routes_and_zones_only_moves_lines() {
    let spec = staging();
    let (head, mut tables) = tables(&spec);
    tables.reverse();
    let text: String = tables.iter().map(|(_, text)| text.as_str()).collect();
    let zones = "\"use1-az1\", \"use1-az2\", \"use1-az4\"";
    assert!(text.contains(zones));
    let text = text.replace(zones, "\"use1-az4\", \"use1-az1\", \"use1-az2\"");
    let sorted = |files: Files| {
        // In a dashboard, "." stands for the value above, so that another first row reads differently.
        let files = files
            .into_iter()
            .filter(|(path, _)| path != "components/dashboard.py");
        let files = files.map(|(path, content)| {
            let content = decoded(&content);
            let mut lines: Vec<String> = content.lines().map(str::to_owned).collect();
            lines.sort();
            (path, lines.join("\n").into_bytes())
        });
        files.collect::<Files>()
    };
    let (one, other) = (files_of(&spec), files_of(&format!("{head}{text}")));
    assert!(one != other, "the order stands in the output");
    assert_same(&sorted(one), &sorted(other));
}
