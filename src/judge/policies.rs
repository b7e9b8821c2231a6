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
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Id":"default","Statement":[]}"#;
/// The ARN of an API, and of what else may call a function, whose ids AWS chooses.
pub const API: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij";
const CALLER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg-validate-staging-main/0123456789abcdef";

/// A function's policy, as Lambda writes it.
#[derive(Debug)]
pub struct Policy {
    /// How many statements it has.
    pub count: usize,
    pub bytes: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            count: 0,
            bytes: DOCUMENT.len(),
        }
    }
}

impl Policy {
    /// Adds the statement of a permission. `text` gives its arguments, empty where it has none; the function's is its name.
    pub fn add(&mut self, text: impl Fn(&str) -> String) {
        let principal = text("principal");
        let by = if principal.ends_with(".amazonaws.com") {
            "Service"
        } else {
            "AWS"
        };
        let conditions = [
            ("StringEquals", "AWS:SourceAccount", text("source_account")),
            ("ArnLike", "AWS:SourceArn", text("source_arn")),
        ];
        let conditions = conditions.iter().filter(|(.., value)| !value.is_empty());
        let conditions: Vec<String> = conditions
            .map(|(operator, key, value)| format!(r#""{operator}":{{"{key}":"{value}"}}"#))
            .collect();
        let condition = if conditions.is_empty() {
            String::new()
        } else {
            format!(r#","Condition":{{{}}}"#, conditions.join(","))
        };
        let statement = format!(
            r#"{{"Sid":"{}","Effect":"Allow","Principal":{{"{by}":"{principal}"}},"Action":"{}","Resource":"arn:aws:lambda:us-east-1:123456789012:function:{}"{condition}}}"#,
            text("statement_id"),
            text("action"),
            text("function"),
        );
        let comma = usize::from(self.count > 0);
        self.bytes += comma + statement.len();
        self.count += 1;
    }
}

/// An error for each function that more may call than its policy can say.
pub fn policy_sizes(stack: &Stack, environment: &Environment) -> Vec<Diagnostic> {
    let mut policies: BTreeMap<String, Policy> = BTreeMap::new();
    for member in stack.members() {
        if member.resource.kind == "aws.lambda_.Permission"
            && let Some(function) = function(&member)
        {
            let policy = policies.entry(function).or_default();
            policy.add(|argument| text(stack, environment, &member, argument));
        }
    }
    let shown = |bytes: usize| grouped(i128::try_from(bytes).unwrap_or(i128::MAX));
    let functions = environment.functions.iter();
    let full = functions.filter_map(|function| {
        let &Policy { count, bytes } = policies.get(function.key.as_str())?;
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

/// An argument of a permission.
fn text(stack: &Stack, environment: &Environment, member: &Member<'_>, argument: &str) -> String {
    let suffix = &environment.suffix.value;
    match argument {
        "statement_id" => stack.physical_name(member, suffix).unwrap_or_default(),
        "function" => {
            let name = function(member).unwrap_or_default();
            format!("lambda-{name}-{}-{suffix}", environment.name.value)
        }
        _ => member
            .resource
            .argument(argument)
            .map_or_else(String::new, |argument| {
                usual(&argument.value, member.row, environment)
            }),
    }
}

/// What an expression becomes, with usual ARNs in the place of those that AWS chooses.
fn usual(expr: &Expr, row: Option<&Row>, environment: &Environment) -> String {
    match expr {
        Expr::Text(text) => text.clone(),
        Expr::EnvironmentName => environment.name.value.clone(),
        Expr::Column(column) => row.map_or_else(String::new, |row| row.text(column)),
        Expr::Concat(parts) => {
            let parts = parts.iter();
            parts.map(|part| usual(part, row, environment)).collect()
        }
        Expr::Output { field, .. } if *field == "execution_arn" => API.to_owned(),
        _ => CALLER.to_owned(),
    }
}
