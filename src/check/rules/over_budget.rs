//! An environment that costs more than it may.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::OverBudget,
    severities: &[Severity::Warning],
    what: "\
        The environment costs more by the month than `environment.monthly_budget_usd`, before there is \
        any traffic, or a price is missing from the sum.",
    why: "\
        What is billed by the hour (NAT gateways, the database and its standby, the load balancer, \
        public addresses) and by the month (keys, firewall, alarms) is due whether or not anybody pays \
        by it. The sum is made of list prices, which `paystagec plan` prints by layer; traffic, logs, \
        traces and backups come on top. A sum that lacks a price is told as well, whatever the budget; so \
        is extended support, which AWS bills once the version has left standard support.",
    wrong: "[environment]\nmonthly_budget_usd = 100",
    right: "[environment]\nmonthly_budget_usd = 320",
    check: None,
};
