//! `paystagec compare`: two specs, or revisions of the git repository.

mod clients;
mod environments;
mod files;
mod support;

use serde_json::Value as Json;

use crate::project::{Project, stderr, stdout};

fn compared(project: &Project, old: &str, new: &str) -> Json {
    let run = project.run(&["compare", old, new, "--format", "json"]);
    serde_json::from_str(&stdout(&run.success())).unwrap()
}

const HEAD: &str = "HEAD:spec/staging.toml";
const SPEC: &str = "spec/staging.toml";

#[test]
fn the_spec_against_the_last_commit() {
    let project = Project::new().committed();
    let nothing = compared(&project, HEAD, SPEC);
    assert_eq!(nothing["steps"], Json::Array(Vec::new()));
    assert_eq!(nothing["only_in_preview"], Json::Array(Vec::new()));

    project.edit("storage_gib = 20", "storage_gib = 40");
    let found = compared(&project, HEAD, SPEC);
    let [step] = found["steps"].as_array().unwrap().as_slice() else {
        panic!("{found}");
    };
    assert_eq!(step["op"], "update");
    assert_eq!(step["type"], "aws:rds/instance:Instance");
    assert_eq!(step["name"], "database");
    assert_eq!(step["order"], Json::Null);
    let [because] = step["because"].as_array().unwrap().as_slice() else {
        panic!("{step}");
    };
    assert_eq!(because["argument"], "allocated_storage");
    assert_eq!((&because["old"], &because["new"]), (&20.into(), &40.into()));
    assert_eq!(because["keys"][0]["key"], "database.storage_gib");
    let dearer = |when: &str| found["cost"][when]["usd"].as_f64().unwrap();
    assert!((dearer("after") - dearer("before") - 20.0 * 0.23).abs() < 0.01);
    let line = because["keys"][0]["new_line"].as_u64().unwrap();
    let spec = project.read(SPEC);
    let line = spec
        .lines()
        .nth(usize::try_from(line).unwrap() - 1)
        .unwrap();
    assert!(line.starts_with("storage_gib = 40"), "{line}");
}

#[test]
fn files_that_the_spec_names_are_those_of_its_revision() {
    let project = Project::new().committed();
    let schema = "spec/schemas/payment.json";
    let text = project.read(schema);
    std::fs::write(
        project.path(schema),
        text.replacen("\"description\": \"", "\"description\": \"Another. ", 1),
    )
    .unwrap();
    let found = compared(&project, HEAD, SPEC);
    let steps = found["steps"].as_array().unwrap();
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step["type"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"aws:apigateway/model:Model"), "{names:?}");
    let back = compared(&project, SPEC, HEAD);
    assert_eq!(back["steps"].as_array().unwrap().len(), steps.len());
}

#[test]
fn a_spec_that_does_not_compile_is_reported() {
    let project = Project::new().committed();
    project.edit("storage_gib = 20", "storage_gib = 2");
    let error = stderr(&project.run(&["compare", HEAD, SPEC]).code(1));
    assert!(error.contains("error[out-of-range]"), "{error}");
    assert!(error.contains("spec/staging.toml has 1 error"), "{error}");
}

/// What `compare` prints after an edit.
fn shown(project: &Project, options: &[&str]) -> String {
    let arguments = [&["compare", HEAD, SPEC], options].concat();
    stdout(&project.run(&arguments).code(0))
}

#[test]
fn a_terminal_gets_what_it_means_and_a_line_a_step() {
    let project = Project::new().committed();
    assert_eq!(
        shown(&project, &[]).lines().next(),
        Some("nothing changes: 230 resources")
    );
    project.edit(
        "instance_class = \"db.t4g.medium\"",
        "instance_class = \"db.m6g.large\"",
    );
    let text = shown(&project, &[]);
    for line in [
        "2 updates, 1 deletion; 227 resources stay; interrupted for a failover of one or two minutes",
        "outage    for a failover of one or two minutes: rds.Instance database, instance_class: the other copy is changed first, then takes over",
        "cost      261.17 → 398.31 USD a month (+137.14), before there is any traffic",
        "~ rds.Instance database                        instance_class: \"db.t4g.medium\" → \"db.m6g.large\", by database.instance_class (line 20)",
        "- cloudwatch.MetricAlarm database-credits",
    ] {
        assert!(
            text.lines().any(|printed| printed == line),
            "{line}\n{text}"
        );
    }
}

