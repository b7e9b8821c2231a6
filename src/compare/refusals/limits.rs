//! Quotas during a deployment: while the old resource and its replacement both exist, both count.

use super::account::{Account, State};
use super::refusal::{Reason, Refusal, Way, called};
use crate::catalogue::{Limit, conflicts, quotas};

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for row in conflicts().limit {
        let Some(most) = quotas().standing(row.quota) else {
            continue;
        };
        let per: Vec<&str> = row.per.to_vec();
        for group in account.alike(row.class, &per) {
            if group.len() > most as usize {
                found.extend(too_many(account, row, &group, most as usize));
            }
        }
    }
}

/// The last one that is made: which it will be is left to the engine, unless steps wait for each other.
fn too_many(
    account: &Account<'_>,
    row: &Limit,
    group: &[&State<'_>],
    most: usize,
) -> Option<Refusal> {
    let made = group.iter().filter(|state| is_made(group, state));
    let last = made.max_by_key(|state| state.from)?;
    let call = last.from?;
    let standing = group
        .iter()
        .filter(|state| account.may_stand(state, call))
        .map(|state| state.id)
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    if standing <= most {
        return None;
    }
    let stays = group.iter().filter(|state| state.until.is_none()).count();
    let way = Way::here(if stays > most {
        "Request a higher quota (Service Quotas) before you deploy, or use fewer.".to_owned()
    } else {
        format!(
            "Two builds: first the old spec without the entries that go, then the new one, so that at most {most} exist at a time. Or request a \
             higher quota (Service Quotas)."
        )
    });
    let reason = Reason {
        error: Some(row.error),
        with: None,
        why: format!(
            "With {} there are {standing} of them at a time, {stays} at the end. The default quota is {most}.",
            called(last)
        ),
        way,
    };
    Some(Refusal::new(account, call, last, reason))
}

fn is_made(group: &[&State<'_>], state: &State<'_>) -> bool {
    let is_update = group.iter().any(|before| {
        before.id == state.id && before.until.is_some() && before.until == state.from
    });
    state.from.is_some() && !is_update
}
