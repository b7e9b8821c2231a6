//! Which valid word was probably meant.

/// The candidate nearest to `word`: a misspelling, or the same word with or without its unit.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase().replace('-', "_");
    let length = word.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let plain = candidate.to_lowercase().replace('-', "_");
        let count = plain.chars().count();
        let allowed = (count.max(length) / 3).max(1);
        let distance = if has_same_words(&word, &plain) {
            1
        } else if count.abs_diff(length) > allowed {
            // Too far by length alone: the real distance of a word of a million letters takes minutes.
            continue;
        } else {
            strsim::damerau_levenshtein(&word, &plain)
        };
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `memory` and `memory_mib`, `retention_days` and `log_retention_days`.
fn has_same_words(word: &str, candidate: &str) -> bool {
    let inside = |long: &str, short: &str| {
        short.len() >= 4
            && (long.starts_with(&format!("{short}_")) || long.ends_with(&format!("_{short}")))
    };
    inside(candidate, word) || inside(word, candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_misspellings_and_forgotten_units() {
        let keys = ["memory_mib", "timeout_seconds", "source"];
        assert_eq!(nearest("memroy_mib", keys), Some("memory_mib"));
        assert_eq!(nearest("memory", keys), Some("memory_mib"));
        assert_eq!(nearest("timeout-seconds", keys), Some("timeout_seconds"));
        assert_eq!(nearest("colour", keys), None);
    }

    #[test]
    fn says_nothing_rather_than_nonsense() {
        assert_eq!(nearest("x", ["cidr", "zones"]), None);
    }
}