/// The keys in a table that is renamed say no more than the table.
#[test]
fn a_renamed_table_is_one_cause() {
    let project = Project::new().committed();
    project.edit("[api.plans.partner]", "[api.plans.partners]");
    project.edit("plan = \"partner\"", "plan = \"partners\"");
    let text = shown(&project, &[]);
    let line = "± lambda.Invocation callers         input: that of apigateway.ApiKey partners, by payments.merchants.mer_acme0001.plan (line 104), api.plans.partners (line 78), api.plans.partner (line 78 before)";
    assert!(text.lines().any(|printed| printed == line), "{text}");
}

#[test]
fn what_many_resources_have_in_common_is_one_line() {
    let project = Project::new().committed();
    project.edit("owner = \"payments-platform\"", "owner = \"payments-core\"");
    let text = shown(&project, &[]);
    // Own tags, the provider's over them, and the provider itself.
    let line = "~ 132 resources  default_tags.Owner: \"payments-platform\" → \"payments-core\", by environment.owner (line 10)";
    assert!(text.lines().any(|printed| printed == line), "{text}");
    assert!(text.lines().count() < 6, "{text}");

    let found = compared(&project, HEAD, SPEC);
    for step in found["steps"].as_array().unwrap() {
        let because = step["because"].as_array().unwrap().iter();
        let arguments: Vec<&str> = because
            .map(|because| because["argument"].as_str().unwrap())
            .collect();
        if step["type"] == "pulumi:providers:aws" {
            assert_eq!(arguments, ["default_tags"]);
        } else {
            assert_eq!(arguments, ["tags", "tags_all"], "{step}");
        }
    }
}

#[test]
fn refusals_of_one_cause_are_one_line_after_what_nothing_avoids() {
    let project = Project::new().committed();
    project.edit("cidr = \"10.40.0.0/16\"", "cidr = \"10.50.0.0/16\"");
    let text = shown(&project, &["--all"]);
    let refused: Vec<&str> = text
        .lines()
        .filter(|line| {
            let starts = ["refused   ", "          delete ", "          update "];
            starts.iter().any(|start| line.starts_with(start))
        })
        .collect();
    assert_eq!(
        refused,
        [
            "refused   update ec2.InternetGateway internet-gateway: DependencyViolation",
            "          delete ec2.SecurityGroup database-group and 1 more like it: DependencyViolation",
            "          update rds.SubnetGroup subnet-group: InvalidParameterValue",
            "          update lb.LoadBalancer load-balancer: InvalidConfigurationRequest",
            "          delete ec2.NatGateway nat-use1-az1 and 2 more like it: no error, but something is lost",
            "          delete ec2.SecurityGroup function-group: DependencyViolation",
        ]
    );
    let found = compared(&project, HEAD, SPEC);
    let refusals = found["refusals"].as_array().unwrap();
    let avoidable: Vec<bool> = refusals
        .iter()
        .map(|refusal| refusal["avoidable"].as_bool().unwrap())
        .collect();
    assert_eq!(
        avoidable,
        [false, false, false, false, false, true, true, true, true]
    );
}

#[test]
fn what_only_a_function_that_goes_was_denied_is_no_gain() {
    let project = Project::new().committed();
    let entry = "[functions.extra]\nsource = \"builtin:health\"\n\n";
    project.edit("[load_balancer]\n", &format!("{entry}[load_balancer]\n"));
    let come = compared(&project, HEAD, SPEC);
    assert_eq!(come["rights"]["lost"], Json::Array(Vec::new()));
    let gone = compared(&project, SPEC, HEAD);
    assert_eq!(gone["rights"]["gained"], Json::Array(Vec::new()));
    assert_ne!(gone["rights"]["lost"], Json::Array(Vec::new()));
}

#[test]
fn rights_are_told_by_what_they_mean() {
    let project = Project::new().committed();
    project.edit(
        "allowed_cidrs = [\"192.0.2.0/24\", \"203.0.113.0/24\"]",
        "allowed_cidrs = [\"203.0.112.0/23\", \"192.0.2.0/25\"]",
    );
    let found = compared(&project, HEAD, SPEC);
    let holders = |which: &str| -> Vec<&str> {
        let rights = found["rights"][which].as_array().unwrap();
        rights
            .iter()
            .map(|right| right["holder"].as_str().unwrap())
            .collect()
    };
    // Into the balancer's group, and into its subnets.
    assert_eq!(holders("gained"), ["203.0.112.0/23"; 2]);
    assert_eq!(holders("lost"), ["192.0.2.0/24"; 2]);
    let who = &found["clients"][0]["who"];
    assert_eq!(who, "clients in 192.0.2.0/24");
}

