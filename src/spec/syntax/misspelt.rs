//! Headers with a name that the format does not have: the table that was meant is read in its place, so that nothing in it is missing.

use std::collections::BTreeSet;
use std::ops::Range;

use super::format::{Format, parse};
use super::header::{self, Header};
use super::map::Mend;
use super::mender::{MeantTable, Mender};
use super::misplaced;
use super::scan::{self, slice};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::spec::{nearest, path_of};

/// Other headers that a report points at: of thousands, nobody looks at each.
const MOST_SHOWN: usize = 20;

impl Mender<'_> {
    /// The header that was meant by one whose name is no table's. Headers that begin alike are one report.
    pub fn spelt(&mut self, found: &Header, span: &Range<usize>) -> Option<Header> {
        let end = wrong_part(&found.keys, &self.format)?;
        let (wrong, rest) = found.keys.split_at_checked(end + 1)?;
        let known = self.misspelt.told.get(wrong).cloned();
        let (number, meant) = match known {
            Some(known) => known,
            None => {
                let meant = self.meant_by(found, wrong, span)?;
                let number = self.result.faults.len();
                let told = (number, meant.clone());
                self.misspelt.told.insert(wrong.to_vec(), told);
                (number, meant)
            }
        };
        let keys: Vec<String> = [meant.keys.as_slice(), rest].concat();
        let is_member = self.format.is_list(&keys);
        let (open, close) = if is_member { ("[[", "]]") } else { ("[", "]") };
        let path = |keys: &[String]| {
            let join = |path: String, key: &String| path_of(&path, key);
            keys.iter().fold(String::new(), join)
        };
        let right = format!("{open}{}{close}", path(&keys));
        let line = slice(self.text, span.clone());
        let length = slice(line, 0..scan::comment(line)).trim_end().len();
        let place = span.start..span.start + length;
        let edit = Edit::Replace(place.clone(), right.clone());
        if let Some(told) = self.result.faults.get_mut(number) {
            // One table with many headers.
            if let Some(first) = told.suggestions.first_mut() {
                first.edits.push(edit);
            }
            also(told, place.clone());
        } else {
            let message = format!("unknown table `{}`", slice(line, 0..length));
            self.result.faults.push(
                Diagnostic::error(Code::UnknownKey, place.clone(), message)
                    .label(meant.why)
                    .help(format!("did you mean `{right}`?"))
                    .suggest(edit),
            );
        }
        self.mends.push(Mend {
            span: place,
            text: right,
        });
        Some(Header { keys, is_member })
    }

    fn meant_by(
        &mut self,
        found: &Header,
        wrong: &[String],
        span: &Range<usize>,
    ) -> Option<MeantTable> {
        let (last, above) = wrong.split_last()?;
        let behind = scan::line_end(self.text, span.end) + 1;
        let body = misplaced::body(self.text, behind);
        let near = nearest(last, self.format.keys(above)).map(|near| {
            let place = match above {
                [] => "the spec".to_owned(),
                _ => format!("`{}`", above.join(".")),
            };
            let keys = [above, &[near.to_owned()]].concat();
            let why = format!("no table of {place}");
            MeantTable { keys, why }
        });
        let owner = owner(found, body, &self.format).map(|keys| {
            let why = format!("its keys are those of `[{}]`", keys.join("."));
            MeantTable { keys, why }
        });
        let fits = |meant: &MeantTable| {
            let parsed = parse(body);
            found.keys.len() > wrong.len()
                || parsed.is_some_and(|parsed| self.format.misfit(&parsed, &meant.keys) == 0)
        };
        let fitting = near.clone().filter(fits);
        let text = self.text;
        let headers = self.misspelt.headers.get_or_insert_with(|| headers(text));
        // One of the two has what the other lacks: neither may go.
        let is_free = |meant: &MeantTable| {
            self.format.is_table(&meant.keys) && !headers.contains(&meant.keys)
        };
        let mut candidates = [fitting, owner, near].into_iter().flatten();
        candidates.find(is_free)
    }
}

/// Shows one more header in a report.
pub fn also(told: &mut Diagnostic, place: Range<usize>) {
    if told.secondary.len() < MOST_SHOWN {
        told.secondary.push((place, "and this".to_owned()));
    }
}

/// The part of a header that its table does not have.
fn wrong_part(keys: &[String], format: &Format) -> Option<usize> {
    let first = keys.first()?;
    // A lost dot or blank, which the reader tells.
    let begins = |table: &&str| first != table && first.starts_with(*table);
    if ["functions", "overrides"].iter().any(begins) {
        return None;
    }
    (0..keys.len()).find(|at| {
        let above = keys.get(..*at).unwrap_or_default();
        let name = keys.get(*at).map(String::as_str).unwrap_or_default();
        format.kind(above, name).is_none()
    })
}

/// The only table without names of the author's that has all keys below a header.
fn owner(found: &Header, body: &str, format: &Format) -> Option<Vec<String>> {
    let parsed = parse(body).filter(|parsed| !parsed.is_empty())?;
    if found.keys.len() > 1 || found.is_member {
        return None;
    }
    let mut tables = format.named_tables().filter(|table| {
        table.len() == 1 && !format.is_collection(table) && format.misfit(&parsed, table) == 0
    });
    let only = tables.next()?;
    tables.next().is_none().then_some(only)
}

fn headers(text: &str) -> BTreeSet<Vec<String>> {
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with('['));
    lines
        .filter_map(header::read)
        .map(|found| found.keys)
        .collect()
}
