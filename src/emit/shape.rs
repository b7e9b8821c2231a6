//! What all functions have in common, found in the graph: a component that is printed once, and the fields by which a function's
//! own module differs from another. What a function may decide, `stack/layers/functions/mod.rs` lists; whatever else differs (an
//! override) becomes a field too, so that the program always registers what the graph says.

use std::sync::Arc;

use super::trace::{Owner, Place};
use super::wiring::{FUNCTIONS, group};
use crate::origin::Origin;
use crate::stack::expr::{Expr, Members, Part, Target, Text, column};
use crate::stack::graph::Stack;
use crate::stack::layers::functions::{Own, SCHEDULE, is_shared, own};
use crate::stack::resource::{Argument, Block, Component, Condition, Resource};

/// Column that stands for the function's own name.
const NAME: &str = "name";

/// A field of the arguments of `LambdaFunction`.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    /// Python type.
    pub kind: String,
    pub presence: Presence,
    pub variable: &'static str,
    pub argument: &'static str,
    within: Option<&'static str>,
    /// Place among the fields.
    order: usize,
}

/// Whether functions may leave a field out.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    Required,
    /// Without it, the argument is not set.
    Optional,
    /// Without it, the argument has this literal.
    Default(Expr),
}

impl Field {
    /// Whether a function says this argument: a default need not be said.
    pub fn is_said(&self, argument: &Argument) -> bool {
        match &self.presence {
            Presence::Default(usual) => is_overridden(argument) || argument.value != *usual,
            _ => true,
        }
    }
}

/// What functions have in common.
#[derive(Debug)]
pub struct Shape {
    /// Number of the component whose resources stand for those of all.
    pub number: usize,
    /// Resources with fields in the place of what differs.
    pub pattern: Component,
    pub fields: Vec<Field>,
    /// Whether one of them waits for what another one does.
    pub has_predecessors: bool,
    /// Whether one of them is renamed, and says so.
    pub has_renamed: bool,
    /// Who has each resource of the pattern, by its variable.
    owners: Vec<(String, Arc<[Owner]>)>,
}

/// What a function's own module says of a field.
pub struct Given<'a> {
    pub field: &'a Field,
    pub place: Place,
    pub number: usize,
    pub argument: &'a Argument,
    pub value: &'a Expr,
}

impl Shape {
    /// Nothing where there is no function.
    pub fn of(stack: &Stack) -> Option<Self> {
        let all = || {
            let numbered = stack.components.iter().enumerate();
            numbered.filter(|(_, component)| component.path.starts_with("functions/"))
        };
        // The one with the most resources has those that not every function has.
        let (number, example) = all().max_by_key(|(number, component)| {
            let count = resources(component).count();
            (count, std::cmp::Reverse(*number))
        })?;
        let mut fields = Vec::new();
        let mut always = Vec::new();
        let mut scheduled = Vec::new();
        let mut owners = Vec::new();
        for (_, resource) in resources(example) {
            let (owner, others): (Vec<Owner>, Vec<(&Component, &Resource)>) = all()
                .filter_map(|(component, one)| {
                    let (place, found) = find(one, &resource.variable)?;
                    Some((Owner { component, place }, (one, found)))
                })
                .unzip();
            owners.push((resource.variable.clone(), owner.into()));
            let pattern = pattern(example, resource, &others, &mut fields);
            if SCHEDULE.contains(&resource.variable.as_str()) {
                scheduled.push(pattern);
            } else {
                always.push(Block::Resource(pattern));
            }
        }
        if !scheduled.is_empty() {
            always.push(Block::Guarded(Condition::Scheduled, scheduled));
            for field in &mut fields {
                if SCHEDULE.contains(&field.variable) {
                    field.presence = Presence::Optional;
                }
            }
        }
        fields.sort_by_key(|field| (field.presence != Presence::Required, field.order));
        let pattern = Component {
            blocks: always,
            ..Component::new(example.path.as_str(), "", "", &[])
        };
        Some(Self {
            number,
            pattern,
            fields,
            has_predecessors: all().any(|(_, one)| !predecessors(one).is_empty()),
            has_renamed: all().any(|(_, component)| component.renamed_from.is_some()),
            owners,
        })
    }

