//! What is declared of one key. All of it is constant; words that are read from the catalogue are functions, called by whoever
//! prints them.

use super::kind::Kind;
use crate::number::grouped;
use crate::origin::{Origin, Value, default_name};
use crate::requirements::Class;

/// One key of the spec, with everything that is said about it anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `functions.*.memory_mib`: a star stands for a name of the author's.
    pub path: &'static str,
    /// `memory_mib`.
    pub name: &'static str,
    pub kind: Kind,
    pub title: &'static str,
    /// Whole sentences.
    pub about: &'static str,
    /// Of a number: `GiB`.
    pub unit: Option<&'static str>,
    pub range: Option<Range>,
    /// Zero switches off a requirement: a rule of its own says so, not the one about ranges.
    pub is_off_at_zero: bool,
    pub default: Option<DefaultValue>,
    /// What classes have in place of default and range.
    pub of_classes: &'static [OfClass],
    pub is_required: bool,
    /// Whether leaving it out has a meaning of its own, also where an empty list is refused.
    pub is_optional: bool,
    /// What is typed where a required key is missing, unless there is an example; also what is taken for it meanwhile.
    pub stand_in: Option<Plain>,
    /// Ids of the requirements that it serves, separated by spaces.
    pub requirements: &'static str,
    /// The only words, or the only members of a list. Another word of a key with a default, or of one that may be left out, is
    /// reported where it is filled in.
    pub choices: &'static [&'static str],
    /// The same, where a rule of its own judges it.
    pub words: Option<fn() -> Vec<String>>,
    /// A regular expression: of a text, or of each member of a list.
    pub form: Option<&'static str>,
    /// What a text may not look like.
    pub not_form: Option<&'static str>,
    /// What a text, or a name in a collection, may not be.
    pub none_of: Option<fn() -> Vec<String>>,
    /// The form of the author's names in a collection.
    pub names: Option<fn() -> String>,
    pub max_length: Option<usize>,
    /// Of a list or a collection: least and greatest number of members.
    pub count: Option<(usize, Option<usize>)>,
    pub distinct: bool,
    /// As one would type them, without quotes.
    pub examples: &'static [&'static str],
    /// What a diagnostic proposes to type, where no example is right for everybody.
    pub model: Option<&'static str>,
    /// Of a table or a collection: what stands in it.
    pub table: Option<&'static Table>,
}

/// A table with known keys, or one member of a collection.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// `functions.*`; empty for the file.
    pub path: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    /// In the order in which they are documented.
    pub keys: &'static [Key],
}

/// What a number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub lowest: u64,
    pub highest: u64,
    /// Whose rule it is. Without it, a rule that knows more than the number judges it.
    pub because: Option<&'static str>,
}

/// What fills a key that was left out. A value filled in by it has the key's path as its origin.
#[derive(Debug, Clone, Copy)]
pub struct DefaultValue {
    pub value: Plain,
    /// Why it is right.
    pub reason: &'static str,
}

/// What a key is in one class, where that differs.
#[derive(Debug, Clone, Copy)]
pub struct OfClass {
    pub class: Class,
    pub default: Option<DefaultValue>,
    pub range: Option<Range>,
}

pub const DEVELOPMENT: OfClass = OfClass::new(Class::Development);
pub const PRODUCTION: OfClass = OfClass::new(Class::Production);

impl OfClass {
    const fn new(class: Class) -> Self {
        Self {
            class,
            default: None,
            range: None,
        }
    }

    pub const fn default(mut self, value: Plain, reason: &'static str) -> Self {
        self.default = Some(DefaultValue { value, reason });
        self
    }

    /// Lowest, highest, and whose rule it is.
    pub const fn range(mut self, lowest: u64, highest: u64, because: &'static str) -> Self {
        self.range = Some(Range::new(lowest, highest, because));
        self
    }

    /// The only number, by a rule of its own.
    pub const fn only(mut self, number: u64) -> Self {
        self.range = Some(Range {
            lowest: number,
            highest: number,
            because: None,
        });
        self
    }
}

/// A value that stands in a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    Number(u64),
    Flag(bool),
    Text(&'static str),
}

impl Plain {
    pub const fn number(number: u64) -> Self {
        Self::Number(number)
    }

    pub const fn flag(flag: bool) -> Self {
        Self::Flag(flag)
    }

    pub const fn text(text: &'static str) -> Self {
        Self::Text(text)
    }

    /// Of a TOML date.
    pub const fn date(text: &'static str) -> Self {
        Self::Text(text)
    }
}

/// The value of a declaration as the type of its key.
pub trait FromPlain: Sized {
    fn from_plain(plain: Plain) -> Option<Self>;
}

impl FromPlain for u64 {
    fn from_plain(plain: Plain) -> Option<Self> {
        match plain {
            Plain::Number(number) => Some(number),
            Plain::Flag(_) | Plain::Text(_) => None,
        }
    }
}

