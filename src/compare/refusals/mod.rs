//! What AWS would refuse on the way, before anybody deploys: each call that the engine will make, held against all that may stand in
//! the account at that moment. Two steps of which none waits for the other count in both orders: a stack must not depend on luck.
//!
//! Rules that compare values or follow a reference are rows of `catalogue/conflicts.toml`; the others are code. `tests/cloud` has the same.

mod account;
mod api;
mod database;
mod held;
mod limits;
mod network;
mod permissions;
mod priorities;
mod refusal;
mod taken;
#[cfg(test)]
mod tests;
mod way;

use std::collections::HashMap;

use super::change::Change;
use account::Account;
use refusal::Cause;
pub use refusal::Refusal;

/// The refusals: first those that no edit of this stack avoids, then those of one cause together, in the order of the calls.
pub fn refusals(change: &Change<'_>) -> Vec<Refusal> {
    let account = Account::during(change);
    let mut found = Vec::new();
    taken::refusals(&account, &mut found);
    held::refusals(&account, &mut found);
    limits::refusals(&account, &mut found);
    api::refusals(&account, &mut found);
    permissions::refusals(&account, &mut found);
    network::refusals(&account, &mut found);
    database::refusals(&account, &mut found);
    found.sort_by_key(|refusal| refusal.call);
    let mut firsts: HashMap<Cause, usize> = HashMap::new();
    for refusal in &found {
        firsts.entry(refusal.cause()).or_insert(refusal.call);
    }
    found.sort_by_cached_key(|refusal| {
        let first = firsts.get(&refusal.cause()).copied();
        (refusal.avoidable, first, refusal.way.clone(), refusal.call)
    });
    found
}
