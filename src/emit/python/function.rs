//! The component that all functions share, and the module of each function: what it may do, its environment, its settings.

use std::cell::RefCell;
use std::collections::BTreeMap;

use askama::Template;
use heck::ToSnakeCase;

use super::block::BlockPrinter;
use super::expr::Scope;
use super::module::{
    arguments_class, assignments, body, constants_text, declarations, module_doc, registered,
};
use super::used::{Name, Used};
use super::{literal, pad, put};
use crate::emit::shape::{self, Presence, Shape, Waiting};
use crate::emit::trace::{Mark, Page, Part, Place, Placed, SharedLine, Traced};
use crate::emit::wiring::{FUNCTIONS, Output, Wiring};
use crate::stack::resource::Component;

#[derive(Template)]
#[template(path = "components/lambda_function.py")]
struct ShapeTemplate<'a> {
    requirements: String,
    imports: String,
    shared: String,
    fields: Placed<'a>,
    outputs: String,
    uses_child: bool,
    uses_named: bool,
    has_predecessors: bool,
    has_renamed: bool,
    body: Placed<'a>,
    assignments: String,
    registered: String,
}

#[derive(Template)]
#[template(path = "components/functions/function.py")]
struct FunctionTemplate<'a> {
    module_doc: String,
    imports: String,
    constants: String,
    name: String,
    /// Each a line: what is handed on by another function.
    parameters: String,
    returns: String,
    doc: &'a str,
    key: &'a str,
    given: Placed<'a>,
    has_rest: bool,
    rest: Placed<'a>,
    /// What stands beside the function and others wait for, behind a comma.
    handed: String,
}

/// Name of the Python function that makes a function of the spec: `health_function`.
pub fn maker(key: &str) -> String {
    format!("{}_function", key.to_snake_case())
}

/// `components/lambda_function.py`: its lines are those of all functions.
pub fn shape_module(
    shape: &Shape,
    example: &Component,
    wiring: &Wiring<'_>,
) -> anyhow::Result<(String, Vec<Mark>)> {
    let constants = RefCell::new(BTreeMap::new());
    let used = Used::default();
    used.add(Name::Dataclass);
    let printer = BlockPrinter {
        component: &shape.pattern,
        wiring,
        scope: Scope {
            component: &shape.pattern.path,
            row: Some(""),
            args: "shared.",
            own: "",
            constants: &constants,
            used: &used,
        },
        collected: Vec::new(),
        indent: 8,
        parent: "self",
        first: if shape.has_renamed {
            "args.renamed_from is None"
        } else {
            "True"
        },
    };
    let mut printed = body(&printer);
    printed.marks = std::mem::take(&mut printed.marks)
        .into_iter()
        .filter_map(|mark| shared(mark, shape))
        .collect();
    let outputs: Vec<Output> = wiring.outputs(&example.path);
    let fields = fields(shape, &printer.scope);
    let page = Page::default();
    page.render(&ShapeTemplate {
        requirements: example.requirements.join(", "),
        imports: used.imports("from naming import Naming\n"),
        shared: arguments_class(FUNCTIONS, wiring.inputs(FUNCTIONS)),
        fields: page.text(&fields),
        outputs: declarations(&outputs),
        uses_child: used.has(Name::Child),
        uses_named: used.has(Name::Named),
        has_predecessors: shape.has_predecessors,
        has_renamed: shape.has_renamed,
        body: page.text(&printed),
        assignments: assignments(&outputs),
        registered: registered(&outputs),
    })
}

fn fields(shape: &Shape, scope: &Scope<'_>) -> Traced {
    let mut text = Traced::default();
    for field in &shape.fields {
        let line = match field.presence {
            Presence::Default(_) => SharedLine::Argument(field.argument),
            Presence::Required | Presence::Optional => SharedLine::Given(field.argument),
        };
        let part = Part::Shared(shape.owners(field.variable), line);
        text.print(part, |out| {
            put!(out, "    {}: {}", field.name, field.kind);
            match &field.presence {
                Presence::Required => {}
                Presence::Optional => out.push_str(" | None = None"),
                Presence::Default(value) => {
                    out.push_str(" = ");
                    scope.print(out, value, 4, 0, 0);
                }
            }
            out.push('\n');
        });
    }
    text
}

