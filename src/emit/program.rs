//! The program around the components: `__main__.py`, `environment.py`, which wires the layers, and the layer
//! that holds the functions.

use std::fmt::Write as _;

use anyhow::Context as _;
use askama::Template;
use heck::ToKebabCase;

use super::File;
use super::python::function::maker;
use super::python::module::{args_name, class_name, declarations, registered, variable_name};
use super::python::{WIDTH, literal};
use super::shape::predecessors;
use super::wiring::{FUNCTIONS, Input, Wiring, group};
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::graph::Stack;
use crate::stack::resource::Component;

#[derive(Template)]
#[template(path = "__main__.py")]
struct MainTemplate {
    /// Modules of the team's own, in the order of the linter.
    imports: Vec<String>,
    /// The same in the order in which they are called.
    extensions: Vec<String>,
    exports: String,
}

#[derive(Template)]
#[template(path = "environment.py")]
struct EnvironmentTemplate {
    imports: String,
    layers: String,
}

#[derive(Template)]
#[template(path = "components/functions/__init__.py")]
struct FunctionsTemplate {
    imports: String,
    outputs: String,
    /// Those that others wait for.
    first: String,
    members: String,
    assignments: String,
    registered: String,
}

/// Paths of the layers in the order of the graph, functions as one.
fn layers(stack: &Stack) -> Vec<&str> {
    let mut layers: Vec<&str> = Vec::new();
    for component in &stack.components {
        let layer = group(&component.path);
        if !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    layers
}

/// `__main__.py` and `environment.py`, which wires the layers.
pub fn program(env: &Environment, stack: &Stack, wiring: &Wiring<'_>) -> anyhow::Result<Vec<File>> {
    let mut imports: Vec<String> = Vec::new();
    let mut text = String::new();
    for layer in layers(stack) {
        let inputs = wiring.inputs(layer);
        let (class, variable) = (class_name(layer), variable_name(layer));
        let mut names = [class.clone(), args_name(layer)];
        names.sort_unstable();
        imports.push(format!(
            "from components.{variable} import {}\n",
            names.join(", ")
        ));
        text.push_str(&instance(&variable, &class, layer, inputs));
    }
    imports.sort();
    let environment = EnvironmentTemplate {
        imports: imports.concat(),
        layers: text,
    };
    let extensions = env.extensions.iter();
    let extensions: Vec<String> = extensions.map(|found| found.name.clone()).collect();
    let mut modules = extensions.clone();
    modules.sort();
    let main = MainTemplate {
        imports: modules,
        extensions,
        exports: exports(stack)?,
    };
    Ok(vec![
        File::text("__main__.py", &main.render()?),
        File::text("environment.py", &environment.render()?),
    ])
}

/// `self.network = Network(…)`, over as many lines as it needs.
fn instance(variable: &str, class: &str, layer: &str, inputs: &[Input]) -> String {
    let name = literal::string(&layer.to_kebab_case());
    let own = std::iter::once("naming=naming".to_owned());
    let others = inputs.iter();
    let others = others.map(|input| format!("{}={}", input.name, source(input)));
    let values: Vec<String> = own.chain(others).collect();
    let args = args_name(layer);
    let call = format!("{args}({})", values.join(", "));
    let flat = format!("        self.{variable} = {class}({name}, {call}, opts)");
    if flat.chars().count() <= super::python::WIDTH {
        return format!("{flat}\n");
    }
    let call = if 12 + call.chars().count() < super::python::WIDTH {
        call
    } else {
        let lines: String = values
            .iter()
            .map(|value| format!("                {value},\n"))
            .collect();
        format!("{args}(\n{lines}            )")
    };
    format!(
        "        self.{variable} = {class}(\n            {name},\n            {call},\n            opts,\n        )\n"
    )
}

fn source(input: &Input) -> String {
    format!("self.{}.{}", variable_name(group(&input.from)), input.name)
}

fn exports(stack: &Stack) -> anyhow::Result<String> {
    let mut text = String::new();
    for (name, value) in &stack.exports {
        let _ = writeln!(
            text,
            "pulumi.export({}, {})",
            literal::string(name),
            export_value(value).with_context(|| format!("the output {name} cannot be printed"))?
        );
    }
    Ok(text)
}

/// Nothing for a kind of value that no output has so far.
fn export_value(value: &Expr) -> Option<String> {
    Some(match value {
        Expr::Output { target, export, .. } => {
            format!(
                "environment.{}.{export}",
                variable_name(group(&target.component))
            )
        }
        Expr::ByFunction { export, .. } => format!("environment.functions.{export}"),
        Expr::Name { kind, role } if role.is_empty() => {
            format!("naming.name({})", literal::string(kind))
        }
        Expr::Name { kind, role } => {
            format!(
                "naming.name({}, {})",
                literal::string(kind),
                literal::string(&role.resolve(None))
            )
        }
        Expr::AccountId => "naming.account_id".to_owned(),
        Expr::Region => "settings.region".to_owned(),
        Expr::Suffix => "settings.suffix".to_owned(),
        Expr::EnvironmentName => "settings.environment".to_owned(),
        Expr::Text(text) => literal::string(text),
        Expr::Integer(number) => number.to_string(),
        _ => return None,
    })
}

/// The call that makes a function, in the table of all.
struct Call {
    maker: String,
    arguments: String,
}

impl Call {
    fn of(function: &Component) -> Self {
        let waiting = predecessors(function);
        let waiting = waiting.iter().map(|edge| edge.target.variable.as_str());
        let arguments: Vec<&str> = ["args", "child"].into_iter().chain(waiting).collect();
        Self {
            maker: maker(function.key()),
            arguments: arguments.join(", "),
        }
    }

    /// Prints an entry, with the arguments on a line of their own where it is too long for one.
    fn print(&self, out: &mut String, key: &str) {
        let Self { maker, arguments } = self;
        let flat = format!("            {key}: {maker}({arguments}),\n");
        if flat.chars().count() <= WIDTH + 1 {
            out.push_str(&flat);
            return;
        }
        let _ = write!(
            out,
            "            {key}: {maker}(\n                {arguments}\n            ),\n"
        );
    }
}

/// `components/functions/__init__.py`, where there is a function.
pub fn functions_layer(stack: &Stack, wiring: &Wiring<'_>) -> anyhow::Result<Option<File>> {
    let components = stack.components.iter();
    let functions: Vec<&Component> = components
        .filter(|component| component.path.starts_with("functions/"))
        .collect();
    let keys: Vec<&str> = functions.iter().map(|function| function.key()).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let mut imports: Vec<String> = keys
        .iter()
        .map(|key| {
            let module = variable_name(key);
            format!("from components.functions.{module} import {}\n", maker(key))
        })
        .collect();
    imports.sort();
    imports.push("from components.lambda_function import FunctionsArgs\n".to_owned());
    let mut first = String::new();
    let mut members = String::new();
    for function in &functions {
        let call = Call::of(function);
        let handed = wiring.handed_to_functions(&function.path);
        if handed.is_empty() {
            call.print(&mut members, &literal::string(function.key()));
            continue;
        }
        first.push_str("        # Others wait for what this one does.\n");
        let _ = writeln!(
            first,
            "        first, {} = {}(args, child)",
            handed.join(", "),
            call.maker
        );
        let _ = writeln!(
            members,
            "            {}: first,",
            literal::string(function.key())
        );
    }
    let outputs = wiring.outputs(FUNCTIONS);
    let mut assignments = String::new();
    for output in &outputs {
        let head = format!("        self.{} = ", output.name);
        let value = format!("function.{}_{}", output.variable, output.field);
        let _ = writeln!(
            assignments,
            "{head}{{key: {value} for key, function in functions.items()}}"
        );
    }
    let template = FunctionsTemplate {
        imports: imports.concat(),
        outputs: declarations(&outputs),
        first,
        members,
        assignments,
        registered: registered(&outputs),
    };
    let file = File::text("components/functions/__init__.py", &template.render()?);
    Ok(Some(file))
}
