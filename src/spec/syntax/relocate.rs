//! Statements in a wrong place are read where they were meant to stand, so that nothing else is missing because of them.

use std::ops::Range;

use super::format::parse;
use super::header::Header;
use super::map::Mend;
use super::mender::{MESSAGE, Mender};
use super::misplaced::{self, Belongs};
use super::names::Names;
use super::pair::Meant;
use super::scan::{self, slice};
use super::{misspelt, pair};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::spec::{builtins, fixed, path_of};

impl Mender<'_> {
    /// The header that was meant by one that can be read. `None` if nobody knows: its table is left out.
    pub fn placed(&mut self, found: Header, span: Range<usize>) -> Option<Header> {
        let behind = scan::line_end(self.text, span.end) + 1;
        let body = misplaced::body(self.text, behind);
        let placed = {
            let names = self.names.get_or_init(|| Names::of(self.text));
            misplaced::header(&found.keys, found.is_member, body, names, &self.format)
        };
        let Some(placed) = placed else {
            return Some(self.spelt(&found, &span).unwrap_or(found));
        };
        let line = slice(self.text, span.clone());
        let length = slice(line, 0..scan::comment(line)).trim_end().len();
        let place = span.start..span.start + length;
        let written = joined(&found.keys);
        let told = Diagnostic::error(
            Code::UnknownKey,
            place.clone(),
            format!("unknown table `{}`", slice(line, 0..length)),
        )
        .label(placed.why);
        if placed.keys == found.keys {
            self.result.has_lost = true;
            // Nobody knows the name of any of them: that is one slip.
            if let Some(first) = self.misspelt.without_name.get(&written) {
                if let Some(told) = self.result.faults.get_mut(*first) {
                    misspelt::also(told, place);
                }
                return None;
            }
            let number = self.result.faults.len();
            self.misspelt.without_name.insert(written.clone(), number);
            let help = format!("give it a name: `[{written}.<name>]`");
            self.result.faults.push(told.help(help));
            return None;
        }
        let (open, close) = if self.format.is_list(&placed.keys) {
            ("[[", "]]")
        } else {
            ("[", "]")
        };
        let right = format!("{open}{}{close}", joined(&placed.keys));
        let mut edits = vec![Edit::Replace(place.clone(), right.clone())];
        if placed.has_name_below
            && let Some(name) = name_line(body, behind)
        {
            edits.push(Edit::Remove(name.clone()));
            self.blank(name);
        }
        let told = told.help(format!("write `{right}`")).suggest_all(edits);
        self.result.faults.push(told);
        self.mends.push(Mend {
            span: place,
            text: right,
        });
        Some(Header {
            is_member: self.format.is_list(&placed.keys),
            keys: placed.keys,
        })
    }

    /// Says in place of a guess what a function of the compiler's uses, by its `source`.
    pub fn with_uses(&self, meant: Meant, statement: &str) -> Meant {
        let is_guess = meant.text.starts_with("uses = ") && !statement.contains('{');
        let Some(header) = self.defined.get(&self.scope).filter(|_| is_guess) else {
            return meant;
        };
        let behind = scan::line_end(self.text, header.end) + 1;
        let source = misplaced::body(self.text, behind).split("builtin:").nth(1);
        let name = source.and_then(|rest| {
            rest.split(|c: char| c != '-' && !c.is_alphanumeric())
                .next()
        });
        match name.and_then(builtins::uses) {
            Some(words) => {
                let comment = slice(statement, scan::comment(statement)..statement.len());
                let gap = if comment.is_empty() { "" } else { " " };
                let text = format!("uses = {words}{gap}{comment}");
                Meant { text, ..meant }
            }
            None => meant,
        }
    }

    /// Whether a pair stands in a wrong place; then it is told. `name` are the bytes of its key.
    pub fn moves(&mut self, keys: &[String], name: &Range<usize>, whole: &Range<usize>) -> bool {
        let path = keys
            .iter()
            .fold(self.scope.clone(), |path, key| path_of(&path, key));
        let Some(belongs) = misplaced::pair(keys, &self.table, &self.format) else {
            return false;
        };
        let top = joined(keys);
        let is_there = matches!(belongs, Belongs::Top) && self.defined.contains_key(&top);
        if is_there || fixed::is_fixed(&path) {
            return false;
        }
        let table = format!("`[{}]`", self.scope);
        let place = if self.scope.is_empty() {
            "the top level"
        } else {
            &table
        };
        let told = Diagnostic::error(
            Code::UnknownKey,
            name.clone(),
            format!("unknown key `{path}`"),
        );
        let told = match belongs {
            Belongs::Here(right) => {
                self.mends.push(Mend {
                    span: name.clone(),
                    text: right.clone(),
                });
                let path = format!("{}.{right}", self.scope);
                self.defined.entry(path).or_insert(name.clone());
                told.label(format!("in {place} a key stands without the table's name"))
                    .help(format!("did you mean `{right}`?"))
                    .replace_with(right)
            }
            Belongs::Top => {
                let start = if self.text.starts_with('\u{feff}') {
                    3
                } else {
                    0
                };
                let line = format!("{}\n", slice(self.text, whole.clone()).trim());
                self.blank(whole.clone());
                // What is said of the value stands there too.
                self.broken.push(start..start);
                self.mends.push(Mend {
                    span: start..start,
                    text: line.clone(),
                });
                self.defined.insert(top, name.clone());
                told.label(format!("stands in {place}, as every line below its header"))
                    .help("move the line to the top of the file, before the first table")
                    .suggest_all(vec![
                        Edit::Replace(start..start, line),
                        Edit::Remove(whole.clone()),
                    ])
            }
            Belongs::Elsewhere(owner, key) => {
                self.blank(whole.clone());
                let mut keys = owner.clone();
                keys.push(key.clone());
                self.result.left_out.push(joined(&keys));
                let owner = joined(&owner);
                told.label(format!("not a key of {place}: `[{owner}]` has one `{key}`"))
                    .help(format!("move the line under `[{owner}]`"))
            }
        };
        self.result.faults.push(told);
        true
    }

    /// Whether the file ends in the middle of a statement: it has no last line feed, and the table that must end it is not there.
    pub fn is_cut(&self, end: usize) -> bool {
        let is_last = end >= self.text.len() && !self.text.ends_with('\n');
        let is_there = |table: &str| self.defined.keys().any(|path| path.starts_with(table));
        let needed = [
            "database",
            "functions",
            "api",
            "load_balancer",
            "monitoring",
        ];
        is_last && !needed.into_iter().all(is_there)
    }

    /// Reports a statement in which the file ends. Whatever would follow is not missing.
    pub fn leave_cut(&mut self, span: Range<usize>) {
        let statement = slice(self.text, span.clone());
        let key = pair::key_of(statement, &self.table, &self.format);
        let path = key.map_or(self.scope.clone(), |key| path_of(&self.scope, &key));
        let told = Diagnostic::error(Code::TomlSyntax, span.clone(), MESSAGE)
            .label("the file ends in the middle of a statement, and without the tables that must follow")
            .help("restore the rest of the file: it was cut off");
        self.result.faults.push(told);
        self.result.left_out.push(path);
        self.result.left_out.push(self.scope.clone());
        self.result.has_lost = true;
        self.blank(span);
    }
}

fn joined(keys: &[String]) -> String {
    keys.iter()
        .fold(String::new(), |path, key| path_of(&path, key))
}

/// Where `name = "health"` stands in a table.
fn name_line(body: &str, start: usize) -> Option<Range<usize>> {
    let parsed = parse(body)?;
    let (key, value) = parsed.iter().find(|(key, _)| key.get_ref() == "name")?;
    Some(start + key.span().start..start + value.span().end)
}
