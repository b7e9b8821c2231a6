//! Whether a preview plans exactly the approved change: a comparison from the review against `pulumi preview --json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::evaluate::wire;
use super::registered::ALL_TAGS;
use super::step::shown;
use super::value::Value;

/// What of a comparison is held against a preview.
#[derive(Debug, Deserialize)]
pub struct Approved {
    format_version: u32,
    steps: Vec<ApprovedStep>,
    only_in_preview: Vec<ApprovedStep>,
}

#[derive(Debug, Deserialize)]
struct ApprovedStep {
    op: String,
    resource: String,
    order: Option<String>,
    because: Vec<ApprovedReason>,
}

#[derive(Debug, Deserialize)]
struct ApprovedReason {
    argument: String,
    path: String,
    old: Json,
    new: Json,
}

/// What `pulumi preview --json` prints.
#[derive(Debug, Deserialize)]
pub struct Preview {
    steps: Option<Vec<PreviewStep>>,
    /// How many of each; also where nothing changes.
    #[serde(rename = "changeSummary")]
    change_summary: Option<Json>,
    #[serde(default)]
    diagnostics: Vec<PreviewDiagnostic>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PreviewStep {
    op: String,
    urn: String,
    old_state: Option<PreviewState>,
    new_state: Option<PreviewState>,
    #[serde(default)]
    diff_reasons: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct PreviewState {
    #[serde(default)]
    inputs: serde_json::Map<String, Json>,
}

#[derive(Debug, Deserialize)]
struct PreviewDiagnostic {
    message: String,
    severity: String,
}

/// A resource with what is wanted of it.
#[derive(Debug, Default)]
struct Wanted<'a> {
    ops: Vec<&'a str>,
    /// Inputs that differ, by their names on the wire.
    reasons: Vec<&'a str>,
    old: Option<&'a PreviewState>,
    new: Option<&'a PreviewState>,
}

impl Wanted<'_> {
    /// In the words of a comparison: what and in which order.
    fn op(&self) -> (&str, Option<&str>) {
        let place = |op: &str| self.ops.iter().position(|other| *other == op);
        match (place("create-replacement"), place("delete-replaced")) {
            (Some(made), Some(gone)) if gone < made => ("replace", Some("delete-before-create")),
            (Some(_), _) => ("replace", Some("create-before-delete")),
            (None, Some(_)) => ("delete", None),
            (None, None) => (self.ops.first().copied().unwrap_or_default(), None),
        }
    }
}

/// Reads a saved comparison. The error says what the text is instead.
pub fn read_approved(bytes: &[u8]) -> Result<Approved, String> {
    let approved: Approved = read(bytes, "`paystagec compare --format json` prints")?;
    if approved.format_version != super::FORMAT_VERSION {
        return Err(format!(
            "its format version is {}, and this paystagec reads {}: compare again",
            approved.format_version,
            super::FORMAT_VERSION
        ));
    }
    Ok(approved)
}

/// Reads a preview. A failed one is an error: it has no complete list of steps.
pub fn read_preview(bytes: &[u8]) -> Result<Preview, String> {
    let preview: Preview = read(bytes, "`pulumi preview --json` prints")?;
    let mut failures = preview.diagnostics.iter();
    if let Some(failure) = failures.find(|diagnostic| diagnostic.severity == "error") {
        return Err(format!("the preview failed: {}", failure.message.trim()));
    }
    // Any other JSON would be a preview without steps.
    if preview.change_summary.is_none() {
        return Err(
            "it is not what `pulumi preview --json` prints: it has no `changeSummary`".to_owned(),
        );
    }
    Ok(preview)
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| {
        if error.is_eof() {
            format!(
                "the JSON ends too early, at line {}: was it cut off?",
                error.line()
            )
        } else {
            format!("it is not what {what}: {error}")
        }
    })
}

