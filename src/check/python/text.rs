//! Bytes of a file into text, as Python reads them.

use std::borrow::Cow;

use super::fault::Fault;

/// Encodings in which each byte is a character, and the small ones are ASCII.
const SINGLE_BYTES: [&str; 6] = ["latin", "iso8859", "cp125", "windows125", "koi8", "l1"];

const SAVE: &str = "save it as UTF-8";

/// The text of a module; nothing where its encoding is one that only Python knows. In one of single bytes, what is not ASCII is some letter.
pub fn decode(content: &[u8]) -> Result<Option<Cow<'_, str>>, Fault> {
    if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
        return Err(fault(1, "it is UTF-16, which Python does not read"));
    }
    if let Some(at) = memchr::memchr(0, content) {
        return Err(fault(line_of(content, at), "a zero byte"));
    }
    let declared = declared(content);
    let declared = declared.as_deref().unwrap_or("utf8");
    if matches!(declared, "utf8" | "utf8sig" | "u8" | "ascii" | "usascii") {
        let error = match str::from_utf8(content) {
            Ok(text) => return Ok(Some(Cow::Borrowed(text))),
            Err(error) => error,
        };
        let line = line_of(content, error.valid_up_to());
        return Err(fault(line, "a byte that is not UTF-8"));
    }
    if !SINGLE_BYTES.iter().any(|start| declared.starts_with(start)) {
        return Ok(None);
    }
    let letter = |byte: &u8| {
        if byte.is_ascii() {
            char::from(*byte)
        } else {
            'é'
        }
    };
    Ok(Some(content.iter().map(letter).collect()))
}

fn fault(line: usize, reason: &str) -> Fault {
    Fault {
        line,
        reason: reason.to_owned(),
        help: SAVE.to_owned(),
    }
}

fn line_of(content: &[u8], at: usize) -> usize {
    let before = content.get(..at).unwrap_or(content);
    memchr::memchr_iter(b'\n', before).count() + 1
}

/// `# -*- coding: latin-1 -*-` in one of the first two lines: `latin1`.
fn declared(content: &[u8]) -> Option<String> {
    let mut lines = content.split(|byte| *byte == b'\n').take(2);
    let first = lines.next()?;
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let is_comment = |line: &[u8]| line.trim_ascii_start().starts_with(b"#");
    // A second line counts after a comment or nothing.
    let second = lines.next();
    let second = second.filter(|_| first.trim_ascii().is_empty() || is_comment(first));
    let mut found = [Some(first), second].into_iter().flatten();
    found.find_map(|line| {
        let line = line
            .get(..line.len().min(200))
            .filter(|line| is_comment(line))?;
        let at = memchr::memmem::find(line, b"coding")? + 6;
        let rest = line.get(at..)?;
        let rest = rest
            .strip_prefix(b":")
            .or_else(|| rest.strip_prefix(b"="))?;
        let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let name = rest.trim_ascii_start().iter().take_while(is_of_name);
        let plain = name.filter(|byte| byte.is_ascii_alphanumeric());
        let name: String = plain
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn what_python_decodes_is_decoded() {
        for (content, text) in [
            (b"x = '\xc3\xa9'".as_slice(), Some("x = 'é'")),
            (
                b"# coding: latin-1\nx = '\xe9'",
                Some("# coding: latin-1\nx = 'é'"),
            ),
            (
                b"#!/usr/bin/python\n# -*- coding: iso-8859-15 -*-\n'\xa4'",
                Some("#!/usr/bin/python\n# -*- coding: iso-8859-15 -*-\n'é'"),
            ),
            (b"# vim: fileencoding=shift_jis\n'\x83\x5c'", None),
        ] {
            let found = decode(content).unwrap();
            assert_eq!(found.as_deref(), text, "{content:?}");
        }
    }

    #[test]
    fn what_python_does_not_decode_has_a_line() {
        for (content, line) in [
            (b"\xff\xfed\0e\0f\0".as_slice(), 1),
            (b"\xfe\xff\0d\0e\0f", 1),
            (b"d\0e\0f\0", 1),
            (b"x = 1\ny = '\xe9'\n", 2),
            (b"x = 1\n# coding: latin-1\ny = '\xe9'\n", 3),
            (b"# coding: utf-8\n\n\ny = '\xe9'\n", 4),
        ] {
            assert_eq!(decode(content).unwrap_err().line, line, "{content:?}");
        }
    }
}
