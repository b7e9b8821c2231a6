//! RDS: storage cannot shrink, versions cannot go back, and a subnet group keeps the subnets in which an instance runs.

use std::collections::BTreeSet;

use super::account::{Account, Id, State};
use super::refusal::{Reason, Refusal, Way, called};
use super::way;
use crate::catalogue::{is_upgrade, major, newest_minor};
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
            "aws.rds.Instance" => {
                storage(before, after).or_else(|| version(account, before, after))
            }
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
        way: Way::elsewhere(format!(
            "Keep `database.storage_gib = {}`. {}",
            number_text(old),
            way::second_copy("a smaller database").text
        )),
    })
}

/// No downgrade, a major upgrade has to be allowed, and its target must not be released before what runs.
fn version<'a>(account: &Account<'_>, before: &State<'a>, after: &State<'a>) -> Option<Reason<'a>> {
    let (old, new) = (
        before.text("engine_version")?,
        after.text("engine_version")?,
    );
    let runs = actual(account, before).unwrap_or(old);
    let is_allowed = after.input("allow_major_version_upgrade") == Some(&Value::Bool(true));
    let reason = |why, way| {
        Some(Reason {
            error: Some(REFUSED),
            with: None,
            why,
            way,
        })
    };
    // The provider sends what differs from the state.
    if old == new {
        return None;
    }
    if is_upgrade(runs, new) {
        if major(runs) == major(new) || is_allowed {
            return None;
        }
        return reason(
            format!(
                "{} is upgraded from {runs} to {new}, and a major version needs `allow_major_version_upgrade`.",
                called(after)
            ),
            Way::here(
                "Build the project again: the compiler sets it for every version that needs a waiver of DB-1.",
            ),
        );
    }
    let newest = newest_minor(runs)
        .filter(|_| !runs.contains('.'))
        .unwrap_or(runs);
    if major(new) != major(runs) && numbers(new) > numbers(newest) {
        return reason(
            format!(
                "{} runs {newest}, and {new} was released earlier: RDS does not upgrade to it.",
                called(after)
            ),
            Way::here(format!(
                "Set `database.version = \"{}\"`: RDS then selects the minor version.",
                major(new)
            )),
        );
    }
    let runs = match major(new) == major(runs) {
        true => newest,
        false => runs,
    };
    reason(
        format!("{} runs {runs}, and RDS cannot downgrade.", called(after)),
        Way::elsewhere(format!(
            "Keep `database.version = \"{old}\"`. A snapshot from before an upgrade restores its version as a second copy \
             (`migration.snapshot`)."
        )),
    )
}

/// What a state of the deployed stack says of the version that runs.
fn actual<'a>(account: &Account<'a>, before: &State<'_>) -> Option<&'a str> {
    let Id::Old(number) = before.id else {
        return None;
    };
    let outputs = &account.change.deployed(number)?.outputs;
    let actual = outputs.get("engineVersionActual").and_then(Value::text)?;
    numbers(actual).is_some().then_some(actual)
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
        way: Way::here(format!(
            "Move the database out of {zone} first. `aws rds describe-db-instances --db-instance-identifier {name}` prints its zones. If it \
             runs in {zone}, fail over: `aws rds reboot-db-instance --db-instance-identifier {name} --force-failover`. If its standby is there, \
             remove it: `aws rds modify-db-instance --db-instance-identifier {name} --no-multi-az --apply-immediately`. Deploy the new spec, \
             then run the last command with `--multi-az`, which creates a standby in another zone of the group."
        )),
    })
}
