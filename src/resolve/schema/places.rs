//! Where the members of a JSON text stand. The text was read as JSON before: what does not fit is passed over.

use std::collections::{BTreeMap, BTreeSet};

/// Lines and columns by JSON pointer, and the names that an object holds twice.
pub struct Places<'a> {
    text: &'a str,
    starts: BTreeMap<String, usize>,
    /// Bytes at which lines begin.
    lines: Vec<usize>,
    pub twice: Vec<String>,
}

impl<'a> Places<'a> {
    pub fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let places = Self {
            text,
            starts: BTreeMap::new(),
            lines: std::iter::once(0).chain(ends).collect(),
            twice: Vec::new(),
        };
        let mut scan = Scan {
            text,
            at: 0,
            places,
        };
        scan.value("");
        scan.places
    }

    /// Line and column, counted from 1, columns in characters as editors do.
    pub fn get(&self, pointer: &str) -> Option<(usize, usize)> {
        let start = *self.starts.get(pointer)?;
        let line = self.lines.partition_point(|begin| *begin <= start);
        let begin = line
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))?;
        let before = self.text.get(*begin..start)?;
        Some((line, before.chars().count() + 1))
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    places: Places<'a>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Members of an object stand at their names, all else where it begins.
    fn value(&mut self, pointer: &str) {
        self.blanks();
        let start = self.at;
        self.places
            .starts
            .entry(pointer.to_owned())
            .or_insert(start);
        match self.peek() {
            Some(b'{') => self.object(pointer),
            Some(b'[') => self.list(pointer),
            Some(b'"') => {
                self.string();
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| !b",]} \t\n\r".contains(&byte))
                {
                    self.at += 1;
                }
            }
        }
    }

    fn object(&mut self, pointer: &str) {
        self.at += 1;
        let mut seen = BTreeSet::new();
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                break;
            }
            let name = self.string();
            let inside = below(pointer, &name);
            // Of two of the same name the second is what a reader has to be shown.
            self.places.starts.insert(inside.clone(), start);
            if !seen.insert(name) {
                self.places.twice.push(inside.clone());
            }
            self.blanks();
            self.at += 1;
            self.value(&inside);
            if !self.goes_on() {
                return;
            }
        }
        self.at += 1;
    }

    fn list(&mut self, pointer: &str) {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return;
        }
        for index in 0_usize.. {
            self.value(&below(pointer, &index.to_string()));
            if !self.goes_on() {
                return;
            }
        }
    }

    /// Past a comma, or past the end of what is open.
    fn goes_on(&mut self) -> bool {
        self.blanks();
        let goes_on = self.peek() == Some(b',');
        self.at += 1;
        goes_on
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'\\') => self.at += 2,
                Some(b'"') | None => break,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).unwrap_or_default()
    }
}

pub fn below(pointer: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{name}")
}
