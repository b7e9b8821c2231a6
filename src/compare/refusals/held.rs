//! Deletions that AWS refuses: the resource is in use, or protected.

use std::collections::HashMap;

use super::account::{Account, Id, State};
use super::refusal::{Reason, Refusal, Way, called};
use super::way;
use crate::catalogue::conflicts;
use crate::compare::engine::Call;
use crate::compare::value::Value;
use crate::stack::resource::Kept;

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    let mut readers: HashMap<Id, Vec<&State<'_>>> = HashMap::new();
    for state in &account.states {
        for id in state.reads.values().flatten() {
            readers.entry(*id).or_default().push(state);
        }
    }
    for (call, what) in account.change.course.calls.iter().enumerate() {
        let (Call::Delete(_), Some(state)) = (what, account.ended_by(call)) else {
            continue;
        };
        let readers = readers.get(&state.id).map_or(&[][..], Vec::as_slice);
        found.extend(in_use(account, call, state, readers));
        found.extend(led_nowhere(account, call, state, readers));
        found.extend(protected(account, call, state));
        found.extend(protected_by_the_program(account, call, state));
    }
}

fn in_use(
    account: &Account<'_>,
    call: usize,
    state: &State<'_>,
    readers: &[&State<'_>],
) -> Option<Refusal> {
    let class = state.kind.class;
    for row in conflicts().in_use {
        if !row.holds.contains(&class) {
            continue;
        }
        let mut holders = readers.iter().filter(|holder| {
            holder.kind.class == row.class
                && holder.id != state.id
                && holder.read_at(row.argument).contains(&state.id)
        });
        if let Some(holder) = holders.find(|holder| account.may_stand(holder, call)) {
            let reason = Reason {
                error: Some(row.error),
                with: Some(holder),
                why: format!(
                    "{} would be deleted while {} still refers to it in `{}`.",
                    called(state),
                    called(holder),
                    row.argument
                ),
                way: way::without(account, holder),
            };
            return Some(Refusal::new(account, call, state, reason));
        }
    }
    None
}

/// A NAT gateway that is deleted while routes still lead to it: EC2 accepts that, and the routes drop every packet (VPC User
/// Guide, "Delete a NAT gateway": the status of its routes becomes `blackhole`).
fn led_nowhere(
    account: &Account<'_>,
    call: usize,
    state: &State<'_>,
    readers: &[&State<'_>],
) -> Option<Refusal> {
    if state.kind.class != "aws.ec2.NatGateway" {
        return None;
    }
    let mut tables = readers.iter().filter(|holder| {
        holder.kind.class == "aws.ec2.RouteTable" && holder.read_at("routes").contains(&state.id)
    });
    let table = tables.find(|table| account.may_stand(table, call))?;
    let is_renamed = account.states.iter().any(|new| {
        let made = new.from.is_some() && new.kind.class == state.kind.class && new.urn != state.urn;
        made && replaces(account, new, state)
    });
    let reason = Reason {
        error: None,
        with: Some(table),
        why: format!(
            "Routes of {} lead to {} until the new one is created: what stands in its subnets reaches no AWS service meanwhile.",
            called(table),
            called(state)
        ),
        way: Way::here(if is_renamed {
            "Deploy when nothing is called, or leave `renamed_from` out: the zone then gets another address, and a gateway beside the old one."
        } else {
            "Deploy when nothing is called."
        }),
    };
    Some(Refusal::new(account, call, state, reason))
}

/// Whether a state is of the goal that makes another resource anew.
fn replaces(account: &Account<'_>, new: &State<'_>, old: &State<'_>) -> bool {
    let decision = new.goal.and_then(|goal| account.change.decision(goal));
    let number = decision.and_then(|decision| decision.old);
    number.is_some_and(|number| Id::Old(number) == old.id)
}

/// What the program protects: Pulumi refuses the deployment in its preview (KEEP-1).
fn protected_by_the_program(
    account: &Account<'_>,
    call: usize,
    state: &State<'_>,
) -> Option<Refusal> {
    let Id::Old(number) = state.id else {
        return None;
    };
    let old = account.change.deployed(number)?;
    if old.kept != Some(Kept::Protected) {
        return None;
    }
    let reason = Reason {
        error: None,
        with: None,
        why: format!(
            "{} is protected, since it holds data: Pulumi refuses to delete it, also to make it anew.",
            called(state)
        ),
        way: Way::elsewhere(
            "Keep what it has. An environment under another suffix can have the new value from its beginning, and the data is moved there.",
        ),
    };
    Some(Refusal::new(account, call, state, reason))
}

/// Arguments that keep a resource from being deleted, with AWS's errors (botocore: rds DeleteDBInstance gives
/// InvalidParameterCombination, elbv2 DeleteLoadBalancer OperationNotPermitted).
pub const PROTECTION: [(&str, &str, &str); 2] = [
    (
        "aws.rds.Instance",
        "deletion_protection",
        "InvalidParameterCombination",
    ),
    (
        "aws.lb.LoadBalancer",
        "enable_deletion_protection",
        "OperationNotPermitted",
    ),
];

fn protected(account: &Account<'_>, call: usize, state: &State<'_>) -> Option<Refusal> {
    let class = state.kind.class;
    let (_, argument, error) = PROTECTION.iter().find(|(of, ..)| *of == class)?;
    if state.input(argument) != Some(&Value::Bool(true)) {
        return None;
    }
    let reason = Reason {
        error: Some(error),
        with: None,
        why: format!("{} has `{argument} = true`.", called(state)),
        way: Way::here(format!(
            "Two builds: first the old spec with `{argument} = false`, then the new one."
        )),
    };
    Some(Refusal::new(account, call, state, reason))
}
