//! From bytes of a spec to lines and columns.

use std::cell::Cell;
use std::ops::Range;

use crate::whole::{Parts, parts};

/// The lines of a text, found once.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The base behind the spec's own text, and how many lines stand before it.
    base: Option<(Parts<'a>, usize)>,
    /// Byte and column of the last place: the next one is mostly behind it, and a line may have a million characters.
    last: Cell<(usize, usize)>,
}

/// A place in its file. Lines and columns count from 1, columns count characters (Unicode scalar values), and an end is the
/// place behind the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub byte_start: usize,
    pub byte_end: usize,
    pub line_start: usize,
    pub column_start: usize,
    pub line_end: usize,
    pub column_end: usize,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let newlines = text.match_indices('\n').map(|(index, _)| index + 1);
        let starts: Vec<usize> = [0].into_iter().chain(newlines).collect();
        let base = parts(text).map(|parts| {
            let before = starts.partition_point(|start| *start < parts.start);
            (parts, before)
        });
        Self {
            text,
            starts,
            base,
            last: Cell::new((0, 1)),
        }
    }

    /// The base that a byte is in, as the spec names it; none where it is the spec's own.
    pub fn base_at(&self, offset: usize) -> Option<&'a str> {
        let (parts, _) = self.base.as_ref()?;
        (offset >= parts.start).then_some(parts.name)
    }

    /// The number of a line in its own file.
    pub fn in_its_file(&self, number: usize) -> usize {
        match &self.base {
            Some((_, before)) if number > *before => number - before,
            _ => number,
        }
    }

    /// The number in the whole of a line of the base.
    pub fn of_base(&self, number: usize) -> Option<usize> {
        self.base.as_ref().map(|(_, before)| before + number)
    }

    /// How many lines the spec itself has, or its base.
    pub fn count(&self, is_base: bool) -> usize {
        let of = |text: &str| text.lines().count();
        match &self.base {
            Some((parts, _)) if is_base => of(parts.base),
            Some((parts, _)) => of(parts.own),
            None => of(self.text),
        }
    }

    /// Number of the line that a byte is in, from 1.
    pub fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Where a line begins. Behind the last line: where the text ends.
    pub fn start(&self, number: usize) -> usize {
        let start = self.starts.get(number.saturating_sub(1));
        start.copied().unwrap_or(self.text.len())
    }

    pub fn place(&self, span: &Range<usize>) -> Place {
        let span = within(self.text, span);
        let (line_start, column_start) = self.position(span.start);
        self.last.set((span.start, column_start));
        let (line_end, column_end) = self.position(span.end);
        let before = match &self.base {
            Some((parts, _)) if span.start >= parts.start => parts.start,
            _ => 0,
        };
        Place {
            byte_start: span.start - before,
            byte_end: span.end - before,
            line_start: self.in_its_file(line_start),
            column_start,
            line_end: self.in_its_file(line_end),
            column_end,
        }
    }

    /// Line and column of a byte, both from 1.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.number(offset);
        let start = self.start(line);
        let (from, column) = match self.last.get() {
            (last, column) if (start..=offset).contains(&last) => (last, column),
            _ => (start, 1),
        };
        let between = self.text.get(from..offset).unwrap_or_default();
        (line, column + between.chars().count())
    }
}

/// The span, cut to the text and to whole characters: a defect elsewhere must not become a panic while reporting.
pub fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = clamp(text, span.start);
    start..clamp(text, span.end).max(start)
}

fn clamp(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let lines = Lines::new("a\n\u{e9}b\n");
        let position = |offset| {
            let place = lines.place(&(offset..offset));
            (place.line_start, place.column_start)
        };
        assert_eq!(position(0), (1, 1));
        assert_eq!(position(1), (1, 2));
        assert_eq!(position(2), (2, 1));
        assert_eq!(position(4), (2, 2));
        assert_eq!(position(99), (3, 1));
        // Back, and on within a line.
        assert_eq!(position(2), (2, 1));
        assert_eq!(position(5), (2, 3));
        assert_eq!(position(4), (2, 2));
    }

    #[test]
    fn a_place_ends_behind_its_last_character() {
        let text = "x\r\nkey = \"\u{1f980}\u{e9}\"\nend";
        let lines = Lines::new(text);
        let start = text.find('"').unwrap();
        let end = text.rfind('"').unwrap() + 1;
        let place = lines.place(&(start..end));
        let expected = Place {
            byte_start: start,
            byte_end: end,
            line_start: 2,
            column_start: 7,
            line_end: 2,
            column_end: 11,
        };
        assert_eq!(place, expected);
        // In the middle of a character, and behind the text.
        let place = lines.place(&(start + 2..1000));
        assert_eq!((place.byte_start, place.byte_end), (start + 1, text.len()));
        assert_eq!((place.line_end, place.column_end), (3, 4));
    }
}
