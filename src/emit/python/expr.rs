//! Expressions as Python: on one line where they fit, else one entry a line with a trailing comma, which is
//! the form that `ruff format` keeps.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{WIDTH, literal};
use crate::stack::expr::{Expr, Members, Part, Target, Text};

/// What the printer has to know about the place where an expression stands.
#[derive(Debug)]
pub struct Scope<'a> {
    /// Path of the component whose file is printed.
    pub component: &'a str,
    /// Loop variable, inside a family.
    pub row: Option<&'a str>,
    /// Module constants met so far: name → (comment, value).
    pub constants: &'a RefCell<BTreeMap<&'static str, (&'static str, Expr)>>,
}

impl Scope<'_> {
    /// The expression as it stands after `used` columns, with `tail` columns still to come on its last line.
    pub fn print(&self, expr: &Expr, indent: usize, used: usize, tail: usize) -> String {
        if let Some(flat) = self.flat(expr)
            && used + flat.chars().count() + tail <= WIDTH
        {
            return flat;
        }
        self.broken(expr, indent)
    }

    /// The expression on one line, if it may stand on one.
    fn flat(&self, expr: &Expr) -> Option<String> {
        Some(match expr {
            Expr::Text(text) => literal::string(text),
            Expr::Integer(value) => value.to_string(),
            Expr::Float(value) => literal::float(*value),
            Expr::Bool(value) => literal::boolean(*value).to_owned(),
            Expr::List(items) => format!("[{}]", self.flat_all(items)?),
            Expr::Map(entries) => self.flat_map(entries)?,
            Expr::Noted(..) => return None,
            Expr::Output {
                target,
                field,
                path,
                export,
            } => self.output(target, field, path, export),
            Expr::ByFunction { column, export, .. } => {
                format!("args.{export}[{}]", self.column(column))
            }
            Expr::Parent { column, export, .. } => format!("{export}[{}]", self.column(column)),
            Expr::Name { kind, role } => self.naming("name", kind, role, '"'),
            Expr::AlphanumericName { kind, role } => self.naming("alphanumeric", kind, role, '"'),
            Expr::AlphanumericNames { .. } => return None,
            Expr::Tags { kind, role } => self.naming("tags", kind, role, '"'),
            Expr::AccountId => "naming.account_id".to_owned(),
            Expr::Region => "naming.region".to_owned(),
            Expr::Suffix => "naming.suffix".to_owned(),
            Expr::EnvironmentName => "naming.environment".to_owned(),
            Expr::Concat(parts) => self.flat_concat(parts)?,
            Expr::Json(value) => format!("{}({})", json_function(value), self.flat(value)?),
            Expr::Column(column) => self.column(column),
            Expr::Constant {
                name,
                comment,
                value,
            } => {
                self.constants
                    .borrow_mut()
                    .insert(name, (comment, (**value).clone()));
                (*name).to_owned()
            }
            Expr::Rows(table) => format!("[asdict(row) for row in {table}]"),
            Expr::Fingerprint(value) => format!("fingerprint({})", self.flat(value)?),
            Expr::Archive(path) => format!("archives.function_code({})", literal::string(path)),
            Expr::TracingLayer => "archives.tracing_layer()".to_owned(),
        })
    }

    fn flat_all(&self, items: &[Expr]) -> Option<String> {
        Some(
            items
                .iter()
                .map(|item| self.flat(item))
                .collect::<Option<Vec<_>>>()?
                .join(", "),
        )
    }

    /// Up to two plain entries stay on one line; more read better one a line.
    fn flat_map(&self, entries: &[(String, Expr)]) -> Option<String> {
        let nested = |value: &Expr| matches!(value, Expr::Map(_) | Expr::List(_));
        if entries.len() > 2
            || (entries.len() == 2 && entries.iter().any(|(_, value)| nested(value)))
        {
            return None;
        }
        let entries = entries
            .iter()
            .map(|(key, value)| Some(format!("{}: {}", literal::string(key), self.flat(value)?)))
            .collect::<Option<Vec<_>>>()?;
        Some(format!("{{{}}}", entries.join(", ")))
    }

    fn flat_concat(&self, parts: &[Expr]) -> Option<String> {
        let parts = self.concat_parts(parts);
        match parts.as_slice() {
            [ConcatPart::Static(text)] => Some(text.clone()),
            parts => {
                let parts = parts.iter().map(|part| match part {
                    ConcatPart::Static(text) => Some(text.clone()),
                    ConcatPart::Output(expr) => self.flat(expr),
                });
                Some(format!(
                    "pulumi.Output.concat({})",
                    parts.collect::<Option<Vec<_>>>()?.join(", ")
                ))
            }
        }
    }

    fn broken(&self, expr: &Expr, indent: usize) -> String {
        let inner = indent + 4;
        match expr {
            Expr::List(items) => self.broken_items("[", items, "]", indent),
            Expr::Map(entries) => {
                let mut text = "{\n".to_owned();
                for (key, value) in entries {
                    let (note, value) = unnoted(value);
                    if let Some(note) = note {
                        text.push_str(&literal::comment(note, inner));
                    }
                    let key = format!("{:inner$}{}: ", "", literal::string(key));
                    let used = key.chars().count();
                    text.push_str(&key);
                    text.push_str(&self.print(value, inner, used, 1));
                    text.push_str(",\n");
                }
                format!("{text}{:indent$}}}", "")
            }
            Expr::AlphanumericNames { kind, column } => {
                let kind = literal::string(kind);
                let column = self.column(column);
                format!(
                    "{{\n{:inner$}key: naming.alphanumeric({kind}, role) for key, role in {column}.items()\n{:indent$}}}",
                    "", ""
                )
            }
            Expr::Noted(_, value) => self.broken(value, indent),
            Expr::Json(value) => self.broken_call(json_function(value), value, indent),
            Expr::Fingerprint(value) => self.broken_call("fingerprint", value, indent),
            Expr::Concat(parts) if !expr.is_output() => self.broken_text(parts, indent),
            Expr::Concat(parts) => {
                let parts: Vec<String> = self
                    .concat_parts(parts)
                    .into_iter()
                    .map(|part| match part {
                        ConcatPart::Static(text) => text,
                        ConcatPart::Output(expr) => self.print(expr, inner, inner, 1),
                    })
                    .collect();
                match parts.as_slice() {
                    [one] => one.clone(),
                    many => {
                        let lines: String = many
                            .iter()
                            .map(|part| format!("{:inner$}{part},\n", ""))
                            .collect();
                        format!("pulumi.Output.concat(\n{lines}{:indent$})", "")
                    }
                }
            }
            Expr::Text(text) if text.contains(' ') => broken_string(text, indent),
            other => self.flat(other).unwrap_or_default(),
        }
    }

    fn broken_items(&self, open: &str, items: &[Expr], close: &str, indent: usize) -> String {
        let inner = indent + 4;
        let mut text = format!("{open}\n");
        for item in items {
            let (note, item) = unnoted(item);
            if let Some(note) = note {
                text.push_str(&literal::comment(note, inner));
            }
            text.push_str(&format!(
                "{:inner$}{},\n",
                "",
                self.print(item, inner, inner, 1)
            ));
        }
        format!("{text}{:indent$}{close}", "")
    }

    /// A call with one argument that does not fit beside it.
    fn broken_call(&self, function: &str, argument: &Expr, indent: usize) -> String {
        let inner = indent + 4;
        let argument = self.print(argument, inner, inner, 1);
        let comma = if argument.contains('\n') { "" } else { "," };
        format!(
            "{function}(\n{:inner$}{argument}{comma}\n{:indent$})",
            "", ""
        )
    }

    /// An output: a local variable, or what another layer handed in.
    fn output(&self, target: &Target, field: &str, path: &str, export: &str) -> String {
        let local = target.component == self.component;
        let place = if local { "" } else { "args." };
        match &target.members {
            Members::One if local => format!("{}.{field}{path}", target.variable),
            Members::One | Members::Each => format!("{place}{export}"),
            Members::Keyed(column) => format!("{place}{export}[{}]", self.column(column)),
        }
    }

    fn column(&self, column: &str) -> String {
        format!("{}.{column}", self.row.unwrap_or("row"))
    }

    fn naming(&self, method: &str, kind: &str, role: &Text, quote: char) -> String {
        if role.is_empty() {
            return format!("naming.{method}({quote}{kind}{quote})");
        }
        let role = match role.0.as_slice() {
            [Part::Column(column)] => self.column(column),
            [Part::Text(text)] => format!("{quote}{}{quote}", literal::escape(text, quote)),
            _ => self.text_quoted(role, quote),
        };
        format!("naming.{method}({quote}{kind}{quote}, {role})")
    }

    /// Text that may hold columns, as a Python expression.
    pub fn text(&self, text: &Text) -> String {
        match text.0.as_slice() {
            [Part::Column(column)] => self.column(column),
            [Part::Text(text)] => literal::string(text),
            _ => self.text_quoted(text, '"'),
        }
    }

    fn text_quoted(&self, text: &Text, quote: char) -> String {
        let parts: String = text
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => brace(&literal::escape(text, quote)),
                Part::Column(column) => format!("{{{}}}", self.column(column)),
            })
            .collect();
        format!("f{quote}{parts}{quote}")
    }

    /// Neighbours that are known when the program starts become one f-string.
    fn concat_parts<'e>(&self, parts: &'e [Expr]) -> Vec<ConcatPart<'e>> {
        let mut merged = Vec::new();
        let mut run: Vec<&Expr> = Vec::new();
        for part in parts {
            if part.is_output() {
                self.flush(&mut run, &mut merged);
                merged.push(ConcatPart::Output(part));
            } else {
                run.push(part);
            }
        }
        self.flush(&mut run, &mut merged);
        merged
    }

    fn flush(&self, run: &mut Vec<&Expr>, merged: &mut Vec<ConcatPart<'_>>) {
        let text = match run.as_slice() {
            [] => return,
            [one] => self.flat(one).unwrap_or_default(),
            many => {
                let quote = quote_for_all(many);
                let pieces: Vec<Piece> = many.iter().map(|part| self.piece(part, quote)).collect();
                joined(&pieces, quote)
            }
        };
        merged.push(ConcatPart::Static(text));
        run.clear();
    }

    /// A part of a text, as it stands between the quotes of an f-string.
    fn piece(&self, part: &Expr, quote: char) -> Piece {
        let inner = if quote == '"' { '\'' } else { '"' };
        match part {
            Expr::Text(text) => Piece {
                text: literal::escape(text, quote),
                is_code: false,
            },
            Expr::Name { kind, role } => Piece::code(self.naming("name", kind, role, inner)),
            Expr::AlphanumericName { kind, role } => {
                Piece::code(self.naming("alphanumeric", kind, role, inner))
            }
            other => Piece::code(self.flat(other).unwrap_or_default()),
        }
    }

    /// A text of several parts over several lines, broken between parts.
    fn broken_text(&self, parts: &[Expr], indent: usize) -> String {
        let inner = indent + 4;
        let parts: Vec<&Expr> = parts.iter().collect();
        let quote = quote_for_all(&parts);
        let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
        for part in parts {
            let piece = self.piece(part, quote);
            let Some(line) = lines.last_mut() else {
                continue;
            };
            let used: usize = line.iter().map(Piece::width).sum();
            if line.is_empty() || inner + 3 + used + piece.width() <= WIDTH {
                line.push(piece);
                continue;
            }
            // A line ends between words: a text that ends within one goes along to the next.
            let carried = line.pop_if(|last| !last.is_code && !last.text.ends_with(' '));
            lines.push(carried.into_iter().chain([piece]).collect());
        }
        let lines: String = lines
            .iter()
            .map(|line| format!("{:inner$}{}\n", "", joined(line, quote)))
            .collect();
        format!("(\n{lines}{:indent$})", "")
    }
}