    /// The field by which each function says this argument itself.
    pub fn field(&self, variable: &str, argument: &str) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.variable == variable && field.argument == argument)
    }

    /// The functions that have this resource.
    pub fn owners(&self, variable: &str) -> Arc<[Owner]> {
        let mut owners = self.owners.iter();
        let found = owners.find(|(known, _)| known == variable);
        found.map_or_else(Default::default, |(_, owners)| Arc::clone(owners))
    }

    /// What this function says of the fields, in their order.
    pub fn given<'a>(&'a self, component: &'a Component) -> impl Iterator<Item = Given<'a>> {
        self.fields.iter().filter_map(|field| {
            let (place, resource) = find(component, field.variable)?;
            let mut arguments = resource.arguments.iter().enumerate();
            let (number, argument) = arguments.find(|(_, one)| one.name == field.argument)?;
            if !field.is_said(argument) {
                return None;
            }
            let value = within(&argument.value, field.within);
            Some(Given {
                field,
                place,
                number,
                argument,
                value,
            })
        })
    }
}

/// Resources of a function that are a part of the shape.
fn resources(component: &Component) -> impl Iterator<Item = (Place, &Resource)> {
    let blocks = component.blocks.iter().enumerate();
    blocks.filter_map(|(block, found)| match found {
        Block::Resource(resource) if is_shared(&resource.variable) => {
            Some((Place { block, resource: 0 }, resource))
        }
        _ => None,
    })
}

/// The resource of a function with this variable.
pub fn find<'a>(component: &'a Component, variable: &str) -> Option<(Place, &'a Resource)> {
    resources(component).find(|(_, resource)| resource.variable == variable)
}

/// A resource of one function that waits for those of another one.
pub struct Waiting<'a> {
    pub place: Place,
    pub target: &'a Target,
    pub reason: Option<&'static str>,
}

/// What other functions have done before this one is made or changed.
pub fn predecessors(component: &Component) -> Vec<Waiting<'_>> {
    let edges = resources(component).flat_map(|(place, resource)| {
        let edges = resource.depends_on.iter();
        edges.map(move |(target, reason)| Waiting {
            place,
            target,
            reason: *reason,
        })
    });
    edges
        .filter(|edge| leads_to_another(component, edge.target))
        .collect()
}

fn leads_to_another(component: &Component, target: &Target) -> bool {
    target.component != component.path && group(&target.component) == FUNCTIONS
}

fn within<'a>(value: &'a Expr, key: Option<&str>) -> &'a Expr {
    match value {
        Expr::Map(entries) => entries
            .iter()
            .find(|(name, _)| Some(name.as_str()) == key)
            .map_or(value, |(_, inner)| inner),
        _ => value,
    }
}

/// A resource with fields in the place of what differs among the functions that have it.
fn pattern(
    example: &Component,
    resource: &Resource,
    others: &[(&Component, &Resource)],
    fields: &mut Vec<Field>,
) -> Resource {
    let mut pattern = resource.clone();
    // Which goes first, the function says, where one is renamed.
    pattern.delete_before_replace = resource.delete_before_replace.map(|_| true);
    pattern.logical = text(&resource.logical, example.key());
    for alias in &mut pattern.aliases {
        *alias = text(alias, example.key());
    }
    pattern
        .depends_on
        .retain(|(target, _)| !leads_to_another(example, target));
    let waits = |(of, other): &(&Component, &Resource)| {
        let mut edges = other.depends_on.iter();
        edges.any(|(target, _)| leads_to_another(of, target))
    };
    if others.iter().any(waits) {
        // Each function says which, in `args.predecessors`.
        let given = Target {
            component: example.path.clone(),
            variable: "args.predecessor".to_owned(),
            members: Members::Each,
        };
        pattern.depends_on.push((given, None));
    }
    let mut names: Vec<&'static str> = Vec::new();
    for (_, other) in others {
        for argument in &other.arguments {
            if !names.contains(&argument.name) {
                names.push(argument.name);
            }
        }
    }
    pattern.arguments = names
        .into_iter()
        .filter_map(|name| {
            let given: Vec<(&Component, &Argument)> = others
                .iter()
                .filter_map(|(of, other)| Some((*of, other.argument(name)?)))
                .collect();
            argument(example, &resource.variable, &given, others.len(), fields)
        })
        .collect();
    pattern
}

/// An argument as the pattern has it: what all functions say, or the field by which each says its own.
fn argument(
    example: &Component,
    variable: &str,
    given: &[(&Component, &Argument)],
    count: usize,
    fields: &mut Vec<Field>,
) -> Option<Argument> {
    let (of, first) = *given.first()?;
    let known = own(variable, first.name);
    let value = abstracted(&first.value, of, example);
    let same = |(of, one): &(&Component, &Argument)| {
        !is_overridden(one) && abstracted(&one.value, of, example) == value
    };
    let is_usual = known.is_none_or(|(_, own)| own.is_rare);
    if is_usual && given.len() == count && given.iter().all(same) {
        return Some(Argument {
            value,
            ..first.clone()
        });
    }
    let presence = if given.len() < count {
        Presence::Optional
    } else {
        let usual = is_usual.then(|| usual(given)).flatten();
        usual.map_or(Presence::Required, Presence::Default)
    };
    let field = field(variable, first, known, presence);
    let column = Expr::Column(column(&format!("args.{}", field.name)));
    let value = match field.within {
        Some(key) => Expr::map([(key, column)]),
        None => column,
    };
    fields.push(field);
    Some(Argument {
        value,
        comment: None,
        ..first.clone()
    })
}

