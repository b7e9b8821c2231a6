//! More resources of a kind than an account takes as it comes.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::DefaultQuotas,
    severities: &[Severity::Note],
    what: "\
        The spec creates more resources of a type than an account's default quota allows: listener rules and \
        target groups of the load balancer, paths of the API, usage plans, schedules, roles.",
    why: "\
        The deployment fails half-way, at the first resource over the quota. Quotas are raised through \
        Service Quotas, which may take days.",
    wrong: "[load_balancer.routes.\"/r0\"]      # … \"/r100\": 101 of them",
    right: "[load_balancer.routes.\"/r/*\"]     # one pattern for all, or have the quota raised first",
    check: None,
};
