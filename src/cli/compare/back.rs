//! What the way back does not restore, in words.

use std::collections::{BTreeMap, BTreeSet};

/// More resources than `most` of one type, for one reason, are one line, in the place of the first. `called` is what a resource is called.
pub fn folded(
    not_restored: &[String],
    most: usize,
    called: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for alike in not_restored.iter().filter_map(|line| alike(line)) {
        *counts.entry(alike).or_default() += 1;
    }
    let mut told = BTreeSet::new();
    let lines = not_restored.iter().filter_map(|line| {
        let many = alike(line).and_then(|alike| {
            let count = *counts.get(&alike)?;
            (count > most).then_some((alike, count))
        });
        let Some((alike, count)) = many else {
            return Some(called(line));
        };
        let (what, why) = line.split_once(": ")?;
        let others = count - 1;
        told.insert(alike)
            .then(|| format!("{} and {others} more like it: {why}", called(what)))
    });
    lines.collect()
}

/// The types of a resource, none for what is no resource, and what there is to say about it.
fn alike(line: &str) -> Option<(&str, &str)> {
    let (what, why) = line.split_once(": ")?;
    let types = what.rsplit_once("::").map_or("", |(types, _)| types);
    Some((types, why))
}

#[cfg(test)]
mod tests {
    use super::folded;

    fn name(urn: &str) -> String {
        urn.rsplit('$').next().unwrap_or(urn).to_owned()
    }

    fn lost(token: &str, names: std::ops::Range<usize>) -> impl Iterator<Item = String> {
        names.map(move |name| format!("paystage:index:Api${token}::k{name}: its value"))
    }

    #[test]
    fn many_of_one_type_for_one_reason_are_one_line() {
        let key = "aws:apigateway/apiKey:ApiKey";
        let mut all: Vec<String> = lost(key, 0..9).collect();
        all.push("paystage:index:Api$aws:rds/instance:Instance::database: its value".to_owned());
        all.extend((0..5).map(|n| format!("clients with the key k{n}: they are refused")));
        all.push("what else the spec would restore: it is not known here".to_owned());
        assert_eq!(
            folded(&all, 4, name),
            [
                "aws:apigateway/apiKey:ApiKey::k0 and 8 more like it: its value",
                "aws:rds/instance:Instance::database: its value",
                "clients with the key k0 and 4 more like it: they are refused",
                "what else the spec would restore: it is not known here",
            ]
        );
    }

    #[test]
    fn few_are_named() {
        let few: Vec<String> = lost("aws:sqs/queue:Queue", 0..4).collect();
        let lines = folded(&few, 4, name);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines.last().unwrap(), "aws:sqs/queue:Queue::k3: its value");
    }
}
