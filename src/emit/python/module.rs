//! A component as a module: imports, constants, tables, arguments, class.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use askama::Template;
use heck::{ToSnakeCase, ToUpperCamelCase};

use super::block::{self, BlockPrinter};
use super::expr::{Constants, Scope};
use super::used::{Name, Used};
use super::{literal, pad, put};
use crate::emit::trace::{Mark, Page, Part, Placed, Traced};
use crate::emit::wiring::{Input, Output, Shape, Wiring, group};
use crate::stack::expr::Expr;
use crate::stack::resource::{Block, Component};

#[derive(Template)]
#[template(path = "components/component.py")]
struct ComponentTemplate<'a> {
    module_doc: String,
    imports: String,
    constants: String,
    tables: Placed<'a>,
    arguments: String,
    class: String,
    doc: &'a str,
    outputs: String,
    args: String,
    token: String,
    uses_child: bool,
    uses_naming: bool,
    uses_named: bool,
    locals: String,
    body: Placed<'a>,
    assignments: String,
    registered: String,
}

/// Name of a component's class: `ValidatePayment`.
pub fn class_name(component: &str) -> String {
    component
        .rsplit('/')
        .next()
        .unwrap_or(component)
        .to_upper_camel_case()
}

/// Name of its variable and module: `validate_payment`.
pub fn variable_name(component: &str) -> String {
    component
        .rsplit('/')
        .next()
        .unwrap_or(component)
        .to_snake_case()
}

/// Name of the class of its arguments; functions share one.
pub fn args_name(component: &str) -> String {
    format!("{}Args", class_name(group(component)))
}

/// The whole file of a component, and which of its lines are which part of it.
pub fn component_module(
    component: &Component,
    wiring: &Wiring<'_>,
) -> anyhow::Result<(String, Vec<Mark>)> {
    let constants = RefCell::new(BTreeMap::new());
    let used = Used::default();
    let scope = Scope {
        component: &component.path,
        row: None,
        args: "args.",
        own: "",
        constants: &constants,
        used: &used,
    };
    let tables = tables(component, &scope);
    let printer = BlockPrinter {
        component,
        wiring,
        scope,
        collected: wiring.collected(&component.path),
        indent: 8,
        parent: "self",
        first: "True",
    };
    let body = body(&printer);
    let locals = locals(&printer.scope);
    let outputs = wiring.outputs(&component.path);
    let constants = constants_text(&constants.into_inner(), &used);
    used.add(Name::Dataclass);
    let page = Page::default();
    let template = ComponentTemplate {
        module_doc: module_doc(component),
        imports: used.imports("from naming import Naming\n"),
        constants,
        tables: page.text(&tables),
        arguments: arguments_class(&component.path, wiring.inputs(&component.path)),
        class: class_name(&component.path),
        doc: &component.doc,
        outputs: declarations(&outputs),
        args: args_name(&component.path),
        token: format!("paystage:index:{}", class_name(&component.path)),
        uses_child: used.has(Name::Child),
        uses_naming: used.has(Name::Naming),
        uses_named: used.has(Name::Named),
        locals,
        assignments: assignments(&outputs),
        registered: registered(&outputs),
        body: page.text(&body),
    };
    page.render(&template)
}

/// Tables of the families, each after the class of its rows; families may share a class.
fn tables(component: &Component, scope: &Scope<'_>) -> Traced {
    let mut classes: Vec<&str> = Vec::new();
    let mut tables = Traced::default();
    for (number, block) in component.blocks.iter().enumerate() {
        let Block::Family(family) = block else {
            continue;
        };
        if !classes.contains(&family.class) {
            classes.push(family.class);
            let part = Part::Family { block: number };
            tables.mark(part, &block::row_class(family, scope.used));
            tables.push("\n\n");
        }
        block::table(&mut tables, number, family, scope);
        tables.push("\n\n");
    }
    tables
}

/// One blank line around families; resources follow each other as statements do.
pub fn body(printer: &BlockPrinter<'_>) -> Traced {
    let mut text = Traced::default();
    let mut before: Option<&Block> = None;
    for (number, block) in printer.component.blocks.iter().enumerate() {
        let nested = |block: &Block| !matches!(block, Block::Resource(_));
        let commented = matches!(block, Block::Resource(resource) if resource.comment.is_some());
        if before.is_some_and(|before| nested(before) || nested(block) || commented) {
            text.push("\n");
        }
        printer.print(&mut text, number, block);
        before = Some(block);
    }
    text
}

