//! Stage 5: the graph of resources and the environment in; diagnostics out, and the graph with the overrides that hold. What
//! needs every resource is judged here: overrides, AWS's models, lengths of names, quotas, the budget. The texts of these rules
//! stand with the others, in `check/rules/`.

mod budget;
mod models;
mod names;
mod overrides;
mod policies;
mod quotas;

pub use policies::{API as USUAL_ARN, MOST_BYTES as POLICY_BYTES, Policy};

use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;

/// Applies the overrides, and judges the graph that results. `today` is for what costs more from a day on.
pub fn judge(stack: &mut Stack, environment: &Environment, today: Date) -> Vec<Diagnostic> {
    let (settings, mut diagnostics) = overrides::settle(stack, environment);
    stack.apply(settings);
    diagnostics.extend(models::refused_by_aws(stack, environment));
    diagnostics.extend(names::name_lengths(&stack.name_uses(), environment));
    diagnostics.extend(names::same_names(stack, environment));
    diagnostics.extend(policies::policy_sizes(stack, environment));
    diagnostics.extend(quotas::default_quotas(stack, environment));
    if environment.monthly_budget_usd.is_some() {
        let cost = stack.monthly_cost(environment, today);
        diagnostics.extend(budget::over_budget(&cost, environment));
    }
    diagnostics
}
