//! Diagnostics as a SARIF 2.1.0 document: what code hosts read. Texts keep single braces, although the standard doubles them for
//! readers that fill in arguments: there are none, and code hosts show what they get.

use std::env;
use std::ops::Range;

use serde_json::{Value, json};

use super::spec::{Spec, paragraphs};
use crate::check::{RULES, Rule};
use crate::cli::rules::{DOCUMENT, body};
use crate::diagnostic::{Diagnostic, Lines, Severity, Suggestion};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The document, also when there is nothing to tell. `docs` is where the repository's files can be read.
pub fn document(
    diagnostics: &[Diagnostic],
    spec: &Spec<'_>,
    docs: Option<&str>,
) -> anyhow::Result<String> {
    let lines = Lines::new(spec.text);
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| result(diagnostic, spec, &lines))
        .collect();
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule, docs)).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// Where a CI job says that the files of its commit can be read: the standard asks for absolute addresses of documents.
pub fn docs_base() -> Option<String> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let github = || {
        let server = variable("GITHUB_SERVER_URL")?;
        let repository = variable("GITHUB_REPOSITORY")?;
        Some(format!(
            "{server}/{repository}/blob/{}",
            variable("GITHUB_SHA")?
        ))
    };
    let gitlab = || {
        let project = variable("CI_PROJECT_URL")?;
        Some(format!("{project}/-/blob/{}", variable("CI_COMMIT_SHA")?))
    };
    github().or_else(gitlab)
}

fn descriptor(rule: &Rule, docs: Option<&str>) -> Value {
    let code = rule.code.as_str();
    // The worst that it can be: each result has its own level.
    let level = rule.severities.iter().min();
    let anchor = format!("{DOCUMENT}#{code}");
    let mut requirements: Vec<&str> = rule.requirements().iter().map(|row| row.id).collect();
    requirements.dedup();
    let mut descriptor = json!({
        "id": code,
        "shortDescription": { "text": rule.what },
        "fullDescription": { "text": format!("{} {}", rule.what, rule.why) },
        "help": {
            "text": format!("{} {}", rule.what, rule.why),
            "markdown": body(rule),
        },
        "defaultConfiguration": { "level": level.map_or("error", |level| Severity::as_str(*level)) },
        "properties": {
            "docs": anchor,
            "requirements": requirements,
        },
    });
    if let (Some(docs), Some(fields)) = (docs, descriptor.as_object_mut()) {
        fields.insert("helpUri".to_owned(), json!(format!("{docs}/{anchor}")));
    }
    descriptor
}

