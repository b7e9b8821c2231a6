//! What a team decides for a while: `[[waivers]]` and `[overrides.*]`.

use super::forms::WORDS;
use super::prelude::*;
use crate::diagnostic::{waivable_requirements, waivable_rules};

table! {
    "waivers.*", "A waiver", "Names a rule or a requirement, not both. One that is expired, or that nothing needs, is an error.", RawWaiver;

    own rule: text,
        "Rule", "Code of the rule whose findings are accepted.", one_of(|| texts(waivable_rules()));

    own requirement: text,
        "Requirement", "Id of the requirement whose findings are accepted.", one_of(|| texts(waivable_requirements()));

    own reason: text,
        "Reason", "Why this is acceptable, in one line, for auditors.",
        required(), form(WORDS), examples(&["public demonstration in December"]), model("why this is acceptable");

    own owner: text, "Owner", "Who accepts it.", required(), form(WORDS), examples(&["payments-platform"]);

    own expires: date,
        "Last day", "A date without quotes; after it the waiver is an error.", required(), examples(&["2026-12-31"]), model("2027-01-31");
}

table! {
    "overrides.*", "An override", "Of the resource `<component>.<resource>`, as `paystagec plan` prints it. One that is expired or changes nothing is an error.", RawOverride;

    own argument: text, "Argument", "As the Python SDK spells it.", required(), examples(&["monitoring_interval"]);

    own value: literal, "Value", "Of the type that the SDK declares.", required(), examples(&["30", "true", "\"resource-name\""]);

    own replaces: literal,
        "Replaces", "What the compiler sets, so that a change of it is noticed; left out where it sets nothing.", examples(&["60"]);

    own reason: text,
        "Reason", "Why it has to differ, in one line, for reviewers and auditors.",
        required(), form(WORDS), examples(&["follow fail-overs more closely in the load tests"]), model("why it has to differ");

    own owner: text, "Owner", "Who decided.", required(), form(WORDS), examples(&["payments-platform"]);

    own expires: date,
        "Last day", "A date without quotes; after it the override is an error.", required(), examples(&["2027-03-01"]), model("2027-01-31");
}

fn texts(words: impl Iterator<Item = &'static str>) -> Vec<String> {
    words.map(str::to_owned).collect()
}
