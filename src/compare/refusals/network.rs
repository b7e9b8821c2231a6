//! Subnets of one VPC, which must not overlap; and what stays in its VPC, or leaves it only when nothing needs it there.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use super::account::{Account, Id, State};
use super::refusal::{Reason, Refusal, called};
use super::way;
use crate::compare::engine::Call;
use crate::compare::value::Value;

const GATEWAY: &str = "aws.ec2.InternetGateway";
const BALANCER: &str = "aws.lb.LoadBalancer";
const NAT: &str = "aws.ec2.NatGateway";
const SUBNET: &str = "aws.ec2.Subnet";

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    overlapping(account, found);
    for (call, what) in account.change.course.calls.iter().enumerate() {
        let Some(before) = account.ended_by(call) else {
            continue;
        };
        let after = account.begun_by(call);
        let reason = match (before.kind.class, what, after) {
            (GATEWAY, _, after) => mapped(account, call, before, after),
            (BALANCER, Call::Update(_), Some(after)) => elsewhere(account, before, after),
            _ => None,
        };
        if let Some(reason) = reason {
            found.push(Refusal::new(account, call, after.unwrap_or(before), reason));
        }
    }
}

fn overlapping(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for group in account.alike(SUBNET, &["vpc_id"]) {
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

/// An application load balancer stays in its VPC, and the provider only updates it (pulumi-aws 1382, terraform-provider-aws 18317).
fn elsewhere<'a>(
    account: &Account<'a>,
    before: &State<'a>,
    after: &State<'a>,
) -> Option<Reason<'a>> {
    (networks(account, before) != networks(account, after)).then(|| Reason {
        error: Some("InvalidConfigurationRequest"),
        with: None,
        why: format!("The new subnets of {} are in another VPC.", called(after)),
        way: way::second_copy("the new network"),
    })
}

/// A gateway is detached only when its VPC has no public address left (EC2 API reference, DetachInternetGateway).
fn mapped<'a>(
    account: &'a Account<'a>,
    call: usize,
    before: &State<'_>,
    after: Option<&State<'_>>,
) -> Option<Reason<'a>> {
    let network = |state: &State<'_>| state.identity(&["vpc_id"]);
    if after.is_some_and(|after| network(after) == network(before)) {
        return None;
    }
    let left = BTreeSet::from([network(before)]);
    let is_public = |state: &&State<'_>| state.input("internal") != Some(&Value::Bool(true));
    let balancers = account.of_class(BALANCER).filter(is_public);
    let mut holders = account.of_class(NAT).chain(balancers);
    let holder = holders
        .find(|holder| networks(account, holder) == left && account.may_stand(holder, call))?;
    Some(Reason {
        error: Some("DependencyViolation"),
        with: Some(holder),
        why: format!(
            "{} would be detached from its VPC while {} still has public addresses there.",
            called(before),
            called(holder)
        ),
        way: way::second_copy("the new network"),
    })
}

/// The VPCs of the subnets in which a resource stands.
fn networks(account: &Account<'_>, state: &State<'_>) -> BTreeSet<String> {
    let ids: BTreeSet<Id> = ["subnets", "subnet_id"]
        .iter()
        .flat_map(|argument| state.read_at(argument))
        .collect();
    let subnets = ids.iter().filter_map(|id| account.last(SUBNET, *id));
    subnets.map(|subnet| subnet.identity(&["vpc_id"])).collect()
}
