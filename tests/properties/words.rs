//! Words for specs: plain ones, ones that mean something to Python, to Pulumi or to the generated project, and texts that try to
//! leave a literal.

use super::choices::Choices;

/// Names that modules, variables or resources of the generated project have, or nearly have.
const TELLING: &[&str] = &[
    "main",
    "test",
    "conftest",
    "functions2",
    "aws",
    "tls",
    "json",
    "settings",
    "names",
    "policies",
    "tags",
    "exports",
    "pulumi-aws",
    "network",
    "database",
    "api",
    "audit",
    "monitoring",
    "handler",
    "telemetry",
    "index",
    "typing",
    "dataclass",
    "config",
    "stack",
    "logs",
    "vpc",
    "role",
    "key",
    "alarm",
    "dashboard",
    "archives",
    "requirements",
    "keys",
    "value",
    "args2",
    "self-test",
    "none-x",
    "async-job",
    "load-balancer",
    "health",
    "partner",
    "validate-payment",
    "name",
    "path",
    "route",
    "method",
    "suffix",
    "environment",
    "region",
    "account",
    "topic",
    "firewall",
    "state",
    "tracing",
];

/// What ends, opens or bends a literal somewhere.
const HOSTILE: &[&str] = &[
    "\"",
    "'",
    "\\",
    "\"\"\"",
    "'''",
    "`",
    "``",
    "|",
    "||",
    "{",
    "}",
    "{}",
    "{{ x }}",
    "{% x %}",
    "{0!r}",
    "%",
    "%s",
    "%(x)s",
    "${x}",
    "${{ x }}",
    "$(x)",
    "#",
    "# type: ignore",
    "<script>",
    "</td>",
    "<!--",
    "-->",
    "&amp;",
    "&",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "[x](y)",
    "![x](y)",
    "[",
    "]",
    "<br>",
    "\\n",
    "\\",
    "---",
    "...",
    "- ",
    "? ",
    ": ",
    "!!python/object",
    "&a",
    "*a",
    "@",
    "%YAML",
    "null",
    "true",
    "1e3",
    "=cmd",
    "+1",
    "0x10",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{e0041}",
    "\u{1f4b3}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "e\u{301}",
    "\u{5e9}\u{5dc}",
    "\u{645}",
    "\u{652f}\u{4ed8}",
    "\u{130}",
    "\u{df}",
    "\u{fb01}",
    "\u{10ffff}",
    "\u{fffd}",
    "http://x.y/z",
    "https://x.y",
    "www.x.y",
    "a@b.c",
    "1.",
    "1)",
    "+ ",
    "> ",
    "    ",
    "\\|",
    "\\\\|",
    "\\`",
    "r\"",
    "f'",
    "noqa",
    "nosec",
    "pragma: no cover",
    "fmt: off",
    "import os",
    "__import__('os')",
];

const SYLLABLES: &[&str] = &[
    "ka", "lo", "mi", "ze", "ru", "to", "ba", "ne", "fy", "wo", "x9", "q0", "ju", "vi", "hy", "gam",
];

/// A word of lower-case letters and digits that begins with a letter.
pub fn plain(choices: &mut Choices<'_>) -> String {
    let count = choices.between(2, 4);
    (0..count).map(|_| choices.of(SYLLABLES)).collect()
}

/// Lower-case words with hyphens, of at most so many characters.
pub fn kebab(choices: &mut Choices<'_>, longest: usize) -> String {
    let mut name = if choices.one_in(3) {
        choices.of(TELLING).to_owned()
    } else {
        plain(choices)
    };
    while choices.one_in(3) {
        name = format!("{name}-{}", plain(choices));
    }
    if name.len() > longest {
        name.truncate(longest);
        name = name.trim_end_matches('-').to_owned();
    }
    name
}

/// One line of text that may hold anything but control characters, and is not empty.
pub fn line(choices: &mut Choices<'_>) -> String {
    let mut text = plain(choices);
    for _ in 0..choices.below(8) {
        let separator = choices.of(&[" ", "", "  "]);
        let word = if choices.one_in(4) {
            plain(choices)
        } else {
            choices.of(HOSTILE).to_owned()
        };
        text = if choices.one_in(3) {
            format!("{word}{separator}{text}")
        } else {
            format!("{text}{separator}{word}")
        };
    }
    text
}

/// The same, for people to read: without what hides or turns text.
pub fn shown(choices: &mut Choices<'_>) -> String {
    let hides = |c: &char| {
        matches!(c, '\u{ad}' | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    line(choices).chars().filter(|c| !hides(c)).collect()
}

/// Hostile text of these characters only, or nothing.
pub fn of_characters(choices: &mut Choices<'_>, allowed: &str) -> String {
    let characters: Vec<char> = allowed.chars().collect();
    let count = choices.below(9);
    (0..count).map(|_| choices.of(&characters)).collect()
}

/// The value of a tag: letters of any script, digits, spaces inside, and some signs.
pub fn tag(choices: &mut Choices<'_>) -> String {
    let letters = "aZ0\u{e9}\u{df}\u{5e9}\u{645}\u{652f}\u{130}\u{3b1}\u{fb01}\u{1d7d9}_.:/=+-@";
    let middle = of_characters(choices, &format!("{letters} "));
    format!("{}{middle}{}", plain(choices), plain(choices))
}

/// A string of TOML, in one of its forms.
pub fn toml(choices: &mut Choices<'_>, text: &str) -> String {
    let is_literal = !text.contains('\'') && !text.chars().any(char::is_control);
    if is_literal && choices.one_in(3) {
        return format!("'{text}'");
    }
    let escapes_all = choices.one_in(6);
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if escapes_all || character.is_control() => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// One more subscriber, in every fourth spec by its number of functions: nothing is drawn for it.
pub fn on_call(functions: usize) -> &'static str {
    match functions % 4 {
        1 => {
            ", \"https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue\""
        }
        _ => "",
    }
}
