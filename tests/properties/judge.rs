//! What holds for any bytes at all: the bodies of the fuzz targets, which the tests of properties run too.

use std::collections::BTreeMap;

use paystagec::compile::{Compilation, compile};
use paystagec::diagnostic::{has_errors, render};
use paystagec::load::Memory;
use paystagec::spec::known_keys;

use super::choices::Choices;
use super::generator::{self, TODAY};
use super::words::line;

type Files = BTreeMap<String, Vec<u8>>;

/// Any bytes as a spec: read, resolved, judged, reported, and built if they are one.
pub fn read_spec(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let files = [
        ("schemas/payment.json", "{}"),
        (
            "certificates/ca.pem",
            include_str!("../../spec/certificates/ca.pem"),
        ),
        ("functions/own/handler.py", ""),
    ];
    let files = files.map(|(path, content)| (path.to_owned(), content.into()));
    judge(text, files.into());
    known_keys(text);
}

/// Any bytes as decisions: a valid spec, which must be taken, and the same one with something wrong in it, which need not.
pub fn spec_to_files(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let spec = generator::spec(&mut choices);
    let text = spec.text();
    let compilation = judge(&text, spec.files.clone());
    if has_errors(&compilation.diagnostics) {
        panic!(
            "{}",
            render(&compilation.diagnostics, "spec.toml", &text, false)
        );
    }
    judge(&damage(&text, &mut choices), spec.files);
}

/// Takes lines away, doubles them, and puts words where none belong.
fn damage(text: &str, choices: &mut Choices<'_>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=choices.below(4) {
        let place = choices.below(lines.len());
        let word = line(choices);
        match choices.below(5) {
            0 => lines[place] = lines[place].replace('"', &word),
            1 => lines.insert(place, lines[place].clone()),
            2 => {
                lines[place] =
                    lines[place].split(" = ").next().unwrap_or("").to_owned() + " = " + &word
            }
            3 => lines[place] = lines[place].replace(['a', '1'], &word.replace(['"', '\\'], "")),
            _ => {
                let other = choices.below(lines.len());
                lines.swap(place, other);
            }
        }
    }
    lines.join("\n")
}

fn judge(text: &str, files: Files) -> Compilation {
    let compilation = compile(text, "spec.toml", &Memory { files }, TODAY.parse().unwrap());
    let compilation = compilation.unwrap_or_else(|error| panic!("{error:#}\n{text}"));
    for diagnostic in &compilation.diagnostics {
        let secondary = diagnostic.secondary.iter().map(|(span, _)| span);
        for span in secondary.chain([&diagnostic.span]) {
            assert!(text.get(span.clone()).is_some(), "{diagnostic:?}\n{text}");
        }
    }
    let report = render(&compilation.diagnostics, "spec.toml", text, true);
    assert_eq!(report.is_empty(), compilation.diagnostics.is_empty());
    let is_refused = has_errors(&compilation.diagnostics);
    assert_eq!(is_refused, compilation.output.is_none(), "{text}");
    for file in compilation.output.iter().flat_map(|output| &output.files) {
        let Ok(content) = std::str::from_utf8(&file.content) else {
            continue;
        };
        // What a team wrote by itself is handed on as it is.
        let of_team = file.path.starts_with("functions/");
        if file.path.ends_with(".py") && !of_team {
            let verdict = balanced(content);
            assert!(verdict.is_ok(), "{}: {verdict:?}\n{text}", file.path);
        }
        if file.path.ends_with(".json") && !of_team {
            let json = serde_json::from_str::<serde_json::Value>(content);
            assert!(json.is_ok(), "{}: {json:?}\n{text}", file.path);
        }
    }
    compilation
}

/// Whether literals and brackets of Python end where they must. `ast.parse` knows more, and takes longer.
fn balanced(source: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '#' => after.split_once('\n').map_or("", |(_, next)| next),
            '"' | '\'' => after_literal(rest, character)?,
            '(' | '[' | '{' => {
                open.push(character);
                after
            }
            ')' | ']' | '}' => {
                let pair = (open.pop(), character);
                if !matches!(pair, (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')) {
                    return Err(format!("{pair:?} before {after:.60}"));
                }
                after
            }
            _ => after,
        };
    }
    open.pop()
        .map_or(Ok(()), |left| Err(format!("{left} stays open")))
}

/// What follows a literal that begins here.
fn after_literal(text: &str, quote: char) -> Result<&str, String> {
    let triple = quote.to_string().repeat(3);
    let end = if text.starts_with(&triple) {
        triple
    } else {
        quote.to_string()
    };
    let mut rest = &text[end.len()..];
    loop {
        if let Some(after) = rest.strip_prefix(&end) {
            return Ok(after);
        }
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') => {
                characters.next();
            }
            Some('\n') if end.len() == 1 => return Err(format!("{text:.60} has no end")),
            Some(_) => {}
            None => return Err(format!("{text:.60} has no end")),
        }
        rest = characters.as_str();
    }
}
