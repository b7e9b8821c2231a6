//! The files around the components: settings, naming, Pulumi's and Python's project files.

use askama::Template;

use super::File;
use super::python::module::variable_name;
use super::trace::{Mark, Page, Placed};
use crate::origin::Origin;
use crate::resolve::environment::{Backend, Environment, Source};
use crate::stack::graph::Stack;

#[derive(Template)]
#[template(path = "settings.py")]
struct SettingsTemplate<'a> {
    name: Placed<'a>,
    suffix: Placed<'a>,
    region: Placed<'a>,
    migration_date: Placed<'a>,
    owner: Placed<'a>,
    /// Name, as a literal, and value.
    tags: Vec<(String, Placed<'a>)>,
    accounts: Placed<'a>,
    longest_suffix: usize,
    manage_account_role: bool,
}

#[derive(Template)]
#[template(path = "Pulumi.yaml")]
struct PulumiTemplate<'a> {
    class: Placed<'a>,
    backend: Placed<'a>,
    suffix: Placed<'a>,
    manage_account_role: bool,
}

#[derive(Template)]
#[template(path = "Pulumi.staging.yaml")]
struct StackTemplate<'a> {
    suffix: Placed<'a>,
    secrets_provider: Option<Placed<'a>>,
}

#[derive(Template)]
#[template(path = "pyproject.toml")]
struct PyprojectTemplate<'a> {
    class: Placed<'a>,
    /// Folders of the functions whose code comes with the compiler: `validate_payment`.
    functions: Vec<String>,
    /// Folders of those whose code is the team's: their own rules apply to it.
    own: Vec<String>,
    /// Words of the spec's overrides stand in code and comments.
    has_overrides: bool,
    /// The database's key is named by its ARN, in an argument whose name has the word "secret".
    has_key: bool,
}

/// Each file with the lines on which values of the spec stand.
pub fn files(env: &Environment, stack: &Stack) -> anyhow::Result<Vec<(File, Vec<Mark>)>> {
    let folders = |is_own: bool| {
        let functions = env.functions.iter();
        let functions = functions
            .filter(move |one| matches!(one.source.value, Source::Folder { .. }) == is_own);
        functions.map(|one| variable_name(&one.key)).collect()
    };
    let page = Page::default();
    let (pyproject, marks) = page.render(&PyprojectTemplate {
        class: page.set(&env.identity.class),
        functions: folders(false),
        own: folders(true),
        has_overrides: !env.overrides.is_empty(),
        has_key: env.owners_key("database").is_some(),
    })?;
    let mut files = vec![
        settings(env, stack)?,
        (File::text("pyproject.toml", &pyproject), marks),
    ];
    files.extend(pulumi(env)?);
    Ok(files)
}

fn settings(env: &Environment, stack: &Stack) -> anyhow::Result<(File, Vec<Mark>)> {
    let accounts: Vec<String> = env
        .allowed_account_ids
        .iter()
        .map(|account| super::python::literal::string(account))
        .collect();
    let accounts = match accounts.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    };
    let account_ids = Origin::Derived(vec!["environment.allowed_account_ids".to_owned()]);
    let page = Page::default();
    let (text, marks) = page.render(&SettingsTemplate {
        name: page.set(&env.name),
        suffix: page.set(&env.suffix),
        region: page.set(&env.region),
        migration_date: page.set(&env.migration_date),
        owner: page.set(&env.owner),
        tags: env
            .tags
            .iter()
            .map(|tag| {
                let name = super::python::literal::string(&tag.name.value);
                (name, page.set(&tag.text))
            })
            .collect(),
        accounts: page.value(&accounts, &account_ids),
        longest_suffix: stack.longest_suffix(),
        manage_account_role: env.api.manage_account_role.value,
    })?;
    Ok((File::text("settings.py", &text), marks))
}

/// `Pulumi.yaml` and the settings of the environment's stack.
fn pulumi(env: &Environment) -> anyhow::Result<[(File, Vec<Mark>); 2]> {
    let (backend, secrets_provider) = state(env);
    let (backend, secrets_provider) = (
        yaml_scalar(&backend),
        secrets_provider.map(|provider| yaml_scalar(&provider)),
    );
    let state = Origin::Derived(vec!["state".to_owned()]);
    let suffix = yaml_scalar(&env.suffix.value);
    let page = Page::default();
    let (project, project_marks) = page.render(&PulumiTemplate {
        class: page.set(&env.identity.class),
        backend: page.value(&backend, &state),
        suffix: page.value(&suffix, &env.suffix.origin),
        manage_account_role: env.api.manage_account_role.value,
    })?;
    let page = Page::default();
    let (stack, stack_marks) = page.render(&StackTemplate {
        suffix: page.value(&suffix, &env.suffix.origin),
        secrets_provider: secrets_provider
            .as_deref()
            .map(|provider| page.value(provider, &state)),
    })?;
    let stack_file = format!("Pulumi.{}.yaml", env.name.value);
    Ok([
        (File::text("Pulumi.yaml", &project), project_marks),
        (File::text(stack_file, &stack), stack_marks),
    ])
}

/// URL of the backend, and the secrets provider where it is not the backend's own.
fn state(env: &Environment) -> (String, Option<String>) {
    match &env.state.backend {
        Backend::Local => ("file://~".to_owned(), None),
        Backend::S3 { bucket, kms_key } => (
            format!("s3://{}?region={}", bucket.value, env.region.value),
            Some(secrets_provider(&kms_key.value, &env.region.value)),
        ),
        Backend::PulumiCloud { .. } => ("https://api.pulumi.com".to_owned(), None),
    }
}

/// URL of a key. The colons of an ARN cannot stand in the host part of a URL (gocloud.dev/secrets/awskms).
fn secrets_provider(key: &str, region: &str) -> String {
    let host = if key.starts_with("arn:") { "/" } else { "" };
    format!("awskms://{host}{key}?region={region}")
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

#[cfg(test)]
mod tests {
    use super::secrets_provider;

    #[test]
    fn the_arn_of_a_key_is_a_path_and_no_host() {
        let url = |key| secrets_provider(key, "us-east-1");
        assert_eq!(
            url("alias/pulumi"),
            "awskms://alias/pulumi?region=us-east-1"
        );
        assert_eq!(
            url("arn:aws:kms:us-east-1:123456789012:key/1"),
            "awskms:///arn:aws:kms:us-east-1:123456789012:key/1?region=us-east-1"
        );
    }
}
