//! Letters of other alphabets that look like Latin ones: people type them with the wrong keyboard, or copy them from a document.

/// The Latin letter or the digit that a character looks like (Unicode's confusables.txt, the pairs that look the same in most fonts).
pub fn latin(character: char) -> Option<char> {
    let pairs = [
        ("\u{430}\u{3b1}", 'a'),
        ("\u{441}\u{3f2}", 'c'),
        ("\u{501}", 'd'),
        ("\u{435}", 'e'),
        ("\u{4bb}", 'h'),
        ("\u{456}\u{3b9}", 'i'),
        ("\u{458}", 'j'),
        ("\u{43a}\u{3ba}", 'k'),
        ("\u{43c}", 'm'),
        ("\u{43e}\u{3bf}", 'o'),
        ("\u{440}\u{3c1}", 'p'),
        ("\u{455}", 's'),
        ("\u{442}\u{3c4}", 't'),
        ("\u{3bd}", 'v'),
        ("\u{445}\u{3c7}", 'x'),
        ("\u{443}\u{3b3}", 'y'),
        ("\u{410}\u{391}", 'A'),
        ("\u{412}\u{392}", 'B'),
        ("\u{421}", 'C'),
        ("\u{415}\u{395}", 'E'),
        ("\u{41d}\u{397}", 'H'),
        ("\u{406}\u{399}", 'I'),
        ("\u{41a}\u{39a}", 'K'),
        ("\u{41c}\u{39c}", 'M'),
        ("\u{41e}\u{39f}", 'O'),
        ("\u{420}\u{3a1}", 'P'),
        ("\u{405}", 'S'),
        ("\u{422}\u{3a4}", 'T'),
        ("\u{425}\u{3a7}", 'X'),
    ];
    if ('\u{ff10}'..='\u{ff19}').contains(&character) {
        return char::from_digit(u32::from(character) - 0xff10, 10);
    }
    let found = pairs.iter().find(|(alike, _)| alike.contains(character));
    found.map(|(_, latin)| *latin)
}

#[cfg(test)]
mod tests {
    use super::latin;

    #[test]
    fn a_letter_that_looks_like_another_is_known() {
        assert_eq!(latin('\u{430}'), Some('a'));
        assert_eq!(latin('\u{3bf}'), Some('o'));
        assert_eq!(latin('\u{ff12}'), Some('2'));
        assert_eq!(latin('a'), None);
        assert_eq!(latin('\u{e4}'), None);
    }
}
