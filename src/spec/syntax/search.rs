//! One character too many or too few: which one.

use toml::de::DeTable;

use super::format::Misfit;

/// What holds statements together.
const MARKS: &[char] = &['[', ']', '{', '}', '"', '\'', ',', '=', '.', '\\', '\n'];

/// Statements that are longer are not searched.
const LONGEST: usize = 2_500;
/// So many texts are tried for one statement, and so many bytes read.
const MOST_TRIED: usize = 2_500;
const MOST_READ: usize = 1 << 19;

/// The text with one mark put in or taken away that fits best. `misfit` judges what can be read; 0 is as good as it gets.
pub fn search(text: &str, misfit: impl Fn(&str) -> Option<Misfit>) -> Option<(Misfit, String)> {
    if text.len() > LONGEST {
        return None;
    }
    // No change behind the place where reading fails can mend it.
    let error = DeTable::parse(text).err()?;
    let latest = error.span().map_or(text.len(), |span| span.end + 1);
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.push(text.len());
    places.retain(|at| *at <= latest && is_joint(text, *at));
    let mut best: Option<(Misfit, String)> = None;
    let mut tried = 0;
    for at in places.into_iter().rev() {
        for candidate in candidates(text, at) {
            tried += 1;
            if tried > MOST_TRIED || tried * text.len() > MOST_READ {
                return best;
            }
            let Some(found) = misfit(&candidate) else {
                continue;
            };
            if found == 0 {
                return Some((0, candidate));
            }
            if best.as_ref().is_none_or(|(least, _)| found < *least) {
                best = Some((found, candidate));
            }
        }
    }
    best
}

/// Whether a place is the border of a word.
fn is_joint(text: &str, at: usize) -> bool {
    let is_edge = |c: char| MARKS.contains(&c) || c.is_whitespace();
    let before = text.get(..at).and_then(|part| part.chars().next_back());
    let after = text.get(at..).and_then(|part| part.chars().next());
    before.is_none_or(is_edge) || after.is_none_or(is_edge)
}

fn candidates(text: &str, at: usize) -> impl Iterator<Item = String> {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let next = after.chars().next().filter(|next| MARKS.contains(next));
    let taken = next.map(|next| {
        format!(
            "{before}{}",
            after.get(next.len_utf8()..).unwrap_or_default()
        )
    });
    let put = MARKS.iter().map(move |mark| match mark {
        // A statement that begins on the line of another.
        '\n' => format!(
            "{}\n{}",
            before.trim_end_matches([' ', '\t']),
            after.trim_start_matches([' ', '\t'])
        ),
        '=' if before.ends_with(' ') && !after.starts_with(' ') => format!("{before}= {after}"),
        '=' if !before.ends_with(' ') && !after.starts_with(' ') => format!("{before} = {after}"),
        // A list reads as it is usually written.
        ',' if before.ends_with([' ', '\t']) && !after.starts_with(['\n', '\r']) => {
            format!("{}, {}", before.trim_end_matches([' ', '\t']), after)
        }
        ',' if !after.starts_with([' ', '\t', '\n', '\r']) && !after.is_empty() => {
            format!("{before}, {after}")
        }
        mark => format!("{before}{mark}{after}"),
    });
    taken.into_iter().chain(put)
}
