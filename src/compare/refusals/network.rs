//! Subnets of one VPC, which must not overlap.

use ipnet::Ipv4Net;

use super::account::{Account, State};
use super::refusal::{Reason, Refusal, called};
use super::way;

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike("aws.ec2.Subnet", &["vpc_id"]) {
        for state in &group {
            let (Some(call), Some(block)) = (state.from, block(state)) else {
                continue;
            };
            let had_it = group
                .iter()
                .any(|before| before.id == state.id && before.until == Some(call));
            let mut others = group.iter().filter(|other| other.id != state.id);
            let other = others.find(|other| {
                let overlaps = self::block(other)
                    .is_some_and(|there| there.contains(&block) || block.contains(&there));
                overlaps && account.may_stand(other, call)
            });
            if let Some(other) = other.filter(|_| !had_it) {
                let reason = Reason {
                    error: Some("InvalidSubnet.Conflict"),
                    with: Some(other),
                    why: format!(
                        "{} would be created while {} still exists, whose block overlaps {block}.",
                        called(state),
                        called(other)
                    ),
                    way: way::second_copy("the new network"),
                };
                found.push(Refusal::new(account, call, state, reason));
            }
        }
    }
}

fn block(state: &State<'_>) -> Option<Ipv4Net> {
    state.text("cidr_block")?.parse().ok()
}
