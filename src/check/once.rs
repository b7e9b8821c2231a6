//! One error for each value: what else is found about a value that is refused only follows from it.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit};

/// Keeps of several errors about one value the last: `RULES` lists a rule that knows more about a value behind one that looks at the
/// value alone. Warnings that have a part in such a value say nothing that counts.
pub fn one_error_a_value(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut last: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (number, told) in found.iter().enumerate() {
        let place = (told.span.start, told.span.end);
        if told.is_error() && (last.contains_key(&place) || replaces_value(told)) {
            last.insert(place, number);
        }
    }
    let numbered = found.into_iter().enumerate();
    let kept = numbered.filter(|(number, told)| {
        let own = last.get(&(told.span.start, told.span.end));
        if told.is_error() {
            return own.is_none_or(|last| last == number);
        }
        let part_in = |span: &std::ops::Range<usize>| last.contains_key(&(span.start, span.end));
        own.is_none() && !told.secondary.iter().any(|(span, _)| part_in(span))
    });
    kept.map(|(_, told)| told).collect()
}

/// Whether another value at its place mends it.
fn replaces_value(told: &Diagnostic) -> bool {
    let mut edits = told.suggestions.iter().flat_map(|one| &one.edits);
    edits.any(|edit| matches!(edit, Edit::Replace(span, _) if *span == told.span))
}
