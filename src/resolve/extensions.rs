//! `extensions`: modules of the team's own. Each must be a file that can be copied into the package `extensions` and called.

use std::collections::BTreeMap;

use super::environment::Extension;
use super::resolver::{Resolver, Unusable, place, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::format::List;
use crate::origin::Value;

/// Far more than a person reviews.
const LARGEST_MODULE: usize = 1 << 20;

/// Names that Python keeps for itself.
const KEYWORDS: [&str; 33] = [
    "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl Resolver<'_> {
    /// Those that are usable; of the others it is told why they are not.
    pub fn extensions(&mut self, written: Option<List>) -> Vec<Extension> {
        let mut extensions: Vec<Extension> = Vec::new();
        let mut names: BTreeMap<String, Value<String>> = BTreeMap::new();
        for path in written.map(|list| list.value).unwrap_or_default() {
            let found = module_name(&path.value).and_then(|name| {
                let content = self.module(&path.value)?;
                Ok((name, content))
            });
            let (name, content) = match found {
                Ok(found) => found,
                Err(unusable) => {
                    self.refuse(&path, unusable);
                    continue;
                }
            };
            if let Some(first) = names.get(&name) {
                let (_, before) = place(&first.origin);
                let (key, span) = place(&path.origin);
                let message = format!("`{key}` is not a usable extension");
                self.problems.push(
                    Diagnostic::error(Code::InvalidExtension, span, message)
                        .label(format!("second module `{name}`"))
                        .secondary(before, "first module")
                        .help("give the file another name"),
                );
                continue;
            }
            names.insert(name.clone(), path.clone());
            extensions.push(Extension {
                name,
                path,
                content,
            });
        }
        extensions
    }

    fn refuse(&mut self, path: &Value<String>, unusable: Unusable) {
        let (key, span) = place(&path.origin);
        let message = format!("`{key}` is not a usable extension");
        self.problems.push(
            Diagnostic::error(Code::InvalidExtension, span, message)
                .label(unusable.label)
                .help(unusable.help),
        );
    }

    /// The source of a module.
    fn module(&self, path: &str) -> Result<String, Unusable> {
        let relative = "paths are relative to the spec's folder";
        let file = self.beside_spec(path);
        self.no_link(path)?;
        let bytes = self
            .loader
            .read(path)
            .map_err(|error| Unusable::new(format!("`{file}` {}", reason(&error)), relative))?;
        if bytes.len() > LARGEST_MODULE {
            let label = format!("larger than {} MiB", LARGEST_MODULE >> 20);
            return Err(Unusable::new(
                label,
                "an extension is source that people review",
            ));
        }
        let text = String::from_utf8(bytes)
            .ok()
            .filter(|text| !text.contains('\0'));
        let Some(text) = text else {
            let label = format!("`{file}` contains bytes that are not text");
            return Err(Unusable::new(label, "save it as Unicode text"));
        };
        Ok(text)
    }
}

/// The module's name, from its path.
fn module_name(path: &str) -> Result<String, Unusable> {
    if path.is_empty() || path.starts_with('/') {
        let help = "paths are relative to the spec's folder";
        return Err(Unusable::new("not a relative path", help));
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let Some(name) = file.strip_suffix(".py") else {
        let help = "an extension is one Python module, such as \"../extra.py\"";
        return Err(Unusable::new("not a Python file", help));
    };
    let is_word = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_word || KEYWORDS.contains(&name) {
        let label = format!("`{name}` cannot be the name of a module");
        let help = "lower-case letters, digits and underscores, beginning with a letter, and not a Python keyword";
        return Err(Unusable::new(label, help));
    }
    Ok(name.to_owned())
}
