//! Stage 5: `Stack` and `Environment` in, the files of the generated project out. Decides no policy, touches no disk.

pub mod assets;
pub mod diagram;
mod documents;
mod escape;
pub mod evidence;
mod program;
mod project;
pub mod python;
pub mod wiring;

use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;
use wiring::Wiring;

/// A file of the generated project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder, with forward slashes.
    pub path: String,
    pub content: Vec<u8>,
}

impl File {
    /// A text file; it ends with exactly one newline.
    pub fn text(path: impl Into<String>, content: &str) -> Self {
        Self {
            path: path.into(),
            content: format!("{}\n", content.trim_end()).into_bytes(),
        }
    }
}

/// All files of the generated project, sorted by path.
pub fn emit(env: &Environment, stack: &Stack) -> anyhow::Result<Vec<File>> {
    let wiring = Wiring::of(stack);
    let mut files = assets::plain_files(env);
    files.extend(project::files(env, stack)?);
    files.extend(program::program(stack, &wiring)?);
    files.extend(program::functions_layer(stack, &wiring)?);
    for component in &stack.components {
        let path = match component.path.strip_prefix("functions/") {
            Some(_) => format!(
                "components/functions/{}.py",
                python::module::variable_name(&component.path)
            ),
            None => format!(
                "components/{}.py",
                python::module::variable_name(&component.path)
            ),
        };
        files.push(File::text(
            path,
            &python::module::component_module(component, &wiring)?,
        ));
    }
    files.extend(documents::files(env, stack, &wiring, &files)?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
