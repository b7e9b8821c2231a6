//! What each component takes and hands on, derived from the references between components.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::stack::expr::{Expr, Members};
use crate::stack::graph::Stack;
use crate::stack::resource::Resource;

/// Shape of a value that passes between components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One output.
    One,
    /// One output a row, in the order of the rows.
    List,
    /// One output a key.
    Map,
    /// A resource, for an edge that no argument shows.
    Resource,
    /// Resources of all rows.
    Resources,
}

/// A field of a component's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    pub shape: Shape,
    /// Path of the component that it comes from.
    pub from: String,
}

/// A value that a component hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub name: String,
    pub shape: Shape,
    pub variable: String,
    pub field: String,
}

/// Where a target's members are used: locally they need a variable or a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Collected<'a> {
    pub name: &'a str,
    pub shape: Shape,
    pub variable: &'a str,
    pub field: &'static str,
    /// What follows the field.
    pub path: &'static str,
    /// Printed root entry of a map whose members refer to each other.
    pub root: Option<&'a Expr>,
}

/// Who uses a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Own,
    /// Another function.
    Sibling,
    /// Another component, or the exports.
    Outside,
}

impl Reach {
    fn of(consumer: &str, provider: &str) -> Self {
        if consumer == provider {
            Self::Own
        } else if group(consumer) == group(provider) {
            Self::Sibling
        } else {
            Self::Outside
        }
    }
}

/// One use of a resource by another one or by the exports. Thousands of functions use the same in the same way, so that a use
/// borrows from the graph and is kept once.
#[derive(PartialEq)]
struct Use<'a> {
    /// Path of the component that provides.
    from: &'a str,
    reach: Reach,
    name: Cow<'a, str>,
    shape: Shape,
    variable: &'a str,
    field: &'static str,
    /// What follows the field: `[0].secret_arn`.
    path: &'static str,
    root: Option<&'a Expr>,
}

/// All uses in the graph, by who provides and by who consumes.
pub struct Wiring<'a> {
    /// Uses by the path of the component that provides.
    provided: BTreeMap<&'a str, Vec<Use<'a>>>,
    /// Fields of each layer's arguments, in order of first use.
    inputs: BTreeMap<&'a str, Vec<Input>>,
}

/// Functions share one set of arguments.
pub const FUNCTIONS: &str = "functions";

impl<'a> Wiring<'a> {
    pub fn of(stack: &'a Stack) -> Self {
        let mut wiring = Wiring {
            provided: BTreeMap::new(),
            inputs: BTreeMap::new(),
        };
        for component in &stack.components {
            for (resource, _) in component.resources() {
                wiring.collect(&component.path, resource);
            }
        }
        for (_, value) in &stack.exports {
            value.walk(&mut |expr| wiring.visit("", expr));
        }
        wiring
    }

    fn record(&mut self, consumer: &'a str, found: Use<'a>) {
        let (consumer, provider) = (group(consumer), group(found.from));
        if provider != consumer {
            let inputs = self.inputs.entry(consumer).or_default();
            let same = |input: &Input| {
                input.name == found.name && input.shape == found.shape && input.from == found.from
            };
            if !inputs.iter().any(same) {
                inputs.push(Input {
                    name: found.name.clone().into_owned(),
                    shape: found.shape,
                    from: found.from.to_owned(),
                });
            }
        }
        let provided = self.provided.entry(found.from).or_default();
        if !provided.contains(&found) {
            provided.push(found);
        }
    }

    fn collect(&mut self, consumer: &'a str, resource: &'a Resource) {
        for argument in &resource.arguments {
            let value = &argument.value;
            value.walk(&mut |expr| self.visit(consumer, expr));
        }
        for (target, _) in &resource.depends_on {
            let (shape, name) = match target.members {
                Members::Each => (Shape::Resources, format!("{}s", target.variable).into()),
                Members::One | Members::Keyed(_) | Members::Named(_) => {
                    (Shape::Resource, target.variable.as_str().into())
                }
            };
            let found = Use {
                from: &target.component,
                reach: Reach::of(consumer, &target.component),
                name,
                shape,
                variable: &target.variable,
                field: "",
                path: "",
                root: None,
            };
            self.record(consumer, found);
        }
    }