/// The same part of every function that has the resource.
fn shared(mark: Mark, shape: &Shape) -> Option<Mark> {
    let resource = |place: Place| {
        let block = shape.pattern.blocks.get(place.block)?;
        block.resources().get(place.resource)
    };
    let (place, line) = match mark.part {
        Part::Resource(place) => (place, SharedLine::Resource),
        Part::Options(place) => (place, SharedLine::Options),
        Part::Argument(place, number) => {
            let resource = resource(place)?;
            let name = resource.arguments.get(number)?.name;
            let line = match shape.field(&resource.variable, name) {
                Some(_) => SharedLine::Given(name),
                None => SharedLine::Argument(name),
            };
            (place, line)
        }
        _ => return None,
    };
    let owners = shape.owners(&resource(place)?.variable);
    let part = Part::Shared(owners, line);
    Some(Mark { part, ..mark })
}

/// The module of one function.
pub fn function_module(
    shape: &Shape,
    component: &Component,
    wiring: &Wiring<'_>,
) -> anyhow::Result<(String, Vec<Mark>)> {
    let constants = RefCell::new(BTreeMap::new());
    let used = Used::default();
    let scope = Scope {
        component: &component.path,
        row: None,
        args: "args.",
        own: "function.",
        constants: &constants,
        used: &used,
    };
    let mut given = Traced::default();
    if let Some(former) = &component.renamed_from {
        given.print(Part::Value(former.origin.clone()), |out| {
            put!(out, "            renamed_from=");
            literal::push_string(out, former);
            out.push_str(",\n");
        });
    }
    let waiting = shape::predecessors(component);
    given_predecessors(&mut given, &waiting);
    for one in shape.given(component) {
        given.print(Part::Argument(one.place, one.number), |out| {
            if let Some(comment) = &one.argument.comment {
                literal::push_comment(out, comment, 12);
            }
            pad(out, 12);
            put!(out, "{}=", one.field.name);
            let columns = 13 + one.field.name.len();
            scope.print(out, one.value, 12, columns, 1);
            out.push_str(",\n");
        });
    }
    let printer = BlockPrinter {
        component,
        wiring,
        scope,
        collected: Vec::new(),
        indent: 4,
        parent: "function",
        first: "True",
    };
    let mut rest = Traced::default();
    for (number, block) in component.blocks.iter().enumerate() {
        let is_shared = |resource| shape::find(component, resource).is_some();
        if !block.resources().iter().any(|one| is_shared(&one.variable)) {
            printer.print(&mut rest, number, block);
        }
    }
    let handed = wiring.handed_to_functions(&component.path);
    let page = Page::default();
    page.render(&FunctionTemplate {
        module_doc: module_doc(component),
        imports: used.imports(
            "from components.lambda_function import FunctionsArgs, LambdaFunction, LambdaFunctionArgs\n",
        ),
        constants: constants_text(&constants.into_inner(), &used),
        name: maker(component.key()),
        parameters: waiting
            .iter()
            .map(|edge| format!("    {}: pulumi.Resource,\n", edge.target.variable))
            .collect(),
        returns: match handed.len() {
            0 => "LambdaFunction".to_owned(),
            count => format!(
                "tuple[LambdaFunction{}]",
                ", pulumi.Resource".repeat(count)
            ),
        },
        doc: &component.doc,
        key: component.key(),
        given: page.text(&given),
        has_rest: !rest.text.is_empty(),
        rest: page.text(&rest),
        handed: handed.iter().map(|name| format!(", {name}")).collect(),
    })
}

/// What a function waits for beside what all wait for.
fn given_predecessors(given: &mut Traced, waiting: &[Waiting<'_>]) {
    let Some(first) = waiting.first() else {
        return;
    };
    given.print(Part::Options(first.place), |out| {
        for reason in waiting.iter().filter_map(|edge| edge.reason) {
            literal::push_comment(out, reason, 12);
        }
        let names = waiting
            .iter()
            .map(|edge| format!("{},", edge.target.variable));
        let names = names.collect::<Vec<_>>().join(" ");
        // One alone keeps its comma; of more, the last goes without.
        let names = if waiting.len() > 1 {
            names.trim_end_matches(',')
        } else {
            names.as_str()
        };
        put!(out, "            predecessors=({names}),\n");
    });
}
