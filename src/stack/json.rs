//! The graph as JSON, for tools and for the test that compares it with what the program registers.

use serde_json::{Map, Value as Json, json};

use super::expr::{Expr, Members, Row, Target};
use super::graph::{Member, Stack};
use crate::origin::{Origin, default_name};

/// Version of the form that `docs/plan-json.md` describes.
const FORMAT_VERSION: u32 = 1;

impl Stack {
    /// Resources with symbolic arguments, families expanded.
    pub fn to_json(&self) -> Json {
        let resources: Vec<Json> = self
            .members()
            .map(|member| self.member_json(&member))
            .collect();
        let exports: Map<String, Json> = self
            .exports
            .iter()
            .map(|(name, value)| ((*name).to_owned(), self.expr_json(value, None)))
            .collect();
        json!({
            "format_version": FORMAT_VERSION,
            "resources": resources,
            "exports": exports,
            "longest_suffix": self.longest_suffix(),
        })
    }

    fn member_json(&self, member: &Member<'_>) -> Json {
        let resource = member.resource;
        let arguments: Map<String, Json> = resource
            .arguments
            .iter()
            .map(|argument| {
                (
                    argument.name.to_owned(),
                    self.expr_json(&argument.value, member.row),
                )
            })
            .collect();
        let origins: Map<String, Json> = resource
            .arguments
            .iter()
            .map(|argument| {
                (
                    argument.name.to_owned(),
                    origin_json(&member.origin(argument)),
                )
            })
            .collect();
        let depends_on: Vec<Json> = resource
            .depends_on
            .iter()
            .flat_map(|(target, _)| self.targets(target, member.row))
            .map(|target| address(&target))
            .collect();
        let mut object = address(member);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("class".to_owned(), resource.kind.into());
            fields.insert("variable".to_owned(), resource.variable.as_str().into());
            fields.insert(
                "delete_before_replace".to_owned(),
                resource.delete_before_replace.into(),
            );
            fields.insert(
                "ignore_changes".to_owned(),
                resource.ignore_changes.as_slice().into(),
            );
            fields.insert(
                "additional_secret_outputs".to_owned(),
                resource.secret_outputs.as_slice().into(),
            );
            fields.insert("arguments".to_owned(), Json::Object(arguments));
            fields.insert("depends_on".to_owned(), Json::Array(depends_on));
            fields.insert("origins".to_owned(), Json::Object(origins));
        }
        object
    }

    /// An expression's value as far as it is known now.
    pub fn expr_json(&self, expr: &Expr, row: Option<&Row>) -> Json {
        let inner = |expr: &Expr| self.expr_json(expr, row);
        match expr {
            Expr::Text(text) => text.as_str().into(),
            Expr::Integer(value) => (*value).into(),
            Expr::Float(value) => (*value).into(),
            Expr::Bool(value) => (*value).into(),
            Expr::List(items) => items.iter().map(inner).collect(),
            Expr::Map(entries) => {
                let entries: Map<String, Json> = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), inner(value)))
                    .collect();
                json!({ "map": entries })
            }
            Expr::Noted(_, value) | Expr::Constant { value, .. } => inner(value),
            Expr::Output {
                target,
                field,
                path,
                ..
            } => self.output_json(target, field, path, row),
            Expr::ByFunction {
                column,
                variable,
                field,
                ..
            } => match row {
                Some(row) => self.function_json(&row.text(column), variable, field),
                None => self.functions_json(variable, field),
            },
            Expr::Parent {
                column,
                target,
                field,
                root,
                ..
            } => {
                let key = row.map(|row| row.text(column)).unwrap_or_default();
                if key.is_empty() {
                    return inner(root);
                }
                let target = Target {
                    members: Members::Keyed(column),
                    ..target.clone()
                };
                self.output_json(&target, field, "", row)
            }
            Expr::Name { kind, role } => {
                json!({ "name": { "kind": kind, "role": role.resolve(row) } })
            }
            Expr::AlphanumericName { kind, role } => {
                json!({ "alphanumeric_name": { "kind": kind, "role": role.resolve(row) } })
            }
            Expr::AlphanumericNames { kind, column } => {
                let Some(Expr::Map(roles)) = row.and_then(|row| row.cell(column)) else {
                    return Json::Null;
                };
                let names: Map<String, Json> = roles
                    .iter()
                    .map(|(key, role)| {
                        let role = inner(role);
                        let name = json!({ "alphanumeric_name": { "kind": kind, "role": role } });
                        (key.clone(), name)
                    })
                    .collect();
                json!({ "map": names })
            }
            Expr::Tags { kind, role } => {
                json!({ "tags": { "kind": kind, "role": role.resolve(row) } })
            }
            Expr::AccountId => json!({ "account_id": true }),
            Expr::Region => json!({ "region": true }),
            Expr::Suffix => json!({ "suffix": true }),
            Expr::EnvironmentName => json!({ "environment": true }),
            Expr::Concat(parts) => json!({ "concat": parts.iter().map(inner).collect::<Vec<_>>() }),
            Expr::Json(value) => json!({ "json": inner(value) }),
            Expr::Column(column) => row
                .and_then(|row| row.cell(column))
                .map_or(Json::Null, inner),
            Expr::Rows(table) => self.rows_json(table),
            Expr::Fingerprint(value) => json!({ "fingerprint": inner(value) }),
            Expr::Archive { folder, packages } => {
                json!({ "archive": { "folder": folder, "packages": packages } })
            }
            Expr::Digest(path) => json!({ "digest": path }),
            Expr::LibrariesLayer => json!({ "libraries_layer": true }),
        }
    }

    /// The output of one function's resource.
    fn function_json(&self, key: &str, variable: &str, field: &str) -> Json {
        let target = Target {
            component: format!("functions/{key}"),
            variable: variable.to_owned(),
            members: Members::One,
        };
        self.output_json(&target, field, "", None)
    }

    /// Outside a family: the outputs of all functions, by their keys.
    fn functions_json(&self, variable: &str, field: &str) -> Json {
        let outputs: Map<String, Json> = self
            .components
            .iter()
            .filter_map(|component| component.path.strip_prefix("functions/"))
            .map(|key| (key.to_owned(), self.function_json(key, variable, field)))
            .collect();
        json!({ "map": outputs })
    }

    fn rows_json(&self, table: &str) -> Json {
        let family = self
            .components
            .iter()
            .flat_map(|component| &component.blocks)
            .find_map(|block| match block {
                super::resource::Block::Family(family) if family.table == table => Some(family),
                _ => None,
            });
        let rows = family
            .map(|family| family.rows.as_slice())
            .unwrap_or_default();
        rows.iter()
            .map(|row| {
                let cells: Map<String, Json> = row
                    .cells
                    .iter()
                    .map(|(name, value, _)| ((*name).to_owned(), self.expr_json(value, None)))
                    .collect();
                json!({ "map": cells })
            })
            .collect()
    }

    fn output_json(&self, target: &Target, field: &str, path: &str, row: Option<&Row>) -> Json {
        let mut outputs: Vec<Json> = self
            .targets(target, row)
            .iter()
            .map(|member| {
                let mut output = address(member);
                if let Some(fields) = output.as_object_mut() {
                    fields.insert("field".to_owned(), field.into());
                    fields.insert("path".to_owned(), path.into());
                }
                json!({ "output": output })
            })
            .collect();
        if target.members == Members::Each {
            Json::Array(outputs)
        } else {
            outputs.pop().unwrap_or(Json::Null)
        }
    }
}

fn address(member: &Member<'_>) -> Json {
    let token = crate::catalogue::kind(member.resource.kind)
        .map(|kind| kind.token.as_str())
        .unwrap_or_default();
    json!({ "component": member.component.path, "type": token, "name": member.logical() })
}

fn origin_json(origin: &Origin) -> Json {
    match origin {
        Origin::Spec { key, span } => json!({ "spec": key, "span": [span.start, span.end] }),
        Origin::Default(key) => json!({ "default": default_name(key) }),
        Origin::Derived(from) => json!({ "derived": from }),
        Origin::Fixed(because) => json!({ "fixed": because }),
        Origin::Override(set) => {
            let replaces = set.replaces.as_ref();
            json!({ "override": {
                "spec": set.key,
                "span": [set.span.start, set.span.end],
                "replaces": replaces.map_or(Json::Null, |(value, _)| value.clone()),
                "reason": set.reason,
                "owner": set.owner,
                "expires": set.expires.to_string(),
            } })
        }
    }
}
