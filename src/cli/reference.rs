//! `docs/spec.md`: every key of the spec, a section a table and a row a key, printed from the declarations.

use std::fmt::Write as _;

use super::rules::prose;
use crate::format::{DefaultValue, FILE, Key, Kind, Range, Table, reference};

/// Of longer lists only the first words are shown: an editor lists them all.
const MOST_WORDS: usize = 8;
const FIRST_WORDS: usize = 3;

/// The whole document.
pub fn markdown() -> String {
    let mut text = "\
# The spec

Every key that a spec may have. What the requirements fix is always on and has no key here. `paystagec explain KEY` says what a key reaches in
the generated project, and an editor that reads `spec/paystagec.schema.json` shows the same as this page.

A star stands for a name of yours: `functions.*` is `[functions.refund]`. A number is a whole number. Where a cell of \"left out\" is empty, there is then
nothing.

`make generate` writes this file from `src/format/`.
"
    .to_owned();
    section(FILE, &mut text);
    text
}

fn section(table: &Table, text: &mut String) {
    let heading = match table.path {
        "" => "The file".to_owned(),
        path => format!("`{path}`"),
    };
    let _ = write!(
        text,
        "\n## {heading}\n\n{}\n\n| key | takes | left out | what it is |\n| --- | --- | --- | --- |\n",
        prose(table.about)
    );
    for key in table.keys {
        let cells = [takes(key), left_out(key), described(key)];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| `{}` | {} |", key.name, cells.join(" | "));
    }
    for inner in table.keys.iter().filter_map(|key| key.table) {
        section(inner, text);
    }
}

/// Type, range, unit and choices.
fn takes(key: &Key) -> String {
    let link = key
        .table
        .map(|table| format!("[{}]({})", table.path, anchor(table)));
    let link = link
        .map(|link| link.replace('*', "\\*"))
        .unwrap_or_default();
    let mut text = match key.kind {
        Kind::Text => "text".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Number => number(key),
        Kind::Date => "date".to_owned(),
        Kind::Texts => format!("list of texts{}", many(key)),
        Kind::Literal => "flag, number, text or list of texts".to_owned(),
        Kind::NamedTexts => format!("texts by name{}", many(key)),
        Kind::Table => format!("table: {link}"),
        Kind::Entries => format!("tables by name{}: {link}", many(key)),
        Kind::EntryTables => format!("tables, or lists of tables, by name: {link}"),
        Kind::Tables => format!("list of tables: {link}"),
    };
    let words = key.all_words();
    if words.len() > MOST_WORDS {
        let first: Vec<&str> = words.iter().take(FIRST_WORDS).map(String::as_str).collect();
        let rest = words.len() - first.len();
        let _ = write!(text, ": {} or one of {rest} more", code(&first, ", "));
    } else if key.kind == Kind::Flag && !words.is_empty() {
        text = format!("`{}`", words.join("` or `"));
    } else if !words.is_empty() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let _ = write!(text, ": {}", code(&words, ", "));
    }
    if let Some(most) = key.max_length {
        let _ = write!(text, ", {most} characters at most");
    }
    text
}

fn number(key: &Key) -> String {
    let unit = key.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let Some(range) = key.range else {
        return format!("number{unit}");
    };
    let mut text = bounds(key, range);
    for of_class in key.of_classes {
        if let Some(range) = of_class.range {
            let _ = write!(
                text,
                "; in {}: {}",
                of_class.class.as_str(),
                bounds(key, range)
            );
        }
    }
    text
}

fn bounds(key: &Key, range: Range) -> String {
    let unit = key.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let Range {
        lowest,
        highest,
        because,
    } = range;
    let grouped = |number: u64| key.typed(&number.to_string());
    let bounds = match highest {
        _ if lowest == highest => format!("only {}", grouped(lowest)),
        u64::MAX => format!("{} or more", grouped(lowest)),
        _ => format!("{} to {}", grouped(lowest), grouped(highest)),
    };
    let because = because.map(|because| format!(" ({because})"));
    format!("{bounds}{unit}{}", because.unwrap_or_default())
}

/// How many members there may be.
fn many(key: &Key) -> String {
    match key.count {
        Some((least, Some(most))) => format!(", {least} to {most}"),
        Some((least, None)) => format!(", {least} or more"),
        None => String::new(),
    }
}

fn code(words: &[&str], separator: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(separator)
}

/// The default with its reason, or that there is none.
fn left_out(key: &Key) -> String {
    let told = |default: DefaultValue| {
        let value = key.typed(&default.value.to_string());
        let unit = key.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        format!("`{value}`{unit}: {}", prose(default.reason))
    };
    match key.default {
        Some(default) => {
            let mut text = told(default);
            for of_class in key.of_classes {
                if let Some(default) = of_class.default {
                    let class = of_class.class.as_str();
                    let _ = write!(text, "; in {class} {}", told(default));
                }
            }
            text
        }
        None if key.is_needed() => "**required**".to_owned(),
        None => String::new(),
    }
}

/// The sentence, an example, and requirements.
fn described(key: &Key) -> String {
    let mut text = prose(key.about);
    let requirements: Vec<&str> = key.requirement_ids().collect();
    if !requirements.is_empty() {
        let _ = write!(text, " Serves {}.", requirements.join(", "));
    }
    let default = key.default.map(|default| default.value.to_string());
    let has_example = key.kind.is_value() || key.kind == Kind::NamedTexts;
    let example = key.example().filter(|_| has_example);
    let example = example.or_else(|| default.map(|value| key.typed(&value)));
    if let Some(example) = example {
        let _ = write!(text, " `{} = {example}`", key.name);
    }
    text
}

/// Where a section of this document is, as GitHub makes it of the heading.
fn anchor(table: &Table) -> String {
    reference(table).trim_start_matches(|c| c != '#').to_owned()
}