#[test]
fn a_pipeline_refuses_what_it_denies() {
    let project = Project::new().committed();
    project.edit("storage_gib = 20", "storage_gib = 40");
    project
        .run(&[
            "compare",
            HEAD,
            SPEC,
            "--deny",
            "data,outage,clients,rights",
        ])
        .code(0);
    let run = project.run(&["compare", HEAD, SPEC, "--deny", "data,cost"]);
    assert!(stderr(&run.code(1)).contains("denied: it costs more"));
}

#[test]
fn a_comment_is_never_too_long_and_has_no_markup_of_names() {
    let project = Project::new().committed();
    let functions: String = (0..300)
        .map(|number| format!("[functions.extra-{number}]\nsource = \"builtin:health\"\n\n"))
        .collect();
    project.edit(
        "[load_balancer]\n",
        &format!("{functions}[load_balancer]\n"),
    );
    let text = shown(&project, &["--format", "markdown"]);
    assert!(text.chars().count() <= 65_000, "{}", text.chars().count());
    assert!(text.starts_with("**"), "{text}");
    assert!(text.contains("<details><summary>"));
    assert!(text.trim_end().ends_with("</details>"));
    assert!(text.contains(" more"), "what does not fit is counted");
}

#[test]
fn a_route_goes_to_another_function_without_an_interruption() {
    let project = Project::new().committed();
    let spec = project.read(SPEC);
    let old = "[api.routes.\"POST /payments/validate\"]\nfunction = \"validate-payment\"";
    assert_eq!(spec.matches(old).count(), 1);
    project.edit(
        old,
        &old.replace("\"validate-payment\"", "\"payment-status\""),
    );
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["outage"], Json::Array(Vec::new()), "{found}");
    let steps = found["steps"].as_array().unwrap();
    let of_permissions: Vec<(&str, &str)> = steps
        .iter()
        .filter(|step| step["type"] == "aws:lambda/permission:Permission")
        .map(|step| (step["op"].as_str().unwrap(), step["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        of_permissions,
        [
            ("create", "api-post-payments-validate-payment-status"),
            ("delete", "api-post-payments-validate-validate-payment"),
        ]
    );
    let place = |op: &str, kind: &str| {
        let mut all = steps.iter();
        all.position(|step| step["op"] == op && step["type"].as_str().unwrap().ends_with(kind))
    };
    assert!(place("create", ":Permission") < place("replace", ":Deployment"));
    assert!(place("update", ":Stage") < place("delete", ":Permission"));
}

#[test]
fn another_range_moves_no_rule_of_a_network_acl() {
    let project = Project::new().committed();
    project.edit(
        "allowed_cidrs = [\"192.0.2.0/24\", \"203.0.113.0/24\"]",
        "allowed_cidrs = [\"198.51.100.0/24\", \"203.0.113.0/24\", \"192.0.2.0/24\"]",
    );
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["rights"]["lost"], Json::Array(Vec::new()), "{found}");
    let steps = found["steps"].as_array().unwrap();
    let acl = steps
        .iter()
        .find(|step| step["name"] == "public-acl")
        .unwrap();
    let numbers = |which: &str| -> std::collections::BTreeSet<String> {
        let rules = acl["because"][0][which].as_array().unwrap();
        rules.iter().map(ToString::to_string).collect()
    };
    assert!(numbers("old").is_subset(&numbers("new")), "{acl}");
}

#[test]
fn a_build_says_what_it_changes_since_the_last_commit() {
    let project = Project::new().committed();
    let first = stdout(&project.build().code(0));
    assert!(
        first.ends_with("\nsince HEAD: no resource changes\n"),
        "{first}"
    );
    project.edit("storage_gib = 20", "storage_gib = 40");
    let second = stdout(&project.build().code(0));
    assert!(
        second.ends_with("\nsince HEAD: 1 update; nothing is lost\n"),
        "{second}"
    );
    // Nothing new is said of what stands there already.
    assert!(!stdout(&project.build().code(0)).contains("HEAD"));
    let alone = Project::new();
    assert!(!stdout(&alone.build().code(0)).contains("HEAD"));
}

/// A function under another name, behind the load balancer too.
fn rename_status(project: &Project, head: &str) {
    project.edit("[functions.payment-status]", head);
    let calls = ["GET /payments/status\"]\n", "\"/payments/status\"]\n"];
    for route in calls {
        project.edit(
            &format!("{route}function = \"payment-status\""),
            &format!("{route}function = \"payment-state\""),
        );
    }
}

