//! The requirements that every generated environment meets, compiled in from `requirements.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::tables::compiled_in;

/// One requirement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `NET-1`.
    pub id: String,
    /// `Network`.
    pub group: String,
    pub text: String,
    /// Kinds of resources that it is about, beside those with an argument that it fixes: `aws.ec2.Subnet`.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// What shows it, where that is not a single resource: Markdown.
    #[serde(default)]
    pub shown_by: Option<String>,
}

#[derive(Deserialize)]
struct RequirementFile {
    requirement: Vec<Requirement>,
}

/// All requirements, in the order of the document that they come from.
pub fn requirements() -> &'static [Requirement] {
    static ROWS: OnceLock<Vec<Requirement>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let file: RequirementFile = compiled_in!("requirements");
        file.requirement
    })
}

/// The requirements whose ids stand in a text.
pub fn named_in(text: &str) -> Vec<&'static Requirement> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .collect();
    requirements()
        .iter()
        .filter(|row| words.contains(&row.id.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_are_in_the_catalogue() {
        let kinds = requirements().iter().flat_map(|row| &row.kinds);
        for kind in kinds {
            assert!(crate::catalogue::kind(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn ids_are_found_as_whole_words() {
        let ids =
            |text| -> Vec<&str> { named_in(text).iter().map(|row| row.id.as_str()).collect() };
        assert_eq!(ids("(NET-6), as DB-2: see"), ["NET-6", "DB-2"]);
        assert_eq!(ids("NET-66, XNET-6, NET-6-a"), Vec::<&str>::new());
    }

    #[test]
    fn ids_are_unique_and_texts_are_there() {
        let ids: BTreeSet<&str> = requirements().iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), requirements().len());
        // By this the evidence tells them from other words.
        assert!(
            ids.iter()
                .all(|id| id.starts_with(|first: char| first.is_ascii_uppercase()))
        );
        assert!(
            requirements()
                .iter()
                .all(|row| !row.text.is_empty() && !row.group.is_empty())
        );
    }
}
