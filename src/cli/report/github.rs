//! Diagnostics as workflow commands of GitHub Actions: `::error file=…,line=…::message`.

use std::fmt::Write as _;

use super::spec::{Spec, paragraphs};
use crate::diagnostic::{Diagnostic, Lines, Severity};

pub fn commands(diagnostics: &[Diagnostic], spec: &Spec<'_>) -> String {
    let lines = Lines::new(spec.text);
    let mut text = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = lines.place(&diagnostic.span);
        let file = spec.file(&lines, &diagnostic.span);
        // Columns are taken for places within one line only.
        let columns = if place.line_start == place.line_end {
            format!(",col={},endColumn={}", place.column_start, place.column_end)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "::{command} file={},line={},endLine={}{columns},title={}::{}",
            property(file.strip_prefix("./").unwrap_or(&file)),
            place.line_start,
            place.line_end,
            property(diagnostic.code.as_str()),
            data(&paragraphs(diagnostic)),
        );
    }
    text
}

/// What stands behind the last colons.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A value between commas.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn nothing_in_a_text_ends_the_command() {
        let text = "a\nb = 1\n";
        let diagnostic = Diagnostic::error(Code::WrongType, 2..3, "100% wrong: a, b\r")
            .label("::error::\nmine")
            .help("write `b`");
        let spec = Spec {
            name: "./odd, c:\nx%.toml",
            text,
        };
        assert_eq!(
            commands(&[diagnostic], &spec),
            "::error file=odd%2C c%3A%0Ax%25.toml,line=2,endLine=2,col=1,endColumn=2,title=wrong-type::\
             100%25 wrong: a, b%0D%0A::error::%0Amine%0Ahelp: write `b`\n"
        );
    }

    #[test]
    fn severities_are_commands() {
        let spec = Spec {
            name: "s",
            text: "a\nb",
        };
        let diagnostics = [
            Diagnostic::warning(Code::UnusedFunction, 0..1, "x"),
            Diagnostic::note_only(Code::EngineEndOfSupport, 0..3, "x"),
        ];
        let text = commands(&diagnostics, &spec);
        let commands: Vec<&str> = text
            .lines()
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        assert_eq!(commands, ["::warning", "::notice"]);
        assert!(
            text.ends_with("\n::notice file=s,line=1,endLine=2,title=engine-end-of-support::x\n")
        );
    }
}
