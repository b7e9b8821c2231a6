//! The graph as JSON, for tools and for the test that compares it with what the program registers. It is printed straight
//! from the graph, without a tree between.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value as Json, json};

use super::expr::{Expr, Members, Row, Target, Wheels};
use super::graph::{Member, Stack};
use super::resource::{Block, Kept};
use crate::origin::{Origin, default_name};

/// Version of the form that `docs/plan-json.md` describes.
const FORMAT_VERSION: u32 = 1;

impl Serialize for Stack {
    /// Resources with symbolic arguments, families expanded.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("format_version", &FORMAT_VERSION)?;
        let resources = self.members().map(|member| Resource(self, member));
        object.serialize_entry("resources", &Listed(resources.collect()))?;
        let exports = self.exports.iter();
        let exports = exports.map(|(name, value)| (*name, Known(self, value, None)));
        object.serialize_entry("exports", &Entries(exports.collect()))?;
        object.serialize_entry("longest_suffix", &self.longest_suffix())?;
        object.end()
    }
}

impl Stack {
    /// An expression's value as far as it is known now.
    pub fn expr_json(&self, expr: &Expr, row: Option<&Row>) -> Json {
        // Numbers that are none are the only thing that JSON has no form for.
        serde_json::to_value(Known(self, expr, row)).unwrap_or_default()
    }
}

/// A list.
struct Listed<T>(Vec<T>);

impl<T: Serialize> Serialize for Listed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

/// An object, in the order of its entries.
struct Entries<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Entries<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// An object of one entry: the word says what the value is.
struct Only<V>(&'static str, V);

impl<V: Serialize> Serialize for Only<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, &self.1)])
    }
}

struct Resource<'a>(&'a Stack, Member<'a>);

impl Serialize for Resource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(stack, member) = self;
        let resource = member.resource;
        let mut object = serializer.serialize_map(None)?;
        address(member, &mut object)?;
        object.serialize_entry("class", resource.kind)?;
        object.serialize_entry("variable", &resource.variable)?;
        object.serialize_entry("aliases", &member.aliases())?;
        object.serialize_entry("delete_before_replace", &resource.delete_before_replace)?;
        for kept in [Kept::Protected, Kept::Retained] {
            object.serialize_entry(kept.option(), &(resource.kept == Some(kept)))?;
        }
        object.serialize_entry("ignore_changes", &resource.ignore_changes)?;
        object.serialize_entry("additional_secret_outputs", &resource.secret_outputs)?;
        let arguments = resource.arguments.iter();
        let arguments =
            arguments.map(|argument| (argument.name, Known(stack, &argument.value, member.row)));
        object.serialize_entry("arguments", &Entries(arguments.collect()))?;
        let targets = resource
            .depends_on
            .iter()
            .flat_map(|(target, _)| stack.targets(target, member.row));
        object.serialize_entry("depends_on", &Listed(targets.map(Address).collect()))?;
        let origins = resource.arguments.iter();
        let origins = origins.map(|argument| (argument.name, Source(member.origin(argument))));
        object.serialize_entry("origins", &Entries(origins.collect()))?;
        object.end()
    }
}

/// Component, type and name, which together are one resource.
fn address<M: SerializeMap>(member: &Member<'_>, object: &mut M) -> Result<(), M::Error> {
    let token = crate::catalogue::kind(member.resource.kind)
        .map(|kind| kind.token)
        .unwrap_or_default();
    object.serialize_entry("component", &member.component.path)?;
    object.serialize_entry("type", token)?;
    object.serialize_entry("name", &member.logical())
}

struct Address<'a>(Member<'a>);

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(3))?;
        address(&self.0, &mut object)?;
        object.end()
    }
}

/// An expression, as far as it is known now.
struct Known<'a>(&'a Stack, &'a Expr, Option<&'a Row>);

impl Serialize for Known<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(stack, expr, row) = *self;
        let inner = |expr| Known(stack, expr, row);
        let cell = |column: &str| row.and_then(|row| row.cell(column));
        match expr {
            Expr::Text(text) => text.serialize(to),
            Expr::Integer(value) => value.serialize(to),
            Expr::Float(value) => value.serialize(to),
            Expr::Bool(value) => value.serialize(to),
            Expr::List(items) => to.collect_seq(items.iter().map(inner)),
            Expr::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key, inner(value)));
                Only("map", Entries(entries.collect())).serialize(to)
            }
            Expr::Noted(_, value) | Expr::Constant { value, .. } => inner(value).serialize(to),
            Expr::Output {
                target,
                field,
                path,
                ..
            } => stack.outputs(target, field, path, row).serialize(to),
            Expr::ByFunction {
                column,
                variable,
                field,
                ..
            } => match row {
                Some(row) => {
                    let target = of_function(&row.text(column), variable);
                    stack.outputs(&target, field, "", None).serialize(to)
                }
                None => Only("map", stack.of_functions(variable, field)).serialize(to),
            },
            Expr::Parent {
                column,
                target,
                field,
                root,
                ..
            } => {
                if row
                    .map(|row| row.text(column))
                    .unwrap_or_default()
                    .is_empty()
                {
                    return inner(root).serialize(to);
                }
                stack
                    .outputs(&target.keyed(column), field, "", row)
                    .serialize(to)
            }
            Expr::Name { kind, role } => Only("name", Named(kind, role.resolve(row))).serialize(to),
            Expr::AlphanumericName { kind, role } => {
                Only("alphanumeric_name", Named(kind, role.resolve(row))).serialize(to)
            }
            Expr::AlphanumericNames { kind, column } => {
                let Some(Expr::Map(roles)) = cell(column) else {
                    return to.serialize_unit();
                };
                let name = |role| Only("alphanumeric_name", Named(kind, inner(role)));
                let names = roles.iter().map(|(key, role)| (key, name(role)));
                Only("map", Entries(names.collect())).serialize(to)
            }
            Expr::Tags { kind, role } => Only("tags", Named(kind, role.resolve(row))).serialize(to),
            Expr::AccountId => Only("account_id", true).serialize(to),
            Expr::Region => Only("region", true).serialize(to),
            Expr::Suffix => Only("suffix", true).serialize(to),
            Expr::EnvironmentName => Only("environment", true).serialize(to),
            Expr::Concat(parts) => {
                Only("concat", Listed(parts.iter().map(inner).collect())).serialize(to)
            }
            Expr::Json(value) => Only("json", inner(value)).serialize(to),
            Expr::Column(column) => match cell(column) {
                Some(value) => inner(value).serialize(to),
                None => to.serialize_unit(),
            },
            Expr::Rows(table) => to.collect_seq(stack.rows(table)),
            Expr::Fingerprint(value) => Only("fingerprint", inner(value)).serialize(to),
            Expr::Archive {
                folder,
                packages,
                wheels,
            } => {
                let mut object = to.serialize_map(Some(1))?;
                let archive = Archive {
                    folder,
                    packages,
                    wheels,
                };
                object.serialize_entry("archive", &archive)?;
                object.end()
            }
            Expr::Digest(path) => Only("digest", path).serialize(to),
            Expr::FileText(path) => Only("file_text", path).serialize(to),
            Expr::LibrariesLayer => Only("libraries_layer", true).serialize(to),
        }
    }
}

