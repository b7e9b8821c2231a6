//! Origins in words: the line of the spec, the default with its reason, the requirement, or what a value was computed from.

use super::{Atlas, default_of};
use crate::format::Key;
use crate::origin::{Origin, Override};
use crate::requirements::Class;

impl Atlas<'_> {
    /// One line for each thing that decided; what was computed has its sources indented below it.
    pub(super) fn origin(&self, origin: &Origin) -> Vec<String> {
        match origin {
            Origin::Spec { key, span } => vec![format!("{} (`{key}`)", self.spec_line(span))],
            Origin::Default(id) => self.default_lines(id),
            Origin::Fixed(because) => {
                let ids = because.split(' ');
                ids.map(|id| fixed(self.class(), id)).collect()
            }
            Origin::Override(set) => self.override_lines(set),
            Origin::Derived(from) if from.is_empty() => {
                vec!["the compiler: no choice of the spec's is in it".to_owned()]
            }
            Origin::Derived(from) => {
                let mut lines = vec!["computed from".to_owned()];
                for source in from {
                    let found = self.source(source);
                    lines.extend(found.into_iter().map(|line| format!("  {line}")));
                }
                lines
            }
        }
    }

    fn default_lines(&self, id: &str) -> Vec<String> {
        let Some(key) = default_of(id) else {
            return vec![format!("the default `{id}`")];
        };
        let told = self.default_in_class(key).unwrap_or_default();
        let told = match told.as_str() {
            "" => told,
            told => format!(" = {told}"),
        };
        let mut lines = vec![format!("the default `{}`{told}", key.default_name())];
        let ids = key.requirement_ids();
        lines.extend(ids.map(|id| format!("  for {}", fixed(self.class(), id))));
        lines
    }

    /// The default with its reason, and the class where that decides it.
    pub(super) fn default_in_class(&self, key: &Key) -> Option<String> {
        let class = self.class();
        let default = key.default_in(class)?;
        let of_class = if key.of_classes.is_empty() {
            String::new()
        } else {
            format!(" in the class {}", class.as_str())
        };
        Some(format!("{}{of_class}: {}", default.value, default.reason))
    }

    /// The line, what would stand here without it, why, and who decided until when.
    fn override_lines(&self, set: &Override) -> Vec<String> {
        let mut lines = vec![
            format!("an override: {} (`{}`)", self.spec_line(&set.span), set.key),
            format!("  because {}", set.reason),
            format!("  decided by {}, valid through {}", set.owner, set.expires),
        ];
        match &set.replaces {
            Some((value, origin)) => {
                lines.push(format!("  in place of {value}, which came from"));
                let origin = self.origin(origin);
                lines.extend(origin.into_iter().map(|line| format!("    {line}")));
            }
            None => lines.push("  without it, the argument is not set".to_owned()),
        }
        lines
    }

    /// A name in a derived origin: a key, a default, an output of a resource, or the account.
    fn source(&self, source: &str) -> Vec<String> {
        let member_of = source.split_once('[').map_or(source, |(list, _)| list);
        let written = self.keys.get(source).or_else(|| self.keys.get(member_of));
        if let Some(Some(span)) = written {
            return vec![format!("{} (`{source}`)", self.spec_line(span))];
        }
        if let Some(key) = default_of(source) {
            return self.default_lines(key.path);
        }
        if written.is_some() {
            return vec![format!("`{source}`, which the spec leaves out")];
        }
        if source == "account" {
            return vec!["the account that is deployed to".to_owned()];
        }
        vec![
            self.resource_output(source)
                .unwrap_or_else(|| format!("`{source}`")),
        ]
    }

    /// `network.vpc.id`: component, variable, output.
    fn resource_output(&self, source: &str) -> Option<String> {
        for component in &self.output.stack.components {
            let Some(rest) = source
                .strip_prefix(&component.path)
                .and_then(|rest| rest.strip_prefix('.'))
            else {
                continue;
            };
            let (variable, field) = rest.split_once('.')?;
            let mut resources = component.resources();
            let (found, _) = resources.find(|(resource, _)| resource.variable == variable)?;
            let place = self.place_of(&component.path, variable)?;
            return Some(format!("`{field}` of {} `{variable}`, {place}", found.kind));
        }
        let (variable, field) = source.strip_prefix("functions.")?.split_once('.')?;
        Some(format!("`{field}` of each function's `{variable}`"))
    }
}

/// What a requirement asks for, or whose control an id is.
pub(super) fn fixed(class: Class, id: &str) -> String {
    match class.requirement(id) {
        Some(requirement) => format!("{id}: {}", requirement.text),
        None if id.starts_with("CKV") => format!("{id}, a check of Checkov"),
        None => format!("{id}, a control of AWS Security Hub"),
    }
}
