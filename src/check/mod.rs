//! Stage 3: a resolved environment in, diagnostics out. One file per rule in `rules/`, listed in one table.
//! Must not change a value.
//!
//! Some rules are applied while the file is read or resolved, because nothing can be resolved without them, and some to the graph
//! (`judge`). They have their file and their text here all the same, so that every code is explained in one place;
//! `rules::ELSEWHERE` says where their logic is.

mod context;
mod demand;
mod once;
mod paths;
pub mod python;
pub mod renames;
mod rules;
mod schedule;
mod secrets;
mod waivers;

use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Severity, has_errors};
use crate::requirements::{self, Requirement};
use crate::resolve::environment::Environment;
use crate::spec::Problems;

pub use context::{Context, written};
pub use rules::requirement_switched_off::FIXED_KEYS;
pub use rules::{ELSEWHERE, RULES};
pub use waivers::{cover, requirement as waived_requirement, subject as waived_subject};

/// One rule: what `explain` prints, and the logic.
#[derive(Debug)]
pub struct Rule {
    pub code: Code,
    /// How much its diagnostics matter: more than one where that depends on the spec.
    pub severities: &'static [Severity],
    /// What is wrong, in a sentence.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Lines that break the rule.
    pub wrong: &'static str,
    /// The same lines put right.
    pub right: &'static str,
    /// `None` for a rule that another stage applies: see `ELSEWHERE`.
    pub check: Option<Check>,
}

impl Rule {
    /// The requirements that its text names.
    pub fn requirements(&self) -> Vec<&'static Requirement> {
        requirements::named_in(&[self.what, self.why, self.right].join("\n"))
    }
}

/// The logic of a rule.
pub type Check = fn(&Context<'_>, &mut Vec<Diagnostic>);

/// The rule that explains a code.
pub fn rule(code: Code) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// Judges the environment by every rule, and applies its waivers. `today` is for what expires.
pub fn check(environment: &Environment, today: Date, problems: &mut Problems) {
    let was_read = !has_errors(&problems.diagnostics);
    let mut found = Vec::new();
    let context = Context::new(environment, today, problems);
    for rule in RULES {
        if let Some(check) = rule.check {
            check(&context, &mut found);
        }
    }
    let mut found = once::one_error_a_value(found);
    waivers::apply(environment, today, was_read, &mut found);
    for diagnostic in found {
        problems.push(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::{RULES, rule};
    use crate::diagnostic::Code;

    #[test]
    fn every_code_has_one_rule_in_the_same_order() {
        let ruled: Vec<Code> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(ruled, Code::ALL);
    }

    #[test]
    fn every_rule_is_explained() {
        for code in Code::ALL {
            let rule = rule(*code).unwrap();
            for text in [rule.what, rule.why, rule.wrong, rule.right] {
                assert!(!text.is_empty(), "{}", code.as_str());
            }
            assert!(!rule.severities.is_empty(), "{}", code.as_str());
        }
    }
}
