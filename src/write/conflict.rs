//! Text that git merged: what its conflict markers leave of either side, and whether it is put together from known versions.

use std::collections::BTreeSet;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Git's markers have seven letters, unless `conflict-marker-size` says otherwise.
const SHORTEST_MARKER: usize = 3;

/// What a text with conflicts holds of each side. Where there are none, both are the text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Views {
    pub ours: String,
    pub theirs: String,
    /// Of their common ancestor, where the markers are of the styles that show it.
    pub base: Option<String>,
    pub conflicts: usize,
}

/// How many letters a marker has, if the line is one.
fn marker(line: &str, letter: char) -> Option<usize> {
    let rest = line.trim_end_matches(['\n', '\r']);
    let label = rest.trim_start_matches(letter);
    let size = rest.len() - label.len();
    (size >= SHORTEST_MARKER && (label.is_empty() || label.starts_with(' '))).then_some(size)
}

/// Whether a line is any of the four markers.
pub fn is_marker(line: &str) -> bool {
    ['<', '|', '=', '>']
        .into_iter()
        .any(|letter| marker(line, letter).is_some())
}

#[derive(Clone, Copy)]
enum Section {
    Both,
    Ours(usize),
    Base(usize),
    Theirs(usize),
}

/// The sides of a text. Nothing if its markers are not as git sets them: one was removed, or they are nested.
pub fn views(text: &str) -> Option<Views> {
    let mut views = Views::default();
    let mut base = String::new();
    let mut bases = 0;
    let mut section = Section::Both;
    for line in text.split_inclusive('\n') {
        section = match section {
            Section::Both => match marker(line, '<') {
                Some(size) => Section::Ours(size),
                None => {
                    views.ours.push_str(line);
                    views.theirs.push_str(line);
                    base.push_str(line);
                    Section::Both
                }
            },
            Section::Ours(size) if marker(line, '|') == Some(size) => {
                bases += 1;
                Section::Base(size)
            }
            Section::Ours(size) | Section::Base(size) if marker(line, '=') == Some(size) => {
                Section::Theirs(size)
            }
            Section::Ours(size) | Section::Theirs(size) if marker(line, '<') == Some(size) => {
                return None;
            }
            Section::Ours(_) => {
                views.ours.push_str(line);
                section
            }
            Section::Base(_) => {
                base.push_str(line);
                section
            }
            Section::Theirs(size) if marker(line, '>') == Some(size) => {
                views.conflicts += 1;
                Section::Both
            }
            Section::Theirs(_) => {
                views.theirs.push_str(line);
                section
            }
        };
    }
    views.base = (bases > 0 && bases == views.conflicts).then_some(base);
    matches!(section, Section::Both).then_some(views)
}

/// Whether a text is one of the versions, or what a merge makes of them: wherever it differs from one, it is as another is at
/// that very place.
pub fn is_made_of(text: &str, versions: &[&str]) -> bool {
    let lines: Vec<Vec<&str>> = versions.iter().map(|version| split(version)).collect();
    let text = split(text);
    lines.contains(&text)
        || lines.iter().any(|from| {
            let changes = changes(from, &text);
            let others = lines.iter().map(|other| Changes::between(from, other));
            let others: Vec<Changes<'_>> = others.collect();
            changes
                .iter()
                .all(|change| others.iter().any(|other| other.have(change)))
        })
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Lines of a text that are exchanged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change<'a> {
    start: usize,
    end: usize,
    new: Vec<&'a str>,
}

/// What makes one text of another.
fn changes<'a>(from: &[&'a str], to: &[&'a str]) -> Vec<Change<'a>> {
    let exchanged = capture_diff_slices(Algorithm::Myers, from, to);
    let exchanged = exchanged
        .into_iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }));
    exchanged
        .map(|op| {
            let (start, end) = (op.old_range().start, op.old_range().end);
            let new = to.get(op.new_range()).unwrap_or_default().to_vec();
            topmost(Change { start, end, new }, from)
        })
        .collect()
}

/// Where a line stands twice, it does not matter which one was added or removed: always the first.
fn topmost<'a>(mut change: Change<'a>, from: &[&'a str]) -> Change<'a> {
    let before = |at: usize| from.get(at.checked_sub(1)?).copied();
    while let Some(line) = before(change.start) {
        if change.start == change.end && change.new.last() == Some(&line) {
            change.new.rotate_right(1);
        } else if !change.new.is_empty() || before(change.end) != Some(line) {
            break;
        }
        change.start -= 1;
        change.end -= 1;
    }
    change
}

/// What makes one text of another, to look changes up in.
struct Changes<'a> {
    all: BTreeSet<Change<'a>>,
    /// For each line of the old text the number of the same line in the new one.
    stays: Vec<Option<usize>>,
    new: Vec<&'a str>,
}

