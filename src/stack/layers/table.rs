//! What layers share when they fill the tables of families: cells, and the names of rows.

use sha2::{Digest, Sha256};

use crate::origin::{Origin, Value};
use crate::stack::expr::Expr;
use crate::stack::resource::Family;

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

/// The name of another row of a family. What differs only in signs that names cannot hold (`/a-b` and `/a/b`) is told
/// apart by a few digits that the text itself yields.
pub fn row_name(family: &Family, text: &str) -> String {
    let name = slug(text);
    if !family.rows.iter().any(|row| row.text("name") == name) {
        return name;
    }
    let digits = Sha256::digest(text);
    let digits = digits.iter().take(3).map(|byte| format!("{byte:02x}"));
    format!("{name}-{}", digits.collect::<String>())
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
