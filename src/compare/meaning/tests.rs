//! What is said of a change, by resources that are there and the calls that change them.

use serde_json::{Value as Json, json};

use super::{clients, data, outage, time};
use crate::catalogue::{Outage, consequence, kind};
use crate::compare::world::{Reads, World};

const NOTHING: &Reads = &[];
const DATABASE: &str = "aws.rds.Instance";
const FUNCTION: &str = "aws.lambda_.Function";
const GROUP: &str = "aws.cloudwatch.LogGroup";
const QUEUE: &str = "aws.sqs.Queue";

/// What and why of each loss.
fn lost(world: World) -> Vec<(String, String)> {
    let losses = world.changed(data).into_iter();
    losses.map(|loss| (loss.what, loss.why)).collect()
}

fn one(what: &str, why: &str) -> Vec<(String, String)> {
    vec![(what.to_owned(), why.to_owned())]
}

#[test]
fn what_holds_data_is_lost_when_it_goes() {
    let of_class = |class: &str| kind(class).unwrap().loss.unwrap_or_default();
    for (class, inputs, what) in [
        (
            DATABASE,
            json!({"skip_final_snapshot": true}),
            "the database",
        ),
        (
            DATABASE,
            json!({}),
            "the database, but for a final snapshot",
        ),
        (
            "aws.s3.Bucket",
            json!({"bucket": "audit"}),
            of_class("aws.s3.Bucket"),
        ),
        ("aws.kms.Key", json!({}), of_class("aws.kms.Key")),
        (GROUP, json!({"name": "group"}), of_class(GROUP)),
        (QUEUE, json!({"name": "queue"}), of_class(QUEUE)),
    ] {
        assert!(!what.is_empty(), "{class}");
        let mut world = World::default();
        let old = world.there(class, "old", &inputs, NOTHING);
        world.drop(old);
        assert_eq!(lost(world), one(what, "it is deleted"), "{class}");
        for is_deleted_first in [true, false] {
            let mut world = World::default();
            let old = world.there(class, "old", &inputs, NOTHING);
            world.replace(old, &inputs, is_deleted_first);
            assert_eq!(lost(world), one(what, "it is replaced"), "{class}");
        }
    }
}

#[test]
fn what_holds_none_is_not() {
    for class in [FUNCTION, "aws.ec2.Eip", "tls.PrivateKey", "aws.iam.Role"] {
        let mut world = World::default();
        let (gone, anew) = (
            world.there(class, "gone", &json!({"name": "gone"}), NOTHING),
            world.there(class, "anew", &json!({"name": "anew"}), NOTHING),
        );
        world.replace(anew, &json!({"name": "other"}), false);
        world.drop(gone);
        assert_eq!(lost(world), [], "{class}");
    }
}

#[test]
fn what_is_kept_for_less_time_is_lost() {
    let rules = |days: u32| json!({"rules": [{"expiration": {"days": days}}]});
    let retention = |days: u32| json!({ "retention_in_days": days });
    let told = |what: &str, why: &str| Some((what.to_owned(), why.to_owned()));
    for (class, old, new, expected) in [
        (
            GROUP,
            retention(30),
            retention(7),
            told(
                "log events of more than 7 days",
                "they are kept for 7 days instead of 30",
            ),
        ),
        (GROUP, retention(7), retention(30), None),
        (GROUP, retention(30), json!({}), None),
        (GROUP, retention(30), retention(0), None),
        (
            GROUP,
            json!({}),
            retention(30),
            told(
                "log events of more than 30 days",
                "they are kept for 30 days instead of for ever",
            ),
        ),
        (
            DATABASE,
            json!({"backup_retention_period": 7}),
            json!({"backup_retention_period": 1}),
            told(
                "backups of more than 1 days",
                "they are kept for 1 days instead of 7",
            ),
        ),
        (
            DATABASE,
            json!({"performance_insights_retention_period": 731}),
            json!({}),
            told(
                "performance data of more than 7 days",
                "they are kept for 7 days instead of 731",
            ),
        ),
        (
            QUEUE,
            json!({"message_retention_seconds": 1_209_600}),
            json!({"message_retention_seconds": 3_600}),
            told(
                "messages of more than 3600 seconds",
                "they are kept for 3600 seconds instead of 1209600",
            ),
        ),
        (
            "aws.s3.BucketLifecycleConfiguration",
            rules(400),
            rules(365),
            told(
                "objects of more than 365 days",
                "they are kept for 365 days instead of 400",
            ),
        ),
        (
            "aws.s3.BucketLifecycleConfiguration",
            rules(365),
            rules(400),
            None,
        ),
    ] {
        let mut world = World::default();
        let number = world.there(class, "it", &old, NOTHING);
        world.update(number, &new, NOTHING);
        let expected: Vec<(String, String)> = expected.into_iter().collect();
        assert_eq!(lost(world), expected, "{class} {old} {new}");
    }
}

