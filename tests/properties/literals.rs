//! No text of a spec leaves the literal that it stands in. What Python makes of its literals, `test_programs.py` looks at.

use paystagec::emit::python::literal;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::compiled::output;
use crate::for_valid_specs;

#[test]
fn json_is_json() {
    for_valid_specs(|spec, _| {
        for file in &output(spec)?.files {
            if file.path.ends_with(".json") && !file.path.starts_with("functions/") {
                serde_json::from_slice::<serde_json::Value>(&file.content)
                    .map_err(|error| format!("{}: {error}", file.path))?;
            }
        }
        Ok(())
    });
}

/// Texts of cells, and all HTML, of a document.
fn cells(markdown: &str) -> (Vec<String>, Vec<String>) {
    let (mut cells, mut html) = (Vec::new(), Vec::new());
    let mut cell: Option<String> = None;
    let of_code_hosts = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(markdown, of_code_hosts) {
        match event {
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => cells.extend(cell.take()),
            Event::Text(text) => {
                if let Some(cell) = &mut cell {
                    cell.push_str(&text);
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => html.push(text.to_string()),
            // Markup in a cell of free text would be seen as a text that is not the spec's.
            Event::Start(_) | Event::Code(_) | Event::SoftBreak | Event::HardBreak => {
                if let Some(cell) = &mut cell {
                    cell.push('\u{0}');
                }
            }
            _ => {}
        }
    }
    (cells, html)
}

#[test]
fn text_in_a_table_of_markdown_stays_in_its_cell() {
    for_valid_specs(|spec, _| {
        let output = output(spec)?;
        let path = "docs/requirements.md";
        let file = output.files.iter().find(|file| file.path == path);
        let text = std::str::from_utf8(&file.ok_or(path)?.content).map_err(|_| path)?;
        let (cells, html) = cells(text);
        for written in &spec.markdown {
            if !cells.iter().any(|cell| cell == written.trim()) {
                let near: Vec<&String> = cells.iter().rev().take(8).collect();
                return Err(format!("{written:?} is no cell; the last are {near:?}"));
            }
        }
        match html.iter().find(|tag| tag.as_str() != "<br>") {
            Some(tag) => Err(format!("{tag} in {path}")),
            None => Ok(()),
        }
    });
}

/// What a literal of Python says: only the escapes that the printer uses, and no end before the end.
fn read_literal(written: &str) -> Option<String> {
    let quote = written.chars().next()?;
    let inside = written.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        if character == quote || character.is_control() {
            return None;
        }
        if character != '\\' {
            text.push(character);
            continue;
        }
        let digits = match characters.next()? {
            'n' => {
                text.push('\n');
                continue;
            }
            'r' => {
                text.push('\r');
                continue;
            }
            't' => {
                text.push('\t');
                continue;
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            other => {
                text.push(other);
                continue;
            }
        };
        let number: String = characters.by_ref().take(digits).collect();
        text.push(char::from_u32(u32::from_str_radix(&number, 16).ok()?)?);
    }
    Some(text)
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::with_cases(2_000)
    })]

    #[test]
    fn a_literal_of_python_says_what_was_written(text in any::<String>()) {
        let written = literal::string(&text);
        prop_assert_eq!(read_literal(&written), Some(text), "{}", written);
    }
}
