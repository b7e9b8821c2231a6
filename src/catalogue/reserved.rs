//! Words that a name must not be, because something else has it.

use super::Sure;
use crate::tables::compiled_in;

/// Words with one source.
#[derive(Debug)]
pub struct Words {
    pub words: &'static [&'static str],
    pub sure: Sure,
    pub source: &'static str,
}

impl Words {
    /// Whether a name is one of them, in lower case as they are.
    pub fn has(&self, name: &str) -> bool {
        self.words.contains(&name)
    }
}

/// What is taken.
#[derive(Debug)]
pub struct ReservedNames {
    /// Key words that name no database and no user.
    pub postgresql: Words,
    /// What PostgreSQL takes for no role.
    pub postgresql_roles: Words,
    /// What RDS has in each instance.
    pub rds: Words,
    /// Names of users that attackers try first.
    pub guessed: Words,
    /// Names that are no files on Windows, whatever their extension.
    pub windows_devices: Words,
    /// Environment variables that Lambda sets itself.
    pub lambda_variables: Words,
}

impl ReservedNames {
    /// What neither a database nor a user may be called.
    pub fn of_database(&self) -> impl Iterator<Item = &'static str> {
        [
            &self.postgresql,
            &self.postgresql_roles,
            &self.rds,
            &self.guessed,
        ]
        .into_iter()
        .flat_map(|row| row.words)
        .copied()
    }
}

/// The reserved names.
pub fn reserved_names() -> &'static ReservedNames {
    static TABLE: ReservedNames = compiled_in!("reserved-names");
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::reserved_names;

    #[test]
    fn words_are_sorted_and_in_lower_case() {
        let names = reserved_names();
        for row in [
            &names.postgresql,
            &names.postgresql_roles,
            &names.rds,
            &names.guessed,
            &names.windows_devices,
        ] {
            assert!(!row.source.is_empty());
            assert!(row.words.is_sorted(), "{:?}", row.words);
            for word in row.words {
                assert_eq!(*word, word.to_lowercase());
            }
        }
        assert_eq!(names.postgresql.words.len(), 101);
    }
}
