//! Tags of the company's that a service of AWS would refuse, or that the environment has already.

use std::collections::BTreeMap;

use super::invalid_name::{RESERVED_IN_TAGS, is_of_tag};
use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{NamedText, OWN_TAGS};

/// The strictest: an object in S3 has at most ten tags (S3 User Guide, "Categorizing your objects using tags"); most others take 50.
const MOST: usize = 10 - OWN_TAGS.len();
/// In characters: EC2 User Guide, "Tag your Amazon EC2 resources", and the same for the others.
const LONGEST_NAME: usize = 128;
const LONGEST_VALUE: usize = 256;

pub const RULE: Rule = Rule {
    code: Code::InvalidTag,
    severities: &[Severity::Error],
    what: "\
        A tag of `[tags]` has a name or a value that some service of AWS does not take: letters, digits, spaces \
        and _ . : / = + - @, 128 characters in a name and 256 in a value, neither beginning with aws: or rds:; \
        or it is one of the environment's own, or stands there twice, in whatever case; or there are more than \
        six.",
    why: "\
        Every resource carries all tags (TAG-1), and one that is refused stops the deployment. IAM takes names \
        that differ in case only for the same. An object in S3 has ten tags at most, of which the environment \
        needs four.",
    wrong: "[tags]\nowner = \"finance\"",
    right: "[tags]\nCostCentre = \"4711\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let tags = &context.environment.tags;
    let mut seen: BTreeMap<String, &NamedText> = BTreeMap::new();
    for tag in tags {
        let name = tag.name.value.as_str();
        let first = *seen.entry(name.to_lowercase()).or_insert(tag);
        let fault = if std::ptr::eq(first, tag) {
            fault_of_name(name)
        } else {
            let label = format!(
                "the same as `{}` for IAM, which knows no case",
                first.name.value
            );
            Some((label, "remove one of the two"))
        };
        if let (Some((key, span)), Some((label, help))) = (written(&tag.name), fault) {
            let message = format!("`{key}` cannot be a tag");
            let told = Diagnostic::error(Code::InvalidTag, span, message);
            found.push(told.label(label).help(help));
        } else if let (Some((key, span)), Some(label)) =
            (written(&tag.text), fault_of_value(&tag.text.value))
        {
            let message = format!("`{key}` has a value that no tag has");
            let told = Diagnostic::error(Code::InvalidTag, span, message);
            found.push(told.label(label).help(
                "1 to 256 letters, digits, spaces and _ . : / = + - @, without blanks at the ends",
            ));
        }
    }
    if let Some((_, span)) = tags.get(MOST).and_then(|tag| written(&tag.name)) {
        let told = Diagnostic::error(Code::InvalidTag, span, "too many tags");
        let label = format!(
            "{} tags, and an object in S3 has room for {MOST}",
            tags.len()
        );
        found.push(
            told.label(label)
                .help("keep those by which somebody searches or pays"),
        );
    }
}

fn fault_of_name(name: &str) -> Option<(String, &'static str)> {
    if let Some(own) = OWN_TAGS.iter().find(|own| own.eq_ignore_ascii_case(name)) {
        let label = format!("`{own}` is the environment's own");
        let help = match *own {
            "Environment" => "`environment.name` sets it",
            "MigrationDate" => "`environment.migration_date` sets it",
            "Owner" => "`environment.owner` sets it",
            _ => "each resource has its own name there",
        };
        return Some((label, help));
    }
    let is_reserved = RESERVED_IN_TAGS
        .iter()
        .any(|start| name.to_ascii_lowercase().starts_with(start));
    if is_reserved {
        return Some((
            "AWS keeps such names for itself".to_owned(),
            "choose another name",
        ));
    }
    let fits = !name.is_empty() && name.trim() == name && name.chars().all(is_of_tag);
    if !fits || name.chars().count() > LONGEST_NAME {
        let help =
            "1 to 128 letters, digits, spaces and _ . : / = + - @, without blanks at the ends";
        return Some(("not a name that AWS takes".to_owned(), help));
    }
    None
}

fn fault_of_value(value: &str) -> Option<String> {
    let length = value.chars().count();
    if value.is_empty() {
        return Some("has no value".to_owned());
    }
    if length > LONGEST_VALUE {
        return Some(format!("has {length} characters"));
    }
    if value.trim() != value {
        return Some("has a blank at an end".to_owned());
    }
    let is_reserved = RESERVED_IN_TAGS
        .iter()
        .any(|start| value.to_ascii_lowercase().starts_with(start));
    if is_reserved {
        return Some("AWS keeps such values for itself".to_owned());
    }
    let other = value.chars().find(|character| !is_of_tag(*character))?;
    Some(format!("`{}` is not taken", other.escape_default()))
}
