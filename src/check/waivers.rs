//! Waivers: findings that the team accepts for a while. A waiver makes its findings notes; it never changes what is generated.
//! So only that can be waived which the generated project can carry, as it stands in the spec, with its tests passing.

use std::collections::BTreeMap;

use crate::date::Date;
use crate::diagnostic::{
    Code, Diagnostic, Severity, WAIVABLE, Waivable, waivable_requirements, waivable_rules,
};
use crate::requirements::requirements;
use crate::resolve::environment::{Environment, Subject, Waiver};

/// Requirements that the generated tests hold extensions against: `templates/tests/unit/test_extensions.py`. A waiver lets what an
/// extension adds pass, where there is one.
const TESTED_OF_EXTENSIONS: [&str; 24] = [
    "NET-3", "NET-4", "NET-5", "NET-6", "NET-7", "NET-8", "DB-1", "DB-4", "FN-2", "FN-4", "FN-5",
    "API-1", "API-4", "LB-1", "LB-2", "S3-2", "S3-3", "S3-4", "MON-1", "SEC-1", "SEC-2", "DEST-1",
    "REG-1", "XR-1",
];

/// What a waiver is about, as it was written.
pub fn subject(waiver: &Waiver) -> &str {
    match &waiver.subject.value {
        Subject::Rule(code) => code.as_str(),
        Subject::Requirement(id) => id,
    }
}

/// The requirement that a waiver takes something from.
pub fn requirement(waiver: &Waiver) -> Option<&str> {
    match &waiver.subject.value {
        Subject::Requirement(id) => Some(id),
        Subject::Rule(code) => WAIVABLE.iter().find(|row| row.code == *code)?.requirement,
    }
}

/// Turns what is waived into notes, and tells of waivers that are wrong, expired or unused. `was_read` is false when the
/// environment has stand-ins: then some rule may not have found what there is to waive.
pub fn apply(
    environment: &Environment,
    today: Date,
    was_read: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut told = Vec::new();
    // Findings and waivers may both be many: each is looked up by its rule, and a finding is waived once.
    let mut open: BTreeMap<Code, Vec<&mut Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics.iter_mut() {
        if may_be_waived(diagnostic) {
            open.entry(diagnostic.code).or_default().push(diagnostic);
        }
    }
    for waiver in &environment.waivers {
        let wrong = misuse(waiver, environment).or_else(|| expiry(waiver, today));
        if let Some(diagnostic) = wrong {
            told.push(diagnostic);
            continue;
        }
        // Whether an extension needs it, the generated tests say.
        let mut is_used = is_for_extensions(waiver, environment) || is_needed_once(waiver);
        for row in WAIVABLE.iter().filter(|row| concerns(waiver, row)) {
            for diagnostic in open.remove(&row.code).unwrap_or_default() {
                is_used = true;
                waive(waiver, diagnostic);
            }
        }
        // Of what is deployed, rules that go by the date find nothing: its waivers were right when it was built.
        if !is_used && was_read && today != Date::LONG_AGO {
            told.push(unused(waiver));
        }
    }
    diagnostics.append(&mut told);
}

/// What is lost is found once, before it is committed: the waiver of it stands until it expires.
fn is_needed_once(waiver: &Waiver) -> bool {
    waiver.subject.value == Subject::Rule(Code::UnstatedLoss)
}

/// Turns what a later stage found into notes where a waiver covers it. What is wrong with the waiver itself was told.
pub fn cover(environment: &Environment, today: Date, found: &mut [Diagnostic]) {
    for diagnostic in found.iter_mut().filter(|found| may_be_waived(found)) {
        let code = Subject::Rule(diagnostic.code);
        let mut waivers = environment.waivers.iter();
        let valid = waivers.find(|waiver| {
            waiver.subject.value == code
                && misuse(waiver, environment).is_none()
                && expiry(waiver, today).is_none()
        });
        if let Some(waiver) = valid {
            waive(waiver, diagnostic);
        }
    }
}

fn concerns(waiver: &Waiver, row: &Waivable) -> bool {
    match &waiver.subject.value {
        Subject::Rule(code) => row.code == *code,
        Subject::Requirement(id) => row.requirement == Some(id),
    }
}

/// Whether what an extension adds may need the waiver.
fn is_for_extensions(waiver: &Waiver, environment: &Environment) -> bool {
    let Subject::Requirement(id) = &waiver.subject.value else {
        return false;
    };
    !environment.extensions.is_empty() && TESTED_OF_EXTENSIONS.contains(&id.as_str())
}

/// Whether a waiver of its rule would cover a finding.
fn may_be_waived(diagnostic: &Diagnostic) -> bool {
    let mut rows = WAIVABLE.iter();
    rows.any(|row| {
        let severity = match diagnostic.severity {
            Severity::Error => row.errors,
            Severity::Warning => true,
            Severity::Note => false,
        };
        severity && row.code == diagnostic.code
    })
}

