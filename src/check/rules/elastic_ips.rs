//! A second copy of the environment in one account.

use crate::catalogue::quotas;
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{DefaultValue, RawEnvironment};

pub const RULE: Rule = Rule {
    code: Code::ElasticIps,
    severities: &[Severity::Note],
    what: "A second copy of the environment needs more Elastic IPs than the default quota of an account.",
    why: "\
        Each zone has a NAT gateway with its own address (NET-4). Two copies with three zones each need six, \
        and the default quota is five: the deployment of the second copy fails half-way.",
    wrong: "suffix = \"pr42\"",
    right: "suffix = \"main\"                       # or have the quota raised first",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let Some(DefaultValue { value, .. }) = RawEnvironment::suffix.default else {
        return;
    };
    let permanent = value.to_string();
    let suffix = &environment.suffix;
    let Some((_, span)) = written(suffix).filter(|_| suffix.value != permanent && is_name(suffix))
    else {
        return;
    };
    let own = environment.exits().count();
    let quota = quotas().elastic_ips.value;
    if own * 2 <= usize::try_from(quota).unwrap_or(usize::MAX) {
        return;
    }
    found.push(
        Diagnostic::note_only(
            Code::ElasticIps,
            span,
            "two copies of the environment exceed the default quota of Elastic IPs",
        )
        .label(format!(
            "beside the copy `{permanent}`, {} Elastic IPs are needed in all",
            own * 2
        ))
        .note(format!(
            "the default quota of an account is {quota} per region"
        ))
        .secondary(
            context.place("network.zones"),
            "each zone has a NAT gateway with its own address",
        )
        .help("have the quota of Elastic IPs raised, or deploy the copy to another account"),
    );
}

/// Another text is refused by the rule on names, and means no copy.
fn is_name(suffix: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    suffix.chars().all(fits)
}
