//! Each rule, by a state and the calls that change it.

use serde_json::{Value as Json, json};

use crate::catalogue::{conflicts, quotas};
use crate::compare::world::{Reads, World};

fn one(op: &'static str, name: &str, error: &str) -> Vec<(&'static str, String, String)> {
    vec![(op, name.to_owned(), error.to_owned())]
}

const NOTHING: &Reads = &[];
const RULE: &str = "aws.lb.ListenerRule";

#[test]
fn whatever_is_unique_is_taken_while_the_old_one_stands() {
    for row in conflicts().unique {
        let mut same = json!({"recovery_window_in_days": 0});
        for name in row.arguments {
            same[*name] = json!("same");
        }
        let error = row.error.unwrap_or("silent");

        let mut world = World::default();
        let old = world.there(row.class, "old", &same, NOTHING);
        world.make(row.class, "new", &same, NOTHING);
        world.drop(old);
        let told = world.told();
        assert!(
            told.contains(&("create", "new".to_owned(), error.to_owned())),
            "{}: {told:?}",
            row.class
        );

        let mut world = World::default();
        let old = world.there(row.class, "one", &same, NOTHING);
        world.replace(old, &same, true);
        assert_eq!(world.told(), [], "{}: deleted first", row.class);
    }
}

#[test]
fn whatever_is_in_use_is_not_deleted() {
    for row in conflicts().in_use {
        let argument: &'static str = row.argument;
        for held in row.holds {
            let mut world = World::default();
            let old = world.there(held, "held", &json!({}), NOTHING);
            let names = json!({ argument: ["<held>"] });
            world.there(row.class, "holder", &names, &[(argument, old)]);
            world.replace(old, &json!({}), true);
            assert_eq!(
                world.told(),
                one("delete", "held", row.error),
                "{} {argument}",
                row.class
            );
        }
    }
}

#[test]
fn what_no_longer_uses_it_is_no_obstacle() {
    let mut world = World::default();
    let (old, new) = (
        world.there("aws.lb.TargetGroup", "old", &json!({"name": "a"}), NOTHING),
        world.there("aws.lb.TargetGroup", "new", &json!({"name": "b"}), NOTHING),
    );
    let rule = world.there(
        RULE,
        "rule",
        &json!({"actions": ["<old>"]}),
        &[("actions", old)],
    );
    world.update(rule, &json!({"actions": ["<new>"]}), &[("actions", new)]);
    world.drop(old);
    assert_eq!(world.told(), []);
}

fn rule(priority: u32) -> Json {
    json!({"listener_arn": "<listener>", "priority": priority})
}

#[test]
fn an_exchange_is_refused_both_ways_and_two_builds_do_it() {
    let mut world = World::default();
    let (one, other) = (
        world.there(RULE, "one", &rule(10), NOTHING),
        world.there(RULE, "other", &rule(20), NOTHING),
    );
    world.update(one, &rule(20), NOTHING);
    world.update(other, &rule(10), NOTHING);
    let found = world.refusals();
    assert_eq!(found.len(), 2);
    for refusal in &found {
        assert_eq!(refusal.error.as_deref(), Some("PriorityInUse"));
        assert!(refusal.way.contains("priority = 11"), "{}", refusal.way);
        assert!(refusal.way.contains("priority = 21"), "{}", refusal.way);
    }
}

#[test]
fn a_free_priority_is_free_and_an_edge_makes_one() {
    let mut world = World::default();
    let first = world.there(RULE, "first", &rule(10), NOTHING);
    world.update(first, &rule(20), NOTHING);
    assert_eq!(world.told(), []);

    let mut world = World::default();
    let (first, second) = (
        world.there(RULE, "first", &rule(10), NOTHING),
        world.there(RULE, "second", &rule(30), NOTHING),
    );
    world.update(first, &rule(20), NOTHING);
    // It reads the other one, so that the engine takes it afterwards.
    world.update(second, &rule(10), &[("tags", first)]);
    assert_eq!(world.told(), []);
}

