//! Source into statements. The only file that knows the parser.

use std::thread;

use ruff_python_ast::PythonVersion;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use super::fault::Fault;

/// A part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    Sign(char),
    /// A literal; what is in it is nobody's code.
    Text,
}

impl Token<'_> {
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if *found == word)
    }

    pub fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// One logical line, without comments.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Whether it stands at the left edge: what it binds belongs to the module.
    pub is_top: bool,
    pub tokens: Vec<Token<'a>>,
}

/// Larger ones are not judged: nobody writes them.
const LARGEST: usize = 1 << 20;

/// What is put on the stack, a byte of source: each may open an expression within the one before, which is walked through when it is given up.
const STACK_PER_BYTE: usize = 1 << 10;
const STACK: usize = 2 << 20;

/// The statements of a module, as this version of Python reads it; nothing where it is too large to be judged.
pub fn scan<'a>(source: &'a str, version: &str) -> Result<Option<Vec<Statement<'a>>>, Fault> {
    let Some(version) = numbers(version).filter(|_| source.len() <= LARGEST) else {
        return Ok(None);
    };
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    thread::scope(|scope| {
        let stack = STACK + source.len() * STACK_PER_BYTE;
        let thread = thread::Builder::new().stack_size(stack);
        let parsing = thread.spawn_scoped(scope, || parse(source, version));
        // Without memory for it, or where the parser gives up, nothing is said.
        let parsed = parsing.ok().and_then(|parsing| parsing.join().ok());
        parsed.map_or(Ok(None), |found| found.map(Some))
    })
}

/// `python3.13`, `3.13`
fn numbers(version: &str) -> Option<PythonVersion> {
    let (major, minor) = version.trim_start_matches("python").split_once('.')?;
    Some(PythonVersion {
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
    })
}

fn parse(source: &str, version: PythonVersion) -> Result<Vec<Statement<'_>>, Fault> {
    let options = ParseOptions::from(Mode::Module).with_target_version(version);
    let parsed = parse_unchecked(source, options);
    if let Some(error) = parsed.errors().first() {
        let at = error.start().to_usize();
        // The parser wonders at what follows it, a line or more below.
        let open = unclosed(parsed.tokens()).filter(|open| *open <= at);
        let bracket = open.and_then(|open| source.get(open..)?.chars().next());
        return Err(match open.zip(bracket) {
            Some((open, bracket)) => Fault {
                help: format!("close it with `{}`", closing(bracket)),
                ..fault(source, open, &format!("`{bracket}` is never closed"))
            },
            None => fault(source, at, &error.error.to_string()),
        });
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(Fault {
            help: format!("write it for Python {version}, or choose a newer runtime"),
            ..fault(source, error.start().to_usize(), &error.to_string())
        });
    }
    let mut scanner = Scanner::default();
    for token in parsed.tokens() {
        let range = token.range();
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let text = source.get(start..end).unwrap_or_default();
        let before = source.get(..start).unwrap_or_default();
        let is_at_edge = before.is_empty() || before.ends_with(['\n', '\r', '\u{c}']);
        scanner.take(token.kind(), text, is_at_edge);
    }
    Ok(scanner.statements)
}

fn closing(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// Where the innermost bracket stands that is open at the end.
fn unclosed(tokens: &[ruff_python_ast::token::Token]) -> Option<usize> {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind() {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.push(token.start().to_usize());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => drop(open.pop()),
            _ => (),
        }
    }
    open.pop()
}