impl FromPlain for bool {
    fn from_plain(plain: Plain) -> Option<Self> {
        match plain {
            Plain::Flag(flag) => Some(flag),
            Plain::Number(_) | Plain::Text(_) => None,
        }
    }
}

impl FromPlain for String {
    fn from_plain(plain: Plain) -> Option<Self> {
        match plain {
            Plain::Text(text) => Some(text.to_owned()),
            Plain::Number(_) | Plain::Flag(_) => None,
        }
    }
}

impl std::fmt::Display for Plain {
    /// As one types it, without quotes.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Flag(flag) => flag.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

impl Range {
    pub const fn new(lowest: u64, highest: u64, because: &'static str) -> Self {
        Self {
            lowest,
            highest,
            because: Some(because),
        }
    }

    pub const fn contains(&self, number: u64) -> bool {
        self.lowest <= number && number <= self.highest
    }
}

/// What may stand behind a key's sentence in a declaration.
impl Key {
    /// `path` is the table's path, a dot and the key; the file itself has no path.
    pub const fn new(path: &'static str, name: &'static str, kind: Kind) -> Self {
        let path = match path.as_bytes() {
            [b'.', ..] => path.split_at(1).1,
            _ => path,
        };
        Self {
            path,
            name,
            kind,
            title: "",
            about: "",
            unit: None,
            range: None,
            is_off_at_zero: false,
            default: None,
            of_classes: &[],
            is_required: false,
            is_optional: false,
            stand_in: None,
            requirements: "",
            choices: &[],
            words: None,
            form: None,
            not_form: None,
            none_of: None,
            names: None,
            max_length: None,
            count: None,
            distinct: false,
            examples: &[],
            model: None,
            table: None,
        }
    }

    pub const fn said(mut self, title: &'static str, about: &'static str) -> Self {
        self.title = title;
        self.about = about;
        self
    }

    /// The table behind it, or a member of its collection. A single table has the words of the key.
    pub const fn holds(mut self, table: &'static Table) -> Self {
        if matches!(self.kind, Kind::Table) {
            self.title = table.title;
            self.about = table.about;
        }
        self.table = Some(table);
        self
    }

    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Lowest, highest, and whose rule it is.
    pub const fn range(self, lowest: u64, highest: u64, because: &'static str) -> Self {
        self.within(Range::new(lowest, highest, because))
    }

