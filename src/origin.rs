//! Where a value came from: every value of the resolved environment and every argument of the
//! resource graph carries one of these.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Deref, Range};

use crate::date::Date;

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Written by a person: the key's full path (`database.storage_gib`) and the bytes of its value in the spec.
    Spec { key: String, span: Range<usize> },
    /// Left out of the spec: the path of the key whose default filled it, as the format has it (`functions.*.memory_mib`).
    Default(&'static str),
    /// Computed from other values: spec keys (`network.cidr`) or resource outputs (`network.vpc.id`).
    Derived(Vec<String>),
    /// No choice is left: requirement ids or scanner control ids that fix it, separated by spaces.
    Fixed(&'static str),
    /// Set for a while by an override of the spec, in place of what the compiler sets.
    Override(Box<Override>),
}

/// An override as the argument remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Key and bytes of its value in the spec.
    pub key: String,
    pub span: Range<usize>,
    /// What it replaces, as JSON, with where that came from; nothing if the compiler does not set the argument.
    pub replaces: Option<(serde_json::Value, Origin)>,
    pub reason: String,
    /// Who decided.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
}

impl Origin {
    /// The origin of what is computed from values of these origins.
    pub fn derived_from<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Self {
        let mut seen: BTreeSet<Cow<'_, str>> = BTreeSet::new();
        let mut from: Vec<String> = Vec::new();
        for origin in origins {
            let keys: &[String] = match origin {
                Origin::Spec { key, .. } => std::slice::from_ref(key),
                Origin::Derived(keys) => keys,
                Origin::Override(set) => std::slice::from_ref(&set.key),
                Origin::Default(key) => {
                    let name = default_name(key);
                    if seen.insert(name.clone().into()) {
                        from.push(name);
                    }
                    continue;
                }
                Origin::Fixed(_) => continue,
            };
            let new = keys.iter().filter(|key| seen.insert(key.as_str().into()));
            from.extend(new.cloned());
        }
        Origin::Derived(from)
    }
}

/// A final value together with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Value<T> {
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The same origin with another value, for conversions that lose nothing.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Value<U> {
        Value {
            value: convert(self.value),
            origin: self.origin,
        }
    }
}

impl<T> Deref for Value<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What the default of a key is called where people and tools meet it: `functions.memory-mib` for `functions.*.memory_mib`.
pub fn default_name(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    for (number, part) in path.split('.').filter(|part| *part != "*").enumerate() {
        if number == 0 {
            name.push_str(part);
        } else {
            name.push('.');
            name.extend(part.chars().map(|c| if c == '_' { '-' } else { c }));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::default_name;

    #[test]
    fn defaults_are_called_by_table_and_key() {
        let name = default_name("load_balancer.routes.*.some_key");
        assert_eq!(name, "load_balancer.routes.some-key");
        assert_eq!(default_name("real_card_data"), "real_card_data");
    }
}
