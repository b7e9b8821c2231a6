//! Words of commands that people copy out of a message into a shell.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use crate::visible::is_invisible;

/// A path as a shell takes it back: plain if it is plain, else in quotes. What is invisible, and bytes that are no text, are
/// written in the form that `bash`, `zsh` and `ksh` read.
pub fn path(path: &Path) -> String {
    let path: &OsStr = path.as_ref();
    // Such a word would be an option.
    if path.as_encoded_bytes().starts_with(b"-") {
        return self::path(&Path::new(".").join(path));
    }
    let bytes = path.as_encoded_bytes();
    let text = str::from_utf8(bytes).ok();
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(byte) || !byte.is_ascii()
    };
    match text {
        Some(text) if !text.contains(is_invisible) => {
            if !text.is_empty() && !text.contains(char::is_whitespace) && bytes.iter().all(is_plain)
            {
                text.to_owned()
            } else {
                format!("'{}'", text.replace('\'', "'\\''"))
            }
        }
        _ => {
            let mut quoted = "$'".to_owned();
            for byte in bytes {
                match byte {
                    b'\'' | b'\\' => {
                        quoted.push('\\');
                        quoted.push(char::from(*byte));
                    }
                    b' '..=b'~' => quoted.push(char::from(*byte)),
                    // Writing to a String cannot fail.
                    _ => drop(write!(quoted, "\\{byte:03o}")),
                }
            }
            quoted.push('\'');
            quoted
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::path;

    #[test]
    fn a_shell_reads_what_was_meant() {
        let cases = [
            ("generated", "generated"),
            ("../a-b/c_d.toml", "../a-b/c_d.toml"),
            ("caf\u{e9}", "caf\u{e9}"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$HOME;`x`", "'$HOME;`x`'"),
            ("a\x1b'b\n", "$'a\\033\\'b\\012'"),
            ("-x", "./-x"),
            ("", "''"),
        ];
        for (name, typed) in cases {
            assert_eq!(path(Path::new(name)), typed);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_shell_agrees() {
        use std::os::unix::ffi::OsStrExt as _;
        for name in [
            &b"a b"[..],
            b"it's \"x\" $(y) \\ *",
            b"\xff\xfe",
            b"a\x1b\n'b\\",
            b"~",
            b"#a",
        ] {
            let name = std::ffi::OsStr::from_bytes(name);
            let script = format!("printf %s {}", path(Path::new(name)));
            let said = std::process::Command::new("bash")
                .args(["-c", &script])
                .output();
            assert_eq!(said.unwrap().stdout, name.as_bytes(), "{script}");
        }
    }
}
