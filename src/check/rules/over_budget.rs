//! An environment that costs more than it may.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::OverBudget,
    severities: &[Severity::Warning],
    what: "\
        The monthly cost of the environment, before any traffic or with what `payments.expected_per_month` adds, \
        exceeds `environment.monthly_budget_usd`, or a price is unknown.",
    why: "\
        Resources billed by the hour (NAT gateways, the database and its standby, the load balancer, public \
        addresses) and by the month (keys, firewall, alarms) cost the same without any traffic. The sum uses \
        list prices; `paystagec plan` prints it by layer, with what drives each. Payments cost by the request, the log line and \
        the audit record: `payments.expected_per_month` says for how many the budget must do. Other traffic and backups are extra. An \
        unknown price is reported whatever the budget, and so is extended support, which AWS bills after the \
        end of standard support.",
    wrong: "[environment]\nmonthly_budget_usd = 100",
    right: "[environment]\nmonthly_budget_usd = 320",
    check: None,
};
