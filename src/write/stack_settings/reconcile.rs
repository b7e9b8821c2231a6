//! Stack settings that git left in conflict. Values there exist nowhere else, so none is dropped that somebody set: what one
//! side alone has changed is taken, and where both did, a person decides.

use super::is_secret;
use super::yaml::{Document, Setting};
use crate::write::conflict::{Views, views};

/// Why the sides cannot be put together.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// One of them is more than plain block YAML.
    NotPlain,
    /// Both hold a value of their own for this key.
    TwoValues { key: String, line: usize },
}

/// Puts the sides of a conflict together, setting by setting. Nothing if there is no conflict. `rendered` says which settings
/// the compiler decides; `base` is the common ancestor, if that is known.
pub fn reconcile(
    rendered: &[u8],
    found: &str,
    base: Option<&str>,
) -> Option<Result<String, Problem>> {
    let views = views(found).filter(|views| views.conflicts > 0)?;
    let settled = settle(rendered, &views, base);
    Some(settled.map_err(|key| match key {
        None => Problem::NotPlain,
        Some(key) => Problem::TwoValues {
            line: line_of(found, &key),
            key,
        },
    }))
}

/// The error is the key of which there are two values, if it is about one.
fn settle(rendered: &[u8], views: &Views, base: Option<&str>) -> Result<String, Option<String>> {
    let parse = |text: &str| Document::parse(text).ok_or(None);
    let wanted = parse(str::from_utf8(rendered).map_err(|_| None)?)?;
    let (mut ours, theirs) = (parse(&views.ours)?, parse(&views.theirs)?);
    let base = base.or(views.base.as_deref()).map(parse).transpose()?;
    let base = |like: &Setting| base.as_ref().and_then(|base| base.find(like));
    secrets_fit(&ours, &theirs, base)?;
    let decides = |our: &Setting, their: &Setting| {
        let plain = !our.secure && !their.secure && !is_secret(their);
        plain && wanted.find(their).is_some()
    };
    for their in &theirs.settings {
        let (our, before) = (ours.find(their).cloned(), base(their));
        match our {
            Some(our) if our.value == their.value || decides(&our, their) => {}
            Some(our) => match before {
                Some(before) if before.value == their.value => {}
                Some(before) if before.value == our.value => {
                    ours.replace(&our, &theirs.text_of(their));
                }
                _ => return Err(Some(their.key.clone())),
            },
            // What we have removed, and they left as it was, stays removed.
            None if before.is_some_and(|before| before.value == their.value) => {}
            None => {
                let mut text = theirs.comments_above(their);
                text.retain(|comment| !views.ours.contains(comment.as_str()));
                text.extend(theirs.text_of(their));
                ours.add(their, &text);
            }
        }
    }
    let removed: Vec<Setting> = ours
        .settings
        .iter()
        .filter(|our| theirs.find(our).is_none())
        .filter(|our| base(our).is_some_and(|before| before.value == our.value))
        .cloned()
        .collect();
    for setting in &removed {
        if let Some(there) = ours.find(setting).cloned() {
            ours.remove(&there);
        }
    }
    Ok(ours.print())
}

/// What is encrypted can only be read with the key that it was encrypted with. If one side has changed that, the other must
/// not have encrypted anything meanwhile.
fn secrets_fit<'a, 'b>(
    ours: &'a Document,
    theirs: &'a Document,
    base: impl Fn(&Setting) -> Option<&'b Setting> + Copy,
) -> Result<(), Option<String>> {
    let keys = |document: &'a Document| {
        document
            .settings
            .iter()
            .filter(|setting| is_secret(setting))
    };
    let lacks = |one: &'a Document, other: &'a Document| {
        keys(one).find(|key| other.find(key).is_none_or(|there| there.value != key.value))
    };
    let Some(key) = lacks(ours, theirs).or_else(|| lacks(theirs, ours)) else {
        return Ok(());
    };
    let is_as_before = |side: &'a Document| {
        let mut settings = keys(side).chain(side.settings.iter().filter(|setting| setting.secure));
        settings.all(|setting| base(setting).is_some_and(|before| before.value == setting.value))
    };
    if is_as_before(ours) || is_as_before(theirs) {
        return Ok(());
    }
    Err(Some(key.key.clone()))
}

