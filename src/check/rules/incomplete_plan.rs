//! Usage plans that admit nobody. A plan without a quota is found while resolving.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::IncompletePlan,
    severities: &[Severity::Error],
    what: "The API has no usage plan, or a plan has no quota or no API key.",
    why: "\
        API-4 requires usage plans with quota, throttle and API keys, bound to the stage. Without a key \
        nobody can use a plan.",
    wrong: "[api.plans.partner]",
    right: "[api.plans.partner]\nquota = { requests = 100_000, period = \"month\" }",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let plans = &context.environment.api.plans;
    if context.has_no_entries("api.plans") {
        found.push(
            Diagnostic::error(Code::IncompletePlan, context.place("api.plans"), "the API has no usage plan")
                .label("API-4 requires plans with a quota, a throttle and keys")
                .help("add `[api.plans.partner]` with `quota = { requests = 100_000, period = \"month\" }`")
                .suggest(Edit::Append("[api.plans.partner]\nquota = { requests = 100_000, period = \"month\" }".to_owned())),
        );
    }
    for plan in plans {
        let Some((path, _)) = written(&plan.key) else {
            continue;
        };
        let list = format!("{path}.api_keys");
        if plan.api_keys.is_empty() && !context.is_unusable(&list) {
            found.push(
                Diagnostic::error(
                    Code::IncompletePlan,
                    context.place(&list),
                    format!("`[{path}]` has no API key"),
                )
                .label("API-4: nobody could use this plan")
                .help(format!(
                    "remove `api_keys` to get one key named `{}`, or list the keys",
                    plan.key.value
                )),
            );
        }
    }
}
