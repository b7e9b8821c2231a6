//! The keys of the spec that differ between two versions of it, with their lines.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::diagnostic::Lines;
use crate::spec::known_keys;

/// A key whose text differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedKey {
    pub key: String,
    /// Line in the old spec, from 1; none where the old one leaves it out.
    pub old_line: Option<usize>,
    pub new_line: Option<usize>,
    /// The base of the new spec, or else of the old one, where the line stands there and not in the spec itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// Keys that differ, by name.
#[derive(Debug, Default)]
pub struct ChangedKeys(BTreeMap<String, ChangedKey>);

impl ChangedKeys {
    pub fn between(old: &str, new: &str) -> Self {
        let (old_keys, new_keys) = (known_keys(old), known_keys(new));
        let (old_lines, new_lines) = (Lines::new(old), Lines::new(new));
        let text = |spec: &str, span: &Option<Range<usize>>| {
            let span = span.clone()?;
            spec.get(span).map(|text| text.trim().to_owned())
        };
        let line = |lines: &Lines<'_>, span: Option<&Option<Range<usize>>>| {
            let span = span?.as_ref()?;
            Some(lines.in_its_file(lines.number(span.start)))
        };
        let base = |lines: &Lines<'_>, span: Option<&Option<Range<usize>>>| {
            let span = span?.as_ref()?;
            lines.base_at(span.start).map(str::to_owned)
        };
        let all = old_keys.keys().chain(new_keys.keys());
        let differing = all.filter(|key| {
            let of =
                |keys: &crate::spec::Places, spec| keys.get(*key).and_then(|span| text(spec, span));
            of(&old_keys, old) != of(&new_keys, new)
        });
        let rows = differing.map(|key| {
            let row = ChangedKey {
                key: key.clone(),
                old_line: line(&old_lines, old_keys.get(key)),
                new_line: line(&new_lines, new_keys.get(key)),
                base: match new_keys.get(key) {
                    Some(Some(_)) => base(&new_lines, new_keys.get(key)),
                    _ => base(&old_lines, old_keys.get(key)),
                },
            };
            (key.clone(), row)
        });
        Self(rows.collect())
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &ChangedKey> {
        self.0.values()
    }

    /// The changed keys behind what one was computed from: the key itself, or keys below it.
    pub fn behind(&self, source: &str) -> Vec<&ChangedKey> {
        let source = source.split_once('[').map_or(source, |(list, _)| list);
        let below = format!("{source}.");
        let found = self.0.values();
        found
            .filter(|row| row.key == source || row.key.starts_with(&below))
            .collect()
    }
}
