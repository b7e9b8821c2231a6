//! Expressions of the graph as values: what the program computes when it runs, as far as that is known before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::value::{Value, number_text};
use crate::stack::expr::{Expr, Row, Text, Wheels};
use crate::stack::graph::Member;
use crate::stack::places::Places;

/// The tags of everything, with the keys of the spec that say their values.
pub const DEFAULT_TAGS: [(&str, &str); 3] = [
    ("Environment", "environment.name"),
    ("MigrationDate", "environment.migration_date"),
    ("Owner", "environment.owner"),
];

/// Where and as what an environment is deployed, beside what its spec says.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    pub environment: String,
    pub suffix: String,
    pub region: String,
    pub account: String,
    /// Accounts that the provider may work in; none means any.
    pub allowed_accounts: Vec<String>,
    /// Whether it sets what an account has only once.
    pub manages_account: bool,
    /// Tags of everything, by name.
    pub tags: BTreeMap<String, String>,
}

/// What the files of a project are, for archives and digests.
pub trait Contents {
    /// What stands for the content of a function's archive.
    fn archive(&self, folder: &str, packages: &[&str], wheels: Option<&Wheels>) -> String;

    /// SHA-256 over a folder, as the program computes it.
    fn digest(&self, folder: &str) -> String;

    /// A file, as the program reads it.
    fn text(&self, path: &str) -> String;

    /// What stands for the content of the libraries' layer.
    fn libraries(&self) -> String;
}

/// Evaluates the expressions of one graph.
pub struct Evaluator<'a> {
    pub places: &'a Places<'a>,
    pub deployment: &'a Deployment,
    pub contents: &'a dyn Contents,
    /// An output of a resource: its field in the SDK's spelling.
    pub output: &'a dyn Fn(&Member<'_>, &str) -> Value,
}

