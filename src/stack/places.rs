//! Where the resources of a graph are: an index for those who follow every reference of a large one.

use std::collections::HashMap;

use super::expr::{Row, Target};
use super::graph::{Found, Member, Stack};
use super::resource::Family;

/// Resources by the names by which expressions refer to them.
#[derive(Debug)]
pub struct Places<'a> {
    /// By path of the component and variable.
    resources: HashMap<(&'a str, &'a str), Found<'a>>,
    /// Rows of each family by the text of its key column.
    rows: HashMap<*const Family, HashMap<String, &'a Row>>,
    families: HashMap<&'a str, &'a Family>,
    /// Keys of the functions, in the order of the graph.
    functions: Vec<&'a str>,
}

impl<'a> Places<'a> {
    pub fn of(stack: &'a Stack) -> Self {
        let mut places = Self {
            resources: HashMap::new(),
            rows: HashMap::new(),
            families: HashMap::new(),
            functions: Vec::new(),
        };
        for component in &stack.components {
            places.functions.extend(component.function());
            for (resource, family) in component.resources() {
                if let Some(family) = family {
                    places.families.entry(family.table).or_insert(family);
                    let rows = places.rows.entry(family);
                    rows.or_insert_with(|| by_key(family));
                }
                let found = Found {
                    component,
                    resource,
                    family,
                };
                let name = (component.path.as_str(), resource.variable.as_str());
                places.resources.entry(name).or_insert(found);
            }
        }
        places
    }

    /// The members that a target means, seen from a row: what [`Stack::targets`] finds.
    pub fn targets(&self, target: &Target, row: Option<&'a Row>) -> Vec<Member<'a>> {
        let name = (target.component.as_str(), target.variable.as_str());
        let found = self.resources.get(&name);
        found.map_or_else(Vec::new, |found| {
            found.members(&target.members, row, |family, key| {
                self.rows
                    .get(&std::ptr::from_ref(family))?
                    .get(key)
                    .copied()
            })
        })
    }

    /// The family of a table; of several that are called so, the first.
    pub fn family(&self, table: &str) -> Option<&'a Family> {
        self.families.get(table).copied()
    }

    /// The keys of the functions, in the order of the graph.
    pub fn functions(&self) -> &[&'a str] {
        &self.functions
    }

    /// A function's resource.
    pub fn of_function(&self, key: &str, variable: &str) -> Option<Member<'a>> {
        let path = format!("functions/{key}");
        let found = self.resources.get(&(path.as_str(), variable))?;
        Some(Member {
            component: found.component,
            resource: found.resource,
            row: None,
        })
    }
}

/// Of rows with one key, the first.
fn by_key(family: &Family) -> HashMap<String, &Row> {
    let mut rows = HashMap::with_capacity(family.rows.len());
    for row in &family.rows {
        rows.entry(row.text(family.key)).or_insert(row);
    }
    rows
}
