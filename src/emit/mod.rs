//! Stage 6: `Stack` and `Environment` in, the files of the generated project out. Decides no policy, touches no disk.

mod answers;
pub mod assets;
mod classes;
mod deployed;
mod deployer;
pub mod diagram;
mod documents;
mod domain;
mod escape;
pub mod evidence;
mod file;
mod log_days;
mod overrides;
mod owners_keys;
mod program;
mod project;
pub mod python;
mod shape;
pub mod trace;
mod versions;
pub mod wiring;

use std::collections::BTreeMap;

use crate::parallel;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;
use crate::stack::resource::Component;
pub use file::File;

use python::function::{function_module, shape_module};
use python::module::{component_module, variable_name};
use shape::Shape;
use trace::Mark;
use wiring::Wiring;

/// What lines of a file are.
#[derive(Debug, Default)]
pub struct LineMap {
    /// Number of the component whose parts the lines are.
    pub component: Option<usize>,
    pub marks: Vec<Mark>,
}

/// All files of the generated project, sorted by path, and the line maps of those that hold values, by path.
#[derive(Debug)]
pub struct Emitted {
    pub files: Vec<File>,
    pub lines: BTreeMap<String, LineMap>,
}

pub fn emit(env: &Environment, stack: &Stack) -> anyhow::Result<Emitted> {
    // Next to the components the policies take longest, and nothing else needs them.
    let (policies, rest) = parallel::both(|| deployer::files(env, stack), || others(env, stack));
    let Emitted { mut files, lines } = rest?;
    files.extend(policies?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Emitted { files, lines })
}

/// All files but the deployer's.
fn others(env: &Environment, stack: &Stack) -> anyhow::Result<Emitted> {
    let wiring = Wiring::of(stack);
    let mut files = assets::plain_files(env);
    let mut lines = BTreeMap::new();
    for (file, marks) in project::files(env, stack)? {
        let component = None;
        lines.insert(file.path.clone(), LineMap { component, marks });
        files.push(file);
    }
    for (file, marks) in versions::files(env)?
        .into_iter()
        .chain([classes::file(env)?, domain::file(env)?])
        .chain([log_days::file(env)?])
        .chain(owners_keys::files(env)?)
    {
        let component = None;
        lines.insert(file.path.clone(), LineMap { component, marks });
        files.push(file);
    }
    files.extend(assets::builtin_tests(env)?);
    files.push(deployed::spec(env)?);
    files.extend(overrides::files(env, stack)?);
    files.extend(program::program(env, stack, &wiring)?);
    files.extend(program::functions_layer(stack, &wiring)?);
    let shape = Shape::of(stack);
    let modules = parallel::map(&stack.components, |component| {
        component_file(component, shape.as_ref(), &wiring)
    });
    for (number, module) in modules.into_iter().enumerate() {
        let (file, marks) = module?;
        let component = Some(number);
        lines.insert(file.path.clone(), LineMap { component, marks });
        files.push(file);
    }
    if let Some(shape) = &shape
        && let Some(example) = stack.components.get(shape.number)
    {
        let (text, marks) = shape_module(shape, example, &wiring)?;
        let component = Some(shape.number);
        let file = File::text("components/lambda_function.py", &text);
        lines.insert(file.path.clone(), LineMap { component, marks });
        files.push(file);
    }
    for (file, marks) in documents::files(env, stack, &wiring, &files)? {
        let component = None;
        lines.insert(file.path.clone(), LineMap { component, marks });
        files.push(file);
    }
    Ok(Emitted { files, lines })
}

fn component_file(
    component: &Component,
    shape: Option<&Shape>,
    wiring: &Wiring<'_>,
) -> anyhow::Result<(File, Vec<Mark>)> {
    let of_function = component.path.strip_prefix("functions/").and(shape);
    let (folder, (text, marks)) = match of_function {
        Some(shape) => (
            "components/functions",
            function_module(shape, component, wiring)?,
        ),
        None => ("components", component_module(component, wiring)?),
    };
    let path = format!("{folder}/{}.py", variable_name(&component.path));
    Ok((File::text(path, &text), marks))
}
