//! The file itself, `[environment]` and `[network]`.

use super::api::RawApi;
use super::database::RawDatabase;
use super::decisions::{RawOverride, RawWaiver};
use super::domain::RawDomain;
use super::forms::{CIDR, KEBAB, MODULE, SUFFIX, WORDS};
use super::functions::RawFunction;
use super::load_balancer::RawLoadBalancer;
use super::payments::{RawMigration, RawOutput, RawPayments, RawState};
use super::prelude::*;
use super::services::{LONGEST_LOGS, RawAudit, RawFirewall, RawKeys, RawMonitoring, RawTracing};
use super::uses::{RawQueue, RawSecret, RawTopic};
use crate::catalogue;
use crate::requirements::Class;

/// Names of tags; what each service takes, whatever its own rule is. The rule `invalid-tag` knows letters of other alphabets too.
const TAG: &str = "^[^ ].{0,126}[^ ]$|^[^ ]$";

/// Tags that the environment has already.
pub const OWN_TAGS: [&str; 4] = ["Environment", "MigrationDate", "Name", "Owner"];

/// The only version of the format.
pub const VERSION: u64 = 1;

table! {
    "", "Spec", "The whole file.", RawSpec;

    own version: number, "Version of the format", "The only one so far.", required(), stand_in(Plain::number(VERSION)), only(VERSION);

    own base: text,
        "Base", "Another spec in the same folder; this one then says only what differs. Tables are merged key by key; any other value, a list too, replaces the base's. A base has no base itself.",
        form("^[^/\\\\]+\\.toml$"), examples(&["staging.toml"]);

    own without: texts,
        "Without", "What is not taken over from the base, by its path: a key, a table or an entry.",
        distinct(), examples(&["load_balancer.clients", "functions.deep-health"]);

    own environment: table(RawEnvironment);
    own network: table(RawNetwork);
    own database: table(RawDatabase);

    own functions: entries(RawFunction),
        "Functions", "Lambda functions by name, each with a role, a log group and alarms of its own.",
        at_least_one(), names(|| KEBAB.to_owned()), none_of(devices);

    own secrets: entries(RawSecret),
        "Secrets", "Secrets of functions by name, whose values people put.", names(|| KEBAB.to_owned());

    own queues: entries(RawQueue),
        "Queues", "Queues of functions by name.", names(|| KEBAB.to_owned());

    own topics: entries(RawTopic),
        "Topics", "Topics of functions by name.", names(|| KEBAB.to_owned());

    own api: table(RawApi);
    own load_balancer: table(RawLoadBalancer);
    own domain: table(RawDomain);
    own audit: table(RawAudit);
    own monitoring: table(RawMonitoring);
    own keys: table(RawKeys);
    own tracing: table(RawTracing);
    own firewall: table(RawFirewall);
    own payments: table(RawPayments);
    own migration: table(RawMigration);
    own state: table(RawState);
    own output: table(RawOutput);

    own tags: named_texts,
        "Tags", "Tags of your company's, on everything that takes tags, beside those of the environment.",
        names(|| TAG.to_owned()), none_of(own_tags), max_length(256), examples(&["{ CostCentre = \"4711\" }"]), serves("TAG-1");

    own removed: texts,
        "Removed", "What may be deleted or replaced though it holds data or an identity, by its path: `api.plans.partner`, `network.zones.use1-az4`, `database`. Otherwise that is an error, compared with the spec in `HEAD`.",
        distinct(), form(WORDS), examples(&["api.plans.partner"]);

    own waivers: tables(RawWaiver),
        "Waivers", "What a rule finds and the team accepts for a while; each stands in the table of evidence.";

    own overrides: entry_tables(RawOverride),
        "Overrides", "Arguments of resources that the team sets for a while, where neither a key nor a requirement decides.";

    own extensions: texts,
        "Extensions", "Python modules of your own, relative to this file: each is copied into the project, and its `extend(environment, naming, opts)` is called after the components.",
        form(MODULE), distinct(), examples(&["../extra.py"]);
}