/// A part of an f-string: text that is escaped already, or code.
struct Piece {
    text: String,
    is_code: bool,
}

impl Piece {
    fn code(text: String) -> Self {
        Piece {
            text,
            is_code: true,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count() + if self.is_code { 2 } else { 0 }
    }
}

/// One literal of all pieces; an f-string only where there is code.
fn joined(pieces: &[Piece], quote: char) -> String {
    if pieces.iter().all(|piece| !piece.is_code) {
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        return format!("{quote}{text}{quote}");
    }
    let text: String = pieces
        .iter()
        .map(|piece| {
            if piece.is_code {
                format!("{{{}}}", piece.text)
            } else {
                brace(&piece.text)
            }
        })
        .collect();
    format!("f{quote}{text}{quote}")
}

fn quote_for_all(parts: &[&Expr]) -> char {
    let text: String = parts
        .iter()
        .filter_map(|part| {
            if let Expr::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    literal::quote_for(&text)
}

enum ConcatPart<'e> {
    Static(String),
    Output(&'e Expr),
}

fn brace(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A constant document needs no Output.
fn json_function(value: &Expr) -> &'static str {
    if value.is_output() {
        "pulumi.Output.json_dumps"
    } else {
        "json.dumps"
    }
}

fn unnoted(expr: &Expr) -> (Option<&'static str>, &Expr) {
    match expr {
        Expr::Noted(note, value) => (Some(note), value),
        other => (None, other),
    }
}

/// A long text over several lines, broken between words.
fn broken_string(text: &str, indent: usize) -> String {
    let inner = indent + 4;
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let fits = lines.last().is_some_and(|line| {
            line.is_empty()
                || inner + 2 + literal::escape(line, '"').chars().count() + word.chars().count()
                    <= WIDTH
        });
        if !fits {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    let quote = literal::quote_for(text);
    let lines: String = lines
        .iter()
        .map(|line| {
            format!(
                "{:inner$}{quote}{}{quote}\n",
                "",
                literal::escape(line, quote)
            )
        })
        .collect();
    format!("(\n{lines}{:indent$})", "")
}
