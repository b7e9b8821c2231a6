//! Real card data in an environment that forgets too soon, or is not closed enough.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{Key, RawAudit, RawMonitoring};
use crate::requirements::Class;
use crate::resolve::environment::{Backend, Environment};

pub const RULE: Rule = Rule {
    code: Code::RealCardData,
    severities: &[Severity::Error],
    what: "\
        The spec declares that the environment holds real card data, and its class is not production, or it \
        lacks what real card data demands: a certificate that clients trust, callers who show one of theirs, \
        the firewall, state that is not a file on somebody's machine, and an account that is named.",
    why: "\
        Other classes keep logs and audit records for less (MON-1, S3-3) than the twelve months of audit \
        history that PCI DSS 10.5.1 requires. 4.2.1 asks for trusted certificates, 8.3.1 for callers who \
        authenticate, 6.4.2 for a firewall before what faces the internet; a state file holds the database's \
        settings and the API keys; and an account that is not named may be one that others use.",
    wrong: "real_card_data = true",
    right: "real_card_data = false",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let declared = &environment.real_card_data;
    let Some((_, span)) = written(declared).filter(|_| declared.value) else {
        return;
    };
    if environment.class == Class::Production {
        found.extend(lacking(environment).into_iter().map(|(what, label, help)| {
            let message = format!("real card data needs {what}");
            Diagnostic::error(Code::RealCardData, span.clone(), message)
                .label(label)
                .help(help)
        }));
        return;
    }
    let kept = |key: &Key| {
        let days = key.default_in(environment.class);
        days.map_or(String::new(), |days| days.value.to_string())
    };
    let note = format!(
        "logs are kept {} days (MON-1) and audit records {} days (S3-3)",
        kept(&RawMonitoring::log_retention_days),
        kept(&RawAudit::retention_days)
    );
    found.push(
        Diagnostic::error(
            Code::RealCardData,
            span,
            "this environment must not hold real card data",
        )
        .label("PCI DSS 10.5.1 requires 12 months of audit history")
        .note(note)
        .help("write `real_card_data = false` and use test cards only; only an environment with `class = \"production\"` keeps enough")
        .replace_with("false"),
    );
}

/// What is missing, why it has to be there, and what to write.
fn lacking(environment: &Environment) -> Vec<(&'static str, &'static str, &'static str)> {
    let balancer = &environment.load_balancer;
    let demands = [
        (
            !environment.signs_itself(),
            "a certificate that clients trust",
            "PCI DSS 4.2.1: `load_balancer.certificate` is self-signed",
            "give it a name in `[domain]`, or write the ARN of a certificate of ACM: `certificate = \"arn:aws:acm:…\"`",
        ),
        (
            balancer.clients.is_some(),
            "callers who show a certificate",
            "PCI DSS 8.3.1: `load_balancer.clients` names no authority",
            "name the file of the authorities that issue your callers' certificates",
        ),
        (
            environment.firewall.enabled.value,
            "the firewall",
            "PCI DSS 6.4.2: `firewall.enabled` is false",
            "remove `enabled = false` from `[firewall]`",
        ),
        (
            !matches!(environment.state.backend, Backend::Local),
            "state that is not a file on somebody's machine",
            "`state.backend` is \"local\": the state has settings and API keys of the environment",
            "write `backend = \"s3\"` with a bucket and a KMS key, or \"pulumi-cloud\", into `[state]`",
        ),
        (
            !environment.allowed_account_ids.is_empty(),
            "an account of its own",
            "`environment.allowed_account_ids` is left out: it could be deployed to an account that others use",
            "name the account: `allowed_account_ids = [\"123456789012\"]`",
        ),
    ];
    let missing = demands.into_iter().filter(|(is_met, ..)| !is_met);
    missing
        .map(|(_, what, label, help)| (what, label, help))
        .collect()
}