impl Evaluator<'_> {
    /// The value of an argument, by its name in the SDK.
    pub fn argument(&self, name: &str, expr: &Expr, row: Option<&Row>) -> Value {
        self.evaluate(expr, row, !is_free(name))
    }

    /// `is_wire`: whether keys of maps are names of arguments, which the wire spells otherwise.
    fn evaluate(&self, expr: &Expr, row: Option<&Row>, is_wire: bool) -> Value {
        match expr {
            Expr::Text(text) => Value::Text(text.clone()),
            #[expect(clippy::cast_precision_loss, reason = "the wire has no other numbers")]
            Expr::Integer(value) => Value::Number(*value as f64),
            Expr::Float(value) => Value::Number(*value),
            Expr::Bool(value) => Value::Bool(*value),
            Expr::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item, row, is_wire));
                Value::List(items.collect())
            }
            Expr::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let name = if is_wire { wire(key) } else { key.clone() };
                    (name, self.evaluate(value, row, is_wire && !is_free(key)))
                });
                Value::Map(entries.collect())
            }
            Expr::Noted(_, value) | Expr::Constant { value, .. } => {
                self.evaluate(value, row, is_wire)
            }
            Expr::Output {
                target,
                field,
                path,
                ..
            } => {
                let members = self.places.targets(target, row);
                let mut values = members.iter().map(|member| self.part(member, field, path));
                if target.members == crate::stack::expr::Members::Each {
                    Value::List(values.collect())
                } else {
                    values.next().unwrap_or(Value::Null)
                }
            }
            Expr::ByFunction {
                column,
                variable,
                field,
                ..
            } => self.of_functions(column, variable, field, row),
            Expr::Parent {
                column,
                target,
                field,
                root,
                ..
            } => {
                if row.is_some_and(|row| row.text(column).is_empty()) {
                    return self.evaluate(root, row, is_wire);
                }
                let members = self.places.targets(&target.keyed(column), row);
                members
                    .first()
                    .map_or(Value::Null, |member| self.part(member, field, ""))
            }
            Expr::Name { kind, role } => Value::Text(self.name(kind, role, row)),
            Expr::AlphanumericName { kind, role } => {
                Value::Text(self.name(kind, role, row).replace('-', ""))
            }
            Expr::AlphanumericNames { kind, column } => self.names_of(kind, column, row),
            Expr::Tags { kind, role } => {
                let tags = self.deployment.tags.iter();
                let mut tags: BTreeMap<String, Value> = tags
                    .map(|(name, value)| (name.clone(), Value::Text(value.clone())))
                    .collect();
                tags.insert("Name".to_owned(), Value::Text(self.name(kind, role, row)));
                Value::Map(tags)
            }
            Expr::AccountId => Value::Text(self.deployment.account.clone()),
            Expr::Region => Value::Text(self.deployment.region.clone()),
            Expr::EnvironmentName => Value::Text(self.deployment.environment.clone()),
            Expr::Suffix => Value::Text(self.deployment.suffix.clone()),
            Expr::Concat(parts) => {
                let mut text = String::new();
                for part in parts {
                    match self.evaluate(part, row, false).shown() {
                        Some(part) => text.push_str(&part),
                        None => return Value::Unknown,
                    }
                }
                Value::Text(text)
            }
            Expr::Json(value) => self.json(value, row, Order::Kept),
            Expr::Column(column) => row
                .and_then(|row| row.cell(column))
                .map_or(Value::Null, |cell| self.evaluate(cell, None, is_wire)),
            Expr::Rows(table) => self.rows(table),
            Expr::Fingerprint(value) => match self.json(value, row, Order::Sorted) {
                Value::Text(text) => Value::Text(hex(&Sha256::digest(text.as_bytes()))),
                other => other,
            },
            Expr::Archive {
                folder,
                packages,
                wheels,
            } => Value::Content(self.contents.archive(folder, packages, wheels.as_ref())),
            Expr::Digest(folder) => Value::Text(self.contents.digest(folder)),
            Expr::FileText(path) => Value::Text(self.contents.text(path)),
            Expr::LibrariesLayer => Value::Content(self.contents.libraries()),
        }
    }

    fn part(&self, member: &Member<'_>, field: &str, path: &str) -> Value {
        let output = (self.output)(member, field);
        if path.is_empty() || output == Value::Unknown {
            return output;
        }
        output.at(&wire(path)).cloned().unwrap_or(Value::Null)
    }

    /// The output of the row's function; outside a family, of all functions by their keys.
    fn of_functions(&self, column: &str, variable: &str, field: &str, row: Option<&Row>) -> Value {
        let of = |key: &str| {
            let member = self.places.of_function(key, variable);
            member.map_or(Value::Null, |member| self.part(&member, field, ""))
        };
        match row {
            Some(row) => of(&row.text(column)),
            None => {
                let keys = self.places.functions().iter();
                Value::Map(keys.map(|key| ((*key).to_owned(), of(key))).collect())
            }
        }
    }

    fn name(&self, kind: &str, role: &Text, row: Option<&Row>) -> String {
        let role = role.resolve(row);
        let parts = [
            kind,
            &role,
            &self.deployment.environment,
            &self.deployment.suffix,
        ];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("-")
    }

    /// A column that maps keys to roles, with the name of each role in its place.
    fn names_of(&self, kind: &str, column: &str, row: Option<&Row>) -> Value {
        let Some(Expr::Map(entries)) = row.and_then(|row| row.cell(column)) else {
            return Value::Null;
        };
        let names = entries.iter().map(|(key, role)| {
            let role = match role {
                Expr::Text(role) => role.as_str(),
                _ => "",
            };
            let name = self.name(kind, &Text::from(role), None).replace('-', "");
            (key.clone(), Value::Text(name))
        });
        Value::Map(names.collect())
    }

    /// The rows of a table, cell by cell.
    fn rows(&self, table: &str) -> Value {
        let family = self.places.family(table);
        let rows = family.map(|family| family.rows.as_slice());
        let rows = rows.unwrap_or_default().iter().map(|row| {
            let cells = row.cells.iter();
            let cells = cells.map(|(name, value, _)| {
                ((*name).to_owned(), self.evaluate(value, Some(row), false))
            });
            Value::Map(cells.collect())
        });
        Value::List(rows.collect())
    }

    /// The text that `json.dumps` makes of a value; unknown where a part of it is.
    fn json(&self, expr: &Expr, row: Option<&Row>, order: Order) -> Value {
        let mut text = String::new();
        match self.dump(expr, row, order, &mut text) {
            Some(()) => Value::Text(text),
            None => Value::Unknown,
        }
    }

    /// In the order of the graph, which a [`Value`] does not keep.
    fn dump(&self, expr: &Expr, row: Option<&Row>, order: Order, out: &mut String) -> Option<()> {
        match expr {
            Expr::Noted(_, value) | Expr::Constant { value, .. } => {
                self.dump(value, row, order, out)
            }
            Expr::Column(column) => match row.and_then(|row| row.cell(column)) {
                Some(cell) => self.dump(cell, None, order, out),
                None => dump_value(&Value::Null, out),
            },
            Expr::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { ", " });
                    self.dump(item, row, order, out)?;
                }
                out.push(']');
                Some(())
            }
            Expr::Map(entries) => {
                let mut entries: Vec<&(String, Expr)> = entries.iter().collect();
                if order == Order::Sorted {
                    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
                }
                out.push('{');
                for (number, (key, value)) in entries.into_iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { ", " });
                    dump_text(key, out);
                    out.push_str(": ");
                    self.dump(value, row, order, out)?;
                }
                out.push('}');
                Some(())
            }
            Expr::Integer(value) => write!(out, "{value}").ok(),
            Expr::Float(value) => {
                // Python writes a whole float with a point.
                write!(out, "{value:?}").ok()
            }
            other => dump_value(&self.evaluate(other, row, false), out),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Kept,
    Sorted,
}

