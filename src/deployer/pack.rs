//! Policies from statements, in order, each as large as IAM takes it.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::grant::Place;
use super::statement::Statement;

/// Characters of a managed policy, white space not counted.
pub const LARGEST_POLICY: usize = 6144;
/// Managed policies that a role may carry, unless its account has asked for more.
pub const MOST_POLICIES: usize = 10;
/// What stands around the statements.
const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// A managed policy.
#[derive(Debug)]
pub struct Policy {
    /// `up-1`: the name of its file without the ending.
    pub name: String,
    /// What it belongs to: `up`.
    pub part_of: &'static str,
    pub statements: Vec<Statement>,
}

impl Serialize for Policy {
    /// The document.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(2))?;
        object.serialize_entry("Version", "2012-10-17")?;
        object.serialize_entry("Statement", &self.statements)?;
        object.end()
    }
}

/// Distributes statements over policies, each into the first that has room. Each fits with the longest suffix too, so that a copy of the environment with another
/// suffix takes the same files.
pub fn pack(
    part_of: &'static str,
    statements: Vec<Statement>,
    place: &Place<'_>,
) -> anyhow::Result<Vec<Policy>> {
    let mut parts: Vec<(usize, Vec<Statement>)> = Vec::new();
    for statement in statements {
        let size = size(&statement, place)? + 1;
        anyhow::ensure!(
            FRAME + size <= LARGEST_POLICY,
            "the statement {} of {part_of} has {size} characters, a policy takes {LARGEST_POLICY}",
            statement.sid
        );
        let mut room = parts.iter_mut();
        match room.find(|(used, _)| *used + size <= LARGEST_POLICY) {
            Some((used, part)) => {
                *used += size;
                part.push(statement);
            }
            None => parts.push((FRAME + size, vec![statement])),
        }
    }
    let several = parts.len() > 1;
    let policies = parts.into_iter().enumerate();
    Ok(policies
        .map(|(number, (_, statements))| Policy {
            name: if several {
                format!("{part_of}-{}", number + 1)
            } else {
                part_of.to_owned()
            },
            part_of,
            statements,
        })
        .collect())
}

/// Characters of a statement with the longest suffix.
fn size(statement: &Statement, place: &Place<'_>) -> anyhow::Result<usize> {
    let text = serde_json::to_string(statement)?;
    let names = text.matches(&place.tail).count();
    let longer = place
        .longest_suffix
        .saturating_sub(place.naming.suffix.len());
    let visible = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    Ok(visible.count() + names * longer)
}
