//! What is said about one key.

use std::fmt::Display;

/// A key's documentation and what a value of it must be. Bounds are those of the rules.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// As the reader's outline has it: `functions.*.memory_mib`.
    pub path: &'static str,
    pub title: &'static str,
    /// Whole sentences.
    pub about: &'static str,
    /// Of a number: `GiB`.
    pub unit: Option<&'static str>,
    pub range: Option<(u32, u32)>,
    /// The only values, or the only members of a list.
    pub one_of: Vec<String>,
    /// Of a text, or of each member of a list.
    pub pattern: Option<&'static str>,
    /// Of the author's names in a collection.
    pub names: Option<String>,
    /// What neither a text nor a name in a collection may be.
    pub none_of: Vec<String>,
    /// What a text may not look like.
    pub not_form: Option<&'static str>,
    pub max_length: Option<usize>,
    /// Of a list or a collection: least and greatest number of members.
    pub count: Option<(usize, Option<usize>)>,
    pub distinct: bool,
    /// As one would type them, without quotes.
    pub examples: Vec<&'static str>,
}

pub fn row(path: &'static str, title: &'static str, about: &'static str) -> Row {
    Row {
        path,
        title,
        about,
        ..Row::default()
    }
}

impl Row {
    pub fn unit(self, unit: &'static str) -> Self {
        Self {
            unit: Some(unit),
            ..self
        }
    }

    pub fn range(self, lowest: u32, highest: u32) -> Self {
        Self {
            range: Some((lowest, highest)),
            ..self
        }
    }

    /// The range of a rule, with whose rule it is.
    pub fn within(self, (lowest, highest, _): (u32, u32, &str)) -> Self {
        self.range(lowest, highest)
    }

    pub fn one_of(self, words: impl IntoIterator<Item = impl Display>) -> Self {
        Self {
            one_of: words.into_iter().map(|word| word.to_string()).collect(),
            ..self
        }
    }

    pub fn form(self, pattern: &'static str) -> Self {
        Self {
            pattern: Some(pattern),
            ..self
        }
    }

    pub fn names(self, pattern: &str) -> Self {
        Self {
            names: Some(pattern.to_owned()),
            ..self
        }
    }

    pub fn none_of<'a>(self, words: impl IntoIterator<Item = &'a String>) -> Self {
        Self {
            none_of: words.into_iter().cloned().collect(),
            ..self
        }
    }

    pub fn not_form(self, pattern: &'static str) -> Self {
        Self {
            not_form: Some(pattern),
            ..self
        }
    }

    pub fn max_length(self, characters: usize) -> Self {
        Self {
            max_length: Some(characters),
            ..self
        }
    }

    pub fn at_least_one(self) -> Self {
        Self {
            count: Some((1, None)),
            ..self
        }
    }

    pub fn exactly(self, number: usize) -> Self {
        Self {
            count: Some((number, Some(number))),
            ..self
        }
    }

    pub fn distinct(self) -> Self {
        Self {
            distinct: true,
            ..self
        }
    }

    pub fn examples(self, examples: &[&'static str]) -> Self {
        Self {
            examples: examples.to_vec(),
            ..self
        }
    }
}
