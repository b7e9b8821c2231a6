//! Data that a change deletes, or makes unreadable.

use serde::Serialize;

use crate::catalogue::Kind;
use crate::compare::change::Change;
use crate::compare::diff::Inputs;
use crate::compare::engine::Op;
use crate::compare::registered::Deployed;
use crate::compare::value::{Value, number_text};
use crate::stack::resource::Kept;

/// Something that is gone afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The end of the URN.
    pub resource: String,
    /// What is lost.
    pub what: String,
    /// By what.
    pub why: String,
}

/// Arguments that say for how long something is kept: less of it deletes what is older. The path leads to the number; where there is none,
/// the last one counts: what AWS does by default.
const KEPT: &[(&str, &str, &str, &str, &str, f64)] = &[
    (
        "aws.cloudwatch.LogGroup",
        "retentionInDays",
        "",
        "log events",
        "days",
        FOREVER,
    ),
    (
        "aws.rds.Instance",
        "backupRetentionPeriod",
        "",
        "backups",
        "days",
        // RDS API reference, CreateDBInstance: BackupRetentionPeriod.
        1.0,
    ),
    (
        "aws.sqs.Queue",
        "messageRetentionSeconds",
        "",
        "messages",
        "seconds",
        // SQS API reference, SetQueueAttributes: MessageRetentionPeriod.
        345_600.0,
    ),
    (
        "aws.s3.BucketLifecycleConfiguration",
        "rules",
        "[0].expiration.days",
        "objects",
        "days",
        FOREVER,
    ),
    (
        "aws.rds.Instance",
        "performanceInsightsRetentionPeriod",
        "",
        "performance data",
        "days",
        // RDS API reference, CreateDBInstance: PerformanceInsightsRetentionPeriod.
        7.0,
    ),
];

/// What nothing deletes.
const FOREVER: f64 = f64::INFINITY;

/// What is lost, in the order of the steps.
pub fn data(change: &Change<'_>) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (number, decision) in change.course.decisions.iter().enumerate() {
        let Some(old) = decision.old.and_then(|old| change.deployed(old)) else {
            continue;
        };
        if decision.op.is_replacement() {
            losses.extend(gone(old, "it is replaced"));
        } else if decision.op == Op::Update {
            let urn = change.goal(number).map_or(&old.urn, |goal| &goal.urn);
            losses.extend(kept_shorter(urn, old, &decision.inputs));
        }
    }
    let deleted = change.course.deleted.iter();
    let deleted = deleted.filter_map(|number| change.deployed(*number));
    losses.extend(deleted.filter_map(|old| gone(old, "it is deleted")));
    losses
}

/// The loss of a resource that goes.
fn gone(resource: &Deployed, why: &str) -> Option<Loss> {
    let kind: &Kind = resource.kind?;
    // What is retained leaves the state, not the account.
    let stays = resource.kept == Some(Kept::Retained);
    if !kind.stateful || is_nothing_lost(resource) || stays {
        return None;
    }
    Some(Loss {
        resource: resource.urn.clone(),
        what: match kind.class {
            // The catalogue names the condition, which is known here.
            "aws.rds.Instance" if is_kept(resource) => {
                "the database, but for a final snapshot".to_owned()
            }
            "aws.rds.Instance" => "the database".to_owned(),
            _ => kind.loss.unwrap_or_default().to_owned(),
        },
        why: why.to_owned(),
    })
}

/// Kinds that hold an identity and no data: see `clients`.
fn is_nothing_lost(resource: &Deployed) -> bool {
    let class = resource.kind.map_or("", |kind| kind.class);
    matches!(class, "aws.ec2.Eip" | "tls.PrivateKey")
}

fn is_kept(database: &Deployed) -> bool {
    database.inputs.get("skipFinalSnapshot") != Some(&Value::Bool(true))
}

fn kept_shorter(urn: &str, old: &Deployed, new: &Inputs) -> Vec<Loss> {
    let class = old.kind.map_or("", |kind| kind.class);
    let rows = KEPT.iter().filter(|(of, ..)| *of == class);
    let shorter = rows.filter_map(|(class, argument, path, what, unit, by_default)| {
        let kept = |inputs: &Inputs| {
            let given = inputs.get(*argument).and_then(|value| value.at(path));
            match given.map_or(Some(*by_default), number)? {
                // CloudWatch's 0 of the provider.
                0.0 if *class == "aws.cloudwatch.LogGroup" => Some(FOREVER),
                number => Some(number),
            }
        };
        let (before, after) = (kept(&old.inputs)?, kept(new)?);
        let instead = match before {
            FOREVER => "for ever".to_owned(),
            before => number_text(before),
        };
        (after < before).then(|| Loss {
            resource: urn.to_owned(),
            what: format!("{what} of more than {} {unit}", number_text(after)),
            why: format!(
                "they are kept for {} {unit} instead of {instead}",
                number_text(after)
            ),
        })
    });
    shorter.collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