#[test]
fn what_is_not_known_is_told_by_where_it_comes_from() {
    let api = "aws.apigateway.Resource";
    let part = |parent: &str| json!({"rest_api": "<api>", "parent_id": parent, "path_part": "a"});
    let mut world = World::default();
    world.there(api, "old", &part("<root>"), NOTHING);
    let parent = world.make(api, "parent", &json!({"path_part": "b"}), NOTHING);
    world.make(api, "below", &part("?"), &[("parent_id", parent)]);
    assert_eq!(world.told(), []);

    let mut world = World::default();
    let parent = world.make(api, "parent", &json!({"path_part": "b"}), NOTHING);
    world.make(api, "one", &part("?"), &[("parent_id", parent)]);
    world.make(api, "two", &part("?"), &[("parent_id", parent)]);
    let told = world.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(.., error)| error == "ConflictException"));
}

#[test]
fn one_part_of_a_path_is_variable() {
    let part = |text: &str| json!({"rest_api": "<api>", "parent_id": "<root>", "path_part": text});
    let class = "aws.apigateway.Resource";
    let mut world = World::default();
    let old = world.there(class, "old", &part("{payment_id}"), NOTHING);
    world.make(class, "new", &part("{id}"), NOTHING);
    world.drop(old);
    assert_eq!(world.told(), one("create", "new", "BadRequestException"));

    let mut world = World::default();
    let old = world.there(class, "old", &part("{payment_id}"), NOTHING);
    world.update(old, &part("{id}"), NOTHING);
    assert_eq!(world.told(), []);
}

#[test]
fn a_key_is_in_one_plan_of_a_stage() {
    let moved = |stages: [&str; 2]| {
        let mut world = World::default();
        let plans = stages.map(|stage| {
            let inputs = json!({"api_stages": [{"api_id": "<api>", "stage": stage}]});
            world.there("aws.apigateway.UsagePlan", stage, &inputs, NOTHING)
        });
        let class = "aws.apigateway.UsagePlanKey";
        let inputs = |plan: usize| json!({"key_id": "<key>", "usage_plan_id": format!("<{plan}>")});
        let reads = |plan: usize| [("usage_plan_id", plan)];
        let old = world.there(class, "old", &inputs(plans[0]), &reads(plans[0]));
        world.make(class, "new", &inputs(plans[1]), &reads(plans[1]));
        world.drop(old);
        world.told()
    };
    assert_eq!(
        moved(["staging", "staging"]),
        one("create", "new", "ConflictException")
    );
    assert_eq!(moved(["staging", "other"]), []);
}

#[test]
fn a_function_takes_only_so_much_policy() {
    let permission = |number: usize| {
        json!({
            "statement_id": format!("statement-{number}"),
            "function": "function",
            "action": "lambda:InvokeFunction",
            "principal": "apigateway.amazonaws.com",
            "source_arn": format!("<api.executionArn>/staging/GET/path-{number}"),
        })
    };
    let with = |count: usize| {
        let mut world = World::default();
        for number in 0..count {
            world.make(
                "aws.lambda_.Permission",
                &format!("p{number}"),
                &permission(number),
                NOTHING,
            );
        }
        world.told()
    };
    assert_eq!(with(50), []);
    assert_eq!(
        with(80),
        one("create", "p79", "PolicyLengthExceededException")
    );
}

#[test]
fn subnets_do_not_overlap() {
    let subnet = |block: &str| json!({"vpc_id": "<vpc>", "cidr_block": block});
    let class = "aws.ec2.Subnet";
    let with = |block: &str| {
        let mut world = World::default();
        let old = world.there(class, "old", &subnet("10.0.0.0/20"), NOTHING);
        world.make(class, "new", &subnet(block), NOTHING);
        world.drop(old);
        world.told()
    };
    assert_eq!(
        with("10.0.8.0/24"),
        one("create", "new", "InvalidSubnet.Conflict")
    );
    assert_eq!(with("10.0.16.0/24"), []);
}

#[test]
fn a_group_keeps_the_subnets_of_its_database_and_its_network() {
    let exchanged = |network: &str, has_database: bool| {
        let mut world = World::default();
        let subnet = "aws.ec2.Subnet";
        let inputs =
            |vpc: &str, zone: u8| json!({"vpc_id": vpc, "availability_zone_id": zone.to_string()});
        let (one, two) = (
            world.there(subnet, "one", &inputs("<vpc>", 1), NOTHING),
            world.there(subnet, "two", &inputs(network, 2), NOTHING),
        );
        let group = world.there(
            "aws.rds.SubnetGroup",
            "group",
            &json!({"name": "group", "subnet_ids": ["<one>"]}),
            &[("subnet_ids", one)],
        );
        if has_database {
            let inputs = json!({"identifier": "db", "db_subnet_group_name": "group"});
            let reads = [("db_subnet_group_name", group)];
            world.there("aws.rds.Instance", "database", &inputs, &reads);
        }
        let inputs = json!({"name": "group", "subnet_ids": ["<two>"]});
        world.update(group, &inputs, &[("subnet_ids", two)]);
        world.told()
    };
    assert_eq!(
        exchanged("<vpc>", true),
        one("update", "group", "SubnetAlreadyInUse")
    );
    assert_eq!(exchanged("<vpc>", false), []);
    assert_eq!(
        exchanged("<other>", false),
        one("update", "group", "InvalidParameterValue")
    );
}

