//! Currencies of ISO 4217.

use super::Sure;
use crate::tables::compiled_in;

/// Codes whose minor unit is the same part of the currency.
#[derive(Debug)]
struct Digits {
    /// Of the minor unit: 2 where a hundred of it are one. The functions count with it.
    number: u32,
    codes: &'static [&'static str],
}

#[derive(Debug)]
struct CurrencyFile {
    _published: &'static str,
    _sure: Sure,
    _source: &'static str,
    digits: &'static [Digits],
}

fn digits() -> &'static [Digits] {
    static FILE: CurrencyFile = compiled_in!("currencies");
    FILE.digits
}

/// Digits before the decimal point that an amount may have. With two behind it these are the twelve of the field for
/// amounts of ISO 8583, in which payments travel between banks.
const MAJOR_DIGITS: u32 = 10;

/// The largest amount in a currency that the functions take, in minor units.
pub fn largest_amount(code: &str) -> Option<u64> {
    let row = digits().iter().find(|row| row.codes.contains(&code))?;
    Some(10_u64.pow(MAJOR_DIGITS + row.number) - 1)
}

/// Every code that a payment can be in.
pub fn currencies() -> impl Iterator<Item = &'static str> {
    digits().iter().flat_map(|row| row.codes).copied()
}

#[cfg(test)]
mod tests {
    use super::{MAJOR_DIGITS, currencies, digits, largest_amount};

    #[test]
    fn the_largest_amount_depends_on_the_minor_unit() {
        assert_eq!(largest_amount("JPY"), Some(9_999_999_999));
        assert_eq!(largest_amount("IDR"), Some(999_999_999_999));
        assert_eq!(largest_amount("KWD"), Some(9_999_999_999_999));
        assert_eq!(largest_amount("EURO"), None);
    }

    #[test]
    fn currencies_parse_and_are_distinct() {
        let mut codes: Vec<&str> = currencies().collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(codes.iter().all(|code| code.len() == 3));
        let of = |number| digits().iter().find(|row| row.number == number).unwrap();
        assert!(of(0).codes.contains(&"JPY"));
        assert!(of(3).codes.contains(&"BHD"));
    }

    #[test]
    fn the_function_knows_the_same_currencies() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/templates/functions/payments/currencies.py"
        );
        let source = std::fs::read_to_string(path).unwrap();
        assert!(source.contains(&format!("\n_MAJOR_DIGITS = {MAJOR_DIGITS}\n")));
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
