//! What is deployed, from what `pulumi stack export` printed. Secrets stay closed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde::Deserialize;
use serde_json::Value as Json;

use super::evaluate::Deployment;
use super::registered::{ALL_TAGS, Before, Deployed, PROVIDER_TYPE, Urn, add_all_tags, type_of};
use super::value::Value;
use crate::catalogue::kinds;
use crate::stack::resource::Kept;

/// Pulumi's name of every project of ours.
const PROJECT: &str = "paystage";
const STACK_TYPE: &str = "pulumi:pulumi:Stack";
const COMPONENTS: &str = "paystage:index:";

#[derive(Deserialize)]
struct Export {
    deployment: Option<Checkpoint>,
    /// What a backend's own file has instead.
    checkpoint: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Checkpoint {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    pending_operations: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    urn: String,
    #[serde(default)]
    custom: bool,
    #[serde(default)]
    delete: bool,
    id: Option<String>,
    #[serde(default)]
    inputs: serde_json::Map<String, Json>,
    #[serde(default)]
    outputs: serde_json::Map<String, Json>,
    #[serde(default)]
    property_dependencies: BTreeMap<String, Option<Vec<String>>>,
    #[serde(default)]
    ignore_changes: Vec<String>,
    #[serde(default)]
    protect: bool,
    #[serde(default)]
    retain_on_delete: bool,
}

/// A stack as it is deployed.
#[derive(Debug)]
pub struct State {
    pub before: Before,
    /// Pulumi's name of the stack.
    pub stack: String,
    /// What the stack says of itself; none where it never came up.
    pub deployment: Option<Deployment>,
    /// What is left out of the comparison.
    pub not_compared: Vec<String>,
}

/// Reads an export. The error says what the text is instead.
pub fn read(bytes: &[u8]) -> Result<State, String> {
    let export: Export = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_eof() {
            format!(
                "the JSON ends too early, at line {}: was it cut off?",
                error.line()
            )
        } else {
            format!("it is not what `pulumi stack export` prints: {error}")
        }
    })?;
    let Some(checkpoint) = export.deployment else {
        return Err(if export.checkpoint.is_some() {
            "it is a backend's own file: `pulumi stack export` gives what is read here".to_owned()
        } else {
            "it is not what `pulumi stack export` prints: it has no `deployment`".to_owned()
        });
    };
    let mut not_compared = Vec::new();
    if !checkpoint.pending_operations.is_empty() {
        let count = checkpoint.pending_operations.len();
        not_compared.push(format!(
            "{count} operations of an `up` that was interrupted: `pulumi refresh` settles them"
        ));
    }
    let stack = stack_of(&checkpoint.resources)?;
    let deployment = deployment(&checkpoint.resources);
    let default_tags = default_tags(&checkpoint.resources);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut resources = Vec::new();
    let mut foreign = 0;
    for resource in &checkpoint.resources {
        let urn = end_of(&resource.urn);
        if resource.delete {
            not_compared.push(format!(
                "{urn}, which the next `up` deletes: an earlier one was interrupted"
            ));
            continue;
        }
        if type_of(urn) == STACK_TYPE || is_default_provider(urn) {
            continue;
        }
        if !urn.starts_with(COMPONENTS) && !urn.starts_with(PROVIDER_TYPE) {
            foreign += 1;
            continue;
        }
        numbers.insert(&resource.urn, resources.len());
        let mut found = deployed(resource, urn, &numbers);
        // A provider of the newer framework keeps this to itself, and one that went meanwhile had other defaults.
        let inputs = Rc::make_mut(&mut found.inputs);
        inputs.remove(ALL_TAGS);
        add_all_tags(found.kind, inputs, &default_tags);
        resources.push(found);
    }
    if foreign > 0 {
        not_compared.push(format!(
            "{foreign} resources that are not the compiler's: extensions made them"
        ));
    }
    Ok(State {
        before: Before {
            resources,
            is_imagined: false,
        },
        stack,
        deployment,
        not_compared,
    })
}

/// `urn:pulumi:STACK::PROJECT::TYPES::NAME`.
fn end_of(urn: &str) -> &str {
    urn.splitn(3, "::").nth(2).unwrap_or(urn)
}

