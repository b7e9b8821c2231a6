//! What building the old spec again brings back, and what it does not.

use serde::Serialize;

use super::clients::identities;
use super::data::{Loss, data};
use super::upgrade::upgrade;
use crate::catalogue::consequence;
use crate::compare::change::Change;
use crate::compare::refusals::Refusal;

/// The way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WayBack {
    /// Whether building the old spec again and an `up` restore all.
    pub restores_all: bool,
    /// What they do not.
    pub not_restored: Vec<String>,
}

/// `back` is the change from new to old, where the old spec is known, and `refused` what AWS refuses of it.
pub fn way_back(
    change: &Change<'_>,
    lost: &[Loss],
    back: Option<&Change<'_>>,
    refused: &[Refusal],
) -> WayBack {
    let mut not_restored: Vec<String> = lost
        .iter()
        .map(|loss| format!("{}: {}", loss.resource, loss.what))
        .collect();
    let others = identities(change).into_iter();
    not_restored.extend(others.map(|client| format!("{}: {}", client.who, client.what)));
    if back.is_none() {
        let text = "what else the spec of today's stack would restore: it is not known here";
        not_restored.push(text.to_owned());
    }
    for loss in back.map(data).into_iter().flatten() {
        let text = format!(
            "{}: {}, of what comes until then ({})",
            loss.resource, loss.what, loss.why
        );
        not_restored.push(text);
    }
    not_restored.extend(upgrades(change));
    let refused = refused.iter();
    not_restored.extend(refused.map(|refusal| format!("{}: {}", refusal.resource, refusal.why)));
    WayBack {
        restores_all: not_restored.is_empty(),
        not_restored,
    }
}

/// RDS user guide: a snapshot of the old version is made before a major upgrade where backups are on, as they always are here.
fn upgrades(change: &Change<'_>) -> Vec<String> {
    let decisions = change.course.decisions.iter().enumerate();
    let found = decisions.filter_map(|(number, decision)| {
        let goal = change.goal(number)?;
        let upgrade = upgrade(change, decision, consequence(goal.kind?.class)?)?;
        Some(format!(
            "{}: version {} with the data written after the upgrade. RDS takes a snapshot before the upgrade: a second copy made from \
             it (`migration.snapshot`) has version {} and the data until then",
            goal.urn, upgrade.from, upgrade.from
        ))
    });
    found.collect()
}
