//! From bytes of a spec to lines and columns.

use std::cell::Cell;
use std::ops::Range;

/// The lines of a text, found once.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Byte and column of the last place: the next one is mostly behind it, and a line may have a million characters.
    last: Cell<(usize, usize)>,
}

/// A place in a text. Lines and columns count from 1, columns count characters (Unicode scalar values), and an end is the
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
        Self {
            text,
            starts: [0].into_iter().chain(newlines).collect(),
            last: Cell::new((0, 1)),
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
        Place {
            byte_start: span.start,
            byte_end: span.end,
            line_start,
            column_start,
            line_end,
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