/// The literal of all whose argument neither an override sets nor a key of their own.
fn usual(given: &[(&Component, &Argument)]) -> Option<Expr> {
    let arguments = given.iter().map(|(_, argument)| *argument);
    let mut usual =
        arguments.filter(|argument| !is_overridden(argument) && !is_asked_for(argument));
    let first = &usual.next()?.value;
    let is_literal = matches!(
        first,
        Expr::Text(_) | Expr::Integer(_) | Expr::Float(_) | Expr::Bool(_)
    );
    (is_literal && usual.all(|argument| argument.value == *first)).then(|| first.clone())
}

/// Whether a key of the function decides it, and not one of all.
fn is_asked_for(argument: &Argument) -> bool {
    matches!(&argument.origin, Origin::Spec { key, .. } if key.starts_with("functions."))
}

fn is_overridden(argument: &Argument) -> bool {
    matches!(argument.origin, Origin::Override(_))
}

fn field(
    variable: &str,
    argument: &Argument,
    known: Option<(usize, &Own)>,
    presence: Presence,
) -> Field {
    let (order, name, kind) = match known {
        Some((order, own)) => (order, own.field.to_owned(), own.kind.to_owned()),
        // What overrides set comes last.
        None => (
            usize::MAX,
            format!("{variable}_{}", argument.name),
            python_type(&argument.value),
        ),
    };
    Field {
        name,
        kind,
        presence,
        variable: column(variable),
        argument: argument.name,
        within: known.and_then(|(_, own)| own.within),
        order,
    }
}

fn python_type(value: &Expr) -> String {
    match value {
        Expr::Integer(_) => "int".to_owned(),
        Expr::Float(_) => "float".to_owned(),
        Expr::Bool(_) => "bool".to_owned(),
        Expr::List(items) => {
            let item = items.first().map_or("str".to_owned(), python_type);
            format!("list[{item}]")
        }
        Expr::Map(entries) => {
            let item = entries.first().map(|(_, value)| python_type(value));
            format!("dict[str, {}]", item.unwrap_or_else(|| "str".to_owned()))
        }
        Expr::Tags { .. } => "dict[str, str]".to_owned(),
        _ => "pulumi.Input[str]".to_owned(),
    }
}

/// The expression with the function's name and resources in the form that is the same for every function.
fn abstracted(expr: &Expr, of: &Component, example: &Component) -> Expr {
    let key = of.key();
    let inner = |expr: &Expr| abstracted(expr, of, example);
    let boxed = |expr: &Expr| Box::new(abstracted(expr, of, example));
    match expr {
        Expr::List(items) => Expr::List(items.iter().map(inner).collect()),
        Expr::Concat(parts) => Expr::Concat(parts.iter().map(inner).collect()),
        Expr::Map(entries) => Expr::Map(
            entries
                .iter()
                .map(|(name, value)| (name.clone(), inner(value)))
                .collect(),
        ),
        Expr::Noted(note, value) => Expr::Noted(note, boxed(value)),
        Expr::Json(value) => Expr::Json(boxed(value)),
        Expr::Name { kind, role } => Expr::Name {
            kind,
            role: text(role, key),
        },
        Expr::Tags { kind, role } => Expr::Tags {
            kind,
            role: text(role, key),
        },
        // Words that end with the name: `Calls the function health`.
        Expr::Text(words) => match words.strip_suffix(key).filter(|rest| rest.ends_with(' ')) {
            Some(before) => Expr::concat([before.into(), Expr::Column(NAME)]),
            None => expr.clone(),
        },
        Expr::Output {
            target,
            field,
            path,
            export,
        } => {
            let mut target = target.clone();
            if target.component == of.path {
                target.component.clone_from(&example.path);
            }
            Expr::Output {
                target,
                field,
                path,
                export: export.clone(),
            }
        }
        other => other.clone(),
    }
}

/// A role or a logical name: the function's name, or what begins with it.
fn text(text: &Text, key: &str) -> Text {
    let [Part::Text(plain)] = text.0.as_slice() else {
        return text.clone();
    };
    match plain.strip_prefix(key) {
        Some("") => Text(vec![Part::Column(NAME)]),
        Some(rest) if rest.starts_with('-') => {
            Text(vec![Part::Column(NAME), Part::Text(rest.to_owned())])
        }
        _ => text.clone(),
    }
}