/// Each difference in words; none if the preview plans exactly the approved change.
pub fn differences(approved: &Approved, preview: &Preview) -> Vec<String> {
    let mut wanted: BTreeMap<&str, Wanted<'_>> = BTreeMap::new();
    for step in preview.steps.iter().flatten() {
        if ["same", "read", "refresh", "read-replacement"].contains(&step.op.as_str()) {
            continue;
        }
        let resource = step.urn.splitn(3, "::").nth(2).unwrap_or(&step.urn);
        let found = wanted.entry(resource).or_default();
        found.ops.push(&step.op);
        found
            .reasons
            .extend(step.diff_reasons.iter().map(String::as_str));
        found.old = found.old.or(step.old_state.as_ref());
        found.new = step.new_state.as_ref().or(found.new);
    }
    // What a preview shows otherwise than an `up` counts here.
    let mut expected: BTreeMap<&str, &ApprovedStep> = BTreeMap::new();
    for step in approved.steps.iter().chain(&approved.only_in_preview) {
        expected.insert(&step.resource, step);
    }
    let mut found = Vec::new();
    for (resource, step) in &expected {
        match wanted.get(resource) {
            None => found.push(format!(
                "approved, but not planned: {} {resource}",
                in_order(&step.op, step.order.as_deref())
            )),
            Some(wanted) => found.extend(other(step, wanted)),
        }
    }
    for (resource, wanted) in &wanted {
        if !expected.contains_key(resource) {
            let (op, order) = wanted.op();
            let reasons = match wanted.reasons.as_slice() {
                [] => String::new(),
                reasons => format!(", by {}", reasons.join(", ")),
            };
            found.push(format!(
                "not approved: {} {resource}{reasons}",
                in_order(op, order)
            ));
        }
    }
    found
}

fn in_order(op: &str, order: Option<&str>) -> String {
    match order {
        Some(order) => format!("{op} ({order})"),
        None => op.to_owned(),
    }
}

/// What is other about a resource that both name.
fn other(step: &ApprovedStep, wanted: &Wanted<'_>) -> Vec<String> {
    let resource = &step.resource;
    let (op, order) = wanted.op();
    if (op, order) != (step.op.as_str(), step.order.as_deref()) {
        return vec![format!(
            "other: {} is planned, and {} was approved: {resource}",
            in_order(op, order),
            in_order(&step.op, step.order.as_deref())
        )];
    }
    let mut found = Vec::new();
    let approved: Vec<String> = step
        .because
        .iter()
        .map(|reason| wire(&reason.argument))
        .collect();
    for reason in &wanted.reasons {
        // `tags.Owner` and `ingress[0]` are of an argument.
        let argument = reason.split(['.', '[']).next().unwrap_or(reason);
        if !approved.iter().any(|known| known == argument) && op != "delete" {
            found.push(format!(
                "not approved: `{argument}` differs too, in {op} {resource}"
            ));
        }
    }
    for reason in &step.because {
        for (which, approved, state) in [
            ("old", &reason.old, wanted.old),
            ("new", &reason.new, wanted.new),
        ] {
            let Some(state) = state else {
                continue;
            };
            if let Some(actual) = actual(state, reason)
                && is_plain(approved)
                && is_plain(&actual)
                && actual != *approved
            {
                found.push(format!(
                    "other: the {which} value of `{}{}` is {actual}, and {approved} was approved: {op} {resource}",
                    reason.argument, reason.path
                ));
            }
        }
    }
    found.dedup();
    found
}

/// What a state has where a comparison saw a difference.
fn actual(state: &PreviewState, reason: &ApprovedReason) -> Option<Json> {
    // Resources of Terraform's newer framework work it out for themselves.
    if reason.argument == "tags_all" && !state.inputs.contains_key(ALL_TAGS) {
        return None;
    }
    let value = Value::from(&Json::Object(state.inputs.clone()));
    let value = value.at(&wire(&reason.argument)).cloned();
    let mut value = value.unwrap_or(Value::Null);
    if let Value::Text(text) = &value
        && !reason.path.is_empty()
    {
        let document: Json = serde_json::from_str(text).ok()?;
        value = Value::from(&document);
    }
    let found = value.at(&reason.path).cloned().unwrap_or(Value::Null);
    Some(shown(&found))
}

/// Whether a value is known to both: no output of a resource, no secret, nothing that the deployment decides.
fn is_plain(value: &Json) -> bool {
    match value {
        Json::String(text) => {
            let is_unknown = text == "04da6b54-80e4-46f7-96ec-b56ff0331ba9" || text == "[secret]";
            // An output, or the account in a name.
            !is_unknown && !text.contains('<') && !text.contains(super::ACCOUNT)
        }
        Json::Array(items) => items.iter().all(is_plain),
        Json::Object(entries) => !entries.contains_key("known") && entries.values().all(is_plain),
        _ => true,
    }
}
