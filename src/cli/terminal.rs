//! The two streams and their colours. Everything for people is printed here, with control characters made visible: the only escape
//! sequences that reach a terminal are our own colours.

use std::io::{self, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ColorChoice;

use crate::visible;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// A stream whose reader may go away. From then on its output is dropped: what a command does, and the exit code, do not
/// depend on who is still reading (`check … | head -3` fails on a wrong spec, `build … | head` writes).
struct Stream<'a> {
    to: &'a mut dyn Write,
    is_dropped: bool,
}

impl<'a> Stream<'a> {
    fn new(to: &'a mut dyn Write) -> Self {
        Self {
            to,
            is_dropped: false,
        }
    }

    /// What an attempt to write says, where a reader that has gone is no failure.
    fn unless_gone<T>(&mut self, result: io::Result<T>, done: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_dropped = true;
                Ok(done)
            }
            result => result,
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_dropped {
            return Ok(bytes.len());
        }
        let result = self.to.write(bytes);
        self.unless_gone(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_dropped {
            return Ok(());
        }
        let result = self.to.flush();
        self.unless_gone(result, ())
    }
}

/// Where results and messages go.
pub struct Terminal<'a> {
    out: Stream<'a>,
    err: Stream<'a>,
    colour_out: bool,
    colour_err: bool,
    /// Whether a tool reads the standard output, so that results are for people on the standard error.
    is_yielded: bool,
}

/// Whether a stream takes colour: as told, otherwise as terminal and environment say (`NO_COLOR`, `CLICOLOR`, `TERM` …).
pub fn wants_colour(choice: ColorChoice, error_stream: bool) -> bool {
    let wanted = match choice {
        ColorChoice::Always => return true,
        ColorChoice::Never => return false,
        ColorChoice::Auto if error_stream => AutoStream::choice(&io::stderr()),
        ColorChoice::Auto => AutoStream::choice(&io::stdout()),
    };
    wanted != anstream::ColorChoice::Never
}

impl<'a> Terminal<'a> {
    pub fn new(choice: ColorChoice, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let (colour_out, colour_err) = (wants_colour(choice, false), wants_colour(choice, true));
        Self {
            out: Stream::new(out),
            err: Stream::new(err),
            colour_out,
            colour_err,
            is_yielded: false,
        }
    }

    /// Whether both readers have gone, so that nothing that is printed reaches anybody.
    pub fn is_unread(&self) -> bool {
        self.out.is_dropped && self.err.is_dropped
    }

    /// From now on the standard output is for `yielded` alone: results go to the standard error.
    pub fn yield_output(&mut self) {
        self.is_yielded = true;
    }

    /// What a tool reads. Its format escapes control characters in its own way.
    pub fn yielded(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// JSON as the result.
    pub fn json(&mut self, text: &str) -> io::Result<()> {
        self.ready_text(&format!("{}\n", visible::json(text)))
    }

    pub fn colours_errors(&self) -> bool {
        self.colour_err
    }

    /// A line of the result.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.ready_text(&format!("{}\n", visible::line(text)))
    }

    /// Lines of the result, each with its end.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.ready_text(&visible::lines(text))
    }

    fn ready_text(&mut self, text: &str) -> io::Result<()> {
        let stream = if self.is_yielded {
            &mut self.err
        } else {
            &mut self.out
        };
        stream.write_all(text.as_bytes())
    }

    /// A diff as the result.
    pub fn diff(&mut self, text: &str) -> io::Result<()> {
        let colour = if self.is_yielded {
            self.colour_err
        } else {
            self.colour_out
        };
        self.ready_text(&coloured_diff(text, colour))
    }

    /// A diff that belongs to a message.
    pub fn message_diff(&mut self, text: &str) -> io::Result<()> {
        self.err
            .write_all(coloured_diff(text, self.colour_err).as_bytes())
    }

    /// A report that is ready to print: rendered, or a text of ours.
    pub fn report(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(text.as_bytes())
    }

    /// What the command is doing.
    pub fn status(&mut self, text: &str) -> io::Result<()> {
        let text = visible::line(text);
        if self.colour_err {
            writeln!(self.err, "{CYAN}{text}{CYAN:#}")
        } else {
            writeln!(self.err, "{text}")
        }
    }

    pub fn error(&mut self, text: &str) -> io::Result<()> {
        self.message("error", RED.bold(), text)
    }

    pub fn warning(&mut self, text: &str) -> io::Result<()> {
        self.message("warning", YELLOW.bold(), text)
    }

    pub fn help(&mut self, text: &str) -> io::Result<()> {
        self.message("help", CYAN.bold(), text)
    }

    fn message(&mut self, level: &str, colour: Style, text: &str) -> io::Result<()> {
        let text = visible::line(text);
        if self.colour_err {
            writeln!(self.err, "{colour}{level}{colour:#}{BOLD}:{BOLD:#} {text}")
        } else {
            writeln!(self.err, "{level}: {text}")
        }
    }
}

