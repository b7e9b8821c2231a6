//! Whether a text looks as if a machine had drawn it: so many characters, of so many kinds, in no order. Names, addresses, ids of AWS and
//! UUIDs do not count: those are long too, and public.

use std::collections::BTreeMap;

/// Shorter ones are words and ids.
const SHORTEST: usize = 16;
/// Of so many characters even a hexadecimal text is a key or the digest of something.
const SHORTEST_HEXADECIMAL: usize = 32;
/// Bits a character, by Shannon: 32 characters of base64 have 4.6 on average, names of the same length less than 4.2.
const BITS: f64 = 4.3;
/// How often digits and letters take turns in one word of the shortest length: words with a number behind them do so once or twice.
const TURNS: usize = 4;

/// Whether a part of the text looks drawn.
pub fn is_drawn(text: &str) -> bool {
    if text.starts_with("arn:") {
        return false;
    }
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c)))
        .filter(|run| run.len() >= SHORTEST && !is_id(run))
        .any(|run| {
            let mut words = run.split(|c: char| !c.is_ascii_alphanumeric());
            is_key(run) || words.any(is_mixed_word)
        })
}

/// A UUID, or an id that AWS gives: `vpc-`, and 8 or 17 hexadecimal digits.
fn is_id(run: &str) -> bool {
    let lengths: Vec<usize> = run.split('-').map(str::len).collect();
    let is_hexadecimal = run.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    let is_uuid = is_hexadecimal && lengths == [8, 4, 4, 4, 12];
    let is_of_aws = run.rsplit_once('-').is_some_and(|(kind, id)| {
        let is_kind = kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        is_kind && matches!(id.len(), 8 | 17) && id.chars().all(|c| c.is_ascii_hexdigit())
    });
    is_uuid || is_of_aws
}

/// Long, and of all kinds of characters in no order; or hexadecimal.
fn is_key(run: &str) -> bool {
    if run.len() < SHORTEST_HEXADECIMAL {
        return false;
    }
    let has = |what: fn(&char) -> bool| run.chars().any(|c| what(&c));
    let digits = has(char::is_ascii_digit);
    let (small, large) = (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase));
    let is_hexadecimal = run.chars().all(|c| c.is_ascii_hexdigit());
    let is_base64 = small && large && digits && bits(run) >= BITS;
    is_base64 || is_hexadecimal && digits && (small || large)
}

fn is_mixed_word(word: &str) -> bool {
    let characters: Vec<char> = word.chars().collect();
    let turns = characters
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    word.len() >= SHORTEST && turns >= TURNS
}

/// Shannon's entropy of one character.
fn bits(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
    }
    let length = f64::from(counts.values().sum::<u32>());
    let shares = counts.values().map(|count| f64::from(*count) / length);
    shares.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::is_drawn;

    #[test]
    fn keys_and_tokens_are() {
        for text in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQpLmN0rTs",
            "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg==",
            "q7w8e9r0t1y2u3i4",
            "https://hooks.example.com/T0AB1CD2E/Xk29dLq03mNzP7vB4tRw",
            "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        ] {
            assert!(is_drawn(text), "{text}");
        }
    }

    #[test]
    fn names_addresses_and_ids_are_not() {
        for text in [
            "",
            "daily",
            "https://api.processor.example/v2/payments/settlements",
            "payments-staging-settlement-reports-2026-q4",
            "PaymentsStagingSettlementReportsBucket2",
            "vpc-0a1b2c3d4e5f67890",
            "550e8400-e29b-41d4-a716-446655440000",
            "arn:aws:kms:us-east-1:123456789012:key/550e8400-e29b-41d4-a716-446655440000",
            "10.40.0.0/16,10.41.0.0/16,10.42.0.0/16",
            "2026-12-01T00:00:00.000000+00:00",
            "use1-az1 use1-az2 use1-az4",
            "python3.13-arm64-release20261201",
            "abcdefghijklmnopqrstuvwxyz",
        ] {
            assert!(!is_drawn(text), "{text}");
        }
    }
}
