//! From places of the mended text to places of the file.

use std::ops::Range;

/// Bytes of the file with what stands for them in the mended text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    pub span: Range<usize>,
    pub text: String,
}

/// The mends in order, with where each stands in the mended text.
#[derive(Debug, Default)]
pub struct Map {
    mends: Vec<(usize, Mend)>,
}

impl Map {
    /// The mended text, and the map back. The mends are in order and do not overlap.
    pub fn apply(text: &str, mends: Vec<Mend>) -> (String, Self) {
        let mut mended = String::with_capacity(text.len());
        let mut from = 0;
        let mut placed = Vec::new();
        for mend in mends {
            mended.push_str(text.get(from..mend.span.start).unwrap_or_default());
            from = mend.span.end;
            let start = mended.len();
            mended.push_str(&mend.text);
            placed.push((start, mend));
        }
        mended.push_str(text.get(from..).unwrap_or_default());
        (mended, Self { mends: placed })
    }

    pub fn back(&self, span: Range<usize>) -> Range<usize> {
        let start = self.byte(span.start, false);
        let end = self.byte(span.end, true);
        start..end.max(start)
    }

    fn byte(&self, at: usize, is_end: bool) -> usize {
        let index = self.mends.partition_point(|(start, _)| *start <= at);
        let Some((start, mend)) = index.checked_sub(1).and_then(|last| self.mends.get(last)) else {
            return at;
        };
        let behind = start + mend.text.len();
        if at >= behind {
            return at - behind + mend.span.end;
        }
        if is_end && at > *start {
            mend.span.end
        } else {
            mend.span.start
        }
    }
}

/// The least change that makes one text of another.
pub fn difference(old: &str, new: &str) -> Mend {
    let prefix: usize = old
        .chars()
        .zip(new.chars())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum();
    let rest = |text: &str| text.get(prefix..).unwrap_or_default().to_owned();
    let (one, other) = (rest(old), rest(new));
    let suffix: usize = one
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum();
    Mend {
        span: prefix..old.len() - suffix,
        text: other
            .get(..other.len() - suffix)
            .unwrap_or_default()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Mend, difference};

    #[test]
    fn places_lead_back() {
        let mend = |span, text: &str| Mend {
            span,
            text: text.to_owned(),
        };
        let (text, map) = Map::apply("ab]cd==ef", vec![mend(0..0, "["), mend(5..7, "=")]);
        assert_eq!(text, "[ab]cd=ef");
        assert_eq!(map.back(1..3), 0..2);
        assert_eq!(map.back(4..6), 3..5);
        assert_eq!(map.back(7..9), 7..9);
        assert_eq!(map.back(6..7), 5..7);
    }

    #[test]
    fn a_difference_is_small() {
        let found = difference("a == b", "a = b");
        assert_eq!((found.span, found.text.as_str()), (3..4, ""));
        let found = difference("[a", "[a]");
        assert_eq!((found.span, found.text.as_str()), (2..2, "]"));
    }
}
