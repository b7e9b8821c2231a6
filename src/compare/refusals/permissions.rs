//! A function's policy, which holds all permissions to call it.

use serde_json::json;

use super::account::{Account, State};
use super::refusal::{Reason, Refusal, Way, called};
use crate::compare::value::Value;
use crate::judge::POLICY_BYTES;

/// An ARN of an API, a load balancer's target group or a rule, whose ids AWS chooses.
const USUAL_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdefghij";

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike("aws.lambda_.Permission", &["function"]) {
        let mut made: Vec<_> = group.iter().filter(|state| state.from.is_some()).collect();
        made.sort_by_key(|state| state.from);
        let Some((last, call)) = made.last().and_then(|last| Some((last, last.from?))) else {
            continue;
        };
        let standing = group.iter().filter(|state| account.may_stand(state, call));
        let statements: Vec<_> = standing.map(|state| statement(state)).collect();
        let count = statements.len();
        let policy = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements});
        let size = policy.to_string().len();
        if size > POLICY_BYTES {
            let reason = Reason {
                error: Some("PolicyLengthExceededException"),
                with: None,
                why: format!(
                    "With {} the policy of the function has {count} statements at a time, {size} bytes. Lambda accepts {POLICY_BYTES}.",
                    called(last)
                ),
                way: Way::here(
                    "Two builds: first the old spec without the routes that no longer call the function, then the new one. Or let another \
                      function serve some of them.",
                ),
            };
            found.push(Refusal::new(account, call, last, reason));
        }
    }
}

/// A permission as Lambda writes it into the policy.
fn statement(state: &State<'_>) -> serde_json::Value {
    let text = |argument: &str| match state.input(argument) {
        Some(Value::Text(text)) => usual(text),
        Some(_) => USUAL_ARN.to_owned(),
        None => String::new(),
    };
    let (principal, account, arn) = (
        text("principal"),
        text("source_account"),
        text("source_arn"),
    );
    let function = format!(
        "arn:aws:lambda:us-east-1:123456789012:function:{}",
        text("function")
    );
    let service = if principal.ends_with(".amazonaws.com") {
        "Service"
    } else {
        "AWS"
    };
    let mut made = json!({
        "Sid": text("statement_id"),
        "Effect": "Allow",
        "Principal": {service: principal},
        "Action": text("action"),
        "Resource": function,
    });
    let mut conditions = serde_json::Map::new();
    if !account.is_empty() {
        conditions.insert(
            "StringEquals".to_owned(),
            json!({"AWS:SourceAccount": account}),
        );
    }
    if !arn.is_empty() {
        conditions.insert("ArnLike".to_owned(), json!({"AWS:SourceArn": arn}));
    }
    if let (false, Some(made)) = (conditions.is_empty(), made.as_object_mut()) {
        made.insert("Condition".to_owned(), conditions.into());
    }
    made
}

/// A text with a usual ARN in the place of one that AWS chose.
fn usual(text: &str) -> String {
    match (text.find('<'), text.rfind('>')) {
        (Some(start), Some(end)) if start < end => {
            let before = text.get(..start).unwrap_or_default();
            let after = text.get(end + 1..).unwrap_or_default();
            format!("{before}{USUAL_ARN}{after}")
        }
        _ => text.to_owned(),
    }
}
