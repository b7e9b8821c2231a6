//! No function at all.

use crate::check::Rule;
use crate::check::context::Context;
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

pub const RULE: Rule = Rule {
    code: Code::NoFunction,
    severities: &[Severity::Error],
    what: "The spec has no function.",
    why: "FN-1 requires functions with payment-validation logic, and the API and the load balancer need targets.",
    wrong: "# no [functions.…] table",
    right: "[functions.validate-payment]\nsource = \"builtin:validate-payment\"",
    check: Some(check),
};

const FUNCTION: &str = "\
[functions.validate-payment]
source = \"builtin:validate-payment\"
uses = { database = \"write\", audit = \"write\" }";

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    if !context.has_no_entries("functions") {
        return;
    }
    found.push(
        Diagnostic::error(
            Code::NoFunction,
            context.place("functions"),
            "the environment has no function",
        )
        .label("FN-1 requires functions that validate payments")
        .help("add `[functions.validate-payment]` with `source = \"builtin:validate-payment\"`")
        .suggest(Edit::Append(FUNCTION.to_owned())),
    );
}
