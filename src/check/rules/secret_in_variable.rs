//! A secret among the environment variables of a function.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::check::secrets;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::SecretInVariable,
    severities: &[Severity::Error],
    what: "\
        An environment variable of a function contains a secret, or looks as if it did: its name ends like \
        that of a secret (PASSWORD, TOKEN, API_KEY), or its value is a key, a token, an address with a \
        password, the ARN of a secret, or a long text that a machine drew (hexadecimal from 32 characters, \
        letters and digits that take turns). UUIDs, ids and ARNs of AWS are not reported.",
    why: "\
        The spec and the generated project are committed, and Lambda shows the variables to everybody who may \
        read the function's settings (FN-2, SEC-2). A digest or a public key that is long can be kept in a \
        file of the function's folder.",
    wrong: "environment = { PROCESSOR_API_KEY = \"…\" }",
    right: "environment = { PROCESSOR_URL = \"https://processor.example/v2\" }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let functions = context.environment.functions.iter();
    for variable in functions.flat_map(|function| &function.environment) {
        let (name, value) = (&variable.name.value, variable.text.value.as_str());
        let Some((key, span)) = written(&variable.text).filter(|_| !value.is_empty()) else {
            continue;
        };
        let secret = match secrets::in_value(value) {
            Some(secret) => secret,
            None if secrets::in_variable(name) => "the name says that the value is a secret",
            None if value.contains(":secretsmanager:") => {
                "the ARN of a secret, which the function's role may not read"
            }
            None => continue,
        };
        found.push(
            Diagnostic::error(
                Code::SecretInVariable,
                span,
                format!("`{key}` contains a secret"),
            )
            // Never with the value.
            .label(secret)
            .help("\
                keep it in Secrets Manager, and rotate it if it was ever committed; what is no secret belongs \
                into a file of the function's folder, or under another name"),
        );
    }
}
