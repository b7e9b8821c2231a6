//! Modules that a function can import without bringing them along.

use crate::tables::compiled_in;

/// What is there, wherever a function runs.
#[derive(Debug)]
pub struct Modules {
    /// Python's own.
    pub standard: &'static [&'static str],
    pub package: &'static [Package],
}

/// A package of the runtime or of the functions' layer.
#[derive(Debug)]
pub struct Package {
    /// As the package index writes it, in small letters.
    pub name: &'static str,
    pub modules: &'static [&'static str],
    pub in_layer: bool,
}

impl Modules {
    /// Whether a module at the top of a dotted name is there.
    pub fn have(&self, module: &str) -> bool {
        let mut brought = self.package.iter().flat_map(|package| package.modules);
        module.starts_with('_')
            || self.standard.contains(&module)
            || brought.any(|name| *name == module)
    }

    /// Whether a package is there; the name is normalised.
    pub fn bring(&self, package: &str) -> bool {
        self.package.iter().any(|row| row.name == package)
    }
}

/// The table.
pub fn modules() -> &'static Modules {
    static TABLE: Modules = compiled_in!("python-modules");
    &TABLE
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
        let layer = modules().package.iter().filter(|row| row.in_layer);
        let listed: BTreeSet<&str> = layer.map(|row| row.name).collect();
        assert_eq!(listed, packed);
        assert!(modules().have("json") && modules().have("boto3"));
        assert!(!modules().have("payments") && !modules().have("requests"));
    }
}
