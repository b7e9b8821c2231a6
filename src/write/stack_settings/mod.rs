//! `Pulumi.<stack>.yaml` has two authors: the compiler, which decides some settings, and the `pulumi` command line, which
//! keeps the salt, the keys and the secrets of the stack in it and rewrites it at will. So it is merged: settings that
//! the compiler renders are set, every other line stays as it is, comments included.
//!
//! The manifest holds a hash of the compiler's settings only, so that a value that a person changed is told from one that
//! the spec changed.

mod reconcile;
mod yaml;

pub use reconcile::{Problem, reconcile};

use yaml::{Document, Setting};

use super::manifest::Held;

/// End of the key of the suffix.
const SUFFIX: &str = ":environmentSuffix";

/// Settings that tie the file to its state. Once there is one, all three are the command line's business.
const SECRETS: [&str; 3] = ["encryptionsalt", "secretsprovider", "encryptedkey"];

/// The result of a merge.
#[derive(Debug, PartialEq, Eq)]
pub struct Merged {
    pub content: Vec<u8>,
    /// The compiler's settings in a form that does not depend on how they are written.
    pub owned: String,
    /// A value is replaced that is not one that the compiler wrote.
    pub overrides_user: bool,
}

/// What the stack of these settings is: its name, and the suffix of its names.
pub fn held(path: &str, rendered: &[u8]) -> Option<Held> {
    let name = stack(path)?.to_owned();
    let document = Document::parse(str::from_utf8(rendered).ok()?)?;
    let mut settings = document.settings.into_iter();
    let suffix = settings.find(|setting| setting.in_config && setting.key.ends_with(SUFFIX));
    Some(Held {
        name,
        suffix: suffix.map(|setting| setting.value),
    })
}

/// Whether the path is that of stack settings, as opposed to `Pulumi.yaml`.
pub fn is_path(path: &str) -> bool {
    stack(path).is_some()
}

/// The name of the stack whose settings are at this path.
pub fn stack(path: &str) -> Option<&str> {
    path.strip_prefix("Pulumi.")?
        .strip_suffix(".yaml")
        .filter(|stack| !stack.is_empty())
}

/// Sets what was rendered in what was found. `is_known` says whether settings (in the form of `owned`) are what the
/// compiler wrote before. Nothing if one of the two is more than plain block YAML.
pub fn merge(
    rendered: &[u8],
    found: Option<&[u8]>,
    is_known: impl Fn(&str) -> bool,
) -> Option<Merged> {
    let wanted = Document::parse(str::from_utf8(rendered).ok()?)?;
    let owned = canonical(&wanted, &wanted);
    let Some(found) = found else {
        return Some(Merged {
            content: rendered.to_vec(),
            owned,
            overrides_user: false,
        });
    };
    let text = str::from_utf8(found).ok()?;
    let mut document = Document::parse(text)?;
    let was_known = is_known(&canonical(&wanted, &document));
    let has_secrets = document.settings.iter().any(is_secret);
    let (mut adds, mut replaces) = (false, false);
    for setting in &wanted.settings {
        if is_secret(setting) && has_secrets {
            continue;
        }
        match document.find(setting) {
            Some(there) if there.secure || there.value == setting.value => {}
            Some(there) => {
                let there = there.clone();
                document.replace(&there, &wanted.text_of(setting));
                replaces = true;
            }
            None => {
                document.add(setting, &wanted.text_of(setting));
                adds = true;
            }
        }
    }
    // A file that has it all already is not even given a last line end.
    let content = if adds || replaces {
        let text = document.print();
        // What is printed is read once more: a file of the user's is not the place to find out what was overlooked.
        let again = Document::parse(&text)?;
        if document.settings.len() != again.settings.len() {
            return None;
        }
        text.into_bytes()
    } else {
        found.to_vec()
    };
    Some(Merged {
        content,
        owned,
        overrides_user: replaces && !was_known,
    })
}

fn is_secret(setting: &Setting) -> bool {
    !setting.in_config && SECRETS.contains(&setting.key.as_str())
}

/// The values that a document has for the settings that the compiler wants, but secrets.
fn canonical(wanted: &Document, document: &Document) -> String {
    wanted
        .settings
        .iter()
        .filter(|setting| !is_secret(setting))
        .filter_map(|setting| document.find(setting))
        .filter(|setting| !setting.secure)
        .map(|setting| format!("{}\n{}\n", setting.key, setting.value))
        .collect()
}

#[cfg(test)]
mod tests;
