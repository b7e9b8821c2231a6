//! The requirements that every generated environment meets, compiled in from `requirements.toml`.

use crate::tables::compiled_in;

/// The major version of PostgreSQL that DB-1 asks for. A newer one needs a waiver of it.
pub const POSTGRES: &str = "14";

/// One requirement.
#[derive(Debug)]
pub struct Requirement {
    /// `NET-1`.
    pub id: &'static str,
    /// `Network`.
    pub group: &'static str,
    pub text: &'static str,
    /// Kinds of resources that it is about, beside those with an argument that it fixes: `aws.ec2.Subnet`.
    pub kinds: &'static [&'static str],
    /// What shows it, where that is not a single resource: Markdown.
    pub shown_by: Option<&'static str>,
}

struct RequirementFile {
    requirement: &'static [Requirement],
}

/// All requirements, in the order of the document that they come from.
pub fn requirements() -> &'static [Requirement] {
    static FILE: RequirementFile = compiled_in!("requirements");
    FILE.requirement
}

/// The requirements whose ids stand in a text.
pub fn named_in(text: &str) -> Vec<&'static Requirement> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .collect();
    requirements()
        .iter()
        .filter(|row| words.contains(&row.id))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kinds_are_in_the_catalogue() {
        let kinds = requirements().iter().flat_map(|row| row.kinds);
        for kind in kinds {
            assert!(crate::catalogue::kind(kind).is_some(), "{kind}");
        }
    }

    #[test]
    fn the_version_of_postgresql_is_that_of_its_requirement() {
        let row = requirements().iter().find(|row| row.id == "DB-1").unwrap();
        assert!(row.text.contains(&format!("PostgreSQL {POSTGRES}.x")));
        assert!(crate::catalogue::life_cycle(POSTGRES).is_some());
    }

    #[test]
    fn ids_are_found_as_whole_words() {
        let ids = |text| -> Vec<&str> { named_in(text).iter().map(|row| row.id).collect() };
        assert_eq!(ids("(NET-6), as DB-2: see"), ["NET-6", "DB-2"]);
        assert_eq!(ids("NET-66, XNET-6, NET-6-a"), Vec::<&str>::new());
    }

    #[test]
    fn ids_are_unique_and_texts_are_there() {
        let ids: BTreeSet<&str> = requirements().iter().map(|row| row.id).collect();
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
