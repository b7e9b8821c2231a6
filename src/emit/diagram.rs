//! The picture of the layers, in Mermaid, from the references between them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::python::module::class_name;
use super::wiring::{Wiring, group};
use crate::stack::graph::Stack;

/// An arrow from each layer to the ones that take something from it. Without numbers of resources, which every
/// added function would change.
pub fn layers(stack: &Stack, wiring: &Wiring<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut layers: Vec<&str> = Vec::new();
    for component in &stack.components {
        if !layers.contains(&group(&component.path)) {
            layers.push(group(&component.path));
        }
    }
    for layer in &layers {
        let _ = writeln!(text, "    {layer}[{}]", class_name(layer));
    }
    for layer in &layers {
        let from: BTreeSet<String> = wiring
            .inputs(layer)
            .iter()
            .map(|input| group(&input.from).to_owned())
            .collect();
        for source in layers.iter().filter(|source| from.contains(**source)) {
            let _ = writeln!(text, "    {source} --> {layer}");
        }
    }
    text.trim_end().to_owned()
}
