//! Whatever stands in a spec, the compiler answers with an environment or with a diagnostic: it never panics, and it never
//! accepts what a later stage cannot build.

use std::fs;
use std::path::Path;

use paystagec::compile::compile;
use paystagec::diagnostic::{has_errors, render};
use paystagec::load::Disk;

const SPEC: &str = "spec/staging.toml";

/// Compiles a spec and renders what is said about it. True when it is accepted.
fn accepts(text: &str) -> bool {
    let loader = Disk::beside(Path::new(SPEC));
    let compilation = match compile(text, SPEC, &loader, "2026-06-01".parse().expect("a date")) {
        Ok(compilation) => compilation,
        Err(error) => panic!("{error:#}\n{text}"),
    };
    for diagnostic in &compilation.diagnostics {
        let place = text.get(diagnostic.span.clone());
        assert!(place.is_some(), "{diagnostic:?}\n{text}");
    }
    let report = render(&compilation.diagnostics, SPEC, text, true);
    let is_refused = has_errors(&compilation.diagnostics);
    assert_eq!(is_refused, compilation.output.is_none());
    assert!(!is_refused || report.contains("error"));
    !is_refused
}

fn staging() -> String {
    fs::read_to_string(SPEC).expect("the spec")
}

#[test]
fn any_line_may_be_missing() {
    let text = staging();
    let lines: Vec<&str> = text.lines().collect();
    for index in 0..lines.len() {
        let mut rest = lines.clone();
        rest.remove(index);
        accepts(&rest.join("\n"));
    }
}

#[test]
fn any_line_may_stand_twice_or_elsewhere() {
    let text = staging();
    let lines: Vec<&str> = text.lines().collect();
    for index in 0..lines.len() {
        let mut twice = lines.clone();
        twice.insert(index, lines[index]);
        accepts(&twice.join("\n"));
        let mut moved = lines.clone();
        let line = moved.remove(index);
        moved.insert(lines.len() / 2, line);
        accepts(&moved.join("\n"));
    }
}

#[test]
fn any_value_may_be_of_any_type() {
    let text = staging();
    let odd = [
        "0",
        "-1",
        "4294967296",
        "99999999999999999999999999",
        "1.5",
        "nan",
        "true",
        "\"\"",
        "\"\\u0000\"",
        "\"\u{202e}\u{1f4b3}\\n\"",
        "\"../../../../etc\"",
        "\"'''\\\"\\\"\\\"${{}}\"",
        "[]",
        "[[]]",
        "[\"\", \"\"]",
        "{}",
        "{ a = { b = 1 } }",
        "2026-12-01",
        "07:00:00",
        "",
    ];
    for (index, line) in text.lines().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else {
            continue;
        };
        for value in odd {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines[index] = format!("{key} = {value}");
            accepts(&lines.join("\n"));
        }
    }
}

#[test]
fn the_file_may_end_anywhere() {
    let text = staging();
    for (end, _) in text.char_indices().step_by(3) {
        accepts(text.get(..end).expect("a whole character"));
    }
}

#[test]
fn tables_may_stand_in_any_order() {
    let text = staging();
    let mut tables: Vec<String> = Vec::new();
    let mut head = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        let table = tables.last_mut().unwrap_or(&mut head);
        table.push_str(line);
        table.push('\n');
    }
    tables.reverse();
    assert!(accepts(&format!("{head}{}", tables.concat())));
}