table! {
    "environment", "Environment", "What the environment is, whose it is, and where it stands.", RawEnvironment => Identity;

    key name: text required("staging"),
        "Name", "Part of every resource's name and tags.", form(KEBAB);

    key class: text default("staging", "what this environment was first made for"),
        "Class", "What the environment is for, which decides what must be (docs/requirements.md of the generated project) and what fills a key that is left out: `staging` can be destroyed at any time; `production` keeps what it holds, and may hold real card data; `development` has one NAT gateway, a database in one zone and logs of seven days.",
        choices(&Class::WORDS);

    key region: text default("us-east-1", "the only region that the requirements allow"),
        "Region", "The AWS region.", one_of(|| vec!["us-east-1".to_owned()]), serves("REG-1");

    key suffix: text default("main", "the copy that stands permanently; others set the Pulumi config value"),
        "Suffix", "Ends every name, so that copies stand side by side in one account; `pulumi config set environmentSuffix pr42` makes another copy without a change here.",
        form(SUFFIX), examples(&["main", "pr42"]), serves("NAME-1");

    key migration_date: date required("2026-12-01"),
        "Date of the migration", "A date without quotes. The tag `MigrationDate`; decides whether the database's version is still supported.";

    key owner: text required("payments-platform"),
        "Owner", "The team that answers for the environment; the tag `Owner`.", max_length(256);

    key real_card_data: flag required(false),
        "Real card data", "Whether real card data may come here: into an environment of the class production only, as others delete logs and audit records too soon for it.";

    key ending: flag default(false, "an environment that holds payments stays until somebody says otherwise"),
        "Ending", "Of the class production: whether the environment may be destroyed. The next `pulumi up` takes the protection off; `pulumi destroy` then leaves the buckets, the keys, the logs and a last snapshot of the database.",
        examples(&["true"]), serves("KEEP-1");

    key monthly_budget_usd: number optional,
        "Budget", "What a month may cost: what is due without traffic, and that of `payments.expected_per_month`. Backups, and what other traffic costs, come on top.",
        unit("US dollars"), range(1, u64::MAX, "an environment costs something"), examples(&["320"]);

    key allowed_account_ids: texts optional,
        "Accounts", "The AWS accounts in which this may be deployed. Left out, any.",
        at_least_one(), form("^[0-9]{12}$"), examples(&["123456789012"]);
}

table! {
    "network", "Network", "One VPC; in each zone a public and a private subnet and a NAT gateway, of which the class development has one alone.", RawNetwork => NetworkSettings;

    own cidr: text,
        "Range of the VPC", "A private range from /16 to /20 that overlaps with no network it will be connected to.",
        required(), form(CIDR), examples(&["10.40.0.0/16"]);

    own zones: texts,
        "Availability zones", "Three, or in the class development two, by id, which means the same zone in every account. A zone's addresses follow from its id, so that their order does not matter.",
        required(), between(2, 3), distinct(), one_of(usable_zones), examples(&["use1-az1", "use1-az2", "use1-az4"]);

    own zone_settings: entries(RawZoneSettings),
        "Settings of zones", "By id of a zone in `zones`.", names(|| ZONE.to_owned());

    key log_retention_days: number optional,
        "Retention of flow logs", "How long the network's flow logs are kept, where they are needed for longer than other logs. Left out, `monitoring.log_retention_days`.",
        unit("days"), at_most_within(1, LONGEST_LOGS), examples(&["365"]), serves("MON-1");
}

table! {
    "network.zone_settings.*", "Settings of a zone", "What is to be said of one zone of `zones`.", RawZoneSettings;

    own renamed_from: text,
        "Former zone", "The zone that this one replaces in `zones`. It keeps the public address of the NAT gateway and the route table; subnets and gateway are replaced.",
        form(ZONE), examples(&["use1-az5"]);
}

const ZONE: &str = "^[a-z0-9]+-az[0-9]+$";

/// Zones in which functions can run.
fn usable_zones() -> Vec<String> {
    let zones = catalogue::zones().iter().filter(|zone| zone.lambda);
    zones.map(|zone| zone.id.to_owned()).collect()
}

/// A function's folder bears its name.
fn devices() -> Vec<String> {
    let words = catalogue::reserved_names().windows_devices.words;
    words.iter().map(|&word| word.to_owned()).collect()
}

fn own_tags() -> Vec<String> {
    OWN_TAGS.map(str::to_owned).to_vec()
}
