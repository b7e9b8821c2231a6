//! What each component takes and hands on, derived from the references between components.

use std::collections::{BTreeMap, BTreeSet};

use crate::stack::expr::{Expr, Members, Target};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    pub name: String,
    pub shape: Shape,
    pub variable: String,
    pub field: String,
    /// Printed root entry of a map whose members refer to each other.
    pub root: Option<Box<Root>>,
}

#[derive(Debug, Clone)]
pub struct Root(pub Expr);

impl PartialEq for Root {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Root {}

/// One use of a resource by another one or by the exports.
struct Use {
    consumer: String,
    input: Input,
    variable: String,
    field: String,
    root: Option<Box<Root>>,
}

/// All uses in the graph, by who provides and by who consumes.
pub struct Wiring {
    /// Uses by the path of the component that provides.
    provided: BTreeMap<String, Vec<Use>>,
    /// Fields of each layer's arguments, in order of first use.
    inputs: BTreeMap<String, Vec<Input>>,
    /// Variables of everything that is used, by component.
    used: BTreeMap<String, BTreeSet<String>>,
}

/// Functions share one set of arguments.
pub const FUNCTIONS: &str = "functions";

impl Wiring {
    pub fn of(stack: &Stack) -> Self {
        let mut uses = Vec::new();
        for component in &stack.components {
            for (resource, _) in component.resources() {
                collect(&component.path, resource, &mut uses);
            }
        }
        for (_, value) in &stack.exports {
            value.walk(&mut |expr| visit("", expr, &mut uses));
        }
        let mut wiring = Wiring {
            provided: BTreeMap::new(),
            inputs: BTreeMap::new(),
            used: BTreeMap::new(),
        };
        for found in uses {
            wiring.record(found);
        }
        wiring
    }

    fn record(&mut self, found: Use) {
        let (consumer, provider) = (group(&found.consumer), group(&found.input.from));
        if provider != consumer {
            let inputs = self.inputs.entry(consumer.to_owned()).or_default();
            if !inputs.contains(&found.input) {
                inputs.push(found.input.clone());
            }
        }
        self.used
            .entry(found.input.from.clone())
            .or_default()
            .insert(found.variable.clone());
        self.provided
            .entry(found.input.from.clone())
            .or_default()
            .push(found);
    }

    /// Fields of the arguments of a component, in order of first use; for functions, of all together.
    pub fn inputs(&self, component: &str) -> &[Input] {
        self.inputs
            .get(group(component))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn provided_by(&self, component: &str) -> &[Use] {
        self.provided
            .get(component)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What a component hands on to others or to the stack's exports.
    pub fn outputs(&self, component: &str) -> Vec<Output> {
        let mut outputs: Vec<Output> = Vec::new();
        let own = self
            .provided_by(component)
            .iter()
            .filter(|found| found.consumer != component);
        // What is asked of each function, every function hands on to the layer that holds them.
        let shared = if component.starts_with("functions/") {
            self.provided_by(FUNCTIONS)
        } else {
            &[]
        };
        let own = own.map(|found| (found.input.name.clone(), found.input.shape, found));
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
                variable: found.variable.clone(),
                field: found.field.clone(),
            };
            if !outputs.contains(&output) {
                outputs.push(output);
            }
        }
        outputs
    }

    /// Lists and maps over the members of families of a component, for its own use or for others.
    pub fn collected(&self, component: &str) -> Vec<Collected> {
        let mut collected: Vec<Collected> = Vec::new();
        for found in self.provided_by(component) {
            let shape = found.input.shape;
            if !matches!(shape, Shape::List | Shape::Map | Shape::Resources) {
                continue;
            }
            match collected
                .iter_mut()
                .find(|known| known.name == found.input.name)
            {
                Some(known) => known.root = known.root.take().or_else(|| found.root.clone()),
                None => collected.push(Collected {
                    name: found.input.name.clone(),
                    shape,
                    variable: found.variable.clone(),
                    field: found.field.clone(),
                    root: found.root.clone(),
                }),
            }
        }
        collected
    }

    /// True when something refers to the resource, so that it needs a variable.
    pub fn is_used(&self, component: &str, variable: &str) -> bool {
        let by = |component: &str| {
            let used = self.used.get(component);
            used.is_some_and(|variables| variables.contains(variable))
        };
        by(component) || (component.starts_with("functions/") && by(FUNCTIONS))
    }
}

/// `functions` for `functions/validate-payment`.
pub fn group(component: &str) -> &str {
    component.split('/').next().unwrap_or(component)
}

fn collect(consumer: &str, resource: &Resource, uses: &mut Vec<Use>) {
    for argument in &resource.arguments {
        argument.value.walk(&mut |expr| visit(consumer, expr, uses));
    }
    for (target, _) in &resource.depends_on {
        let (shape, name) = match target.members {
            Members::Each => (Shape::Resources, format!("{}s", target.variable)),
            Members::One | Members::Keyed(_) => (Shape::Resource, target.variable.clone()),
        };
        uses.push(Use {
            consumer: consumer.to_owned(),
            input: Input {
                name,
                shape,
                from: target.component.clone(),
            },
            variable: target.variable.clone(),
            field: String::new(),
            root: None,
        });
    }
}

fn visit(consumer: &str, expr: &Expr, uses: &mut Vec<Use>) {
    let mut push =
        |name: String, shape: Shape, target: &Target, field: String, root: Option<Box<Root>>| {
            uses.push(Use {
                consumer: consumer.to_owned(),
                input: Input {
                    name,
                    shape,
                    from: target.component.clone(),
                },
                variable: target.variable.clone(),
                field,
                root,
            });
        };
    match expr {
        Expr::Output {
            target,
            field,
            path,
            export,
        } => {
            let shape = match target.members {
                Members::One => Shape::One,
                Members::Each => Shape::List,
                Members::Keyed(_) => Shape::Map,
            };
            push(
                export.clone(),
                shape,
                target,
                format!("{field}{path}"),
                None,
            );
        }
        Expr::Parent {
            target,
            field,
            root,
            export,
            ..
        } => {
            push(
                export.clone(),
                Shape::Map,
                target,
                (*field).to_owned(),
                Some(Box::new(Root((**root).clone()))),
            );
        }
        Expr::ByFunction {
            variable,
            field,
            export,
            ..
        } => {
            let target = Target {
                component: FUNCTIONS.to_owned(),
                variable: (*variable).to_owned(),
                members: Members::One,
            };
            push(
                export.clone(),
                Shape::Map,
                &target,
                (*field).to_owned(),
                None,
            );
        }
        _ => {}
    }
}
