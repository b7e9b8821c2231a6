//! As much YAML as stack settings are: a mapping in block style, one level below `config`. Lines are kept as they are.
//! Anything else (flow mappings, anchors, tabs, several documents, texts of several lines) is not read at all, since a wrong guess
//! would lose something of the user's.

use std::ops::Range;

/// One setting: a key at the top, or one below `config`.
#[derive(Debug, Clone)]
pub struct Setting {
    pub key: String,
    pub in_config: bool,
    /// The value without its quotes, comments and indentation; list items a line each.
    pub value: String,
    /// The value is encrypted.
    pub secure: bool,
    lines: Range<usize>,
    indent: usize,
}

/// The lines of a file and where its settings are.
#[derive(Debug)]
pub struct Document {
    lines: Vec<String>,
    /// How each line ends.
    ends: Vec<&'static str>,
    /// How a new one does.
    end: &'static str,
    pub settings: Vec<Setting>,
    config: Option<Config>,
    has_mark: bool,
}

/// A byte order mark, which some editors put in front.
const MARK: char = '\u{feff}';

#[derive(Debug)]
struct Config {
    lines: Range<usize>,
    /// Of the keys below it.
    indent: usize,
}

impl Document {
    pub fn parse(text: &str) -> Option<Self> {
        let (has_mark, text) = match text.strip_prefix(MARK) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let parts = text.split_inclusive('\n').map(|line| {
            if let Some(rest) = line.strip_suffix("\r\n") {
                (rest.to_owned(), "\r\n")
            } else if let Some(rest) = line.strip_suffix('\n') {
                (rest.to_owned(), "\n")
            } else {
                (line.to_owned(), end)
            }
        });
        let (lines, ends): (Vec<String>, Vec<&'static str>) = parts.unzip();
        // Other characters end a line too, for YAML, and begin keys that nobody would see here.
        let is_plain = |line: &String| {
            !line.contains(|sign: char| {
                sign.is_control() && sign != '\t' || matches!(sign, MARK | '\u{2028}' | '\u{2029}')
            })
        };
        let mut document = Self {
            lines,
            ends,
            end,
            settings: Vec::new(),
            config: None,
            has_mark,
        };
        if !document.lines.iter().all(is_plain) {
            return None;
        }
        document.locate()?;
        Some(document)
    }

    pub fn print(&self) -> String {
        let mark = self.has_mark.then_some(MARK);
        let lines = self.lines.iter().zip(&self.ends);
        mark.into_iter()
            .map(String::from)
            .chain(lines.map(|(line, end)| format!("{line}{end}")))
            .collect()
    }

    /// The setting of the same key.
    pub fn find(&self, like: &Setting) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|setting| setting.key == like.key && setting.in_config == like.in_config)
    }

    /// The lines of a setting, without its indentation.
    pub fn text_of(&self, setting: &Setting) -> Vec<String> {
        let lines = self.lines.get(setting.lines.clone()).unwrap_or_default();
        lines
            .iter()
            .map(|line| line.get(setting.indent..).unwrap_or_default().to_owned())
            .collect()
    }

    /// Puts other lines in the place of a setting. A comment behind the value stays.
    pub fn replace(&mut self, setting: &Setting, text: &[String]) {
        let old = self.lines.get(setting.lines.clone()).unwrap_or_default();
        let comment = match old {
            [line] => {
                split_key(line.trim_start()).map(|(_, rest)| split_comment(rest).1.to_owned())
            }
            _ => None,
        };
        let mut new = indented(text, setting.indent);
        if let (Some(comment), [line]) = (
            comment.filter(|comment| !comment.is_empty()),
            new.as_mut_slice(),
        ) {
            *line = format!("{line} {comment}");
        }
        self.splice(setting.lines.clone(), new);
    }

    /// Comments in the lines right above a setting, without its indentation.
    pub fn comments_above(&self, setting: &Setting) -> Vec<String> {
        let above = self.lines.get(..setting.lines.start).unwrap_or_default();
        let comments = above.iter().rev().map(|line| line.trim());
        let comments = comments.take_while(|line| line.starts_with('#'));
        let mut comments: Vec<String> = comments.map(str::to_owned).collect();
        comments.reverse();
        comments
    }

    pub fn remove(&mut self, setting: &Setting) {
        self.splice(setting.lines.clone(), Vec::new());
    }

    /// Adds a setting, at the end of `config` or of the file.
    pub fn add(&mut self, setting: &Setting, text: &[String]) {
        let end = self.lines.len();
        if !setting.in_config {
            return self.splice(end..end, indented(text, 0));
        }
        match &self.config {
            Some(config) => {
                let (header, at) = (config.lines.start, config.lines.end);
                let new = indented(text, config.indent);
                if let Some(line) = self.lines.get_mut(header) {
                    // `config: {}` is a mapping too, but nothing can be put below it.
                    if let Some((before, _)) = line.split_once("{}") {
                        *line = before.trim_end().to_owned();
                    }
                }
                self.splice(at..at, new);
            }
            None => {
                let new = std::iter::once("config:".to_owned())
                    .chain(indented(text, 2))
                    .collect();
                self.splice(end..end, new);
            }
        }
    }

    fn splice(&mut self, range: Range<usize>, new: Vec<String>) {
        let ends = vec![self.end; new.len()];
        self.ends.splice(range.clone(), ends);
        self.lines.splice(range, new);
        // The file is a few lines long: finding everything again is simpler than shifting ranges. It was readable before,
        // and only whole settings were exchanged.
        let _ = self.locate();
    }

    fn locate(&mut self) -> Option<()> {
        self.settings.clear();
        self.config = None;
        let mut at = 0;
        while let Some(line) = self.lines.get(at) {
            if is_blank(line)
                || (line == "---" && self.settings.is_empty() && self.config.is_none())
            {
                at += 1;
                continue;
            }
            let end = self.end_of(at, 0, self.lines.len())?;
            let (key, rest) = split_key(line)?;
            if key == "config" {
                let inline = split_comment(rest).0.to_owned();
                self.locate_config(at..end, &inline)?;
            } else {
                let setting = self.setting(at..end, 0, false)?;
                self.keep(setting)?;
            }
            at = end;
        }
        Some(())
    }

    fn locate_config(&mut self, lines: Range<usize>, inline: &str) -> Option<()> {
        let mut at = lines.start + 1;
        let mut indent = None;
        while at < lines.end {
            let line = self.lines.get(at)?;
            if is_blank(line) {
                at += 1;
                continue;
            }
            let own = indent_of(line)?;
            if own == 0 || *indent.get_or_insert(own) != own {
                return None;
            }
            let end = self.end_of(at, own, lines.end)?;
            let setting = self.setting(at..end, own, true)?;
            self.keep(setting)?;
            at = end;
        }
        let empty = inline.is_empty() || (inline == "{}" && indent.is_none());
        if !empty || self.config.is_some() {
            return None;
        }
        self.config = Some(Config {
            lines,
            indent: indent.unwrap_or(2),
        });
        Some(())
    }

    fn keep(&mut self, setting: Setting) -> Option<()> {
        if self.find(&setting).is_some() {
            return None;
        }
        self.settings.push(setting);
        Some(())
    }

    /// First line after the block that starts at a line of this indentation. Blank lines and comments at the block's end
    /// are not part of it.
    fn end_of(&self, start: usize, indent: usize, limit: usize) -> Option<usize> {
        let mut end = start + 1;
        for (at, line) in self.lines.iter().enumerate().take(limit).skip(start + 1) {
            if is_blank(line) {
                continue;
            }
            let own = indent_of(line)?;
            let item = own == indent && is_item(line.trim_start());
            if own <= indent && !item {
                break;
            }
            end = at + 1;
        }
        Some(end)
    }

    fn setting(&self, lines: Range<usize>, indent: usize, in_config: bool) -> Option<Setting> {
        let (first, below) = self.lines.get(lines.clone())?.split_first()?;
        let (key, rest) = split_key(first.trim_start())?;
        let inline = split_comment(rest).0;
        if inline.starts_with(['{', '&', '*', '!']) || !is_whole(inline) {
            return None;
        }
        let is_text = inline.starts_with(['|', '>']);
        if !is_text && !below.iter().all(|line| ends_where_it_begins(line)) {
            return None;
        }
        let mut parts = flow_items(inline).unwrap_or_else(|| vec![unquote(inline)]);
        parts.retain(|part| !part.is_empty() || below.is_empty());
        for line in below.iter().filter(|line| !is_blank(line)) {
            let text = split_comment(line.trim()).0;
            parts.push(match text.strip_prefix("- ") {
                Some(item) => format!("- {}", unquote(item.trim_start())),
                None => text.to_owned(),
            });
        }
        let secure = below
            .iter()
            .any(|line| line.trim_start().starts_with("secure:"));
        Some(Setting {
            key,
            in_config,
            value: parts.join("\n"),
            secure,
            lines,
            indent,
        })
    }
}

