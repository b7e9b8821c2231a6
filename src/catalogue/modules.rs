//! Modules that a function can import without bringing them along.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::tables::compiled_in;

/// What is there, wherever a function runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modules {
    /// Python's own.
    pub standard: Vec<String>,
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
}

/// A package of the runtime or of the functions' layer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// As the package index writes it, in small letters.
    pub name: String,
    pub modules: Vec<String>,
    #[serde(default)]
    pub in_layer: bool,
}

impl Modules {
    /// Whether a module at the top of a dotted name is there.
    pub fn have(&self, module: &str) -> bool {
        let mut brought = self.packages.iter().flat_map(|package| &package.modules);
        module.starts_with('_')
            || self.standard.iter().any(|name| name == module)
            || brought.any(|name| name == module)
    }

    /// Whether a package is there; the name is normalised.
    pub fn bring(&self, package: &str) -> bool {
        self.packages.iter().any(|row| row.name == package)
    }
}

/// The table.
pub fn modules() -> &'static Modules {
    static ROWS: OnceLock<Modules> = OnceLock::new();
    ROWS.get_or_init(|| compiled_in!("python-modules"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::modules;

    #[test]
    fn the_layer_is_that_of_the_generated_program() {
        let program = include_str!("../../templates/archives.py");
        let (_, rest) = program.split_once("LIBRARIES = (").unwrap();
        let (list, _) = rest.split_once(')').unwrap();
        let packed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
        let layer = modules().packages.iter().filter(|row| row.in_layer);
        let listed: BTreeSet<&str> = layer.map(|row| row.name.as_str()).collect();
        assert_eq!(listed, packed);
        assert!(modules().have("json") && modules().have("boto3"));
        assert!(!modules().have("payments") && !modules().have("requests"));
    }
}