#[test]
fn a_load_balancer_stays_in_its_network() {
    let moved = |network: &str| {
        let mut world = World::default();
        let subnet = |world: &mut World, name: &str, vpc: &str| {
            let inputs = json!({ "vpc_id": vpc });
            world.there("aws.ec2.Subnet", name, &inputs, NOTHING)
        };
        let one_subnet = subnet(&mut world, "one", "<vpc>");
        let two = subnet(&mut world, "two", network);
        let balancer = world.there(
            "aws.lb.LoadBalancer",
            "balancer",
            &json!({"name": "balancer", "subnets": ["<one>"]}),
            &[("subnets", one_subnet)],
        );
        let inputs = json!({"name": "balancer", "subnets": ["<two>"]});
        world.update(balancer, &inputs, &[("subnets", two)]);
        world.told()
    };
    assert_eq!(moved("<vpc>"), []);
    assert_eq!(
        moved("<other>"),
        one("update", "balancer", "InvalidConfigurationRequest")
    );
}

#[test]
fn a_gateway_leaves_no_public_address_behind() {
    let moved = |holder: &'static str, argument: &'static str, network: &str, inputs: Json| {
        let mut world = World::default();
        let vpc = json!({ "vpc_id": network });
        let subnet = world.there("aws.ec2.Subnet", "subnet", &vpc, NOTHING);
        let gateway = world.there(
            "aws.ec2.InternetGateway",
            "gateway",
            &json!({"vpc_id": "<vpc>"}),
            NOTHING,
        );
        world.there(holder, "holder", &inputs, &[(argument, subnet)]);
        world.update(gateway, &json!({"vpc_id": "<new>"}), NOTHING);
        world.told()
    };
    let refused = one("update", "gateway", "DependencyViolation");
    let nat = "aws.ec2.NatGateway";
    assert_eq!(moved(nat, "subnet_id", "<vpc>", json!({})), refused);
    assert_eq!(moved(nat, "subnet_id", "<new>", json!({})), []);
    let balancer = |internal: bool| {
        let inputs = json!({ "internal": internal });
        moved("aws.lb.LoadBalancer", "subnets", "<vpc>", inputs)
    };
    assert_eq!(balancer(false), refused);
    assert_eq!(balancer(true), []);
}

#[test]
fn a_database_goes_one_way() {
    let changed = |old: Json, new: Json| {
        let mut world = World::default();
        let number = world.there("aws.rds.Instance", "database", &old, NOTHING);
        world.update(number, &new, NOTHING);
        world.told()
    };
    let refused = one("update", "database", "InvalidParameterCombination");
    let storage = |gib: u32| json!({ "allocated_storage": gib });
    assert_eq!(changed(storage(40), storage(20)), refused);
    assert_eq!(changed(storage(20), storage(40)), []);
    let version = |text: &str, allowed: bool| json!({"engine_version": text, "allow_major_version_upgrade": allowed});
    assert_eq!(changed(version("15", true), version("14", true)), refused);
    assert_eq!(changed(version("14", false), version("15", false)), refused);
    assert_eq!(changed(version("14", true), version("15", true)), []);
    assert_eq!(
        changed(version("14.20", false), version("14.19", false)),
        refused
    );
    assert_eq!(changed(version("14.20", false), version("14", false)), []);
    // A major version alone runs its newest minor one, of the newest release.
    assert_eq!(changed(version("14", false), version("14.24", false)), []);
    assert_eq!(
        changed(version("14", false), version("14.20", false)),
        refused
    );
    assert_eq!(changed(version("14.20", false), version("17.8", true)), []);
    assert_eq!(
        changed(version("14.24", false), version("17.8", true)),
        refused
    );
    // What RDS has upgraded by itself is known from a state alone.
    let runs = |new: Json| {
        let mut world = World::default();
        let old = version("14", false);
        let number = world.there("aws.rds.Instance", "database", &old, NOTHING);
        world.has(number, "engineVersionActual", "15.19");
        world.update(number, &new, NOTHING);
        world.told()
    };
    assert_eq!(runs(version("14", false)), []);
    assert_eq!(runs(version("14.24", false)), refused);
    assert_eq!(runs(version("17", true)), []);
    assert_eq!(runs(version("17", false)), refused);
}

