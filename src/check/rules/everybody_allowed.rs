//! A staging environment that is open to the internet.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};

pub const RULE: Rule = Rule {
    code: Code::EverybodyAllowed,
    severities: &[Severity::Warning],
    what: "The whole internet may reach the load balancer.",
    why: "\
        NET-6 allows open ingress to the load balancer alone, but a staging environment is for known \
        people; scanners find it within minutes.",
    wrong: "allowed_cidrs = [\"0.0.0.0/0\"]",
    right: "allowed_cidrs = [\"203.0.113.0/24\"]",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for range in &context.environment.load_balancer.allowed_cidrs {
        let Some((_, span)) = written(range).filter(|_| range.prefix_len() == 0) else {
            continue;
        };
        found.push(
            Diagnostic::warning(
                Code::EverybodyAllowed,
                span,
                "the whole internet may reach the load balancer",
            )
            .label("every IPv4 address")
            .help("name the ranges of offices and partners instead"),
        );
    }
}
