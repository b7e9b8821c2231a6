//! Keys of KMS: which kinds of data the environment's own encrypt, and which those of somebody else.

use super::environment::{Environment, Keys};
use crate::origin::Value;

/// Kinds of data: each has a key of its own.
pub const ROLES: [&str; 4] = ["database", "logs", "data", "topic"];

impl Environment {
    /// The key of a kind of data that somebody else owns, where the spec names one.
    pub fn owners_key(&self, role: &str) -> Option<&Value<String>> {
        let Keys {
            database,
            logs,
            data,
            topic,
            deletion_window_days: _,
            rotation_days: _,
        } = &self.keys;
        let key = match role {
            "database" => database,
            "logs" => logs,
            "data" => data,
            _ => topic,
        };
        key.as_ref()
    }

    /// All of them, each with its kind of data.
    pub fn owners_keys(&self) -> Vec<(&'static str, &Value<String>)> {
        let all = ROLES.into_iter();
        all.filter_map(|role| Some((role, self.owners_key(role)?)))
            .collect()
    }
}
