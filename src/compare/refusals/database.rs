//! RDS: storage cannot shrink, versions cannot go back, and a subnet group keeps the subnets in which an instance runs.

use std::collections::BTreeSet;

use super::account::{Account, Id, State};
use super::refusal::{Reason, Refusal, called};
use super::way;
use crate::compare::engine::Call;
use crate::compare::value::{Value, number_text};

const REFUSED: &str = "InvalidParameterCombination";

pub fn refusals(account: &Account<'_>, found: &mut Vec<Refusal>) {
    for (call, what) in account.change.course.calls.iter().enumerate() {
        let Call::Update(_) = what else {
            continue;
        };
        let (Some(before), Some(after)) = (account.ended_by(call), account.begun_by(call)) else {
            continue;
        };
        let reason = match after.kind.class {
            "aws.rds.Instance" => storage(before, after).or_else(|| version(before, after)),
            "aws.rds.SubnetGroup" => subnets(account, call, before, after),
            _ => None,
        };
        if let Some(reason) = reason {
            found.push(Refusal::new(account, call, after, reason));
        }
    }
}

/// RDS user guide, ModifyDBInstance: storage cannot be reduced.
fn storage<'a>(before: &State<'a>, after: &State<'a>) -> Option<Reason<'a>> {
    let gib = |state: &State<'_>| match state.input("allocated_storage")? {
        Value::Number(number) => Some(*number),
        _ => None,
    };
    let (old, new) = (gib(before)?, gib(after)?);
    (new < old).then(|| Reason {
        error: Some(REFUSED),
        with: None,
        why: format!(
            "{} has {} GiB, and RDS cannot reduce storage.",
            called(after),
            number_text(old)
        ),
        way: format!(
            "Keep `database.storage_gib = {}`. {}",
            number_text(old),
            way::second_copy("a smaller database")
        ),
    })
}

/// No downgrade, and a major upgrade has to be allowed.
fn version<'a>(before: &State<'a>, after: &State<'a>) -> Option<Reason<'a>> {
    let (old, new) = (
        before.text("engine_version")?,
        after.text("engine_version")?,
    );
    let (from, to) = (numbers(old)?, numbers(new)?);
    // A bare major version stands for whichever minor version there is.
    let is_bare = from.len() == 1 || to.len() == 1;
    let goes_back =
        to.first() < from.first() || (to.first() == from.first() && !is_bare && to < from);
    let is_allowed = after.input("allow_major_version_upgrade") == Some(&Value::Bool(true));
    if goes_back {
        return Some(Reason {
            error: Some(REFUSED),
            with: None,
            why: format!("{} runs {old}, and RDS cannot downgrade.", called(after)),
            way: format!(
                "Keep `database.version = \"{old}\"`. A snapshot from before an upgrade restores its version as a second copy \
                 (`migration.snapshot`)."
            ),
        });
    }
    (to.first() > from.first() && !is_allowed).then(|| Reason {
        error: Some(REFUSED),
        with: None,
        why: format!(
            "{} is upgraded from {old} to {new}, and a major version needs `allow_major_version_upgrade`.",
            called(after)
        ),
        way: "Set `allow_major_version_upgrade = true` with an override of the instance, in the same build.".to_owned(),
    })
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// A group stays in its VPC, and keeps the subnets in which an instance runs.
fn subnets<'a>(
    account: &'a Account<'_>,
    call: usize,
    before: &State<'_>,
    after: &State<'_>,
) -> Option<Reason<'a>> {
    let (old, new) = (before.read_at("subnet_ids"), after.read_at("subnet_ids"));
    let network = |ids: &BTreeSet<Id>| -> BTreeSet<String> {
        let states = ids
            .iter()
            .filter_map(|id| account.last("aws.ec2.Subnet", *id));
        states.map(|state| state.identity(&["vpc_id"])).collect()
    };
    if network(&old) != network(&new) {
        return Some(Reason {
            error: Some("InvalidParameterValue"),
            with: None,
            why: format!("The new subnets of {} are in another VPC.", called(after)),
            way: way::second_copy("the new network"),
        });
    }
    let gone: Vec<&State<'_>> = old
        .difference(&new)
        .filter_map(|id| account.last("aws.ec2.Subnet", *id))
        .collect();
    let leaving = gone.first()?;
    let mut instances = account
        .of_class("aws.rds.Instance")
        .filter(|instance| instance.read_at("db_subnet_group_name").contains(&after.id));
    let instance = instances.find(|instance| account.may_stand(instance, call))?;
    let zone = leaving.text("availability_zone_id").unwrap_or_default();
    let name = instance.text("identifier").unwrap_or_default();
    Some(Reason {
        error: Some("SubnetAlreadyInUse"),
        with: None,
        why: format!(
            "{} is removed from {} while {} may still run in it.",
            called(leaving),
            called(after),
            called(instance)
        ),
        way: format!(
            "Move the database out of {zone} first. `aws rds describe-db-instances --db-instance-identifier {name}` prints its zones. If it \
             runs in {zone}, fail over: `aws rds reboot-db-instance --db-instance-identifier {name} --force-failover`. If its standby is there, \
             remove it: `aws rds modify-db-instance --db-instance-identifier {name} --no-multi-az --apply-immediately`. Deploy the new spec, \
             then run the last command with `--multi-az`, which creates a standby in another zone of the group."
        ),
    })
}