    fn visit(&mut self, consumer: &'a str, expr: &'a Expr) {
        let (from, variable, field, path, export, shape, root) = match expr {
            Expr::Output {
                target,
                field,
                path,
                export,
            } => {
                let shape = match target.members {
                    Members::One => Shape::One,
                    Members::Each => Shape::List,
                    Members::Keyed(_) | Members::Named(_) => Shape::Map,
                };
                let (from, variable) = (target.component.as_str(), target.variable.as_str());
                // One of the functions is found among all, by its key.
                if from.starts_with("functions/") && group(consumer) != FUNCTIONS {
                    (FUNCTIONS, variable, *field, *path, export, Shape::Map, None)
                } else {
                    (from, variable, *field, *path, export, shape, None)
                }
            }
            Expr::Parent {
                target,
                field,
                root,
                export,
                ..
            } => {
                let (from, variable) = (target.component.as_str(), target.variable.as_str());
                let root = Some(root.as_ref());
                (from, variable, *field, "", export, Shape::Map, root)
            }
            Expr::ByFunction {
                variable,
                field,
                export,
                ..
            } => (FUNCTIONS, *variable, *field, "", export, Shape::Map, None),
            _ => return,
        };
        let found = Use {
            from,
            reach: Reach::of(consumer, from),
            name: export.into(),
            shape,
            variable,
            field,
            path,
            root,
        };
        self.record(consumer, found);
    }

    /// Fields of the arguments of a component, in order of first use; for functions, of all together.
    pub fn inputs(&self, component: &str) -> &[Input] {
        self.inputs
            .get(group(component))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn provided_by(&self, component: &str) -> &[Use<'a>] {
        self.provided
            .get(component)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What a component hands on to others or to the stack's exports.
    pub fn outputs(&self, component: &str) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        let own = self.provided_by(component).iter();
        let own = own.filter(|found| found.reach == Reach::Outside);
        // What is asked of each function, every function hands on to the layer that holds them.
        let shared = if component.starts_with("functions/") {
            self.provided_by(FUNCTIONS)
        } else {
            &[]
        };
        let own = own.map(|found| (found.name.clone().into_owned(), found.shape, found));
        let shared = shared.iter().map(|found| {
            (
                format!("{}_{}", found.variable, found.field),
                Shape::One,
                found,
            )
        });
        for (name, shape, found) in own.chain(shared) {
            let output = Output {
                name,
                shape,
                variable: found.variable.to_owned(),
                field: format!("{}{}", found.field, found.path),
            };
            if !outputs.contains(&output) {
                outputs.push(output);
            }
        }
        outputs
    }

    /// Resources of a function that other functions wait for, by their variables.
    pub fn handed_to_functions(&self, component: &str) -> Vec<&'a str> {
        let mut handed: Vec<&str> = Vec::new();
        for found in self.provided_by(component) {
            if found.reach == Reach::Sibling && !handed.contains(&found.variable) {
                handed.push(found.variable);
            }
        }
        handed
    }

    /// Lists and maps over the members of families of a component, for its own use or for others.
    pub fn collected(&self, component: &str) -> Vec<Collected<'_>> {
        let mut collected: Vec<Collected<'_>> = Vec::new();
        for found in self.provided_by(component) {
            if !matches!(found.shape, Shape::List | Shape::Map | Shape::Resources) {
                continue;
            }
            let mut known = collected.iter_mut();
            match known.find(|known| known.name == found.name) {
                Some(known) => known.root = known.root.or(found.root),
                None => collected.push(Collected {
                    name: &found.name,
                    shape: found.shape,
                    variable: found.variable,
                    field: found.field,
                    path: found.path,
                    root: found.root,
                }),
            }
        }
        collected
    }

    /// True when something refers to the resource, so that it needs a variable.
    pub fn is_used(&self, component: &str, variable: &str) -> bool {
        let by = |component: &str| {
            let mut uses = self.provided_by(component).iter();
            uses.any(|found| found.variable == variable)
        };
        by(component) || (component.starts_with("functions/") && by(FUNCTIONS))
    }
}

/// `functions` for `functions/validate-payment`.
pub fn group(component: &str) -> &str {
    component.split('/').next().unwrap_or(component)
}
