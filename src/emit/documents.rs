//! The documents of the generated project: how to deploy and destroy it, what there is, the evidence, the runbook.
//! Prose names no value that the spec may change, so that an edit of the spec shows where it counts.

use askama::Template;

use super::python::module::variable_name;
use super::wiring::Wiring;
use super::{File, diagram, evidence};
use crate::resolve::environment::{Certificate, Environment, Source, State};
use crate::stack::graph::Stack;

/// The function whose folder holds the check for card numbers.
const CARD_CHECK: &str = "validate-payment";

#[derive(Template)]
#[template(path = "README.md")]
struct ReadmeTemplate<'a> {
    env: &'a Environment,
    self_signed: bool,
}

#[derive(Template)]
#[template(path = "docs/architecture.md")]
struct ArchitectureTemplate {
    firewall: bool,
    diagram: String,
}

#[derive(Template)]
#[template(path = "docs/requirements.md")]
struct RequirementsTemplate {
    evidence: String,
    waivers: String,
    overrides: String,
    extensions: String,
}

#[derive(Template)]
#[template(path = "docs/runbook.md")]
struct RunbookTemplate<'a> {
    env: &'a Environment,
    self_signed: bool,
    /// Folder with the check for card numbers, if the environment has that function.
    card_check: Option<String>,
}

/// `files` holds the tests that the evidence names.
pub fn files(
    env: &Environment,
    stack: &Stack,
    wiring: &Wiring<'_>,
    files: &[File],
) -> anyhow::Result<Vec<File>> {
    let self_signed = env.load_balancer.certificate.value == Certificate::SelfSigned;
    let readme = ReadmeTemplate { env, self_signed };
    let architecture = ArchitectureTemplate {
        firewall: env.firewall.enabled.value,
        diagram: diagram::layers(stack, wiring),
    };
    let requirements = RequirementsTemplate {
        evidence: evidence::table(env, stack, files),
        waivers: evidence::waivers(env),
        overrides: evidence::overrides(env),
        extensions: evidence::extensions(env),
    };
    let runbook = RunbookTemplate {
        env,
        self_signed,
        card_check: card_check(env),
    };
    Ok(vec![
        File::text("README.md", &readme.render()?),
        File::text("docs/architecture.md", &architecture.render()?),
        File::text("docs/requirements.md", &requirements.render()?),
        File::text("docs/runbook.md", &runbook.render()?),
    ])
}

fn card_check(env: &Environment) -> Option<String> {
    let mut functions = env.functions.iter();
    let function = functions
        .find(|function| function.source.value == Source::Builtin(CARD_CHECK.to_owned()))?;
    Some(variable_name(&function.key))
}
