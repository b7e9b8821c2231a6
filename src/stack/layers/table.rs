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

/// Names of the rows of one family, each given once.
#[derive(Default)]
pub struct RowNames(BTreeSet<String>);

impl RowNames {
    /// The name of another row. What differs only in signs that names cannot hold (`/a-b` and `/a/b`) is told apart by a few
    /// digits that the text itself yields.
    pub fn name(&mut self, text: &str) -> String {
        let mut name = slug(text);
        if self.0.contains(&name) {
            let digits = Sha256::digest(text);
            let digits = digits.iter().take(3).map(|byte| format!("{byte:02x}"));
            name = format!("{name}-{}", digits.collect::<String>());
        }
        self.0.insert(name.clone());
        name
    }
}

/// `POST /payments/{payment_id}` as `post-payments-payment-id`: for logical names and parts of physical ones.
fn slug(text: &str) -> String {
    let plain: String = text
        .to_ascii_lowercase()
        .replace('*', "any")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_hold_words_and_hyphens() {
        assert_eq!(
            slug("POST /payments/{payment_id}"),
            "post-payments-payment-id"
        );
        assert_eq!(slug("/payments/*"), "payments-any");
        assert_eq!(
            slug("email:payments-oncall@example.com"),
            "email-payments-oncall-example-com"
        );
    }
}
