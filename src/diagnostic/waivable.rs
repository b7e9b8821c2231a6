//! Which findings a team may accept for a while; `check/waivers.rs` says what becomes of them.

use super::code::Code;

/// A rule that can be waived.
#[derive(Debug)]
pub struct Waivable {
    pub code: Code,
    /// The requirement that the rule guards, if it guards one.
    pub requirement: Option<&'static str>,
    /// Whether its errors can be waived too, or its warnings only.
    pub errors: bool,
}

const fn waivable(code: Code, requirement: Option<&'static str>, errors: bool) -> Waivable {
    Waivable {
        code,
        requirement,
        errors,
    }
}

/// All others say that something would not work, is no spec, or has no place in the generated project.
pub const WAIVABLE: &[Waivable] = &[
    waivable(Code::NewerEngineVersion, Some("DB-1"), true),
    // An error of the next two is AWS's: it would refuse to create the thing.
    waivable(Code::EngineEndOfSupport, Some("DB-1"), false),
    waivable(Code::RuntimeEndOfSupport, Some("FN-1"), false),
    waivable(Code::UnstatedLoss, None, true),
    waivable(Code::DatabaseConnections, None, false),
    waivable(Code::UnusedFunction, None, false),
    waivable(Code::FunctionConcurrency, None, false),
    waivable(Code::OpenRoute, Some("API-4"), true),
    waivable(Code::UnauthenticatedRoute, Some("LB-2"), true),
    waivable(Code::BurstBelowRate, None, false),
    waivable(Code::PlanAboveStage, None, false),
    waivable(Code::UnreachableLimit, None, false),
    waivable(Code::UnvalidatedBody, Some("API-2"), false),
    waivable(Code::IdInPath, None, false),
    waivable(Code::SeveralAuthorities, Some("LB-2"), false),
    waivable(Code::EverybodyAllowed, Some("NET-6"), false),
    waivable(Code::UnreachableRange, None, false),
    waivable(Code::ShadowedRoute, None, false),
];

/// Codes of the rules that can be waived.
pub fn waivable_rules() -> impl Iterator<Item = &'static str> {
    WAIVABLE.iter().map(|row| row.code.as_str())
}

/// Ids of the requirements with a rule that can be waived, each once.
pub fn waivable_requirements() -> impl Iterator<Item = &'static str> {
    let rows = WAIVABLE.iter().enumerate();
    rows.filter_map(|(number, row)| {
        let mut before = WAIVABLE.iter().take(number);
        row.requirement
            .filter(|id| before.all(|other| other.requirement != Some(id)))
    })
}
