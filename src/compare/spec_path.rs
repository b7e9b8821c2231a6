//! Where the spec has what a resource belongs to.

use crate::origin::{Origin, Value};
use crate::stack::graph::Member;

/// The path in the spec of what a resource belongs to: `api.plans.partner`, `network.zones.use1-az4`, `database`.
pub fn path_of(member: &Member<'_>) -> String {
    let family = member.component.resources().find_map(|(resource, family)| {
        std::ptr::eq(resource, member.resource)
            .then_some(family)
            .flatten()
    });
    if let (Some(family), Some(row)) = (family, member.row) {
        let path = row
            .origin(family.key)
            .and_then(|origin| written(origin, &row.text(family.key)));
        if let Some(path) = path {
            return path;
        }
    }
    member.component.path.replace('/', ".")
}

/// The path of a thing that the spec names.
pub fn path_of_key(key: &Value<String>) -> Option<String> {
    written(&key.origin, &key.value)
}

/// A key, or a list with the member in it.
fn written(origin: &Origin, text: &str) -> Option<String> {
    match origin {
        Origin::Spec { key, .. } => Some(match key.rsplit_once('[') {
            Some((list, _)) => format!("{list}.{text}"),
            None => key.clone(),
        }),
        Origin::Derived(from) => match from.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        _ => None,
    }
}
