//! The documents of the generated project: how to deploy and destroy it, what there is, the evidence, the runbook.
//! Prose names no value that the spec may change, so that an edit of the spec shows where it counts.

use askama::Template;

use super::wiring::Wiring;
use super::{File, assets, diagram, evidence};
use crate::resolve::environment::{Certificate, Environment, State};
use crate::stack::graph::Stack;

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
    /// Whether what the built-in functions share is there, the check for card numbers among it.
    card_check: bool,
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
        card_check: assets::uses_builtins(env),
    };
    Ok(vec![
        File::text("README.md", &readme.render()?),
        File::text("docs/architecture.md", &architecture.render()?),
        File::text("docs/requirements.md", &requirements.render()?),
        File::text("docs/runbook.md", &runbook.render()?),
    ])
}