impl<'a> Changes<'a> {
    fn between(from: &[&'a str], to: &[&'a str]) -> Self {
        let mut stays = vec![None; from.len()];
        for op in capture_diff_slices(Algorithm::Myers, from, to) {
            if let DiffOp::Equal { .. } = op {
                for (old, new) in op.old_range().zip(op.new_range()) {
                    if let Some(line) = stays.get_mut(old) {
                        *line = Some(new);
                    }
                }
            }
        }
        Self {
            all: changes(from, to).into_iter().collect(),
            stays,
            new: to.to_vec(),
        }
    }

    /// Whether the new text has this change, or, between the lines around it, the same lines.
    fn have(&self, change: &Change<'a>) -> bool {
        if self.all.contains(change) {
            return true;
        }
        let start = match change.start.checked_sub(1) {
            None => Some(0),
            Some(before) => self.stays.get(before).copied().flatten().map(|at| at + 1),
        };
        let end = match self.stays.get(change.end) {
            None => Some(self.new.len()),
            Some(after) => *after,
        };
        let (Some(start), Some(end)) = (start, end) else {
            return false;
        };
        self.new.get(start..end) == Some(change.new.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::{Views, is_made_of, is_marker, views};

    fn sides(text: &str) -> (String, String) {
        let Views { ours, theirs, .. } = views(text).unwrap();
        (ours, theirs)
    }

    #[test]
    fn every_style_and_size_of_markers_is_read() {
        let texts = [
            "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\nd\n",
            "a\n<<<<<<< HEAD\nb\n||||||| 1234567\nx\n=======\nc\n>>>>>>> theirs\nd\n",
            "a\n<<<\nb\n|||\n<<<<<\nx\n=====\ny\n>>>>>\n===\nc\n>>>\nd\n",
            "a\r\n<<<<<<<<<<<<<<< HEAD\r\nb\r\n===============\r\nc\r\n>>>>>>>>>>>>>>> t\r\nd\r\n",
        ];
        for text in texts {
            let (ours, theirs) = sides(text);
            assert_eq!(ours.replace('\r', ""), "a\nb\nd\n", "{text}");
            assert_eq!(theirs.replace('\r', ""), "a\nc\nd\n", "{text}");
        }
        assert_eq!(views(texts[0]).unwrap().base, None);
        assert_eq!(views(texts[1]).unwrap().base.unwrap(), "a\nx\nd\n");
        assert_eq!(sides("a\n"), ("a\n".to_owned(), "a\n".to_owned()));
    }

    #[test]
    fn markers_that_git_did_not_set_are_not_guessed_at() {
        for text in [
            "<<<<<<< HEAD\nb\n=======\nc\n",
            "<<<<<<< HEAD\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> t\n=======\nc\n>>>>>>> t\n",
        ] {
            assert_eq!(views(text), None, "{text}");
        }
        assert!(is_marker(">>>>>>> x\n") && is_marker("=======") && is_marker("|||"));
        assert!(!is_marker("==\n") && !is_marker("=======x\n") && !is_marker("a <<<<<<<\n"));
    }

    const BASE: &str = "a\nb\nc\nd\ne\nf\n";

    #[test]
    fn what_a_merge_makes_of_two_versions_is_made_of_them() {
        let (one, other) = ("a\nB\nc\nd\ne\nf\n", "a\nb\nc\nd\nE\nE\nf\n");
        for text in [BASE, one, other, "a\nB\nc\nd\nE\nE\nf\n"] {
            assert!(is_made_of(text, &[BASE, one, other]), "{text}");
            // The ancestor tells what either changed, and helps only there.
            assert!(is_made_of(text, &[one, other]), "{text}");
        }
    }

    #[test]
    fn what_only_a_person_can_have_written_or_removed_is_not() {
        let (one, other) = ("a\nB\nc\nd\ne\nf\n", "a\nb\nc\nd\nE\nE\nf\n");
        for text in [
            "a\nB\nc\nd\nE\nE\nf\n# mine\n",
            "a\nB\nc\nE\nE\nf\n",
            "a\nB\nd\nc\nE\nE\nf\n",
            "a\nB\nc\nd\nE\nE\nE\nf\n",
            "a\nb\nB\nc\nd\ne\nf\n",
            "",
        ] {
            assert!(!is_made_of(text, &[BASE, one, other]), "{text}");
        }
        assert!(!is_made_of("a\n", &[]));
    }

    #[test]
    fn a_line_that_stands_twice_may_be_either() {
        let (base, one) = (")\n\n)\nm\nz\n", ")\n\n)\n\n)\nm\nz\n");
        let other = ")\n\n)\nm\nZ\n";
        assert!(is_made_of(")\n\n)\n\n)\nm\nZ\n", &[base, one, other]));
    }
}
