//! A function's policy, which holds all permissions to call it.

use super::account::{Account, State};
use super::refusal::{Reason, Refusal, Way, called};
use crate::compare::value::Value;
use crate::judge::{POLICY_BYTES, Policy, USUAL_ARN};

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike("aws.lambda_.Permission", &["function"]) {
        let mut made: Vec<_> = group.iter().filter(|state| state.from.is_some()).collect();
        made.sort_by_key(|state| state.from);
        let Some((last, call)) = made.last().and_then(|last| Some((last, last.from?))) else {
            continue;
        };
        let standing = group.iter().filter(|state| account.may_stand(state, call));
        let mut policy = Policy::default();
        for state in standing {
            policy.add(|argument| text(state, argument));
        }
        let Policy { count, bytes: size } = policy;
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

/// An argument of a permission, with a usual ARN in the place of what AWS chose.
fn text(state: &State<'_>, argument: &str) -> String {
    match state.input(argument) {
        Some(Value::Text(text)) => usual(text),
        Some(_) => USUAL_ARN.to_owned(),
        None => String::new(),
    }
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
