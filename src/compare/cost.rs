//! What an environment costs by the month, before a change and after it.

use serde::Serialize;

use super::change::{Change, Version};
use crate::date::Date;

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
    /// What is billed as well, and whose price is not known.
    pub without: Vec<String>,
    /// What extended support of the database adds after a day, or how much of it it is.
    pub extended_support: Option<String>,
}

pub fn cost(change: &Change<'_>, today: Date) -> Cost {
    let (after, prices) = estimate(&change.new, today);
    Cost {
        before: change.old.as_ref().map(|old| estimate(old, today).0),
        after,
        prices,
    }
}

fn estimate(version: &Version<'_>, today: Date) -> (Estimate, &'static str) {
    let cost = version
        .program
        .stack
        .monthly_cost(version.environment, today);
    let estimate = Estimate {
        usd: (cost.total() * 100.0).round() / 100.0,
        extended_support: cost.of_extended_support(),
        without: cost.missing,
    };
    (estimate, cost.read)
}