/// When each interruption is, and of which resource.
fn interrupted(world: World) -> Vec<(Outage, String)> {
    let found = world.changed(outage).into_iter();
    let found = found.map(|one| {
        let name = one.resource.rsplit("::").next().unwrap_or_default();
        (one.when, name.to_owned())
    });
    found.collect()
}

#[test]
fn a_database_is_interrupted_by_what_changes() {
    let with = |argument: &str, value: &Json, multi_az: bool| json!({ argument: value, "multi_az": multi_az });
    let text = |value: &str| Json::from(value);
    for (argument, old, new, copies, expected) in [
        (
            "instance_class",
            text("a"),
            text("b"),
            true,
            Some(Outage::FailOver),
        ),
        (
            "instance_class",
            text("a"),
            text("b"),
            false,
            Some(Outage::AtOnce),
        ),
        (
            "engine_version",
            text("14.20"),
            text("14.21"),
            true,
            Some(Outage::AtOnce),
        ),
        (
            "engine_version",
            text("14"),
            text("17"),
            true,
            Some(Outage::AtOnce),
        ),
        (
            "parameter_group_name",
            text("a"),
            text("b"),
            true,
            Some(Outage::Reboot),
        ),
        (
            "storage_type",
            text("gp2"),
            text("gp3"),
            true,
            Some(Outage::Window),
        ),
        ("allocated_storage", json!(20), json!(40), true, None),
        ("backup_retention_period", json!(7), json!(14), true, None),
    ] {
        let mut world = World::default();
        let number = world.there(DATABASE, "database", &with(argument, &old, copies), NOTHING);
        world.update(number, &with(argument, &new, copies), NOTHING);
        let expected = expected.map(|when| (when, "database".to_owned()));
        let expected: Vec<(Outage, String)> = expected.into_iter().collect();
        assert_eq!(interrupted(world), expected, "{argument}");
    }
}

#[test]
fn what_serves_requests_is_missed_until_the_new_one_answers() {
    for (class, is_deleted_first, is_missed) in [
        (FUNCTION, true, true),
        (FUNCTION, false, false),
        ("aws.lambda_.Permission", true, true),
        ("aws.lambda_.Permission", false, false),
        (GROUP, true, false),
    ] {
        let mut world = World::default();
        let old = world.there(class, "it", &json!({"name": "a"}), NOTHING);
        world.replace(old, &json!({"name": "b"}), is_deleted_first);
        let expected = is_missed.then(|| (Outage::UntilNew, "it".to_owned()));
        let expected: Vec<(Outage, String)> = expected.into_iter().collect();
        assert_eq!(interrupted(world), expected, "{class} {is_deleted_first}");
    }
}

#[test]
fn the_worst_interruption_is_told_first() {
    let mut world = World::default();
    let inputs = |class: &str, group: &str| json!({"multi_az": true, "instance_class": class, "parameter_group_name": group});
    let database = world.there(DATABASE, "database", &inputs("a", "a"), NOTHING);
    let function = world.there(FUNCTION, "function", &json!({"name": "a"}), NOTHING);
    world.update(database, &inputs("b", "b"), NOTHING);
    world.replace(function, &json!({"name": "b"}), true);
    let found = interrupted(world);
    let when: Vec<Outage> = found.into_iter().map(|(when, _)| when).collect();
    assert_eq!(when, [Outage::UntilNew, Outage::FailOver, Outage::Reboot]);
}