#[test]
fn what_is_protected_stays() {
    for (class, argument, error) in super::held::PROTECTION {
        for is_protected in [true, false] {
            let mut world = World::default();
            let old = world.there(class, "old", &json!({ argument: is_protected }), NOTHING);
            world.drop(old);
            let wanted = if is_protected {
                one("delete", "old", error)
            } else {
                Vec::new()
            };
            assert_eq!(world.told(), wanted);
        }
    }
}

#[test]
fn the_name_of_a_deleted_secret_waits() {
    let with = |inputs: Json| {
        let mut world = World::default();
        let old = world.there("aws.secretsmanager.Secret", "secret", &inputs, NOTHING);
        world.replace(old, &inputs, true);
        world.told()
    };
    assert_eq!(
        with(json!({"name": "a"})),
        one("create", "secret", "InvalidRequestException")
    );
    assert_eq!(with(json!({"name": "a", "recovery_window_in_days": 0})), []);
}

#[test]
fn what_stands_twice_counts_twice() {
    for row in conflicts().limit {
        let most = quotas().standing(row.quota).unwrap() as usize;
        let told = |more: usize, is_deleted_first: bool| {
            let mut world = World::default();
            let inputs = |number: usize| {
                let mut inputs: serde_json::Map<String, Json> = row
                    .per
                    .iter()
                    .map(|name| ((*name).to_owned(), json!("<it>")))
                    .collect();
                for name in ["name", "path_part", "priority"] {
                    inputs
                        .entry(name)
                        .or_insert_with(|| json!(number.to_string()));
                }
                Json::Object(inputs)
            };
            for number in 0..most {
                world.there(
                    row.class,
                    &format!("old-{number}"),
                    &inputs(number),
                    NOTHING,
                );
            }
            for number in 0..more {
                world.replace(number, &inputs(most + number), is_deleted_first);
            }
            world.told()
        };
        assert_eq!(told(1, false), one("create", "old-0", row.error));
        assert_eq!(told(1, true), []);
    }
}

#[test]
fn what_nothing_avoids_is_told_first_and_then_cause_by_cause() {
    let mut world = World::default();
    let subnet = |vpc: &str| json!({ "vpc_id": vpc });
    let (one, two) = (
        world.there("aws.ec2.Subnet", "one", &subnet("<old>"), NOTHING),
        world.there("aws.ec2.Subnet", "two", &subnet("<new>"), NOTHING),
    );
    let group = world.there(
        "aws.rds.SubnetGroup",
        "group",
        &json!({"subnet_ids": ["<one>"]}),
        &[("subnet_ids", one)],
    );
    let olds = ["a", "b"].map(|name| {
        let rule = world.there(RULE, name, &rule(if name == "a" { 1 } else { 2 }), NOTHING);
        let role = world.there("aws.iam.Role", name, &json!({ "name": name }), NOTHING);
        (rule, role)
    });
    for (priority, name) in [(1, "a"), (2, "b")] {
        world.make(RULE, &format!("new-{name}"), &rule(priority), NOTHING);
        let role = json!({ "name": name });
        world.make("aws.iam.Role", &format!("new-{name}"), &role, NOTHING);
    }
    let inputs = json!({"subnet_ids": ["<two>"]});
    world.update(group, &inputs, &[("subnet_ids", two)]);
    for (rule, role) in olds {
        world.drop(rule);
        world.drop(role);
    }
    let found = world.refusals();
    let told: Vec<(&str, &str, bool)> = found
        .iter()
        .map(|refusal| {
            let error = refusal.error.as_deref().unwrap_or_default();
            (error, refusal.name.as_str(), refusal.avoidable)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("InvalidParameterValue", "group", false),
            ("PriorityInUse", "new-a", true),
            ("PriorityInUse", "new-b", true),
            ("EntityAlreadyExists", "new-a", true),
            ("EntityAlreadyExists", "new-b", true),
        ]
    );
}