/// Where a reader finds the two values: the first line with the key after the first marker.
fn line_of(text: &str, key: &str) -> usize {
    let is_begin = |line: &str| line.starts_with("<<<");
    let begin = text.lines().position(is_begin).unwrap_or(0);
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '\'']);
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
    };
    let found = text.lines().skip(begin).position(is_key);
    begin + found.unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::{Problem, reconcile};

    const RENDERED: &[u8] = b"config:\n  paystage:environmentSuffix: main\n";

    fn settled(found: &str, base: Option<&str>) -> Result<String, Problem> {
        reconcile(RENDERED, found, base).unwrap()
    }

    fn conflict(ours: &str, theirs: &str) -> String {
        format!(
            "config:\n  paystage:environmentSuffix: main\n<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n"
        )
    }

    #[test]
    fn what_either_side_added_is_kept() {
        let found = conflict(
            "  paystage:bank: bank.example.com\n",
            "  # their key\n  paystage:token:\n    secure: v1:bbb\nencryptionsalt: v1:salt\n",
        );
        assert_eq!(
            settled(&found, None).unwrap(),
            "config:\n  paystage:environmentSuffix: main\n  paystage:bank: bank.example.com\n  # their key\n  \
             paystage:token:\n    secure: v1:bbb\nencryptionsalt: v1:salt\n"
        );
        assert_eq!(reconcile(RENDERED, "config:\n  a:b: c\n", None), None);
    }

    #[test]
    fn two_values_of_one_key_are_for_a_person_to_decide() {
        let found = conflict("  a:b: one\n", "  a:b: two\n");
        let two = Err(Problem::TwoValues {
            key: "a:b".to_owned(),
            line: 4,
        });
        assert_eq!(settled(&found, None), two);
        assert_eq!(settled(&found, Some("config:\n  a:b: zero\n")), two);
        // Only one of them has changed it.
        let text = settled(&found, Some("config:\n  a:b: one\n")).unwrap();
        assert!(
            text.contains("a:b: two\n") && !text.contains("one"),
            "{text}"
        );
        let text = settled(&found, Some("config:\n  a:b: two\n")).unwrap();
        assert!(
            text.contains("a:b: one\n") && !text.contains("two"),
            "{text}"
        );
    }

    #[test]
    fn what_one_side_removed_goes_and_what_the_other_changed_meanwhile_stays() {
        let base = Some("config:\n  a:b: one\n  c:d: two\n");
        let found = conflict("  a:b: one\n  c:d: three\n", "  e:f: five\n");
        let text = settled(&found, base).unwrap();
        assert!(
            !text.contains("a:b") && text.contains("c:d: three") && text.contains("e:f"),
            "{text}"
        );
        let found = conflict("  e:f: five\n", "  a:b: one\n  c:d: three\n");
        let text = settled(&found, base).unwrap();
        assert!(
            !text.contains("a:b") && text.contains("c:d: three") && text.contains("e:f"),
            "{text}"
        );
        let text = settled(&found, None).unwrap();
        assert!(text.contains("a:b: one"), "{text}");
    }

    #[test]
    fn the_compiler_decides_its_own_settings() {
        let found = "config:\n<<<<<<< HEAD\n  paystage:environmentSuffix: a\n=======\n  paystage:environmentSuffix: b\n>>>>>>> x\n";
        assert!(settled(found, None).is_ok());
    }

    #[test]
    fn a_salt_is_never_chosen_nor_mixed() {
        let found = conflict("encryptionsalt: v1:ours\n", "encryptionsalt: v1:theirs\n");
        let refused = |result| match result {
            Err(Problem::TwoValues { key, .. }) => key,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(settled(&found, None)), "encryptionsalt");
        let found = conflict(
            "  a:b:\n    secure: v1:x\nencryptionsalt: v1:ours\n",
            "secretsprovider: awskms://k\nencryptedkey: AAA=\n",
        );
        assert_eq!(refused(settled(&found, None)), "encryptionsalt");
        // They took another key; we encrypted one more value with the old one.
        let base = Some("config:\n  a:b:\n    secure: v1:x\nencryptionsalt: v1:old\n");
        let found = conflict(
            "  a:b:\n    secure: v1:x\n  c:d:\n    secure: v1:y\nencryptionsalt: v1:old\n",
            "  a:b:\n    secure: v1:z\nencryptionsalt: v1:new\n",
        );
        assert_eq!(refused(settled(&found, base)), "encryptionsalt");
    }

    #[test]
    fn what_is_no_plain_yaml_is_not_guessed_at() {
        let found = conflict("  a:b: {c: d}\n", "  e:f: five\n");
        assert_eq!(settled(&found, None), Err(Problem::NotPlain));
    }
}