#[test]
fn a_renamed_function_interrupts_no_request_with_a_short_name_of_its_own() {
    let project = Project::new().committed();
    rename_status(&project, "[functions.payment-state]");
    let found = compared(&project, HEAD, SPEC);
    let [outage] = found["outage"].as_array().unwrap().as_slice() else {
        panic!("{}", found["outage"]);
    };
    assert_eq!(outage["when"], "until-new");
    assert!(outage["why"].as_str().unwrap().contains("`short_name`"));

    let project = Project::new().committed();
    rename_status(
        &project,
        "[functions.payment-state]\nshort_name = \"state\"",
    );
    let found = compared(&project, HEAD, SPEC);
    assert_eq!(found["outage"], Json::Array(Vec::new()));
}

#[test]
fn a_database_that_is_made_anew_is_lost() {
    let project = Project::new().committed();
    project.edit("[database]  ", "[database]\nname = \"other\"  ");
    let found = compared(&project, HEAD, SPEC);
    let database = "paystage:index:Database$aws:rds/instance:Instance::database";
    assert_eq!(
        found["data"],
        serde_json::json!([{"resource": database, "what": "the database", "why": "it is replaced"}])
    );
    assert_eq!(found["outage"][0]["when"], "until-new");
    assert_eq!(found["outage"][0]["resource"], database);
    assert_eq!(found["way_back"]["restores_all"], false);
    let run = project.run(&["compare", HEAD, SPEC, "--deny", "data,no-way-back"]);
    assert!(
        stderr(&run.code(1))
            .contains("denied: data is lost, the way back does not restore everything")
    );
}

#[test]
fn a_database_that_was_made_from_a_snapshot_stays_without_it() {
    let project = Project::new();
    let migration = "[migration]\nsnapshot = \"arn:aws:rds:us-east-1:123456789012:snapshot:dev\"\n\n[load_balancer]\n";
    project.edit("[load_balancer]\n", migration);
    let project = project.committed();
    project.edit(migration, "[load_balancer]\n");
    let found = compared(&project, HEAD, SPEC);
    let steps: Vec<_> = found["steps"].as_array().unwrap().iter().collect();
    let [step] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!(
        (&step["op"], &step["name"]),
        (&"delete".into(), &"snapshot".into())
    );
    project.build().success();
}

#[test]
fn what_the_expected_payments_cost_is_said_and_can_be_denied() {
    let project = Project::new().committed();
    let plan = stdout(&project.run(&["plan", SPEC]).success());
    assert!(
        plan.contains("109.50  NAT gateways 98.55, addresses of NAT gateways 10.95"),
        "{plan}"
    );
    assert!(!plan.contains("payments a month"), "{plan}");
    project.edit(
        "idempotency_hours = 24",
        "idempotency_hours = 24\nexpected_per_month = 1_000_000",
    );
    let found = compared(&project, HEAD, SPEC);
    let cost = &found["cost"];
    assert_eq!(cost["before"]["payments_usd"], Json::Null);
    assert_eq!(cost["before"]["usd"], cost["after"]["usd"]);
    let usd = cost["after"]["payments_usd"].as_f64().unwrap();
    let plan = stdout(&project.run(&["plan", SPEC]).success());
    let told = format!("about {usd:.0} USD more at 1_000_000 payments a month: ");
    assert!(plan.contains(&told), "{told}: {plan}");
    let denied = project.run(&["compare", HEAD, SPEC, "--deny", "cost"]);
    let said = stderr(&denied.code(1));
    assert!(said.contains("it costs more"), "{said}");
    let told = format!("add {usd:.2} USD; before, nothing that is stated");
    let shown = shown(&project, &[]);
    assert!(shown.contains(&told), "{shown}");
}

#[test]
fn keys_of_an_owner_that_take_the_place_of_ours_are_no_removal() {
    let project = Project::new().committed();
    project.edit(
        "monthly_budget_usd = 320",
        "monthly_budget_usd = 320\nallowed_account_ids = [\"123456789012\"]",
    );
    let keys = "\n[keys]\nlogs = \"arn:aws:kms:us-east-1:123456789012:key/2234abcd-12ab-34cd-56ef-1234567890ab\"\n";
    let spec = project.read(SPEC);
    std::fs::write(project.path(SPEC), spec + keys).unwrap();
    let said = stderr(&project.build().code(1));
    let told = "what the change of `keys` deletes is not stated as removed, and loses data";
    assert!(said.contains(told), "{said}");
    assert!(said.contains("removed = [\"keys\"]"), "{said}");
}
