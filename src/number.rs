//! How numbers are printed: as one types them in a spec.

/// A number of a spec in arithmetic with fractions. None has more digits than a float tells apart.
#[expect(
    clippy::cast_precision_loss,
    reason = "the declared ranges end far below 2^53"
)]
pub const fn float(number: u64) -> f64 {
    number as f64
}

/// `100_000`; four digits are read without.
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn groups_begin_at_five_digits() {
        let numbers = [0i64, 999, 2_000, 65_536, 100_000, 2_147_483_647, -10_000];
        let printed = numbers.map(grouped);
        let expected = [
            "0",
            "999",
            "2000",
            "65_536",
            "100_000",
            "2_147_483_647",
            "-10_000",
        ];
        assert_eq!(printed, expected);
    }
}
