//! The files around the components: settings, naming, Pulumi's and Python's project files.

use askama::Template;

use super::File;
use super::python::module::variable_name;
use crate::resolve::environment::{Environment, State};
use crate::stack::graph::Stack;

#[derive(Template)]
#[template(path = "settings.py")]
struct SettingsTemplate<'a> {
    env: &'a Environment,
    accounts: String,
    longest_suffix: usize,
}

#[derive(Template)]
#[template(path = "Pulumi.yaml")]
struct PulumiTemplate<'a> {
    env: &'a Environment,
    backend: String,
}

#[derive(Template)]
#[template(path = "Pulumi.staging.yaml")]
struct StackTemplate<'a> {
    env: &'a Environment,
    secrets_provider: Option<String>,
}

#[derive(Template)]
#[template(path = "pyproject.toml")]
struct PyprojectTemplate {
    /// Folders of the functions: `validate_payment`.
    functions: Vec<String>,
}

pub fn files(env: &Environment, stack: &Stack) -> anyhow::Result<Vec<File>> {
    let accounts: Vec<String> = env
        .allowed_account_ids
        .iter()
        .map(|account| super::python::literal::string(account))
        .collect();
    let accounts = match accounts.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    };
    let settings = SettingsTemplate {
        env,
        accounts,
        longest_suffix: stack.longest_suffix(),
    };
    let functions = env.functions.iter();
    let pyproject = PyprojectTemplate {
        functions: functions
            .map(|function| variable_name(&function.key))
            .collect(),
    };
    let (backend, secrets_provider) = state(env);
    Ok(vec![
        File::text("settings.py", &settings.render()?),
        File::text("pyproject.toml", &pyproject.render()?),
        File::text("Pulumi.yaml", &PulumiTemplate { env, backend }.render()?),
        File::text(
            format!("Pulumi.{}.yaml", env.name.value),
            &StackTemplate {
                env,
                secrets_provider,
            }
            .render()?,
        ),
    ])
}

/// URL of the backend, and the secrets provider where it is not the backend's own.
fn state(env: &Environment) -> (String, Option<String>) {
    match &env.state {
        State::Local => ("file://~".to_owned(), None),
        State::S3 { bucket, kms_key } => (
            format!("s3://{}?region={}", bucket.value, env.region.value),
            Some(format!(
                "awskms://{}?region={}",
                kms_key.value, env.region.value
            )),
        ),
        State::PulumiCloud { .. } => ("https://api.pulumi.com".to_owned(), None),
    }
}

/// Text as a YAML scalar: plain where that is safe, else a double-quoted string.
pub fn yaml_scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '/' | '.')
        })
        && text
            .chars()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Functions that templates call.
mod filters {
    #[askama::filter_fn]
    pub fn yaml(value: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(super::yaml_scalar(&value.to_string()))
    }
}
