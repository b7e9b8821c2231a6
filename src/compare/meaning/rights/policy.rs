//! What IAM documents grant: inline policies, trust, policies of resources, and who may call a function.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::permission::{Part, Permission, Right, Side};
use crate::compare::diff::Inputs;
use crate::compare::value::Value;

/// Documents by class: the argument that holds one, and the one that names what it is on, or who has it.
const DOCUMENTS: &[(&str, &str, &str)] = &[
    (
        "aws.cloudwatch.LogResourcePolicy",
        "policyDocument",
        "policyName",
    ),
    ("aws.ec2.VpcEndpoint", "policy", "serviceName"),
    ("aws.iam.Role", "assumeRolePolicy", "name"),
    ("aws.iam.RolePolicy", "policy", "role"),
    ("aws.kms.Key", "policy", "description"),
    ("aws.s3.BucketPolicy", "policy", "bucket"),
    ("aws.sns.TopicPolicy", "policy", "arn"),
    ("aws.sqs.Queue", "policy", "name"),
];

pub fn is_asked(class: &str) -> bool {
    let others = ["aws.lambda_.Permission", "aws.iam.RolePolicyAttachment"];
    DOCUMENTS.iter().any(|(of, ..)| *of == class) || others.contains(&class)
}

/// One action on one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    holder: String,
    denies: bool,
    action: String,
    resource: String,
    /// Operator, then key, then values.
    conditions: BTreeMap<(String, String), Vec<String>>,
    /// Whether what the document is set on stands before and after.
    lasts: bool,
}

/// The argument by which a document is set on another resource, by its name on the wire.
pub fn set_on(class: &str) -> Option<&'static str> {
    let mut rows = DOCUMENTS.iter();
    rows.find(|(of, ..)| *of == class).map(|(.., owner)| *owner)
}

pub fn grants(side: &Side) -> Vec<Grant> {
    let mut found = Vec::new();
    for Part {
        kind,
        inputs,
        lasts,
    } in &side.resources
    {
        match kind.class {
            "aws.lambda_.Permission" => found.extend(call(inputs)),
            "aws.iam.RolePolicyAttachment" => found.push(Grant {
                holder: text(inputs, "role"),
                denies: false,
                action: format!("what {} grants", text(inputs, "policyArn")),
                resource: "*".to_owned(),
                conditions: BTreeMap::new(),
                lasts: true,
            }),
            class => {
                let rows = DOCUMENTS.iter().filter(|(of, ..)| *of == class);
                for (_, argument, owner) in rows {
                    let document = text(inputs, argument);
                    let statements = statements(&document, &text(inputs, owner));
                    found.extend(statements.into_iter().map(|grant| Grant {
                        lasts: *lasts,
                        ..grant
                    }));
                }
            }
        }
    }
    found
}

fn text(inputs: &Inputs, name: &str) -> String {
    let value = inputs.get(name).and_then(Value::text);
    value.unwrap_or_default().to_owned()
}

/// A statement of a function's own policy.
fn call(inputs: &Inputs) -> Option<Grant> {
    let mut conditions = BTreeMap::new();
    for (argument, operator, key) in [
        ("sourceArn", "ArnLike", "aws:SourceArn"),
        ("sourceAccount", "StringEquals", "aws:SourceAccount"),
    ] {
        if let Some(value) = inputs.get(argument).and_then(Value::text) {
            conditions.insert(
                (operator.to_owned(), key.to_owned()),
                vec![value.to_owned()],
            );
        }
    }
    Some(Grant {
        holder: inputs.get("principal").and_then(Value::text)?.to_owned(),
        denies: false,
        action: text(inputs, "action"),
        resource: text(inputs, "function"),
        conditions,
        lasts: true,
    })
}

