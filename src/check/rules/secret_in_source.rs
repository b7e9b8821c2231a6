//! A secret among the files that a spec names.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::secrets;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;
use crate::resolve::environment::Source;

/// More are not named one by one.
const MOST_NAMED: usize = 5;

pub const RULE: Rule = Rule {
    code: Code::SecretInSource,
    severities: &[Severity::Error],
    what: "\
        A file that the spec names, or one in a function's folder, is or holds a secret: a private key, a key store, credentials, variables \
        with secrets. It shows in the file's name (id_rsa, .env, credentials, *.p12) or in its content.",
    why: "\
        Function code, extensions and body schemas are copied into the generated project, which is committed and reviewed; a function's \
        folder also goes to Lambda, where whoever may read the function's code can read it (FN-2). A hidden file would be left out of the copy, \
        but the next tool that packs the folder takes it along.",
    wrong: "source = \"functions/refund\"       # holds handler.py, id_rsa and .env",
    right: "source = \"functions/refund\"       # holds handler.py; the others stand elsewhere",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    for function in &environment.functions {
        let Source::Folder {
            path,
            files,
            left_out,
        } = &function.source.value
        else {
            continue;
        };
        let named = left_out.iter().filter_map(|left| {
            let secret = secrets::in_name(&left.path)?;
            Some((left.path.as_str(), secret))
        });
        let held = files.iter().filter_map(|(name, content)| {
            let secret = secrets::in_name(name).or_else(|| secrets::in_content(name, content))?;
            Some((name.as_str(), secret))
        });
        let mut secrets: Vec<(&str, &str)> = named.chain(held).collect();
        secrets.sort_unstable();
        let help = format!(
            "move it out of the folder, and replace it if it was ever committed; `{path}` holds the function's code only"
        );
        report(&function.source, &secrets, help, found);
    }
    for extension in &environment.extensions {
        let secret = secrets::in_content(&extension.path.value, extension.content.as_bytes());
        let secrets: Vec<(&str, &str)> = secret
            .map(|secret| (extension.path.value.as_str(), secret))
            .into_iter()
            .collect();
        let help = "take it out of the module, and replace it if it was ever committed";
        report(&extension.path, &secrets, help.to_owned(), found);
    }
    for body in environment
        .api
        .routes
        .iter()
        .filter_map(|route| route.body.as_ref())
    {
        let text = body.value.schema.to_string();
        let secret = secrets::in_content(&body.value.path, text.as_bytes());
        let secrets: Vec<(&str, &str)> = secret
            .map(|secret| (body.value.path.as_str(), secret))
            .into_iter()
            .collect();
        let help = "take it out of the schema, and replace it if it was ever committed";
        report(body, &secrets, help.to_owned(), found);
    }
}

fn report<T>(
    value: &Value<T>,
    secrets: &[(&str, &str)],
    help: String,
    found: &mut Vec<Diagnostic>,
) {
    let Some((key, span)) = written(value).filter(|_| !secrets.is_empty()) else {
        return;
    };
    let mut named: Vec<String> = secrets
        .iter()
        .take(MOST_NAMED)
        .map(|(path, secret)| format!("`{path}` ({secret})"))
        .collect();
    if secrets.len() > MOST_NAMED {
        named.push(format!("{} more", secrets.len() - MOST_NAMED));
    }
    found.push(
        Diagnostic::error(
            Code::SecretInSource,
            span,
            format!("`{key}` leads to a secret"),
        )
        .label(named.join(", "))
        .help(help),
    );
}
