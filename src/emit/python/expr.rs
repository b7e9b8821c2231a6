//! Expressions as Python: on one line where they fit, else one entry a line with a trailing comma, which is
//! the form that `ruff format` keeps.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::text::{Piece, brace, broken_string, enclosed, fits, joined, quote_for_all};
use super::used::{Name, Used};
use super::{WIDTH, literal, pad, put};
use crate::stack::expr::{Expr, Members, Part, Target, Text, Wheels};

/// Constants of a module: name → (comment, value).
pub type Constants = BTreeMap<Cow<'static, str>, (&'static str, Expr)>;

/// What the printer has to know about the place where an expression stands.
#[derive(Debug)]
pub struct Scope<'a> {
    /// Path of the component whose file is printed.
    pub component: &'a str,
    /// Loop variable, inside a family; columns stand by themselves where it is empty.
    pub row: Option<&'a str>,
    /// What stands before the names of what other components hand in: `args.`.
    pub args: &'a str,
    /// The same for outputs of this component's resources, where they are asked of its instance.
    pub own: &'a str,
    /// Those of the module that were met so far.
    pub constants: &'a RefCell<Constants>,
    /// Names of other modules that were printed so far.
    pub used: &'a Used,
}

impl Scope<'_> {
    /// Prints the expression as it stands after `used` columns, with `tail` columns still to come on its last line.
    pub fn print(&self, out: &mut String, expr: &Expr, indent: usize, used: usize, tail: usize) {
        let start = out.len();
        let room = WIDTH.saturating_sub(used + tail);
        if !self.flat(out, expr, room) || !fits(&out[start..], room) {
            out.truncate(start);
            self.broken(out, expr, indent);
        }
    }

    /// The same as a text of its own.
    pub fn printed(&self, expr: &Expr, indent: usize, used: usize, tail: usize) -> String {
        let mut out = String::new();
        self.print(&mut out, expr, indent, used, tail);
        out
    }

    /// Prints the expression on one line. False if it may not stand on one, or if it was given up because it takes more than
    /// `room` columns; what was printed until then has to be dropped.
    fn flat(&self, out: &mut String, expr: &Expr, room: usize) -> bool {
        match expr {
            Expr::Text(text) => literal::push_string(out, text),
            Expr::Integer(value) => put!(out, "{value}"),
            Expr::Float(value) => out.push_str(&literal::float(*value)),
            Expr::Bool(value) => out.push_str(literal::boolean(*value)),
            Expr::List(items) => {
                return enclosed(out, "[", "]", |out| self.flat_all(out, items, room));
            }
            Expr::Map(entries) => return self.flat_map(out, entries, room),
            Expr::Noted(..) | Expr::AlphanumericNames { .. } => return false,
            Expr::Output {
                target,
                field,
                path,
                export,
            } => self.output(out, target, field, path, export),
            Expr::ByFunction { column, export, .. } => {
                put!(out, "{}{export}[", self.args);
                self.column(out, column);
                out.push(']');
            }
            Expr::Parent { column, export, .. } => {
                put!(out, "{export}[");
                self.column(out, column);
                out.push(']');
            }
            Expr::Name { kind, role } => self.naming(out, "name", kind, role, '"'),
            Expr::AlphanumericName { kind, role } => {
                self.naming(out, "alphanumeric", kind, role, '"');
            }
            Expr::Tags { kind, role } => self.naming(out, "tags", kind, role, '"'),
            Expr::AccountId => out.push_str(self.used.name(Name::Naming, "naming.account_id")),
            Expr::Region => out.push_str(self.used.name(Name::Naming, "naming.region")),
            Expr::Suffix => out.push_str(self.used.name(Name::Naming, "naming.suffix")),
            Expr::EnvironmentName => {
                out.push_str(self.used.name(Name::Naming, "naming.environment"))
            }
            Expr::Concat(parts) => return self.flat_concat(out, parts, room),
            Expr::Json(value) => {
                out.push_str(self.json_function(value));
                return enclosed(out, "(", ")", |out| self.flat(out, value, room));
            }
            Expr::Column(column) => self.column(out, column),
            Expr::Constant {
                name,
                comment,
                value,
            } => {
                let mut constants = self.constants.borrow_mut();
                constants
                    .entry(name.clone())
                    .or_insert_with(|| (comment, (**value).clone()));
                out.push_str(name);
            }
            Expr::Rows(table) => {
                let asdict = self.used.name(Name::Asdict, "asdict");
                put!(out, "[{asdict}(row) for row in {table}]");
            }
            Expr::Fingerprint(value) => {
                out.push_str(self.fingerprint());
                return enclosed(out, "(", ")", |out| self.flat(out, value, room));
            }
            // Several settings, which read better one a line.
            Expr::Archive {
                wheels: Some(_), ..
            } => return false,
            Expr::Archive {
                folder, packages, ..
            } => {
                self.archives(out, "function_code(");
                literal::push_string(out, folder);
                for package in packages {
                    out.push_str(", ");
                    literal::push_string(out, package);
                }
                out.push(')');
            }
            Expr::Digest(path) => {
                self.archives(out, "digest(");
                literal::push_string(out, path);
                out.push(')');
            }
            Expr::FileText(path) => {
                self.archives(out, "text(");
                literal::push_string(out, path);
                out.push(')');
            }
            Expr::LibrariesLayer => self.archives(out, "libraries_layer()"),
        }
        true
    }

    fn flat_all(&self, out: &mut String, items: &[Expr], room: usize) -> bool {
        let start = out.len();
        items.iter().enumerate().all(|(index, item)| {
            if index > 0 {
                out.push_str(", ");
            }
            self.flat(out, item, room) && fits(&out[start..], room)
        })
    }

    /// Up to two plain entries stay on one line; more read better one a line.
    fn flat_map(&self, out: &mut String, entries: &[(String, Expr)], room: usize) -> bool {
        let nested = |value: &Expr| matches!(value, Expr::Map(_) | Expr::List(_));
        if entries.len() > 2
            || (entries.len() == 2 && entries.iter().any(|(_, value)| nested(value)))
        {
            return false;
        }
        enclosed(out, "{", "}", |out| {
            entries.iter().enumerate().all(|(index, (key, value))| {
                if index > 0 {
                    out.push_str(", ");
                }
                literal::push_string(out, key);
                out.push_str(": ");
                self.flat(out, value, room)
            })
        })
    }

    fn flat_concat(&self, out: &mut String, parts: &[Expr], room: usize) -> bool {
        let parts = self.concat_parts(parts);
        let flat_part = |out: &mut String, part: &ConcatPart<'_>| match part {
            ConcatPart::Static(text) => {
                out.push_str(text);
                true
            }
            ConcatPart::Output(expr) => self.flat(out, expr, room),
        };
        if let [only @ ConcatPart::Static(_)] = parts.as_slice() {
            return flat_part(out, only);
        }
        enclosed(out, "pulumi.Output.concat(", ")", |out| {
            parts.iter().enumerate().all(|(index, part)| {
                if index > 0 {
                    out.push_str(", ");
                }
                flat_part(out, part)
            })
        })
    }

    fn broken(&self, out: &mut String, expr: &Expr, indent: usize) {
        let inner = indent + 4;
        match expr {
            Expr::List(items) => self.broken_items(out, items, indent),
            Expr::Map(entries) => self.broken_map(out, entries, indent),
            Expr::AlphanumericNames { kind, column } => {
                self.used.add(Name::Naming);
                out.push_str("{\n");
                pad(out, inner);
                out.push_str("key: naming.alphanumeric(");
                literal::push_string(out, kind);
                let row = self.row();
                put!(out, ", role) for key, role in {row}.{column}.items()\n");
                pad(out, indent);
                out.push('}');
            }
            Expr::Archive {
                folder,
                packages,
                wheels: Some(wheels),
            } => self.broken_archive(out, folder, packages, wheels, indent),
            Expr::Noted(_, value) => self.broken(out, value, indent),
            Expr::Json(value) => self.broken_call(out, self.json_function(value), value, indent),
            Expr::Fingerprint(value) => self.broken_call(out, self.fingerprint(), value, indent),
            Expr::Concat(parts) if !expr.is_output() => self.broken_text(out, parts, indent),
            Expr::Concat(parts) => self.broken_concat(out, parts, indent),
            Expr::Text(text) if text.contains(' ') => broken_string(out, text, indent),
            other => {
                let start = out.len();
                if !self.flat(out, other, usize::MAX) {
                    out.truncate(start);
                }
            }
        }
    }

    fn broken_map(&self, out: &mut String, entries: &[(String, Expr)], indent: usize) {
        let inner = indent + 4;
        out.push_str("{\n");
        for (key, value) in entries {
            let (note, value) = unnoted(value);
            if let Some(note) = note {
                literal::push_comment(out, note, inner);
            }
            let start = out.len();
            pad(out, inner);
            literal::push_string(out, key);
            out.push_str(": ");
            let used = out[start..].chars().count();
            self.print(out, value, inner, used, 1);
            out.push_str(",\n");
        }
        pad(out, indent);
        out.push('}');
    }

    fn broken_items(&self, out: &mut String, items: &[Expr], indent: usize) {
        let inner = indent + 4;
        out.push_str("[\n");
        for item in items {
            let (note, item) = unnoted(item);
            if let Some(note) = note {
                literal::push_comment(out, note, inner);
            }
            pad(out, inner);
            self.print(out, item, inner, inner, 1);
            out.push_str(",\n");
        }
        pad(out, indent);
        out.push(']');
    }

    /// An archive with what is installed for it.
    fn broken_archive(
        &self,
        out: &mut String,
        folder: &str,
        packages: &[&str],
        wheels: &Wheels,
        indent: usize,
    ) {
        let module = self.used.name(Name::Wheels, "wheels");
        put!(out, "{module}.function_code(\n");
        let mut line = |name: &str, value: &str| {
            pad(out, indent + 4);
            out.push_str(name);
            literal::push_string(out, value);
            out.push_str(",\n");
        };
        line("", folder);
        for package in packages {
            line("", package);
        }
        line("listed=", &wheels.list);
        line("python=", &wheels.python);
        line("platform=", &wheels.platform);
        if !wheels.modules.is_empty() {
            pad(out, indent + 4);
            let name = "modules=";
            out.push_str(name);
            let modules = Expr::list(wheels.modules.iter().map(String::as_str));
            self.print(out, &modules, indent + 4, indent + 4 + name.len(), 1);
            out.push_str(",\n");
        }
        pad(out, indent);
        out.push(')');
    }

    /// A call with one argument that does not fit beside it.
    fn broken_call(&self, out: &mut String, function: &str, argument: &Expr, indent: usize) {
        let inner = indent + 4;
        put!(out, "{function}(\n");
        pad(out, inner);
        let start = out.len();
        self.print(out, argument, inner, inner, 1);
        if !out[start..].contains('\n') {
            out.push(',');
        }
        out.push('\n');
        pad(out, indent);
        out.push(')');
    }

    fn broken_concat(&self, out: &mut String, parts: &[Expr], indent: usize) {
        let inner = indent + 4;
        let print = |out: &mut String, part: &ConcatPart<'_>| match part {
            ConcatPart::Static(text) => out.push_str(text),
            ConcatPart::Output(expr) => self.print(out, expr, inner, inner, 1),
        };
        let parts = self.concat_parts(parts);
        if let [one] = parts.as_slice() {
            return print(out, one);
        }
        out.push_str("pulumi.Output.concat(\n");
        for part in &parts {
            pad(out, inner);
            print(out, part);
            out.push_str(",\n");
        }
        pad(out, indent);
        out.push(')');
    }

    /// An output: a local variable, or what another layer handed in.
    fn output(&self, out: &mut String, target: &Target, field: &str, path: &str, export: &str) {
        let local = target.component == self.component;
        if local && target.members == Members::One && self.own.is_empty() {
            put!(out, "{}.{field}{path}", target.variable);
            return;
        }
        out.push_str(if local { self.own } else { self.args });
        out.push_str(export);
        // Functions hand on what they have together, by their keys.
        if let Some(key) = target.component.strip_prefix("functions/")
            && !self.component.starts_with("functions")
        {
            out.push('[');
            literal::push_string(out, key);
            out.push(']');
        }
        match &target.members {
            Members::Keyed(column) => {
                out.push('[');
                self.column(out, column);
                out.push(']');
            }
            Members::Named(key) => {
                out.push('[');
                literal::push_string(out, key);
                out.push(']');
            }
            Members::One | Members::Each => {}
        }
    }

    fn json_function(&self, value: &Expr) -> &'static str {
        if value.is_output() {
            "pulumi.Output.json_dumps"
        } else {
            self.used.name(Name::Json, "json.dumps")
        }
    }

    fn fingerprint(&self) -> &'static str {
        self.used.name(Name::Fingerprint, "fingerprint")
    }

    fn archives(&self, out: &mut String, function: &str) {
        let module = self.used.name(Name::Archives, "archives");
        put!(out, "{module}.{function}");
    }

    fn row(&self) -> &str {
        self.row.unwrap_or("row")
    }

    fn column(&self, out: &mut String, column: &str) {
        match self.row() {
            "" => out.push_str(column),
            row => put!(out, "{row}.{column}"),
        }
    }

    fn naming(&self, out: &mut String, method: &str, kind: &str, role: &Text, quote: char) {
        self.used.add(Name::Naming);
        put!(out, "naming.{method}({quote}{kind}{quote}");
        match role.0.as_slice() {
            [] => {}
            [Part::Text(text)] => {
                out.push_str(", ");
                out.push(quote);
                literal::push_escaped(out, text, quote);
                out.push(quote);
            }
            _ => {
                out.push_str(", ");
                self.text_quoted(out, role, quote);
            }
        }
        out.push(')');
    }

    /// Text that may hold columns, as a Python expression.
    pub fn text(&self, out: &mut String, text: &Text) {
        match text.0.as_slice() {
            [Part::Text(text)] => literal::push_string(out, text),
            _ => self.text_quoted(out, text, '"'),
        }
    }

    /// A column by itself, or an f-string.
    fn text_quoted(&self, out: &mut String, text: &Text, quote: char) {
        if let [Part::Column(column)] = text.0.as_slice() {
            self.column(out, column);
            return;
        }
        out.push('f');
        out.push(quote);
        for part in &text.0 {
            match part {
                Part::Text(text) => out.push_str(&brace(&literal::escape(text, quote))),
                Part::Column(column) => {
                    out.push('{');
                    self.column(out, column);
                    out.push('}');
                }
            }
        }
        out.push(quote);
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
        let mut text = String::new();
        match run.as_slice() {
            [] => return,
            [one] => {
                if !self.flat(&mut text, one, usize::MAX) {
                    text.clear();
                }
            }
            many => {
                let quote = quote_for_all(many);
                let pieces: Vec<Piece> = many.iter().map(|part| self.piece(part, quote)).collect();
                joined(&mut text, &pieces, quote);
            }
        }
        merged.push(ConcatPart::Static(text));
        run.clear();
    }

    /// A part of a text, as it stands between the quotes of an f-string.
    fn piece(&self, part: &Expr, quote: char) -> Piece {
        let inner = if quote == '"' { '\'' } else { '"' };
        let mut text = String::new();
        let is_code = !matches!(part, Expr::Text(_));
        match part {
            Expr::Text(part) => literal::push_escaped(&mut text, part, quote),
            Expr::Name { kind, role } => self.naming(&mut text, "name", kind, role, inner),
            Expr::AlphanumericName { kind, role } => {
                self.naming(&mut text, "alphanumeric", kind, role, inner);
            }
            other => {
                if !self.flat(&mut text, other, usize::MAX) {
                    text.clear();
                }
            }
        }
        Piece { text, is_code }
    }

    /// A text of several parts over several lines, broken between parts.
    fn broken_text(&self, out: &mut String, parts: &[Expr], indent: usize) {
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
        out.push_str("(\n");
        for line in &lines {
            pad(out, inner);
            joined(out, line, quote);
            out.push('\n');
        }
        pad(out, indent);
        out.push(')');
    }
}

enum ConcatPart<'e> {
    Static(String),
    Output(&'e Expr),
}

/// What a comment says of a value, if one does, and the value.
fn unnoted(expr: &Expr) -> (Option<&'static str>, &Expr) {
    match expr {
        Expr::Noted(note, value) => (Some(note), value),
        other => (None, other),
    }
}