fn result(diagnostic: &Diagnostic, spec: &Spec<'_>, lines: &Lines<'_>) -> Value {
    let index = RULES.iter().position(|rule| rule.code == diagnostic.code);
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": index.map_or(json!(-1), |index| json!(index)),
        "level": diagnostic.severity.as_str(),
        "message": { "text": paragraphs(diagnostic) },
        "locations": [{ "physicalLocation": location(&diagnostic.span, spec, lines) }],
    });
    let related: Vec<Value> = diagnostic
        .secondary
        .iter()
        .zip(1..)
        .map(|((span, text), id): (_, usize)| {
            json!({
                "id": id,
                "message": { "text": text },
                "physicalLocation": location(span, spec, lines),
            })
        })
        .collect();
    if let (false, Some(fields)) = (related.is_empty(), result.as_object_mut()) {
        fields.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    let fixes: Vec<Value> = diagnostic
        .suggestions
        .iter()
        .filter(|suggestion| !spec.edits(lines, diagnostic, suggestion).is_empty())
        .map(|suggestion| fix(diagnostic, suggestion, spec, lines))
        .collect();
    if let (false, Some(fields)) = (fixes.is_empty(), result.as_object_mut()) {
        fields.insert("fixes".to_owned(), Value::Array(fixes));
    }
    if let (true, Some(fields)) = (diagnostic.is_waived, result.as_object_mut()) {
        let why = diagnostic.note.as_deref().unwrap_or_default();
        let suppression = json!({ "kind": "inSource", "justification": why });
        fields.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

/// What a tool may apply.
fn fix(
    diagnostic: &Diagnostic,
    suggestion: &Suggestion,
    spec: &Spec<'_>,
    lines: &Lines<'_>,
) -> Value {
    let replacements: Vec<Value> = spec
        .edits(lines, diagnostic, suggestion)
        .into_iter()
        .map(|(span, text)| {
            json!({
                "deletedRegion": region(&span, lines),
                "insertedContent": { "text": text },
            })
        })
        .collect();
    json!({
        "description": { "text": diagnostic.help.as_deref().unwrap_or(&diagnostic.message) },
        "artifactChanges": [{
            "artifactLocation": artifact(&spec.file(lines, &diagnostic.span)),
            "replacements": replacements,
        }],
    })
}

fn location(span: &Range<usize>, spec: &Spec<'_>, lines: &Lines<'_>) -> Value {
    json!({
        "artifactLocation": artifact(&spec.file(lines, span)),
        "region": region(span, lines),
    })
}

fn region(span: &Range<usize>, lines: &Lines<'_>) -> Value {
    let place = lines.place(span);
    json!({
        "startLine": place.line_start,
        "startColumn": place.column_start,
        "endLine": place.line_end,
        "endColumn": place.column_end,
    })
}

/// The spec as a URI: one that begins at the root of the repository, unless the path on the command line was absolute.
fn artifact(name: &str) -> Value {
    let path = percent_encoded(name.strip_prefix("./").unwrap_or(name));
    if path.starts_with('/') {
        json!({ "uri": format!("file://{path}") })
    } else {
        json!({ "uri": path, "uriBaseId": "%SRCROOT%" })
    }
}

fn percent_encoded(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn parsed(diagnostics: &[Diagnostic], name: &str, docs: Option<&str>) -> Value {
        let spec = Spec {
            name,
            text: "caf\u{e9} = 1\nb = 2\n",
        };
        serde_json::from_str(&document(diagnostics, &spec, docs).unwrap()).unwrap()
    }

    #[test]
    fn a_result_points_at_its_rule_and_places() {
        let diagnostic = Diagnostic::warning(Code::UnusedFunction, 8..9, "odd")
            .label("here")
            .secondary(10..11, "there")
            .help("mend it");
        let run = &parsed(&[diagnostic], "./spec/a b.toml", None)["runs"][0];
        let result = &run["results"][0];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            "unused-function"
        );
        assert_eq!(result["level"], "warning");
        assert_eq!(result["message"]["text"], "odd\nhere\nhelp: mend it");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"],
            json!({ "uri": "spec/a%20b.toml", "uriBaseId": "%SRCROOT%" })
        );
        assert_eq!(
            place["region"],
            json!({ "startLine": 1, "startColumn": 8, "endLine": 1, "endColumn": 9 })
        );
        let related = &result["relatedLocations"][0];
        assert_eq!(
            (&related["id"], &related["message"]["text"]),
            (&json!(1), &json!("there"))
        );
        assert_eq!(related["physicalLocation"]["region"]["startLine"], 2);
    }

    #[test]
    fn rules_lead_to_their_documents() {
        let plain = parsed(&[], "spec.toml", None);
        assert_eq!(plain["runs"][0]["results"], json!([]));
        let linked = parsed(&[], "spec.toml", Some("https://code.example/a/b/blob/c"));
        let rules = |document: &Value| {
            document["runs"][0]["tool"]["driver"]["rules"]
                .as_array()
                .unwrap()
                .clone()
        };
        assert_eq!(rules(&plain).len(), RULES.len());
        for ((plain, linked), rule) in rules(&plain).iter().zip(&rules(&linked)).zip(RULES) {
            let code = rule.code.as_str();
            assert_eq!(plain.get("helpUri"), None);
            assert_eq!(plain["properties"]["docs"], format!("docs/rules.md#{code}"));
            assert_eq!(
                linked["helpUri"],
                format!("https://code.example/a/b/blob/c/docs/rules.md#{code}")
            );
            assert!(!plain["help"]["markdown"].as_str().unwrap().is_empty());
        }
    }

    #[test]
    fn an_absolute_path_is_an_absolute_uri() {
        assert_eq!(
            artifact("/a/caf\u{e9}#.toml"),
            json!({ "uri": "file:///a/caf%C3%A9%23.toml" })
        );
    }
}