pub fn module_doc(component: &Component) -> String {
    let mut doc = format!(
        "{}.\n\nRequirements: {}.\n",
        component.title,
        component.requirements.join(", ")
    );
    for note in &component.notes {
        let _ = writeln!(doc, "{note}");
    }
    doc
}

/// Takes what is only known while Pulumi runs out of the constants: it is defined where the constructor begins.
fn locals(scope: &Scope<'_>) -> String {
    let indent = 8;
    let is_local = |_: &Cow<'static, str>, (_, value): &mut (&'static str, Expr)| value.is_output();
    let mut known: Constants = BTreeMap::new();
    let mut text = String::new();
    loop {
        let found = scope
            .constants
            .borrow_mut()
            .extract_if(.., is_local)
            .collect::<Constants>();
        let new: Constants = found
            .into_iter()
            .filter(|(name, _)| !known.contains_key(name))
            .collect();
        if new.is_empty() {
            return text;
        }
        let mut printed = String::new();
        for (name, (comment, value)) in &new {
            if !comment.is_empty() {
                literal::push_comment(&mut printed, comment, indent);
            }
            pad(&mut printed, indent);
            put!(printed, "{name} = ");
            // May name others, which then come before it.
            scope.print(&mut printed, value, indent, indent + name.len() + 3, 0);
            printed.push('\n');
        }
        text.insert_str(0, &printed);
        known.extend(new);
    }
}

pub fn constants_text(constants: &Constants, used: &Used) -> String {
    let unused = RefCell::new(BTreeMap::new());
    let scope = Scope {
        component: "",
        row: None,
        args: "args.",
        own: "",
        constants: &unused,
        used,
    };
    let mut text = String::new();
    for (name, (comment, value)) in constants {
        if !comment.is_empty() {
            text.push_str(&literal::comment(comment, 0));
        }
        let head = format!("{name} = ");
        text.push_str(&head);
        scope.print(&mut text, value, 0, head.len(), 0);
        text.push('\n');
    }
    text
}

/// The dataclass of a component's arguments.
pub fn arguments_class(component: &str, inputs: &[Input]) -> String {
    let mut text = format!(
        "@dataclass(frozen=True, kw_only=True)\nclass {}:\n    \"\"\"What the layer needs from the ones before it.\"\"\"\n\n    naming: Naming\n",
        args_name(component)
    );
    for input in inputs {
        let _ = writeln!(text, "    {}: {}", input.name, input_type(input.shape));
    }
    text
}

fn input_type(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "pulumi.Input[str]",
        Shape::List => "list[pulumi.Output[str]]",
        Shape::Map => "dict[str, pulumi.Output[str]]",
        Shape::Resource => "pulumi.Resource",
        Shape::Resources => "list[pulumi.Resource]",
    }
}

pub fn output_type(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "pulumi.Output[str]",
        other => input_type(other),
    }
}

pub fn declarations(outputs: &[Output]) -> String {
    outputs
        .iter()
        .map(|output| format!("    {}: {}\n", output.name, output_type(output.shape)))
        .collect()
}

pub fn assignments(outputs: &[Output]) -> String {
    outputs
        .iter()
        .map(|output| format!("        self.{} = {}\n", output.name, value(output)))
        .collect()
}

fn value(output: &Output) -> String {
    match output.shape {
        Shape::One => format!("{}.{}", output.variable, output.field),
        Shape::Resource => output.variable.clone(),
        _ => output.name.clone(),
    }
}

pub fn registered(outputs: &[Output]) -> String {
    let entries: Vec<String> = outputs
        .iter()
        .filter(|output| !matches!(output.shape, Shape::Resource | Shape::Resources))
        .map(|output| format!("{}: self.{}", literal::string(&output.name), output.name))
        .collect();
    dictionary(&entries)
}

/// The argument of `self.register_outputs(…)`: on one line where it fits.
pub fn dictionary(entries: &[String]) -> String {
    let flat = format!("{{{}}}", entries.join(", "));
    let head = "        self.register_outputs(".len();
    if entries.len() < 2 && head + flat.chars().count() < super::WIDTH {
        return flat;
    }
    let lines: String = entries
        .iter()
        .map(|entry| format!("                {entry},\n"))
        .collect();
    format!("\n            {{\n{lines}            }}\n        ")
}