/// Seconds, and the names of the chain.
fn lasts(world: World) -> (u32, Vec<String>) {
    let time = world.changed(time);
    let names = time.chain.iter();
    let names = names.map(|urn| urn.rsplit("::").next().unwrap_or_default().to_owned());
    (time.seconds, names.collect())
}

fn chain(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn steps_that_wait_for_each_other_add_up() {
    let row = |class: &str| consequence(class).unwrap();
    assert_eq!(lasts(World::default()), (0, Vec::new()));

    let role = "aws.iam.Role";
    let mut world = World::default();
    let role_number = world.make(role, "role", &json!({"name": "role"}), NOTHING);
    world.make(FUNCTION, "function", &json!({}), &[("role", role_number)]);
    world.make(FUNCTION, "beside", &json!({}), NOTHING);
    let seconds = row(role).create + row(FUNCTION).create;
    assert_eq!(lasts(world), (seconds, chain(&["role", "function"])));

    // What stays hands on nothing, and what is updated waits for what it reads.
    let mut world = World::default();
    let role_number = world.there(role, "role", &json!({"name": "role"}), NOTHING);
    let reads = [("role", role_number)];
    let function = world.there(FUNCTION, "function", &json!({"role": "<role>"}), &reads);
    world.update(function, &json!({"role": "<role>", "timeout": 9}), &reads);
    assert_eq!(lasts(world), (row(FUNCTION).update, chain(&["function"])));
}

#[test]
fn a_replacement_takes_both_and_deletions_run_side_by_side() {
    let database = consequence(DATABASE).unwrap();
    let function = consequence(FUNCTION).unwrap();
    let named = |name: &str| json!({ "identifier": name });
    // One after the other, and the old one at the end, take as long.
    for is_deleted_first in [true, false] {
        let mut world = World::default();
        let old = world.there(DATABASE, "database", &named("a"), NOTHING);
        world.replace(old, &named("b"), is_deleted_first);
        let seconds = database.create + database.delete;
        assert_eq!(lasts(world), (seconds, chain(&["database"])));
    }
    let mut world = World::default();
    for (class, name) in [(DATABASE, "database"), (FUNCTION, "function")] {
        let old = world.there(class, name, &json!({}), NOTHING);
        world.drop(old);
    }
    assert!(function.delete < database.delete);
    assert_eq!(lasts(world), (database.delete, Vec::new()));
}

#[test]
fn another_major_version_takes_longer() {
    let row = consequence(DATABASE).unwrap();
    let major = row.updates.get("engine_version").unwrap();
    let major = major.major.as_ref().unwrap();
    for (old, new, seconds) in [("14", "17", major.seconds), ("14.20", "14.21", row.update)] {
        let version = |text: &str| json!({ "engine_version": text });
        let mut world = World::default();
        let number = world.there(DATABASE, "database", &version(old), NOTHING);
        world.update(number, &version(new), NOTHING);
        assert_eq!(lasts(world), (seconds, chain(&["database"])), "{old} {new}");
    }
}

#[test]
fn a_subscription_that_is_made_has_to_be_confirmed() {
    const SUBSCRIPTION: &str = "aws.sns.TopicSubscription";
    let told = |protocol: &str, is_there: bool| {
        let inputs = json!({"protocol": protocol, "endpoint": "somebody"});
        let mut world = World::default();
        if is_there {
            let old = world.there(SUBSCRIPTION, "subscription", &inputs, NOTHING);
            world.replace(old, &inputs, true);
        } else {
            world.make(SUBSCRIPTION, "subscription", &inputs, NOTHING);
        }
        let clients = world.changed(clients).into_iter();
        clients.map(|client| client.who).collect::<Vec<_>>()
    };
    for protocol in ["email", "https"] {
        assert_eq!(told(protocol, false), ["somebody"], "{protocol}");
        assert_eq!(told(protocol, true), ["somebody"], "{protocol}");
    }
    assert!(told("sqs", false).is_empty());
    // One that stays is confirmed.
    let mut world = World::default();
    let inputs = json!({"protocol": "email", "endpoint": "somebody"});
    world.there(SUBSCRIPTION, "subscription", &inputs, NOTHING);
    assert_eq!(world.changed(clients), []);
}
