//! The rule `over-budget`: the graph knows what is billed.

use crate::check::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::number::float;
use crate::resolve::environment::Environment;
use crate::stack::cost::{Cost, Extended};

/// What the cost of the graph says about the budget. A sum that lacks a price says nothing about a budget above it: that is told too.
pub fn over_budget(cost: &Cost, environment: &Environment) -> Option<Diagnostic> {
    let budget = environment.monthly_budget_usd.as_ref()?;
    let (key, span) = written(budget)?;
    let limit = float(budget.value);
    let later = cost.extended.as_ref().map_or(0.0, Extended::to_come);
    let sum = cost.with_payments();
    let is_above = sum > limit;
    if !is_above && cost.missing.is_empty() && sum + later <= limit {
        return None;
    }
    let message = if is_above {
        format!("the environment costs more than `{key}`")
    } else if cost.missing.is_empty() {
        format!("the environment will cost more than `{key}`")
    } else {
        format!("the environment may cost more than `{key}`")
    };
    let mut note = format!("at list prices of {}: {}", cost.read, cost.by_layer());
    if let Some(payments) = &cost.payments {
        note.push_str(&format!("; {}", payments.sum()));
    }
    if let Some(missing) = cost.without() {
        note.push_str(&format!("; {missing}"));
    }
    if let Some(extended) = cost.of_extended_support() {
        note.push_str(&format!("; {extended}"));
    }
    let label = match &cost.payments {
        None => format!("{} a month before any traffic", cost.sum()),
        Some(_) => format!(
            "{} a month, and what the payments cost: {sum:.0} USD together",
            cost.sum()
        ),
    };
    let enough = ((sum + later) / 10.0).ceil() * 10.0;
    let remedy = if !cost.missing.is_empty() {
        "look up the missing prices and add them to the budget, or remove the key".to_owned()
    } else {
        format!(
            "choose a smaller `database.instance_class`, or write `monthly_budget_usd = {enough:.0}`"
        )
    };
    Some(
        Diagnostic::warning(Code::OverBudget, span, message)
            .label(label)
            .note(note)
            .help(remedy),
    )
}
