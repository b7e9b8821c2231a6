//! What an environment costs by the month, before a change and after it.

use serde::Serialize;

use super::change::{Change, Version};
use crate::date::Date;
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;

/// USD a month at list prices, before there is any traffic.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// None where the spec of what is deployed is not known.
    pub before: Option<Estimate>,
    pub after: Estimate,
    /// The month of the price list.
    pub prices: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct Estimate {
    /// To the cent.
    pub usd: f64,
    /// What the payments add that the spec expects, in `payments.expected_per_month`.
    pub payments_usd: Option<f64>,
    /// What is billed as well, and whose price is not known.
    pub without: Vec<String>,
    /// What extended support of the database adds after a day, or how much of it it is.
    pub extended_support: Option<String>,
}

impl Estimate {
    /// With what the expected payments add.
    pub fn with_payments(&self) -> f64 {
        self.usd + self.payments_usd.unwrap_or_default()
    }
}

pub fn cost(change: &Change<'_>, today: Date) -> Cost {
    let of = |version: &Version<'_>| estimate(version.program.stack, version.environment, today);
    let (after, prices) = of(&change.new);
    Cost {
        before: change.old.as_ref().map(|old| of(old).0),
        after,
        prices,
    }
}

/// The estimate, and the month of the price list.
pub fn estimate(stack: &Stack, environment: &Environment, today: Date) -> (Estimate, &'static str) {
    let cost = stack.monthly_cost(environment, today);
    let to_the_cent = |usd: f64| (usd * 100.0).round() / 100.0;
    let estimate = Estimate {
        usd: to_the_cent(cost.total()),
        payments_usd: cost
            .payments
            .as_ref()
            .map(|payments| to_the_cent(payments.total())),
        extended_support: cost.of_extended_support(),
        without: cost.missing,
    };
    (estimate, cost.read)
}
