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
        A file that the spec names, or a file in a function's folder, contains a secret: a private key, a \
        key store, credentials, variables with secrets, or a password or token in a URL or as the value of a \
        variable of such a name. Both the file's name (id_rsa, .env, credentials, *.p12) and its content are \
        checked. Empty values, references, placeholders (`changeme`, `<password>`, `${PASSWORD}`) and files \
        of installed packages (listed in their RECORD) are not reported. Mark a false positive on its line, \
        as for linters and scanners: `# noqa: S105` or `# pragma: allowlist secret`.",
    why: "\
        Function code, extensions and body schemas are copied into the generated project, which is committed \
        and reviewed. A function's folder is also uploaded to Lambda, where everybody with access to the \
        function's code can read it (FN-2). Hidden files are not copied, but another tool that packages the \
        folder would include them.",
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
            Some((left.path.clone(), secret))
        });
        let published = secrets::published(files);
        let held = files.iter().filter_map(|(name, content)| {
            if let Some(secret) =
                secrets::in_name(name).or_else(|| secrets::in_content(name, content))
            {
                return Some((name.clone(), secret));
            }
            written_in(name, content).filter(|_| !published.contains(name.as_str()))
        });
        let mut secrets: Vec<(String, &str)> = named.chain(held).collect();
        secrets.sort_unstable();
        let help = format!(
            "\
                move it out of the folder, and rotate it if it was ever committed; `{path}` is for the \
                function's code only"
        );
        report(&function.source, &secrets, help, found);
    }
    for extension in &environment.extensions {
        let secrets = held_by(&extension.path.value, extension.content.as_bytes());
        let help = "remove it from the module, and rotate it if it was ever committed";
        report(&extension.path, &secrets, help.to_owned(), found);
    }
    for body in environment
        .api
        .routes
        .iter()
        .filter_map(|route| route.body.as_ref())
    {
        let text = body.value.schema.to_string();
        // The text is not the file's: its lines are others.
        let path = &body.value.path;
        let secrets = held_by(path, text.as_bytes()).into_iter();
        let secrets: Vec<(String, &str)> =
            secrets.map(|(_, secret)| (path.clone(), secret)).collect();
        let help = "remove it from the schema, and rotate it if it was ever committed";
        report(body, &secrets, help.to_owned(), found);
    }
}

/// What a file holds that somebody wrote into it, with its line.
fn written_in(path: &str, content: &[u8]) -> Option<(String, &'static str)> {
    let (secret, line) = secrets::in_text(path, content)?;
    Some((format!("{path}:{line}"), secret))
}

fn held_by(path: &str, content: &[u8]) -> Vec<(String, &'static str)> {
    let secret = secrets::in_content(path, content).map(|secret| (path.to_owned(), secret));
    secret
        .or_else(|| written_in(path, content))
        .into_iter()
        .collect()
}

fn report<T>(
    value: &Value<T>,
    secrets: &[(String, &str)],
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
            format!("`{key}` contains a secret"),
        )
        .label(named.join(", "))
        .help(help),
    );
}
