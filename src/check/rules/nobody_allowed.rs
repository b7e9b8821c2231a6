//! A load balancer that nobody may reach, or an environment that no account may have.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::NobodyAllowed,
    severities: &[Severity::Error],
    what: "No address may reach the load balancer, or the environment may be deployed to no account.",
    why: "\
        The load balancer's security group allows `allowed_cidrs` only (NET-6); without a range it serves \
        nobody. Without a list of accounts any account is allowed; an empty list reads as if none were.",
    wrong: "allowed_cidrs = []",
    right: "allowed_cidrs = [\"203.0.113.0/24\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    accounts(context, found);
    let key = "load_balancer.allowed_cidrs";
    let is_empty = context.environment.load_balancer.allowed_cidrs.is_empty();
    if !is_empty || context.is_unusable(key) || context.is_unusable("load_balancer") {
        return;
    }
    found.push(
        Diagnostic::error(
            Code::NobodyAllowed,
            context.place(key),
            "nobody may reach the load balancer",
        )
        .label("NET-6: its security group allows `allowed_cidrs` only")
        .help("list the ranges of offices and partners in `allowed_cidrs`, such as 203.0.113.0/24"),
    );
}

fn accounts(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let key = "environment.allowed_account_ids";
    let is_empty = context.environment.allowed_account_ids.is_empty();
    if is_empty && context.is_written(key) && !context.is_unusable(key) {
        let message = format!("`{key}` allows no account");
        found.push(
            Diagnostic::error(Code::NobodyAllowed, context.place(key), message)
                .label("is empty")
                .help("list the accounts, or remove the line to allow any"),
        );
    }
}