fn statements(document: &str, owner: &str) -> Vec<Grant> {
    let document: Json = serde_json::from_str(document).unwrap_or_default();
    let statements = match document.get("Statement") {
        Some(Json::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for statement in &statements {
        let denies = statement.get("Effect").and_then(Json::as_str) == Some("Deny");
        let conditions = conditions(statement.get("Condition"));
        // Without a principal the document is of whoever has it; without a resource it is of the resource that has it.
        let holders = match inverted(statement, "Principal") {
            list if list.is_empty() => vec![owner.to_owned()],
            list => list,
        };
        let resources = match inverted(statement, "Resource") {
            list if list.is_empty() => vec![owner.to_owned()],
            list if statement.get("Principal").is_some() => {
                // In a key's policy, `*` is the key.
                let named = list.into_iter();
                named
                    .map(|one| if one == "*" { owner.to_owned() } else { one })
                    .collect()
            }
            list => list,
        };
        for holder in &holders {
            for action in inverted(statement, "Action") {
                for resource in &resources {
                    found.push(Grant {
                        holder: holder.clone(),
                        denies,
                        action: action.clone(),
                        resource: resource.clone(),
                        conditions: conditions.clone(),
                        lasts: true,
                    });
                }
            }
        }
    }
    found
}

/// The values of an element, or of its inversion (`NotAction`), which stands as one value of its own: all but the list.
fn inverted(statement: &Json, element: &str) -> Vec<String> {
    let mut found = values(statement.get(element));
    if let Some(list) = statement.get(format!("Not{element}")) {
        found.push(format!("all but {}", values(Some(list)).join(", ")));
    }
    found
}

/// A text, a list of texts, or texts by kind of principal.
fn values(json: Option<&Json>) -> Vec<String> {
    match json {
        None => Vec::new(),
        Some(Json::String(one)) => vec![one.clone()],
        Some(Json::Array(list)) => list.iter().flat_map(|one| values(Some(one))).collect(),
        Some(Json::Object(by_kind)) => by_kind.values().flat_map(|one| values(Some(one))).collect(),
        Some(other) => vec![other.to_string()],
    }
}

fn conditions(json: Option<&Json>) -> BTreeMap<(String, String), Vec<String>> {
    let mut found = BTreeMap::new();
    let operators = json.and_then(Json::as_object).into_iter().flatten();
    for (operator, keys) in operators {
        for (key, list) in keys.as_object().into_iter().flatten() {
            let mut list = values(Some(list));
            list.sort();
            found.insert((operator.clone(), key.clone()), list);
        }
    }
    found
}

impl Permission for Grant {
    fn covers(&self, other: &Self) -> bool {
        self.denies == other.denies
            && (self.holder == other.holder || self.holder == "*")
            && matches(
                &self.action.to_ascii_lowercase(),
                &other.action.to_ascii_lowercase(),
            )
            && matches(&self.resource, &other.resource)
            && self.conditions.iter().all(|((operator, key), wide)| {
                let narrow = other.conditions.get(&(operator.clone(), key.clone()));
                narrow.is_some_and(|narrow| is_within(operator, narrow, wide))
            })
    }

    fn is_denial(&self) -> bool {
        self.denies
    }

    fn is_void(&self) -> bool {
        self.denies && !self.lasts
    }

    fn right(&self) -> Right {
        let mut operators: Map<String, Json> = Map::new();
        for ((operator, key), values) in &self.conditions {
            let keys = operators
                .entry(operator.clone())
                .or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(keys) = keys {
                let value = match values.as_slice() {
                    [one] => Json::from(one.as_str()),
                    list => list.iter().map(String::as_str).collect(),
                };
                keys.insert(key.clone(), value);
            }
        }
        Right {
            holder: self.holder.clone(),
            may: vec![self.action.clone()],
            on: self.resource.clone(),
            only_if: if operators.is_empty() {
                String::new()
            } else {
                Json::Object(operators).to_string()
            },
        }
    }
}

/// Whether what fulfils the narrow condition fulfils the wide one: fewer values, or of a `Not…` more.
fn is_within(operator: &str, narrow: &[String], wide: &[String]) -> bool {
    let holds = |values: &[String], one: &String| values.iter().any(|value| matches(value, one));
    let plain = operator
        .rsplit_once(':')
        .map_or(operator, |(_, plain)| plain);
    if plain.contains("Not") {
        wide.iter().all(|one| holds(narrow, one))
    } else {
        narrow.iter().all(|one| holds(wide, one))
    }
}

/// Whether a pattern with `*` and `?` takes all that another one takes.
fn matches(pattern: &str, other: &str) -> bool {
    if pattern == other {
        return true;
    }
    let (pattern, other) = (pattern.as_bytes(), other.as_bytes());
    // Where the last star stands, and how much it has taken.
    let (mut at, mut of, mut star) = (0, 0, None);
    while let Some(letter) = other.get(of) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(b'?') if *letter != b'*' => {
                at += 1;
                of += 1;
            }
            Some(same) if same == letter => {
                at += 1;
                of += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    at = place + 1;
                    of = taken + 1;
                    star = Some((place, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|letter| *letter == b'*'))
}

#[cfg(test)]
mod tests {
    use super::super::permission::{Rights, add};
    use super::{Grant, matches, statements};

    #[test]
    fn patterns_cover_what_they_take() {
        for (pattern, other, covers) in [
            ("*", "s3:GetObject", true),
            ("s3:*", "s3:GetObject", true),
            ("s3:Get*", "s3:*", false),
            ("s3:Get*", "s3:GetObject*", true),
            ("s3:Get?bject", "s3:GetObject", true),
            ("s3:Get?", "s3:Get*", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("", "", true),
            ("a", "", false),
        ] {
            assert_eq!(matches(pattern, other), covers, "{pattern} {other}");
        }
    }

    fn between(old: &str, new: &str) -> (usize, usize) {
        let of = |text: &str| -> Vec<Grant> { statements(text, "role") };
        let mut rights = Rights::default();
        add(&mut rights, &of(old), &of(new));
        (rights.gained.len(), rights.lost.len())
    }

    #[test]
    fn meaning_counts_and_not_form() {
        let two = r#"{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:a/*"},
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "q"}]}"#;
        let reordered = r#"{"Statement": [{"Effect": "Allow", "Resource": "q", "Action": ["sqs:SendMessage"]},
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": ["arn:a/*"]},
            {"Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:a/*"}]}"#;
        assert_eq!(between(two, reordered), (0, 0));
        let wider = two.replace("arn:a/*", "arn:*");
        assert_eq!(between(two, &wider), (2, 0));
        assert_eq!(between(&wider, two), (0, 2));
        let only = |condition: &str| {
            format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {condition}}}}}"#
            )
        };
        let one = only(r#"{"StringEquals": {"aws:SourceAccount": "1"}}"#);
        assert_eq!(between(&one, &only("{}")), (1, 0));
        let both = only(r#"{"StringEquals": {"aws:SourceAccount": ["1", "2"]}}"#);
        assert_eq!(between(&one, &both), (1, 0));
        assert_eq!(between(&both, &one), (0, 1));
        let denial = r#"{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}"#;
        assert_eq!(between(denial, r#"{"Statement": []}"#), (1, 0));
        assert_eq!(between(r#"{"Statement": []}"#, denial), (0, 1));
    }

    #[test]
    fn a_denial_that_goes_with_what_it_is_about_opens_nothing() {
        let denial = r#"{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:Get", "Resource": "*"}]}"#;
        let of = |lasts: bool| -> Vec<Grant> {
            let grants = statements(denial, "bucket").into_iter();
            grants.map(|grant| Grant { lasts, ..grant }).collect()
        };
        for (lasts, gained) in [(true, 1), (false, 0)] {
            let mut rights = Rights::default();
            add(&mut rights, &of(lasts), &[]);
            // What it allows is lost in any case.
            assert_eq!((rights.gained.len(), rights.lost.len()), (gained, 1));
            let mut back = Rights::default();
            add(&mut back, &[], &of(lasts));
            assert_eq!((back.gained.len(), back.lost.len()), (1, gained));
        }
    }
}