fn indented(text: &[String], indent: usize) -> Vec<String> {
    text.iter()
        .map(|line| format!("{:indent$}{line}", ""))
        .collect()
}

fn is_blank(line: &str) -> bool {
    let text = line.trim_matches([' ', '\t']);
    text.is_empty() || text.starts_with('#')
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// Spaces before the text; nothing if there is a tab among them.
fn indent_of(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    line.bytes()
        .take(indent)
        .all(|byte| byte == b' ')
        .then_some(indent)
}

/// The key and what follows its colon. A colon ends a key only before a space or at the end: `aws:region: us-east-1`. Blanks before
/// it are not part of the key.
fn split_key(text: &str) -> Option<(String, &str)> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            let (key, rest) = inner.split_once(quote)?;
            let rest = rest.trim_start_matches([' ', '\t']).strip_prefix(':')?;
            let plain = !key.contains('\\') && (rest.is_empty() || rest.starts_with(' '));
            return plain.then(|| (key.to_owned(), rest.trim()));
        }
    }
    // A line that ends a document, or begins one, may have content behind its marks.
    if is_item(text)
        || text.starts_with("---")
        || text.starts_with("...")
        || text.starts_with([
            ' ', '\t', '[', ']', '{', '}', '&', '*', '!', '|', '>', '%', '@', '`', '?', ',',
        ])
    {
        return None;
    }
    let colon = text
        .char_indices()
        .filter(|(_, letter)| *letter == ':')
        .map(|(at, _)| at)
        .find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ')))?;
    let (key, rest) = text.split_at_checked(colon)?;
    let key = key.trim_end_matches([' ', '\t']);
    (!key.is_empty() && !key.contains(" #")).then(|| {
        (
            key.to_owned(),
            rest.strip_prefix(':').unwrap_or(rest).trim(),
        )
    })
}

