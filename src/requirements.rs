//! The requirements that a generated environment meets, by its class, compiled in from `requirements.toml`.

use crate::tables::compiled_in;

/// The major version of PostgreSQL that DB-1 asks for, of all classes but production. A newer one needs a waiver of it.
pub const POSTGRES: &str = "14";

/// What an environment is for: a set of requirements, and of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Development,
    Staging,
    Production,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];
    /// As a spec writes them.
    pub const WORDS: [&str; 3] = ["development", "staging", "production"];

    /// As it is written in the spec.
    pub const fn as_str(self) -> &'static str {
        let [development, staging, production] = Self::WORDS;
        match self {
            Self::Development => development,
            Self::Staging => staging,
            Self::Production => production,
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Its requirements, in the order of the document that they come from.
    pub fn requirements(self) -> impl Iterator<Item = &'static Requirement> {
        let rows = requirements().iter();
        rows.filter(move |row| row.classes.contains(&self))
    }

    /// What it asks under an id, if it does.
    pub fn requirement(self, id: &str) -> Option<&'static Requirement> {
        self.requirements().find(|row| row.id == id)
    }
}

/// One requirement.
#[derive(Debug)]
pub struct Requirement {
    /// `NET-1`.
    pub id: &'static str,
    /// The classes that ask for it.
    pub classes: &'static [Class],
    /// `Network`.
    pub group: &'static str,
    pub text: &'static str,
    /// Kinds of resources that it is about, beside those with an argument that it fixes: `aws.ec2.Subnet`.
    pub kinds: &'static [&'static str],
    /// What shows it, where that is not a single resource: Markdown.
    pub shown_by: Option<&'static str>,
}

impl Requirement {
    /// `MON-1`, with the classes that ask for it where not all do.
    pub fn heading(&self) -> String {
        if self.classes.len() == Class::ALL.len() {
            return self.id.to_owned();
        }
        let classes: Vec<&str> = self.classes.iter().map(|class| class.as_str()).collect();
        format!("{} ({})", self.id, classes.join(", "))
    }
}

struct RequirementFile {
    requirement: &'static [Requirement],
}

/// All requirements, in the order of the document that they come from. Those of one id follow each other.
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
        let row = Class::Staging.requirement("DB-1").unwrap();
        assert!(row.text.contains(&format!("PostgreSQL {POSTGRES}.x")));
        assert!(crate::catalogue::life_cycle(POSTGRES).is_some());
    }

    #[test]
    fn ids_are_found_as_whole_words() {
        let ids = |text| -> Vec<&str> { named_in(text).iter().map(|row| row.id).collect() };
        assert_eq!(ids("(NET-6), as DB-2: see"), ["NET-6", "DB-2"]);
        assert_eq!(ids("MON-1"), ["MON-1"; 3], "one of each class");
        assert_eq!(ids("NET-66, XNET-6, NET-6-a"), Vec::<&str>::new());
    }

    #[test]
    fn ids_are_unique_in_a_class_and_texts_are_there() {
        for class in Class::ALL {
            let ids: BTreeSet<&str> = class.requirements().map(|row| row.id).collect();
            assert_eq!(ids.len(), class.requirements().count(), "{class:?}");
        }
        let ids: BTreeSet<&str> = requirements().iter().map(|row| row.id).collect();
        let rows = requirements();
        let runs = rows.chunk_by(|one, next| one.id == next.id).count();
        assert_eq!(runs, ids.len(), "rows of one id follow each other");
        assert!(rows.iter().all(|row| !row.classes.is_empty()));
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