fn dump_value(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(*number)),
        Value::Text(text) | Value::Content(text) => dump_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                dump_value(item, out)?;
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (number, (key, value)) in entries.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                dump_text(key, out);
                out.push_str(": ");
                dump_value(value, out)?;
            }
            out.push('}');
        }
        Value::Unknown => return None,
    }
    Some(())
}

/// A text as `json.dumps` writes it: in ASCII.
fn dump_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Arguments whose keys are the user's or AWS's own, which the wire leaves as they are.
const FREE: &[&str] = &[
    "tags",
    "triggers",
    "variables",
    "request_models",
    "request_parameters",
    "request_templates",
    "response_parameters",
    "response_templates",
    "dimensions",
];

fn is_free(argument: &str) -> bool {
    FREE.contains(&argument)
}

/// Whether an argument has this name on the wire; makes no text.
pub fn is_wire(argument: &str, name: &str) -> bool {
    let mut rest = name.chars();
    let mut is_upper = false;
    for letter in argument.chars() {
        if letter == '_' {
            is_upper = true;
            continue;
        }
        let letter = if is_upper {
            letter.to_ascii_uppercase()
        } else {
            letter
        };
        is_upper = false;
        if rest.next() != Some(letter) {
            return false;
        }
    }
    rest.next().is_none()
}

/// The name of an argument on the wire: `cidr_block` is `cidrBlock`.
pub fn wire(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut is_upper = false;
    for letter in name.chars() {
        if letter == '_' {
            is_upper = true;
        } else if is_upper {
            text.push(letter.to_ascii_uppercase());
            is_upper = false;
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_wire, wire};

    #[test]
    fn a_name_on_the_wire_is_known_without_making_it() {
        let names = ["cidr_block", "tags", "a__b", "_a", "a_", "ipv6_cidr", "a_1"];
        for argument in names {
            for other in names {
                let name = wire(other);
                assert_eq!(
                    is_wire(argument, &name),
                    wire(argument) == name,
                    "{argument} {name}"
                );
            }
            assert!(!is_wire(argument, &format!("{}s", wire(argument))));
        }
    }
}