fn waive(waiver: &Waiver, diagnostic: &mut Diagnostic) {
    diagnostic.severity = Severity::Note;
    diagnostic.is_waived = true;
    diagnostic.note = Some(format!(
        "waived until {} by {}: {}",
        waiver.expires.value, waiver.owner.value, waiver.reason.value
    ));
    // What to type instead is no longer wanted.
    diagnostic.help = None;
    let place = (waiver.place.clone(), "waived here".to_owned());
    diagnostic.secondary.push(place);
}

/// What ends a line, hides, or turns the text after it round: auditors would read something else than what is written.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        )
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A waiver that cannot be given, or not like this.
fn misuse(waiver: &Waiver, environment: &Environment) -> Option<Diagnostic> {
    for (value, key) in [(&waiver.reason, "reason"), (&waiver.owner, "owner")] {
        let text = value.value.trim();
        if text.is_empty() || text.chars().any(is_hidden) {
            let (_, span) = super::context::written(value)?;
            let message = format!("the waiver of `{}` has no {key}", subject(waiver));
            return Some(
                Diagnostic::error(Code::InvalidWaiver, span, message)
                    .label("must be one line of text, without characters that hide it")
                    .help("the evidence shows auditors who accepted what, and why"),
            );
        }
    }
    let (_, span) = super::context::written(&waiver.subject)?;
    let name = subject(waiver);
    if is_for_extensions(waiver, environment) {
        return None;
    }
    if !WAIVABLE.iter().any(|row| concerns(waiver, row)) {
        let refused = Diagnostic::error(
            Code::InvalidWaiver,
            span,
            format!("`{name}` cannot be waived"),
        );
        return Some(refusal(waiver, refused));
    }
    let asks_for_keys = |route: &crate::resolve::environment::Route| route.api_key_required.value;
    let opens_routes = WAIVABLE
        .iter()
        .any(|row| row.code == Code::OpenRoute && concerns(waiver, row));
    let routes = &environment.api.routes;
    if opens_routes && !routes.is_empty() && !routes.iter().any(asks_for_keys) {
        return Some(
            Diagnostic::error(
                Code::InvalidWaiver,
                span,
                format!("`{name}` cannot be waived for every route"),
            )
            .label("API-4: usage plans need a route that asks for a key")
            .help("let at least one route ask for an API key"),
        );
    }
    None
}

/// Why something has no waiver, and what has.
fn refusal(waiver: &Waiver, refused: Diagnostic) -> Diagnostic {
    match &waiver.subject.value {
        Subject::Rule(_) => {
            let codes: Vec<&str> = waivable_rules().collect();
            refused
                .label("what it refuses has no place in the generated project")
                .help(format!("rules that can be waived: {}", codes.join(", ")))
        }
        Subject::Requirement(id) => {
            let label = if requirements().iter().any(|row| row.id == *id) {
                "resources and tests of the generated project are built on it"
            } else {
                "no requirement has this id"
            };
            let ids: Vec<&str> = waivable_requirements().collect();
            refused.label(label).help(format!(
                "requirements with a rule that can be waived: {}",
                ids.join(", ")
            ))
        }
    }
}

fn expiry(waiver: &Waiver, today: Date) -> Option<Diagnostic> {
    let expires = &waiver.expires;
    let (_, span) = super::context::written(expires).filter(|_| expires.value < today)?;
    Some(
        Diagnostic::error(
            Code::ExpiredWaiver,
            span,
            format!("the waiver of `{}` has expired", subject(waiver)),
        )
        .label(format!("valid through this day; today is {today}"))
        .help(format!(
            "correct what it covers and remove it, or ask {} to renew it",
            waiver.owner.value
        )),
    )
}

fn unused(waiver: &Waiver) -> Diagnostic {
    Diagnostic::error(
        Code::UnusedWaiver,
        waiver.place.clone(),
        format!("the waiver of `{}` is not needed", subject(waiver)),
    )
    .label("nothing in the spec breaks the rule, or another waiver covers it")
    .help("remove it, or it would cover the next mistake unseen")
}

#[cfg(test)]
mod tests {
    use super::{TESTED_OF_EXTENSIONS, WAIVABLE};
    use crate::check::rule;
    use crate::diagnostic::Severity;
    use crate::requirements::requirements;

    #[test]
    fn requirements_of_extensions_are_those_that_their_tests_name() {
        let tests = include_str!("../../templates/tests/unit/test_extensions.py");
        let named: std::collections::BTreeSet<&str> = tests
            .lines()
            .filter(|line| line.contains("_none_weakens(found, \""))
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .collect();
        assert_eq!(named, TESTED_OF_EXTENSIONS.into());
        let judges = include_str!("../../templates/tests/unit/additions.py");
        for row in requirements() {
            let is_judged = judges.contains(&format!("\"{}\"", row.id));
            assert!(!is_judged || named.contains(row.id), "{}", row.id);
        }
    }

    #[test]
    fn what_can_be_waived_is_found_and_exists() {
        for row in WAIVABLE {
            let severities = rule(row.code).unwrap().severities;
            let wanted = if row.errors {
                Severity::Error
            } else {
                Severity::Warning
            };
            assert!(severities.contains(&wanted), "{}", row.code.as_str());
            let known = |id: &str| requirements().iter().any(|known| known.id == id);
            assert!(row.requirement.is_none_or(known), "{}", row.code.as_str());
        }
    }
}
