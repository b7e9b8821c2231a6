//! The rule `too-large`: a function's policy holds a statement for each of its callers, and has a largest size.

use std::collections::BTreeMap;

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::number::grouped;
use crate::resolve::environment::Environment;
use crate::stack::expr::{Expr, Row};
use crate::stack::graph::{Member, Stack};

/// Lambda quotas: resource-based policy, 20 KB; it cannot be raised.
pub const MOST_BYTES: usize = 20_480;
/// A statement without its own texts, and the document around them, as Lambda writes them.
const STATEMENT: &str = r#"{"Sid":"","Effect":"Allow","Principal":{"Service":""},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:123456789012:function:","Condition":{"ArnLike":{"AWS:SourceArn":""}}},"#;
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Id":"default","Statement":[]}"#;
/// The ARN of an API, and of what else may call a function, whose ids AWS chooses.
const API: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij";
const CALLER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg-validate-staging-main/0123456789abcdef";

/// An error for each function that more may call than its policy can say.
pub fn policy_sizes(stack: &Stack, environment: &Environment) -> Vec<Diagnostic> {
    let mut sizes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for member in stack.members() {
        if member.resource.kind == "aws.lambda_.Permission"
            && let Some(function) = function(&member)
        {
            let (count, bytes) = sizes.entry(function).or_insert((0, DOCUMENT.len()));
            *count += 1;
            *bytes += statement(stack, environment, &member);
        }
    }
    let shown = |bytes: usize| grouped(i128::try_from(bytes).unwrap_or(i128::MAX));
    let functions = environment.functions.iter();
    let full = functions.filter_map(|function| {
        let (count, bytes) = *sizes.get(function.key.as_str())?;
        if bytes <= MOST_BYTES {
            return None;
        }
        let (_, span) = written(&function.key)?;
        let each = bytes / count;
        let message = format!("too many routes and rules call `{}`", function.key.value);
        Some(
            Diagnostic::error(Code::TooLarge, span, message)
                .label(format!(
                    "{count} statements in its policy make about {} bytes, and Lambda takes {}",
                    shown(bytes),
                    shown(MOST_BYTES)
                ))
                .help(format!(
                    "let another function serve some of them: about {} fit",
                    MOST_BYTES / each
                )),
        )
    });
    full.collect()
}

/// The function that may be called.
fn function(member: &Member<'_>) -> Option<String> {
    match &member.resource.argument("function")?.value {
        Expr::ByFunction { column, .. } => Some(member.row?.text(column)),
        _ => Some(member.component.path.strip_prefix("functions/")?.to_owned()),
    }
}

fn statement(stack: &Stack, environment: &Environment, member: &Member<'_>) -> usize {
    let suffix = &environment.suffix.value;
    let sid = stack.physical_name(member, suffix).unwrap_or_default();
    let name = function(member).unwrap_or_default();
    let name = format!("lambda-{name}-{}-{suffix}", environment.name.value);
    let of = |argument: &str| {
        let argument = member.resource.argument(argument);
        argument.map_or(0, |argument| {
            length(&argument.value, member.row, environment)
        })
    };
    STATEMENT.len() + sid.len() + name.len() + of("principal") + of("source_arn")
}

fn length(expr: &Expr, row: Option<&Row>, environment: &Environment) -> usize {
    match expr {
        Expr::Text(text) => text.len(),
        Expr::EnvironmentName => environment.name.value.len(),
        Expr::Column(column) => row.map_or(0, |row| row.text(column).len()),
        Expr::Concat(parts) => {
            let parts = parts.iter();
            parts.map(|part| length(part, row, environment)).sum()
        }
        Expr::Output { field, .. } if *field == "execution_arn" => API.len(),
        _ => CALLER.len(),
    }
}