/// Length of the quoted text at the beginning, quotes included. Nothing if there is none, or if it does not end here.
fn quoted(text: &str) -> Option<usize> {
    let quote = text
        .chars()
        .next()
        .filter(|first| ['"', '\''].contains(first))?;
    let mut signs = text.char_indices().skip(1).peekable();
    while let Some((at, sign)) = signs.next() {
        if sign == '\\' && quote == '"' {
            signs.next();
        } else if sign == quote {
            // A doubled apostrophe is one within the text.
            let is_doubled = quote == '\'' && signs.next_if(|(_, next)| *next == quote).is_some();
            if !is_doubled {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Whether a value ends on its line: quotes and brackets that it opens are closed, and nothing stands behind them.
fn is_whole(inline: &str) -> bool {
    if inline.starts_with(['"', '\'']) {
        return quoted(inline) == Some(inline.len());
    }
    if !inline.starts_with(['[', '{']) {
        return true;
    }
    let (mut rest, mut depth) = (inline, 0_u32);
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '"' | '\'' => match quoted(rest) {
                Some(length) => length,
                None => return false,
            },
            '[' | '{' => {
                depth += 1;
                1
            }
            ']' | '}' => {
                depth -= 1;
                1
            }
            _ => sign.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
        if depth == 0 {
            return rest.is_empty();
        }
    }
    false
}

/// The same of a line further below: an item of a list, a key with its value, or a value alone.
fn ends_where_it_begins(line: &str) -> bool {
    let mut text = line.trim();
    while let Some(item) = text.strip_prefix("- ") {
        text = item.trim_start();
    }
    let value = split_key(text).map_or(text, |(_, value)| value);
    is_whole(split_comment(value).0)
}

/// A value and the comment behind it.
fn split_comment(text: &str) -> (&str, &str) {
    if text.starts_with('#') {
        return ("", text);
    }
    let after_quote = quoted(text).unwrap_or(0);
    let comment = text.get(after_quote..).and_then(|rest| rest.find(" #"));
    let at = comment.map_or(text.len(), |found| after_quote + found);
    let (value, comment) = text.split_at_checked(at).unwrap_or((text, ""));
    (value.trim_end(), comment.trim_start())
}

/// A scalar without its quotes. One with escapes stays as it is written: it then only equals itself.
fn unquote(text: &str) -> String {
    let inner = |quote| {
        text.strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    match (inner('"'), inner('\'')) {
        (Some(plain), _) if !plain.contains('\\') => plain.to_owned(),
        (_, Some(plain)) => plain.replace("''", "'"),
        _ => text.to_owned(),
    }
}

/// The items of `[a, b]` in the form of a block list.
fn flow_items(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let plain = !inner.contains(['[', ']', '{', '}', '"', '\'']) && !inner.trim().is_empty();
    plain.then(|| {
        inner
            .split(',')
            .map(|item| format!("- {}", item.trim()))
            .collect()
    })
}
