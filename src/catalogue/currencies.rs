//! Currencies of ISO 4217.

use std::sync::OnceLock;

use serde::Deserialize;

use super::Sure;
use crate::tables::compiled_in;

/// Codes whose minor unit is the same part of the currency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digits {
    /// Of the minor unit: 2 where a hundred of it are one. The functions count with it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the compiler needs the codes only")
    )]
    number: u8,
    codes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyFile {
    #[serde(rename = "published")]
    _published: String,
    #[serde(rename = "sure")]
    _sure: Sure,
    #[serde(rename = "source")]
    _source: String,
    digits: Vec<Digits>,
}

fn digits() -> &'static [Digits] {
    static ROWS: OnceLock<Vec<Digits>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let file: CurrencyFile = compiled_in!("currencies");
        file.digits
    })
}

/// Every code that a payment can be in.
pub fn currencies() -> impl Iterator<Item = &'static str> {
    digits()
        .iter()
        .flat_map(|row| row.codes.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::{currencies, digits};

    #[test]
    fn currencies_parse_and_are_distinct() {
        let mut codes: Vec<&str> = currencies().collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(codes.iter().all(|code| code.len() == 3));
        let of = |number| digits().iter().find(|row| row.number == number).unwrap();
        assert!(of(0).codes.contains(&"JPY".to_owned()));
        assert!(of(3).codes.contains(&"BHD".to_owned()));
    }

    #[test]
    fn the_function_knows_the_same_currencies() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/templates/functions/payments/currencies.py"
        );
        let source = std::fs::read_to_string(path).unwrap();
        for row in digits() {
            let block = source
                .split_once(&format!("    {}: \"\"\"\n", row.number))
                .and_then(|(_, rest)| rest.split_once("\"\"\""))
                .map(|(block, _)| block)
                .unwrap();
            assert_eq!(block.split_whitespace().collect::<Vec<_>>(), row.codes);
        }
    }
}
