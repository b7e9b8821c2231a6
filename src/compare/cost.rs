//! What an environment costs by the month, before a change and after it.

use serde::Serialize;

use super::change::{Change, Version};

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
}

pub fn cost(change: &Change<'_>) -> Cost {
    let (after, prices) = estimate(&change.new);
    Cost {
        before: change.old.as_ref().map(|old| estimate(old).0),
        after,
        prices,
    }
}

fn estimate(version: &Version<'_>) -> (Estimate, &'static str) {
    let cost = version.program.stack.monthly_cost(version.environment);
    let estimate = Estimate {
        usd: (cost.total() * 100.0).round() / 100.0,
        without: cost.missing,
    };
    (estimate, cost.read)
}
