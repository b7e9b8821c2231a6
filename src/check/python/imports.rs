//! What a module imports when it is imported itself.

use super::scan::{Statement, Token};

/// Dotted names of the modules that statements at the left edge import, each with what is taken from it; relative ones not.
pub fn imports<'a>(statements: &'a [Statement<'a>]) -> Vec<(String, Vec<&'a str>)> {
    let mut found = Vec::new();
    for statement in statements.iter().filter(|statement| statement.is_top) {
        match statement.tokens.as_slice() {
            [first, rest @ ..] if first.is("import") => {
                let parts = rest.split(|token| token.is_sign(','));
                found.extend(parts.filter_map(|part| Some((dotted(part)?, Vec::new()))));
            }
            [first, rest @ ..] if first.is("from") => {
                let Some(at) = rest.iter().position(|token| token.is("import")) else {
                    continue;
                };
                let (module, names) = rest.split_at(at);
                let words = names.iter().filter_map(|token| match token {
                    Token::Word(word) => Some(*word),
                    _ => None,
                });
                found.extend(dotted(module).map(|module| (module, words.collect())));
            }
            _ => (),
        }
    }
    found
}

/// Modules that `from . import x` and the like lead to from a package, a path; nothing for what leads out of the folder.
pub fn relative<'a>(
    statements: &'a [Statement<'a>],
    package: &'a str,
) -> Vec<(String, Vec<&'a str>)> {
    let tops = statements.iter().filter(|statement| statement.is_top);
    let found = tops.filter_map(|statement| {
        let [first, rest @ ..] = statement.tokens.as_slice() else {
            return None;
        };
        let dots = rest.iter().take_while(|token| token.is_sign('.')).count();
        if !first.is("from") || dots == 0 || package.is_empty() {
            return None;
        }
        let rest = rest.get(dots..)?;
        let at = rest.iter().position(|token| token.is("import"))?;
        let (module, names) = rest.split_at(at);
        let mut parts: Vec<&str> = package.split('/').collect();
        // One is the package itself.
        parts.truncate(parts.len().checked_sub(dots - 1).filter(|left| *left > 0)?);
        let words = |tokens: &'a [Token<'a>]| {
            tokens.iter().filter_map(|token| match token {
                Token::Word(word) => Some(*word),
                _ => None,
            })
        };
        parts.extend(words(module));
        Some((parts.join("."), words(names).collect()))
    });
    found.collect()
}

/// `a.b` of `a.b as c`; nothing for what begins with a full stop.
fn dotted(tokens: &[Token<'_>]) -> Option<String> {
    let mut name = String::new();
    for token in tokens {
        match token {
            Token::Word("as") => break,
            Token::Word(word) => name.push_str(word),
            Token::Sign('.') if !name.is_empty() => name.push('.'),
            _ => return None,
        }
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::imports;

    #[test]
    fn only_what_is_imported_at_once_counts() {
        let source = "import json, a.b as c\nfrom payments.rules import (\n    judge,\n)\nfrom . import own\nfrom .own import x\ntry:\n    import maybe\nexcept ImportError: ...\ndef f():\n    import late\n\"import text\"\n";
        let statements = scan(source, "python3.14").unwrap().unwrap();
        let found: Vec<String> = imports(&statements)
            .into_iter()
            .map(|(module, _)| module)
            .collect();
        assert_eq!(found, ["json", "a.b", "payments.rules"]);
    }
}