fn coloured_diff(text: &str, colour: bool) -> String {
    let text = visible::lines(text);
    if !colour {
        return text.into_owned();
    }
    let line = |line: &str| {
        let style = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => BOLD,
            [b'-', ..] => RED,
            [b'+', ..] => GREEN,
            [b'@', ..] => CYAN,
            _ => return format!("{line}\n"),
        };
        format!("{style}{line}{style:#}\n")
    };
    text.lines().map(line).collect()
}

/// `1 file`, `2 files`.
pub fn number(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Write};

    use clap::ColorChoice;

    use super::{Stream, Terminal, coloured_diff};

    /// A pipe that fails at the second write.
    struct Failing {
        kind: ErrorKind,
        taken: Vec<u8>,
        attempts: usize,
    }

    impl Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.attempts += 1;
            if self.attempts > 1 {
                return Err(self.kind.into());
            }
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.kind.into())
        }
    }

    fn failing(kind: ErrorKind) -> Failing {
        Failing {
            kind,
            taken: Vec::new(),
            attempts: 0,
        }
    }

    #[test]
    fn what_is_printed_after_the_reader_has_gone_is_dropped() {
        let mut pipe = failing(ErrorKind::BrokenPipe);
        let mut stream = Stream::new(&mut pipe);
        for line in ["first\n", "second\n", "third\n"] {
            stream.write_all(line.as_bytes()).unwrap();
        }
        stream.flush().unwrap();
        assert!(stream.is_dropped);
        assert_eq!((pipe.taken.as_slice(), pipe.attempts), (&b"first\n"[..], 2));
    }

    #[test]
    fn another_failure_to_print_is_one() {
        let mut full = failing(ErrorKind::StorageFull);
        let mut stream = Stream::new(&mut full);
        stream.write_all(b"first\n").unwrap();
        assert!(stream.write_all(b"second\n").is_err());
        assert!(stream.flush().is_err());
    }

    #[test]
    fn only_changed_lines_are_coloured() {
        let diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n same\n-old\n+new\n";
        assert_eq!(coloured_diff(diff, false), diff);
        let coloured = coloured_diff(diff, true);
        assert!(coloured.contains("\x1b[31m-old\x1b[0m\n") && coloured.contains("\n same\n"));
    }

    #[test]
    fn only_our_own_colours_reach_a_terminal() {
        let diff = "@@ -1 +1 @@\n-old\r\n+new \x1b[2J\u{9b}31m\u{202e}\n";
        let shown = "@@ -1 +1 @@\n-old␍\n+new ␛[2J\\u{9b}31m\\u{202e}\n";
        assert_eq!(coloured_diff(diff, false), shown);
        let coloured = coloured_diff(diff, true);
        assert!(coloured.contains("\x1b[32m+new ␛[2J\\u{9b}31m\\u{202e}\x1b[0m\n"));

        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut terminal = Terminal::new(ColorChoice::Never, &mut out, &mut err);
        terminal.line("a\x1b]0;title\x07").unwrap();
        terminal.text("b\x1bc\nd\n").unwrap();
        terminal.json("{\"a\": \"\u{9b}\"}").unwrap();
        terminal.error("e\nwarning: f\x1b").unwrap();
        terminal.status("g\u{2066}").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert_eq!(text(out), "a␛]0;title␇\nb␛c\nd\n{\"a\": \"\\u009b\"}\n");
        assert_eq!(text(err), "error: e␊warning: f␛\ng\\u{2066}\n");
    }
}