#[derive(Serialize)]
struct Archive<'a> {
    folder: &'a str,
    packages: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    wheels: &'a Option<Wheels>,
}

/// What a physical name is made from.
struct Named<R>(&'static str, R);

impl<R: Serialize> Serialize for Named<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(2))?;
        object.serialize_entry("kind", self.0)?;
        object.serialize_entry("role", &self.1)?;
        object.end()
    }
}

/// An output of one resource.
struct Output<'a> {
    member: Member<'a>,
    field: &'a str,
    path: &'a str,
}

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(5))?;
        address(&self.member, &mut object)?;
        object.serialize_entry("field", self.field)?;
        object.serialize_entry("path", self.path)?;
        object.end()
    }
}

/// The outputs that a target stands for.
enum Outputs<'a> {
    Each(Vec<Only<Output<'a>>>),
    /// None where the resource is not there.
    One(Option<Only<Output<'a>>>),
}

impl Serialize for Outputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Each(outputs) => serializer.collect_seq(outputs),
            Self::One(output) => output.serialize(serializer),
        }
    }
}

fn of_function(key: &str, variable: &str) -> Target {
    Target {
        component: format!("functions/{key}"),
        variable: variable.to_owned(),
        members: Members::One,
    }
}

impl Stack {
    fn outputs<'a>(
        &'a self,
        target: &Target,
        field: &'a str,
        path: &'a str,
        row: Option<&'a Row>,
    ) -> Outputs<'a> {
        let members = self.targets(target, row).into_iter();
        let output = |member| {
            let output = Output {
                member,
                field,
                path,
            };
            Only("output", output)
        };
        let mut outputs: Vec<_> = members.map(output).collect();
        if target.members == Members::Each {
            Outputs::Each(outputs)
        } else {
            Outputs::One(outputs.pop())
        }
    }

    /// Outside a family: the outputs of all functions, by their keys.
    fn of_functions<'a>(&'a self, variable: &str, field: &'a str) -> Entries<&'a str, Outputs<'a>> {
        let keys = self
            .components
            .iter()
            .filter_map(|component| component.path.strip_prefix("functions/"));
        let output = |key| self.outputs(&of_function(key, variable), field, "", None);
        Entries(keys.map(|key| (key, output(key))).collect())
    }

    /// The rows of a table, cell by cell.
    fn rows(&self, table: &str) -> Vec<Only<Entries<&'static str, Known<'_>>>> {
        let mut blocks = self
            .components
            .iter()
            .flat_map(|component| &component.blocks);
        let family = blocks.find_map(|block| match block {
            Block::Family(family) if family.table == table => Some(family),
            _ => None,
        });
        let rows = family.map(|family| family.rows.as_slice());
        let rows = rows.unwrap_or_default().iter().map(|row| {
            let cells = row.cells.iter();
            let cells = cells.map(|(name, value, _)| (*name, Known(self, value, None)));
            Only("map", Entries(cells.collect()))
        });
        rows.collect()
    }
}

/// Where a value comes from.
struct Source(Origin);

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Origin::Spec { key, span } => {
                let mut object = serializer.serialize_map(Some(2))?;
                object.serialize_entry("spec", key)?;
                object.serialize_entry("span", &[span.start, span.end])?;
                object.end()
            }
            Origin::Default(key) => Only("default", default_name(key)).serialize(serializer),
            Origin::Derived(from) => Only("derived", from).serialize(serializer),
            Origin::Fixed(because) => Only("fixed", because).serialize(serializer),
            Origin::Override(set) => {
                let replaces = set.replaces.as_ref();
                let object = json!({
                    "spec": set.key,
                    "span": [set.span.start, set.span.end],
                    "replaces": replaces.map_or(Json::Null, |(value, _)| value.clone()),
                    "reason": set.reason,
                    "owner": set.owner,
                    "expires": set.expires.to_string(),
                });
                Only("override", object).serialize(serializer)
            }
        }
    }
}
