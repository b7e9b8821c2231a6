//! The statements of a file one after the other: each is read alone, and one that cannot be read is mended where it stands.

use std::ops::Range;

use super::conflict::Sides;
use super::format::parse;
use super::header::{self, Header};
use super::map::Mend;
use super::mender::{MESSAGE, MOST_MENDED, Mender};
use super::scan::{self, Begin, begin, line_end, slice};
use super::words::LONGEST_HELP;
use super::{around, pair, rebuild};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::spec::path_of;

impl Mender<'_> {
    /// Reads the whole file.
    pub fn run(&mut self) {
        let mut at = 0;
        if self.text.starts_with('\u{feff}') {
            at = '\u{feff}'.len_utf8();
        }
        let mut frame = around::frame(self.text).map_or_else(Vec::new, |frame| {
            self.result.faults.push(frame.told);
            frame.lines
        });
        frame.reverse();
        while at < self.text.len() {
            let end = line_end(self.text, at);
            if let Some(span) = frame.pop_if(|span| (at..=end).contains(&span.start)) {
                self.blank(span);
                at = end + 1;
                continue;
            }
            if let Some(next) = self.block_comment(at, end) {
                at = next;
                continue;
            }
            let line = slice(self.text, at..end);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let start = at + (line.len() - line.trim_start_matches([' ', '\t']).len());
            let next = match begin(line) {
                Begin::Nothing if parse(line).is_some() => end,
                Begin::Nothing => self.pair(start, end),
                Begin::Marker => match self.conflict(start, end) {
                    Some(sides) => self.first_side(&sides),
                    None => end,
                },
                Begin::Header => self.header(start, end),
                Begin::Pair if header::lacks_first_bracket(line) => self.header(start, end),
                Begin::Pair if self.names_table(start, end) => {
                    self.open_braces += usize::from(line.trim_end().ends_with('{'));
                    self.header(start, end)
                }
                Begin::Pair if line.trim() == "}" && self.open_braces > 0 => {
                    self.open_braces -= 1;
                    self.blank(start..end);
                    end
                }
                Begin::Pair => self.pair(start, end),
            };
            at = next.max(end) + 1;
        }
    }

    /// A comment in a block, with lines of its own: where the next line begins.
    fn block_comment(&mut self, start: usize, end: usize) -> Option<usize> {
        let line = slice(self.text, start..end);
        if begin(line) != Begin::Pair || !line.contains(['/', '!']) || self.mended > MOST_MENDED {
            return None;
        }
        let (span, right) = around::block(self.text, start, end)?;
        let is_alone = slice(self.text, start..span.start).trim().is_empty();
        let lines = slice(self.text, span.clone()).contains('\n');
        if !is_alone && !lines || right.is_empty() {
            return None;
        }
        self.mended += 1;
        let place = span.start..line_end(self.text, span.start).min(span.end);
        self.result.faults.push(
            Diagnostic::error(Code::TomlSyntax, place, MESSAGE)
                .label("a comment begins with `#`, on each of its lines")
                .help(if lines {
                    "write `#` before each line of the comment".to_owned()
                } else {
                    format!("write `{right}`")
                })
                .suggest(Edit::Replace(span.clone(), right.clone())),
        );
        self.mends.push(Mend {
            span: span.clone(),
            text: right,
        });
        if !is_alone {
            self.pair(start, span.start);
        }
        Some(line_end(self.text, span.end) + 1)
    }

    /// Reads the first side of a conflict, and skips the other.
    fn first_side(&mut self, sides: &Sides) -> usize {
        let (from, until) = (sides.first.end, sides.end);
        let mut at = sides.first.start;
        while at < from {
            let end = line_end(self.text, at);
            let line = slice(self.text, at..end);
            let next = match begin(line) {
                Begin::Nothing | Begin::Marker => end,
                Begin::Header => self.header(at, end),
                Begin::Pair => self.pair(at, end),
            };
            at = next.max(end) + 1;
        }
        self.blank(from.max(at.min(until))..until);
        until
    }

    /// Whether a line is the header of a table as other formats write it, and no key of this table with its value under it.
    fn names_table(&self, start: usize, end: usize) -> bool {
        let line = slice(self.text, start..end);
        if self.mended > MOST_MENDED || line.len() > LONGEST_HELP || line.contains('=') {
            return false;
        }
        let is_key = pair::key_of(line, &self.table, &self.format).is_some();
        (self.table.is_empty() || !is_key) && rebuild::is_named_otherwise(line, &self.format)
    }

    fn header(&mut self, start: usize, line_end: usize) -> usize {
        let line = slice(self.text, start..line_end).trim_end_matches('\r');
        let end = start + line.len();
        self.skip_to_header = false;
        let mut behind = None;
        let found = match header::read(line) {
            Some(found) => {
                let placed = self.placed(found, start..end);
                if placed.is_none() {
                    self.blank(start..end);
                    self.skip_to_header = true;
                    return line_end;
                }
                placed
            }
            None if self.is_cut(line_end) => {
                self.leave_cut(start..end);
                return line_end;
            }
            None => {
                let may_search = self.take_turn();
                let meant = may_search
                    .and_then(|search| rebuild::mend(line, &self.format, self.names(), search));
                let found = meant.as_ref().and_then(|meant| {
                    let header = meant.text.lines().rev().find_map(header::read);
                    header.or_else(|| meant.text.lines().find_map(header::read))
                });
                match (meant, found) {
                    (Some(meant), Some(found)) => {
                        self.replace(start..end, &meant);
                        behind = meant
                            .text
                            .split_once('\n')
                            .map(|(_, behind)| behind.to_owned());
                        Some(found)
                    }
                    _ => None,
                }
            }
        };
        match found {
            Some(header) => {
                self.enter(header, start..end);
                if let Some(behind) = behind {
                    self.define(&behind, start..end);
                }
            }
            None => {
                self.leave_out(start..end);
                self.result.has_lost = true;
                self.skip_to_header = true;
            }
        }
        line_end
    }

    /// Goes on in another table.
    fn enter(&mut self, found: Header, span: Range<usize>) {
        let mut path = String::new();
        let last = found.keys.len().saturating_sub(1);
        for (index, key) in found.keys.iter().enumerate() {
            path = path_of(&path, key);
            if found.is_member && index == last {
                let number = self.members.entry(path.clone()).or_default();
                *number += 1;
                path = format!("{path}[{}]", *number - 1);
            } else if let Some(number) = self.members.get(&path).filter(|_| index < last) {
                path = format!("{path}[{}]", *number - 1);
            }
        }
        self.table = found.keys;
        self.scope.clone_from(&path);
        let place = span.start..span.start + slice(self.text, span.clone()).trim_end().len();
        let place = place.start..place.start + scan::comment(slice(self.text, place.clone()));
        let place = place.start..place.start + slice(self.text, place.clone()).trim_end().len();
        if let Some(first) = self.defined.get(&path).cloned() {
            let name = slice(self.text, place.clone()).to_owned();
            self.twice(&format!("the table `{name}` stands twice"), &place, first)
                .help_for_tables();
            self.blank(span);
            self.result.left_out.push(path);
            self.skip_to_header = true;
            return;
        }
        self.defined.insert(path, place);
    }

    fn pair(&mut self, start: usize, end: usize) -> usize {
        if self.skip_to_header {
            let span = start
                ..self
                    .whole(start, end)
                    .unwrap_or_else(|| scan::broken(self.text, start));
            self.blank(span.clone());
            return span.end;
        }
        if let Some(end) = self.whole(start, end) {
            self.note_pair(start..end);
            return end;
        }
        let end = scan::broken(self.text, start);
        let statement = slice(self.text, start..end).trim_end_matches([' ', '\t', '\r', '\n']);
        let span = start..start + statement.len();
        if self.is_cut(end) {
            self.leave_cut(span);
            return end;
        }
        let may_search = self.take_turn();
        let meant =
            may_search.and_then(|search| pair::mend(statement, &self.table, &self.format, search));
        match meant {
            Some(meant) => {
                let meant = self.with_uses(meant, statement);
                self.define(&meant.text, span.clone());
                self.replace(span, &meant);
                // A header may have stood behind the pair, on its line.
                if let Some(found) = meant.text.rsplit('\n').next().and_then(header::read) {
                    self.enter(found, end..end);
                }
            }
            None => {
                let is_known = self.mended <= MOST_MENDED;
                let key = is_known.then(|| pair::key_of(statement, &self.table, &self.format));
                let key = key.flatten();
                let path = key.map_or(self.scope.clone(), |key| match self.scope.as_str() {
                    "" => key,
                    scope => format!("{scope}.{key}"),
                });
                // A line that is nothing known, before every table: the one key that must be there.
                let path = Some(path).filter(|path| !path.is_empty());
                let path = path.unwrap_or_else(|| "version".to_owned());
                self.result.left_out.push(path);
                self.leave_out(span);
            }
        }
        end
    }

    /// The end of a pair that can be read.
    fn whole(&mut self, start: usize, end: usize) -> Option<usize> {
        let most = if self.ahead == 0 {
            end - start
        } else {
            self.text.len()
        };
        let last = scan::balanced(self.text, start, most);
        if last > end {
            self.ahead = self.ahead.saturating_sub(last - start);
        }
        let reads = parse(slice(self.text, start..last).trim_end_matches('\r')).is_some();
        (reads && last >= end).then_some(last)
    }

    /// Remembers which key is set, and where.
    fn note_pair(&mut self, span: Range<usize>) {
        let Some(parsed) = parse(slice(self.text, span.clone()).trim_end_matches('\r')) else {
            return;
        };
        let Some((key, _)) = parsed.iter().next() else {
            return;
        };
        let mut keys = vec![key.get_ref().to_string()];
        let written = key.span();
        // `a.b = 1` sets `b` of `a`.
        let line = slice(self.text, span.clone());
        let name_end = line.find('=').unwrap_or(line.len());
        if slice(line, written.end..name_end.max(written.end)).contains('.') {
            keys = slice(line, 0..name_end)
                .split('.')
                .map(|key| key.trim().to_owned())
                .collect();
        }
        let path = keys
            .iter()
            .fold(self.scope.clone(), |path, key| path_of(&path, key));
        let place = span.start + written.start
            ..span.start + slice(line, 0..name_end).trim_end().len().max(written.end);
        if self.moves(&keys, &place, &span) {
            return;
        }
        if let Some(first) = self.defined.get(&path).cloned() {
            let name = keys.join(".");
            self.twice(&format!("the key `{name}` is set twice"), &place, first)
                .help_for_keys();
            self.blank(span);
            return;
        }
        self.defined.insert(path, place);
    }
}
