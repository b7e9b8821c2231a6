//! An environment that costs more than it may. Asked with the cost of the resource graph, which no other rule needs.

use crate::check::Rule;
use crate::check::context::written;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::resolve::environment::Environment;
use crate::stack::cost::Cost;

pub const RULE: Rule = Rule {
    code: Code::OverBudget,
    severities: &[Severity::Warning],
    what: "\
        The environment costs more by the month than `environment.monthly_budget_usd`, before there is \
        any traffic.",
    why: "\
        What is billed by the hour (NAT gateways, the database and its standby, the load balancer, \
        public addresses) and by the month (keys, firewall, alarms) is due whether or not anybody pays \
        by it. The sum is made of list prices, which `paystagec plan` prints by layer; traffic, logs, \
        traces and backups come on top.",
    wrong: "[environment]\nmonthly_budget_usd = 100",
    right: "[environment]\nmonthly_budget_usd = 320",
    check: None,
};

/// What the cost of the graph says about the budget.
pub fn over_budget(cost: &Cost, environment: &Environment) -> Option<Diagnostic> {
    let budget = environment.monthly_budget_usd.as_ref()?;
    let (key, span) = written(budget)?;
    if cost.total() <= f64::from(budget.value) {
        return None;
    }
    let mut note = format!("at list prices of {}: {}", cost.read, cost.by_layer());
    if cost.without_instance {
        let class = &environment.database.instance_class.value;
        note.push_str(&format!("; no price of `{class}` is known"));
    }
    let remedy = if cost.without_instance {
        "choose a class that is cheaper, or raise the budget".to_owned()
    } else {
        let enough = (cost.total() / 10.0).ceil() * 10.0;
        format!(
            "choose a smaller `database.instance_class`, or write `monthly_budget_usd = {enough:.0}`"
        )
    };
    Some(
        Diagnostic::warning(
            Code::OverBudget,
            span,
            format!("the environment costs more than `{key}`"),
        )
        .label(format!(
            "{} a month before there is any traffic",
            cost.sum()
        ))
        .note(note)
        .help(remedy),
    )
}