    /// A range that has a name.
    pub const fn within(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    /// A range that a rule of its own judges, which knows more.
    pub const fn at_most_within(mut self, lowest: u64, highest: u64) -> Self {
        self.range = Some(Range {
            lowest,
            highest,
            because: None,
        });
        self
    }

    /// The only number, by a rule of its own.
    pub const fn only(self, number: u64) -> Self {
        self.at_most_within(number, number)
    }

    pub const fn off_at_zero(mut self) -> Self {
        self.is_off_at_zero = true;
        self
    }

    pub const fn default(mut self, value: Plain, reason: &'static str) -> Self {
        self.default = Some(DefaultValue { value, reason });
        self
    }

    /// What it is in other classes than staging.
    pub const fn by_class(mut self, of_classes: &'static [OfClass]) -> Self {
        self.of_classes = of_classes;
        self
    }

    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub const fn stand_in(mut self, value: Plain) -> Self {
        self.stand_in = Some(value);
        self
    }

    pub const fn serves(mut self, requirements: &'static str) -> Self {
        self.requirements = requirements;
        self
    }

    pub const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    pub const fn one_of(mut self, words: fn() -> Vec<String>) -> Self {
        self.words = Some(words);
        self
    }

    pub const fn form(mut self, form: &'static str) -> Self {
        self.form = Some(form);
        self
    }

    pub const fn not_form(mut self, form: &'static str) -> Self {
        self.not_form = Some(form);
        self
    }

    pub const fn none_of(mut self, words: fn() -> Vec<String>) -> Self {
        self.none_of = Some(words);
        self
    }

    pub const fn names(mut self, form: fn() -> String) -> Self {
        self.names = Some(form);
        self
    }

    pub const fn max_length(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    pub const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    pub const fn at_least_one(mut self) -> Self {
        self.count = Some((1, None));
        self
    }

    pub const fn between(mut self, least: usize, most: usize) -> Self {
        self.count = Some((least, Some(most)));
        self
    }

    pub const fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    pub const fn examples(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }

    pub const fn model(mut self, model: &'static str) -> Self {
        self.model = Some(model);
        self
    }
}

impl Key {
    /// Whether it must stand there: by itself, or for what stands in it.
    pub fn is_needed(&self) -> bool {
        let holds_needed = |table: &Table| table.keys.iter().any(Self::is_needed);
        self.is_required
            || !self.is_optional && self.count.is_some_and(|(least, _)| least > 0)
            || (self.kind == Kind::Table && self.table.is_some_and(holds_needed))
    }

    /// Every word that may stand here, if it is one of a list.
    pub fn all_words(&self) -> Vec<String> {
        match self.words {
            Some(words) => words(),
            None => self.choices.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    /// What one would type behind `key = `: `"staging"`, `100_000`, `["use1-az1", "use1-az2"]`.
    pub fn example(&self) -> Option<String> {
        let examples = self.all_examples();
        if self.kind == Kind::Texts {
            let quoted: Vec<String> = examples.iter().map(|text| quoted(text)).collect();
            return (!quoted.is_empty()).then(|| format!("[{}]", quoted.join(", ")));
        }
        match self.model {
            Some(model) => Some(self.typed(model)),
            None => examples.first().map(|text| self.typed(text)),
        }
    }

    /// The examples, or what stands in.
    pub fn all_examples(&self) -> Vec<String> {
        let stand_in = self.stand_in.filter(|_| self.examples.is_empty());
        let examples = self.examples.iter().map(|&text| text.to_owned());
        examples
            .chain(stand_in.map(|value| value.to_string()))
            .collect()
    }

    fn in_class(&self, class: Class) -> Option<&'static OfClass> {
        self.of_classes.iter().find(|one| one.class == class)
    }

    /// What fills it in an environment of this class.
    pub fn default_in(&self, class: Class) -> Option<DefaultValue> {
        let own = self.in_class(class).and_then(|one| one.default);
        own.or(self.default)
    }

    /// What a number may be in an environment of this class.
    pub fn range_in(&self, class: Class) -> Option<Range> {
        let own = self.in_class(class).and_then(|one| one.range);
        own.or(self.range)
    }

    /// What a number may be in any class: from the least to the greatest.
    pub fn widest_range(&self) -> Option<Range> {
        let mut ranges = Class::ALL
            .into_iter()
            .filter_map(|class| self.range_in(class));
        let first = ranges.next()?;
        Some(ranges.fold(first, |all, range| Range {
            lowest: all.lowest.min(range.lowest),
            highest: all.highest.max(range.highest),
            because: all.because,
        }))
    }

    /// Whether a number is taken whatever the class is.
    pub fn is_taken_everywhere(&self, number: u64) -> bool {
        let mut ranges = Class::ALL
            .into_iter()
            .filter_map(|class| self.range_in(class));
        ranges.all(|range| range.contains(number))
    }

    /// What was written, or the default of the class; `value` is that of staging.
    pub fn or_default_in<T: FromPlain>(
        &'static self,
        class: Class,
        written: Option<Value<T>>,
        value: T,
    ) -> Value<T> {
        let own = self.in_class(class).and_then(|one| one.default);
        let own = own.and_then(|default| T::from_plain(default.value));
        self.or_default(written, own.unwrap_or(value))
    }

    /// What was written, or the default.
    pub fn or_default<T>(&'static self, written: Option<Value<T>>, value: T) -> Value<T> {
        written.unwrap_or(Value::new(value, Origin::Default(self.path)))
    }

    /// The text that was written, or the default of a key that is not plain.
    pub fn or_default_text(&'static self, written: Option<Value<String>>) -> Value<String> {
        let value = self.default.map(|default| default.value.to_string());
        self.or_default(written, value.unwrap_or_default())
    }

    /// A value in the form of TOML.
    pub fn typed(&self, text: &str) -> String {
        match self.kind {
            Kind::Text | Kind::Texts => quoted(text),
            Kind::Number => match text.parse::<u64>() {
                Ok(number) => grouped(number),
                Err(_) => text.to_owned(),
            },
            _ => text.to_owned(),
        }
    }

    /// `database.max-storage-gib`: what its default is called.
    pub fn default_name(&self) -> String {
        default_name(self.path)
    }

    /// Ids of its requirements.
    pub fn requirement_ids(&self) -> impl Iterator<Item = &'static str> {
        self.requirements.split_whitespace()
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::{Key, Kind};

    #[test]
    fn examples_are_what_one_types() {
        let key = |kind| Key::new("a.b", "b", kind);
        let number = key(Kind::Number).examples(&["100000"]);
        assert_eq!(number.example().as_deref(), Some("100_000"));
        let small = key(Kind::Number).examples(&["2000"]);
        assert_eq!(small.example().as_deref(), Some("2000"));
        let texts = key(Kind::Texts).examples(&["a", "b"]);
        assert_eq!(texts.example().as_deref(), Some("[\"a\", \"b\"]"));
        let date = key(Kind::Date)
            .examples(&["2026-12-01"])
            .model("2027-01-31");
        assert_eq!(date.example().as_deref(), Some("2027-01-31"));
        assert_eq!(key(Kind::Flag).example(), None);
    }
}
