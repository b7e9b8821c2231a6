//! Distinguished names of certificates as text, by RFC 2253: what the load balancer sends of a client's certificate, and what a spec says
//! of it. Functions compare them as text; whether two certificates have one name is a question of what they mean.

use std::fmt::Write as _;

/// The longest that the functions' table takes.
const LONGEST: usize = 1_000;

/// What is wrong with a name: of its parts each needs a type, and no part begins with a blank that is not escaped.
pub fn fault(name: &str) -> Option<&'static str> {
    if name.chars().count() > LONGEST {
        return Some("longer than 1,000 characters");
    }
    if name.chars().any(char::is_control) {
        return Some("contains control characters");
    }
    for (_, part) in separated(name) {
        if part.starts_with(' ') {
            return Some("a blank after a comma, where the load balancer sends none");
        }
        let Some((kind, value)) = part.split_once('=') else {
            return Some("a part without `=`");
        };
        let is_kind = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if kind.is_empty()
            || !kind.chars().all(is_kind)
            || value.is_empty()
            || value.starts_with(' ')
        {
            return Some("each part is a type and a value, such as `CN=acme`");
        }
    }
    None
}

/// Types that OpenSSL writes otherwise than the reader of certificates: `openssl x509 -nameopt RFC2253` is what people copy.
const TYPES: [(&str, &str); 3] = [
    ("EMAIL", "emailAddress"),
    ("SERIALNUMBER", "serialNumber"),
    ("STREET", "street"),
];

/// As OpenSSL prints a name that the reader of certificates wrote, with escapes in the place of letters that are not ASCII's.
pub fn printed(name: &str) -> String {
    let mut text = String::new();
    for (before, part) in separated(name) {
        text.extend((!text.is_empty()).then_some(before));
        let (kind, value) = part.split_once('=').unwrap_or((part, ""));
        let known = TYPES.iter().find(|(read, _)| *read == kind);
        text.push_str(known.map_or(kind, |(_, usual)| usual));
        text.push('=');
        for c in value.chars() {
            if c.is_ascii() {
                text.push(c);
                continue;
            }
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(text, "\\{byte:02X}");
            }
        }
    }
    text
}

/// Whether two texts are one name, however its characters are escaped. Certificates that differ in case only are verified as one
/// (RFC 5280, 7.1).
pub fn is_same(one: &str, other: &str) -> bool {
    one == other || meaning(one) == meaning(other)
}

/// Of each part what stands before it, its type and its value: `,`, `cn` and `acme`.
fn meaning(name: &str) -> Vec<(char, String, String)> {
    let parts = separated(name).into_iter().map(|(before, part)| {
        let (kind, value) = part.split_once('=').unwrap_or((part, ""));
        (before, kind.to_lowercase(), unescaped(value).to_lowercase())
    });
    parts.collect()
}

/// `Müller, Söhne`, of `M\C3\BCller\, Söhne`.
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let coded = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        rest = match (first, coded, after) {
            (b'\\', Some(byte), [_, _, after @ ..]) => {
                bytes.push(byte);
                after
            }
            (b'\\', None, [byte, after @ ..]) => {
                bytes.push(*byte);
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands between commas and plus signs that are not escaped, each with the sign before it.
fn separated(name: &str) -> Vec<(char, &str)> {
    let mut parts = Vec::new();
    let (mut begin, mut before, mut is_escaped) = (0, ',', false);
    for (at, c) in name.char_indices() {
        if !is_escaped && (c == ',' || c == '+') {
            parts.push((before, &name[begin..at]));
            (begin, before) = (at + 1, c);
        }
        is_escaped = !is_escaped && c == '\\';
    }
    parts.push((before, &name[begin..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::{fault, is_same};

    #[test]
    fn names_are_those_of_rfc_2253() {
        for name in [
            "CN=acme,O=Acme",
            "CN=Acme\\, Inc.,O=Acme Payments",
            "CN=acme+OU=till,C=US",
            "1.3.6.1.4.1.1466.0=#04024869,O=Test",
            "CN=\\ blank,O=a=b",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
        for name in [
            "",
            "acme",
            "CN=acme, O=Acme",
            "CN=",
            "CN=acme,",
            "/O=Acme/CN=acme",
            "C N=a",
        ] {
            assert!(fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_is_the_same_in_every_way_of_writing_it() {
        for (one, other) in [
            (
                "CN=M\\C3\\BCller\\, S\u{f6}hne",
                "cn=M\u{fc}ller\\2c S\\C3\\B6hne",
            ),
            ("CN=\\#1\\ ", "CN=\\231\\20"),
            ("CN=Acme,O=ACME", "CN=acme,O=Acme"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("CN=a,O=b", "O=b,CN=a"),
            ("CN=a,O=b", "CN=a+O=b"),
            ("CN=a", "CN=ab"),
            ("CN=a\\,O=b", "CN=a,O=b"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