/// The parser's reason, with the line where it stands.
fn fault(source: &str, at: usize, reason: &str) -> Fault {
    let before = source.get(..at).unwrap_or(source);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = source.get(start..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let markers = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let (reason, help) = if markers.iter().any(|marker| line.starts_with(marker)) {
        (
            "a conflict marker of git".to_owned(),
            "resolve the conflict".to_owned(),
        )
    } else if let Some(word) = ["print", "exec"]
        .into_iter()
        .find(|word| is_command(line, word))
    {
        (
            format!("`{word}` is a function in Python 3"),
            format!("write `{word}(…)`"),
        )
    } else {
        (
            lower_first(reason),
            "correct this line, or the one before it".to_owned(),
        )
    };
    Fault {
        line: number,
        reason,
        help,
    }
}

/// `print "x"`
fn is_command(line: &str, word: &str) -> bool {
    let rest = line.trim_start().strip_prefix(word);
    let rest = rest.and_then(|rest| rest.strip_prefix(' '));
    rest.is_some_and(|rest| {
        rest.starts_with(['"', '\'']) || rest.starts_with(char::is_alphanumeric)
    })
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    first
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}

/// Words with which a statement begins that has others in it, also on the same line.
const COMPOUND: [&str; 13] = [
    "async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "try",
    "while", "with",
];

#[derive(Default)]
struct Scanner<'a> {
    statements: Vec<Statement<'a>>,
    tokens: Vec<Token<'a>>,
    is_indented: bool,
    /// Whether a statement of this line ended with a semicolon.
    goes_on: bool,
    /// Texts with code in them that are open, one within the other.
    texts: usize,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, kind: TokenKind, text: &'a str, is_at_edge: bool) {
        match kind {
            TokenKind::FStringStart | TokenKind::TStringStart => {
                self.texts += 1;
                if self.texts > 1 {
                    return;
                }
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                self.texts = self.texts.saturating_sub(1);
                return;
            }
            _ if self.texts > 0 => return,
            kind if kind.is_trivia() => return,
            TokenKind::Indent | TokenKind::Dedent => return,
            TokenKind::Newline | TokenKind::EndOfFile => {
                self.end();
                self.goes_on = false;
                return;
            }
            TokenKind::Semi if !self.is_compound() => {
                self.end();
                self.goes_on = true;
                return;
            }
            _ => (),
        }
        if self.tokens.is_empty() && !self.goes_on {
            self.is_indented = !is_at_edge;
        }
        match kind {
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => {
                self.tokens.push(Token::Text)
            }
            _ if text.starts_with(|c: char| c == '_' || c.is_alphanumeric()) => {
                self.tokens.push(Token::Word(text))
            }
            _ => self.tokens.extend(text.chars().map(Token::Sign)),
        }
    }

    fn is_compound(&self) -> bool {
        let first = self.tokens.first();
        first.is_some_and(|first| COMPOUND.iter().any(|word| first.is(word)))
    }

    fn end(&mut self) {
        if !self.tokens.is_empty() {
            self.statements.push(Statement {
                is_top: !self.is_indented,
                tokens: std::mem::take(&mut self.tokens),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, scan};

    fn words(source: &str) -> Vec<(bool, String)> {
        let statements = scan(source, "python3.14").unwrap().unwrap();
        let statements = statements.into_iter().map(|statement| {
            let words = statement.tokens.iter().map(|token| match token {
                Token::Word(word) => (*word).to_owned(),
                Token::Sign(sign) => sign.to_string(),
                Token::Text => "TEXT".to_owned(),
            });
            (statement.is_top, words.collect::<Vec<_>>().join(" "))
        });
        statements.collect()
    }

    #[test]
    fn statements_are_distinguished_from_strings_and_comments() {
        let source = "\u{feff}\"\"\"A text.\n\ndef handle(a, b): ...\n\"\"\"\n# def handle()\nx = [\n    1,  # one\n    'a\\'b'\n]; y = rb\"\\\"\"\nif x \\\n  :\n\tdef f(): return f'{x:{f'y'}}'\r\nif z: a = 1; b = 2\nz = 'é'\r";
        let expected = [
            (true, "TEXT"),
            (true, "x = [ 1 , TEXT ]"),
            (true, "y = rb TEXT"),
            (true, "if x :"),
            (false, "def f ( ) : return TEXT"),
            (true, "if z : a = 1 ; b = 2"),
            (true, "z = TEXT"),
        ];
        let expected: Vec<(bool, String)> = expected
            .map(|(is_top, text)| (is_top, text.replace("rb ", "")))
            .into();
        assert_eq!(words(source), expected);
        assert_eq!(words(""), Vec::new());
    }

    #[test]
    fn what_python_cannot_read_has_a_line_and_a_reason() {
        for (source, line, reason) in [
            (
                "import x\ndef handle(event, context:\n    return 1\n",
                2,
                "`(` is never closed",
            ),
            (
                "def handle(event, context):\nreturn 1\n",
                2,
                "indented block",
            ),
            (
                "x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> a\n",
                2,
                "git",
            ),
            ("def f():\n    print \"x\"\n", 2, "`print` is a function"),
            ("x = 'a\n", 1, ""),
            ("x = \"\"\"a", 1, ""),
            ("f(", 1, ""),
            ("f)", 1, ""),
            ("x = 1 \\ 2", 1, ""),
            ("def f():\n\tx = 1\n        y = 2\n", 3, ""),
            ("try:\n    x\nexcept A, b:\n    pass\n", 3, ""),
        ] {
            let fault = scan(source, "python3.13").unwrap_err();
            assert_eq!(fault.line, line, "{source}: {}", fault.reason);
            assert!(fault.reason.contains(reason), "{source}: {}", fault.reason);
        }
    }

    #[test]
    fn the_runtime_decides_what_may_be_written() {
        for (source, since) in [
            ("try:\n    x\nexcept* ValueError:\n    pass\n", 11),
            ("type X = int\n", 12),
            ("def f[T](x: T): ...\n", 12),
            ("f'{x[\"a\"]}' f\"{x[\"a\"]}\"\n", 12),
            ("class A[T = int]: ...\n", 13),
            ("t'{x}'\n", 14),
            ("try:\n    x\nexcept A, B:\n    pass\n", 14),
        ] {
            for minor in 11..15 {
                let found = scan(source, &format!("python3.{minor}"));
                assert_eq!(found.is_ok(), minor >= since, "{source} {minor}: {found:?}");
            }
        }
    }

    /// Each in an expression, a block or a chain: what a parser walks through, or gives up, one within the other.
    #[test]
    fn depth_ends_nothing() {
        for (start, middle, end) in [
            ("x = ", "[", "]"),
            ("x = ", "not ", "1"),
            ("x = a", ".a", ""),
            ("x = a", "()", ""),
            ("x = 1", "**1", ""),
            ("x = ", "lambda: ", "1"),
            ("x = ", "f'{", ""),
            ("if x: pass\n", "elif x: pass\n", ""),
            ("", "(", ""),
        ] {
            let count = 60_000;
            let end = if end == "]" {
                end.repeat(count)
            } else {
                end.to_owned()
            };
            let source = format!("{start}{}{end}\n", middle.repeat(count));
            let _ = scan(&source, "python3.13");
        }
    }
}
