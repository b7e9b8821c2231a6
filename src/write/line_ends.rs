//! Line ends: git and editors change them on some machines, and that is no edit of anybody's.

use std::borrow::Cow;

/// The same lines, each ended by a line feed alone.
pub fn unix(content: &[u8]) -> Cow<'_, [u8]> {
    if !content.windows(2).any(|pair| pair == b"\r\n") {
        return content.into();
    }
    let mut lines = Vec::with_capacity(content.len());
    let mut bytes = content.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte != b'\r' || bytes.peek() != Some(&&b'\n') {
            lines.push(*byte);
        }
    }
    lines.into()
}

/// Whether two contents differ, and in line ends alone.
pub fn alone_differ(one: &[u8], other: &[u8]) -> bool {
    one != other && unix(one) == unix(other)
}

/// What somebody made of a file, with the line ends of what is written there: a diff then shows the lines that differ in more.
pub fn as_written<'a>(found: &'a [u8], written: &[u8]) -> Cow<'a, [u8]> {
    if written.contains(&b'\r') {
        found.into()
    } else {
        unix(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{alone_differ, as_written, unix};

    #[test]
    fn only_pairs_are_changed() {
        assert_eq!(&*unix(b"a\r\nb\nc\r\rd\r\n"), b"a\nb\nc\r\rd\n");
        assert_eq!(&*unix(b"\r"), b"\r");
        assert_eq!(&*unix(b""), b"");
    }

    #[test]
    fn line_ends_are_distinguished_from_edits() {
        assert!(alone_differ(b"a\r\nb\r\n", b"a\nb\n"));
        assert!(alone_differ(b"a\r\nb\n", b"a\nb\r\n"));
        assert!(!alone_differ(b"a\n", b"a\n"));
        assert!(!alone_differ(b"a\r\nb", b"a\nb\n"));
        assert_eq!(&*as_written(b"a\r\n", b"b\n"), b"a\n");
        assert_eq!(&*as_written(b"a\r\n", b"b\r\n"), b"a\r\n");
    }
}
