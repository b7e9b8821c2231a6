//! The rule `default-quotas`: the graph knows how many resources of a kind there are.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::catalogue::quotas;
use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::origin::Value;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;

/// A note for each kind of which the graph has too many.
pub fn default_quotas(stack: &Stack, environment: &Environment) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for member in stack.members() {
        *counts.entry(member.resource.kind).or_default() += 1;
    }
    let over = quotas().of_kind.iter().filter_map(|quota| {
        let count = *counts.get(quota.class)?;
        let most = usize::try_from(quota.value).ok()?;
        if count <= most {
            return None;
        }
        let message = format!(
            "the environment has more {} than the default quota of {}",
            quota.what, quota.of
        );
        let span = last(quota.table, environment)?;
        Some(
            Diagnostic::note_only(Code::DefaultQuotas, span, message)
                .label(format!("{count} in total, and the quota is {most}"))
                .note(format!("{}; it can be raised", quota.source))
                .help("have the quota raised before the deployment, or define fewer"),
        )
    });
    over.collect()
}

/// The last entry of a table of the author's names that was written.
fn last(table: &str, environment: &Environment) -> Option<Range<usize>> {
    fn of<'a, T>(entries: &'a [T], key: fn(&'a T) -> &'a Value<String>) -> Option<Range<usize>> {
        let mut entries = entries.iter().rev();
        entries
            .find_map(|entry| written(key(entry)))
            .map(|(_, span)| span)
    }
    match table {
        "functions" => of(&environment.functions, |entry| &entry.key),
        "api.routes" => of(&environment.api.routes, |entry| &entry.key),
        "api.plans" => of(&environment.api.plans, |entry| &entry.key),
        "load_balancer.routes" => of(&environment.load_balancer.routes, |entry| &entry.pattern),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::compile_environment;
    use crate::load::Disk;

    #[test]
    fn every_quota_has_a_place_in_the_spec() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let loader = Disk::beside(Path::new(path));
        let today = "2026-06-01".parse().unwrap();
        let (environment, _) = compile_environment(&text, path, &loader, today);
        let environment = environment.unwrap();
        for quota in quotas().of_kind {
            assert!(last(quota.table, &environment).is_some(), "{}", quota.class);
        }
        let stack = Stack::build(&environment).unwrap();
        assert_eq!(default_quotas(&stack, &environment), Vec::new());
    }
}
