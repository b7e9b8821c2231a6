//! Keys of somebody else's that cannot encrypt what the spec wants them to.

use std::collections::BTreeMap;

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidKey,
    severities: &[Severity::Error],
    what: "\
        A key of `[keys]` is not named by the ARN of a key of KMS, is in another region than the environment, or in an account to which \
        the environment cannot be held; or two kinds of data have the same key.",
    why: "\
        Services encrypt with keys of their own region. An alias may name another key tomorrow, and policies name none by it. Key \
        and environment are in one account: `environment.allowed_account_ids` makes Pulumi refuse any other one. Whoever may use the \
        key of one kind of data gets nothing of another (SEC-1).",
    wrong: "[keys]\ndatabase = \"alias/payments\"",
    right: "\
        [environment]\n\
        allowed_account_ids = [\"123456789012\"]\n\
        \n\
        [keys]\n\
        database = \"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let region = environment.region.value.as_str();
    let mut seen: BTreeMap<&str, _> = BTreeMap::new();
    for (_, key) in environment.owners_keys() {
        let Some((path, span)) = written(key) else {
            continue;
        };
        let tell = |message: String| Diagnostic::error(Code::InvalidKey, span.clone(), message);
        let Some(parts) = Parts::of(&key.value) else {
            found.push(
                tell(format!("`{path}` is not the ARN of a key")).label(fault(&key.value)).help(
                    "`aws kms describe-key --key-id alias/NAME --query KeyMetadata.Arn` prints it: \
                     `arn:aws:kms:REGION:ACCOUNT:key/ID`",
                ),
            );
            continue;
        };
        if parts.region != region {
            let message = format!("`{path}` is a key of another region");
            found.push(
                tell(message)
                    .label(format!(
                        "of `{}`, and the environment is in `{region}`",
                        parts.region
                    ))
                    .help(
                        "name a key of that region; one of several regions has a replica in each",
                    ),
            );
        }
        let allowed = &environment.allowed_account_ids;
        if !allowed.iter().all(|id| id.value == parts.account) || allowed.is_empty() {
            let message =
                format!("`{path}` is a key of one account, and the environment may be in another");
            let told = tell(message).label(format!("of the account {}", parts.account));
            let line = format!("allowed_account_ids = [\"{}\"]", parts.account);
            let told = if allowed.is_empty() {
                let help =
                    format!("write `{line}` into `[environment]`, or name a key of its account");
                told.help(help)
                    .suggest(Edit::AddTo(context.place("environment"), line))
            } else {
                told.help("name a key of the account that is allowed, and allow no other")
            };
            let other = allowed.iter().find(|id| id.value != parts.account);
            found.push(match other.and_then(written) {
                Some((_, place)) => told.secondary(place, "it may be in this one"),
                None => told,
            });
        }
        if let Some(first) = seen.insert(key.value.as_str(), span.clone()) {
            let message = format!("`{path}` is the key of another kind of data");
            found.push(
                tell(message)
                    .label("whoever may use it could read both")
                    .secondary(first, "here too")
                    .help("name another key, or remove the line: the environment makes one of its own"),
            );
        }
    }
}

struct Parts<'a> {
    region: &'a str,
    account: &'a str,
}

impl<'a> Parts<'a> {
    fn of(arn: &'a str) -> Option<Self> {
        let rest = arn.strip_prefix("arn:aws:kms:")?;
        let (region, rest) = rest.split_once(':')?;
        let (account, resource) = rest.split_once(':')?;
        let id = resource.strip_prefix("key/")?;
        let is_account = account.len() == 12 && account.bytes().all(|c| c.is_ascii_digit());
        (!region.is_empty() && is_account && is_id(id)).then_some(Self { region, account })
    }
}

/// `1234abcd-12ab-34cd-56ef-1234567890ab`, or `mrk-` and 32 digits of a key of several regions.
fn is_id(id: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    match id.strip_prefix("mrk-") {
        Some(digits) => digits.len() == 32 && is_hex(digits),
        None => {
            let parts: Vec<&str> = id.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part))
        }
    }
}

fn fault(text: &str) -> &'static str {
    if text.starts_with("alias/") || text.contains(":alias/") {
        "an alias, which may name another key tomorrow"
    } else if is_id(text) {
        "the id alone says neither account nor region"
    } else {
        "an ARN of KMS begins with `arn:aws:kms:` and names region, account and key"
    }
}