fn is_default_provider(urn: &str) -> bool {
    type_of(urn).starts_with("pulumi:providers:") && urn.contains("::default")
}

/// The stack's name, if it is one of a project of ours.
fn stack_of(resources: &[Resource]) -> Result<String, String> {
    let mut stacks = BTreeSet::new();
    for resource in resources {
        let parts: Vec<&str> = resource.urn.splitn(3, "::").collect();
        let [stack, project, _] = parts.as_slice() else {
            return Err(format!("`{}` is no URN", resource.urn));
        };
        if *project != PROJECT {
            return Err(format!(
                "it is the state of a project called `{project}`, not of one that paystagec wrote"
            ));
        }
        stacks.insert(stack.trim_start_matches("urn:pulumi:").to_owned());
    }
    Ok(stacks.pop_first().unwrap_or_default())
}

/// What the stack puts out about itself.
fn deployment(resources: &[Resource]) -> Option<Deployment> {
    let stack = resources
        .iter()
        .find(|resource| type_of(end_of(&resource.urn)) == STACK_TYPE)?;
    let text = |name: &str| Some(stack.outputs.get(name)?.as_str()?.to_owned());
    Some(Deployment {
        environment: text("environment")?,
        suffix: text("suffix")?,
        region: text("region")?,
        account: text("account_id")?,
        allowed_accounts: Vec::new(),
        manages_account: resources
            .iter()
            .any(|resource| resource.urn.contains("$aws:apigateway/account:Account::")),
        tags: BTreeMap::new(),
    })
}

/// The tags that the stack's provider gives to everything.
fn default_tags(resources: &[Resource]) -> BTreeMap<String, String> {
    let provider = resources.iter().find(|resource| {
        let urn = end_of(&resource.urn);
        !resource.delete && type_of(urn) == PROVIDER_TYPE && !is_default_provider(urn)
    });
    let given = provider.and_then(|provider| provider.inputs.get("defaultTags"));
    let mut given = given.map_or(Value::Null, Value::from);
    open(&mut given);
    let Some(Value::Map(tags)) = given.at("tags") else {
        return BTreeMap::new();
    };
    let tags = tags
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())));
    tags.collect()
}

fn deployed(resource: &Resource, urn: &str, numbers: &HashMap<&str, usize>) -> Deployed {
    let token = type_of(urn);
    let values = |map: &serde_json::Map<String, Json>| match Value::from(&Json::Object(map.clone()))
    {
        Value::Map(values) => values,
        _ => BTreeMap::new(),
    };
    let mut inputs = values(&resource.inputs);
    if token == PROVIDER_TYPE {
        // What else stands there the SDK adds by itself.
        inputs.retain(|name, _| {
            ["region", "defaultTags", "allowedAccountIds"].contains(&name.as_str())
        });
        for value in inputs.values_mut() {
            open(value);
        }
    }
    let mut outputs = values(&resource.outputs);
    if let Some(id) = &resource.id {
        outputs.insert("id".to_owned(), Value::Text(id.clone()));
    }
    let reads = resource.property_dependencies.iter().map(|(name, urns)| {
        let urns = urns.iter().flatten();
        let numbers = urns.filter_map(|urn| numbers.get(urn.as_str()).copied());
        (name.clone(), numbers.collect::<BTreeSet<usize>>())
    });
    Deployed {
        urn: Urn::from(urn),
        kind: kinds().iter().find(|kind| kind.token == token),
        inputs: inputs.into(),
        outputs,
        reads: reads.filter(|(_, numbers)| !numbers.is_empty()).collect(),
        ignored: resource.ignore_changes.clone(),
        kept: match (resource.protect, resource.retain_on_delete) {
            (true, _) => Some(Kept::Protected),
            (false, true) => Some(Kept::Retained),
            (false, false) => None,
        },
        is_custom: resource.custom,
    }
}

/// Arguments of a provider travel as JSON in a text.
fn open(value: &mut Value) {
    if let Value::Text(text) = value
        && text.starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str::<Json>(text)
    {
        *value = Value::from(&json);
    }
}
