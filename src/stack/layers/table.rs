//! What layers share when they fill the tables of families: cells, and the names of rows.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::origin::{Origin, Value};
use crate::stack::expr::Expr;

pub type Cell = (&'static str, Expr, Origin);

/// A cell that is one value of the environment.
pub fn cell<'a, T>(column: &'static str, value: &'a Value<T>) -> Cell
where
    &'a T: Into<Expr>,
{
    (column, (&value.value).into(), value.origin.clone())
}

/// A cell computed from one value of the environment, whose origin it keeps.
pub fn cell_from<T>(column: &'static str, value: &Value<T>, expr: impl Into<Expr>) -> Cell {
    (column, expr.into(), value.origin.clone())
}

/// A cell that leaves no choice, with the requirement or control ids that fix it.
pub fn cell_fixed(column: &'static str, expr: impl Into<Expr>, because: &'static str) -> Cell {
    (column, expr.into(), Origin::Fixed(because))
}

/// What a row's names are made from.
pub struct RowText {
    /// What tells it from every other row, without what may change in place: `GET /payments/{}`.
    pub identity: String,
    /// As the spec has it: `GET /payments/{payment_id}`.
    pub written: String,
    /// What told it from every other row under the key that it was renamed from.
    pub renamed_from: Option<String>,
}

impl From<&str> for RowText {
    fn from(text: &str) -> Self {
        Self {
            identity: text.to_owned(),
            written: text.to_owned(),
            renamed_from: None,
        }
    }
}

/// Names of the rows of one family.
pub struct RowNames {
    /// Each made from its own text alone: no neighbour that comes, goes or moves gives a row another name.
    pub names: Vec<String>,
    /// Those of the keys that they were renamed from; of the others, those of versions that told rows of one slug apart by their order.
    pub former: Vec<String>,
}

impl RowNames {
    /// `plain` gives the one text that needs no more than the words of its slug. All others of that slug (`/a-b` beside `/a/b`)
    /// add a few digits that the text itself yields.
    pub fn of(texts: impl IntoIterator<Item = RowText>, plain: fn(&[&str]) -> String) -> Self {
        let mut earlier = BTreeSet::new();
        let mut renamed = BTreeSet::new();
        let rows = texts.into_iter().map(|text| {
            let former = former_name(&text.written, &earlier);
            earlier.insert(former.clone());
            let stated = text.renamed_from.map(|old| name(&old, plain));
            renamed.extend(stated.clone());
            (name(&text.identity, plain), (former, stated))
        });
        let (names, former): (Vec<_>, Vec<_>) = rows.unzip();
        let taken: BTreeSet<&String> = names.iter().collect();
        let former = former.into_iter().zip(&names);
        let former = former.map(|((former, stated), name)| {
            let is_free = |former: &String| !former.is_empty() && !taken.contains(former);
            let guessed = (!renamed.contains(&former)).then_some(former);
            // What another row is called now was never certain to be this one's.
            stated
                .or(guessed)
                .filter(is_free)
                .unwrap_or_else(|| name.clone())
        });
        let former = former.collect();
        Self { names, former }
    }
}

fn name(text: &str, plain: fn(&[&str]) -> String) -> String {
    let slug = slug(text);
    let words: Vec<&str> = slug.split('-').collect();
    // A word that looks like such digits could be another row's.
    let is_digits = |word: &&str| word.len() == 6 && word.chars().all(|c| c.is_ascii_hexdigit());
    if plain(&words) == text && !slug.is_empty() && !words.last().is_some_and(is_digits) {
        return slug;
    }
    with_digits(&slug, text)
}

/// The first row of a slug had it for its name.
fn former_name(text: &str, earlier: &BTreeSet<String>) -> String {
    let slug = slug(text);
    if earlier.contains(&slug) {
        with_digits(&slug, text)
    } else {
        slug
    }
}

fn with_digits(slug: &str, text: &str) -> String {
    let digits = Sha256::digest(text);
    let digits = digits.iter().take(3).map(|byte| format!("{byte:02x}"));
    let digits = digits.collect::<String>();
    if slug.is_empty() {
        digits
    } else {
        format!("{slug}-{digits}")
    }
}

/// `POST /payments/{}` as `post-payments-any`: for logical names and parts of physical ones.
fn slug(text: &str) -> String {
    let plain: String = text
        .to_ascii_lowercase()
        .replace('*', "any")
        .replace("{}", "any")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{RowNames, RowText, slug};

    #[test]
    fn slugs_hold_words_and_hyphens() {
        assert_eq!(
            slug("POST /payments/{payment_id}"),
            "post-payments-payment-id"
        );
        assert_eq!(slug("/payments/*"), "payments-any");
        assert_eq!(slug("GET /payments/{}"), "get-payments-any");
        assert_eq!(
            slug("email:payments-oncall@example.com"),
            "email-payments-oncall-example-com"
        );
    }

    fn names(texts: &[&str]) -> RowNames {
        let texts = texts.iter().map(|text| RowText::from(*text));
        RowNames::of(texts, |words| format!("/{}", words.join("/")))
    }

    #[test]
    fn a_name_is_made_from_its_own_text_alone() {
        let same_slug = [
            "/a/b",
            "/a-b",
            "/a_b",
            "/a.b",
            "/A/b",
            "/a/b/",
            "//a/b",
            "/a/b\u{e9}",
        ];
        let alone = same_slug.map(|text| names(&[text]).names.remove(0));
        assert_eq!(alone[0], "a-b");
        assert!(alone[1].starts_with("a-b-"), "{alone:?}");
        assert_eq!(names(&same_slug).names, alone);
        let turned: Vec<&str> = same_slug.into_iter().rev().collect();
        assert!(names(&turned).names.iter().eq(alone.iter().rev()));
        let mut distinct = alone.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), same_slug.len());
    }

    #[test]
    fn what_has_no_words_has_digits() {
        let found = names(&["/", "/$", "/~"]);
        assert!(
            found.names.iter().all(|name| name.len() == 6),
            "{:?}",
            found.names
        );
        assert_eq!(found.former, found.names);
    }

    #[test]
    fn digits_of_one_row_are_no_word_of_another() {
        let other = names(&["/a-b"]).names.remove(0);
        let word = format!("/{}", other.replace('-', "/"));
        let found = names(&["/a-b", &word]).names;
        assert_ne!(found[0], found[1]);
    }

    #[test]
    fn former_names_are_those_that_the_order_gave() {
        let found = names(&["/a-b", "/a_b", "/c-d", "/c/d", "/e"]);
        let [first, second, third, fourth, fifth] = &found.names[..] else {
            panic!("{:?}", found.names);
        };
        assert_eq!(found.former[..2], ["a-b".to_owned(), second.clone()]);
        assert_ne!(first, "a-b");
        // `c-d` is another row's now, which had digits then.
        assert_eq!(&found.former[2], third);
        assert!(found.former[3].starts_with("c-d-"), "{:?}", found.former);
        assert_eq!((fourth.as_str(), fifth.as_str()), ("c-d", "e"));
        assert_eq!(&found.former[4], fifth);
    }
}
