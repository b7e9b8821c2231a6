//! Resources as the engine knows them: what a program registers, and what a stack was left with.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::diff::Inputs;
use super::evaluate::{Contents, Deployment, Evaluator, wire};
use super::outputs::derived;
use super::value::Value;
use crate::catalogue::{Kind, kind};
use crate::emit::python::module::class_name;
use crate::stack::expr::{Expr, Row, Target};
use crate::stack::graph::{Member, Stack};
use crate::stack::places::Places;
use crate::stack::resource::{Block, Condition, Kept, Resource};

pub const PROVIDER_TYPE: &str = "pulumi:providers:aws";
/// Prefix of the types of our components.
const COMPONENTS: &str = "paystage:index:";

/// What tells a resource from all others of its stack: the end of its URN, types and name.
pub type Urn = String;

/// The resource type at the end of a URN's chain of types.
pub fn type_of(urn: &str) -> &str {
    let types = urn.rsplit_once("::").map_or(urn, |(types, _)| types);
    types.rsplit_once('$').map_or(types, |(_, last)| last)
}

/// The logical name at the end of a URN.
pub fn name_of(urn: &str) -> &str {
    urn.rsplit_once("::").map_or(urn, |(_, name)| name)
}

/// A resource of a stack, as it was deployed.
#[derive(Debug, Clone, Default)]
pub struct Deployed {
    pub urn: Urn,
    pub kind: Option<&'static Kind>,
    /// Shared by all that are known to have the same.
    pub inputs: Rc<Inputs>,
    pub outputs: BTreeMap<String, Value>,
    /// By input: the numbers of the resources that it reads.
    pub reads: BTreeMap<String, BTreeSet<usize>>,
    /// Inputs that count when it is made and never after.
    pub ignored: Vec<String>,
    /// What keeps it from being deleted, if anything does.
    pub kept: Option<Kept>,
    /// Whether a provider makes it: components are nothing in the account.
    pub is_custom: bool,
}

impl Deployed {
    pub fn token(&self) -> &str {
        type_of(&self.urn)
    }

    pub fn name(&self) -> &str {
        name_of(&self.urn)
    }
}

/// A stack as it was left by the last deployment, each resource after those that it needs.
#[derive(Debug, Default)]
pub struct Before {
    pub resources: Vec<Deployed>,
    /// What was computed when there was no deployment to read it from, and stands for a value of AWS's.
    pub is_imagined: bool,
}

/// A resource that a program is about to register.
#[derive(Debug)]
pub struct Goal<'a> {
    pub urn: Urn,
    /// Earlier identities, by URN.
    pub aliases: Vec<Urn>,
    pub kind: Option<&'static Kind>,
    /// None for components and the provider.
    pub member: Option<Member<'a>>,
    /// By argument, in the SDK's spelling: the numbers of the goals that it reads.
    pub reads: BTreeMap<&'static str, BTreeSet<usize>>,
    /// All that it waits for.
    pub after: BTreeSet<usize>,
}

impl Goal<'_> {
    /// Whether the program wants the old one deleted first; nothing where it leaves that to the provider.
    pub fn delete_before_replace(&self) -> Option<bool> {
        self.member.as_ref()?.resource.delete_before_replace
    }

    /// Inputs that count when it is made and never after, by their names on the wire.
    pub fn ignored(&self) -> Vec<String> {
        let resource = self.member.as_ref().map(|member| member.resource);
        let ignored = resource
            .into_iter()
            .flat_map(|resource| &resource.ignore_changes);
        ignored.map(|argument| wire(argument)).collect()
    }
}

/// All that a program registers, in its order.
#[derive(Debug)]
pub struct Program<'a> {
    pub stack: &'a Stack,
    pub deployment: &'a Deployment,
    pub places: Places<'a>,
    pub goals: Vec<Goal<'a>>,
    /// Numbers of the goals by resource and row of the graph.
    numbers: HashMap<(*const Resource, Option<*const Row>), usize>,
}

impl<'a> Program<'a> {
    pub fn of(stack: &'a Stack, deployment: &'a Deployment) -> Self {
        let mut program = Self {
            stack,
            deployment,
            places: Places::of(stack),
            goals: Vec::new(),
            numbers: HashMap::new(),
        };
        program.push(format!("{PROVIDER_TYPE}::aws"), Vec::new());
        let mut parents = BTreeSet::new();
        for component in &stack.components {
            let (chain, types) = chains(&component.path);
            if component.path.starts_with("functions/") && parents.insert("functions") {
                program.push(format!("{COMPONENTS}Functions::functions"), Vec::new());
            }
            let name = component.key().replace('_', "-");
            let types = types.into_iter().map(|chain| (chain, name.clone()));
            let renamed = component.renamed_from.as_ref();
            let renamed = renamed.map(|former| (chain.clone(), former.value.clone()));
            let earlier: Vec<(String, String)> = types.chain(renamed).collect();
            let aliases = earlier
                .iter()
                .map(|(chain, name)| format!("{chain}::{name}"));
            let aliases = aliases.collect();
            let parent = Parent {
                chain,
                name,
                earlier,
            };
            program.push(format!("{}::{}", parent.chain, parent.name), aliases);
            for block in &component.blocks {
                if matches!(block, Block::Guarded(Condition::ManagesAccount, _))
                    && !deployment.manages_account
                {
                    continue;
                }
                let rows: Vec<Option<&Row>> = match block {
                    Block::Family(family) => family.rows.iter().map(Some).collect(),
                    Block::Resource(_) | Block::Guarded(..) => vec![None],
                };
                for row in rows {
                    for resource in block.resources() {
                        let member = Member {
                            component,
                            resource,
                            row,
                        };
                        program.add(&parent, member);
                    }
                }
            }
        }
        program
    }

    fn push(&mut self, urn: Urn, aliases: Vec<Urn>) {
        self.goals.push(Goal {
            urn,
            aliases,
            kind: None,
            member: None,
            reads: BTreeMap::new(),
            after: BTreeSet::new(),
        });
    }

    fn add(&mut self, parent: &Parent, member: Member<'a>) {
        let kind = kind(member.resource.kind);
        let token = kind.map_or("", |kind| kind.token);
        let mut reads = BTreeMap::new();
        for argument in &member.resource.arguments {
            let found = self.read_by(&argument.value, member.row);
            if !found.is_empty() {
                reads.insert(argument.name, found);
            }
        }
        let mut after: BTreeSet<usize> = reads.values().flatten().copied().collect();
        for (target, _) in &member.resource.depends_on {
            after.extend(self.numbers_of(target, member.row));
        }
        let number = self.goals.len();
        self.numbers.insert(key(&member), number);
        let name = member.logical();
        let earlier_names = member.aliases();
        let urn = |chain: &str, name: &str| format!("{chain}${token}::{name}");
        // Its own earlier names, its parent's earlier types and names, and both. A name that begins with the parent's had the
        // parent's earlier name there: `inheritedChildAlias` of the engine.
        let chain = &parent.chain;
        let mut aliases: Vec<Urn> = Vec::new();
        aliases.extend(earlier_names.iter().map(|name| urn(chain, name)));
        for (chain, former) in &parent.earlier {
            let names = std::iter::once(&name).chain(&earlier_names);
            aliases.extend(names.map(|name| match name.strip_prefix(&parent.name) {
                Some(rest) => urn(chain, &format!("{former}{rest}")),
                None => urn(chain, name),
            }));
        }
        self.goals.push(Goal {
            urn: urn(chain, &name),
            aliases,
            kind,
            member: Some(member),
            reads,
            after,
        });
    }

    fn numbers_of(&self, target: &Target, row: Option<&'a Row>) -> BTreeSet<usize> {
        let members = self.places.targets(target, row);
        let numbers = members.iter().filter_map(|member| self.number(member));
        numbers.collect()
    }

    /// The goal that a member of the graph is.
    pub fn number(&self, member: &Member<'_>) -> Option<usize> {
        self.numbers.get(&key(member)).copied()
    }

    /// The resources that an expression reads.
    fn read_by(&self, expr: &Expr, row: Option<&'a Row>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        expr.walk(&mut |expr| match expr {
            Expr::Output { target, .. } => found.extend(self.numbers_of(target, row)),
            Expr::Parent { column, target, .. }
                if row.is_some_and(|row| !row.text(column).is_empty()) =>
            {
                found.extend(self.numbers_of(&target.keyed(column), row));
            }
            Expr::ByFunction {
                column, variable, ..
            } => {
                let wanted = row.map(|row| row.text(column));
                let keys: Vec<&str> = match &wanted {
                    Some(key) => vec![key],
                    None => self.places.functions().to_vec(),
                };
                let members = keys
                    .iter()
                    .filter_map(|key| self.places.of_function(key, variable));
                found.extend(members.filter_map(|member| self.number(&member)));
            }
            _ => {}
        });
        found
    }

    /// The inputs of a goal. `output` gives what another goal puts out.
    pub fn inputs(
        &self,
        goal: &Goal<'_>,
        contents: &dyn Contents,
        output: &dyn Fn(usize, &str) -> Value,
    ) -> Inputs {
        let Some(member) = &goal.member else {
            return if goal.urn.starts_with(PROVIDER_TYPE) {
                provider_inputs(self.deployment)
            } else {
                Inputs::new()
            };
        };
        let evaluator = Evaluator {
            places: &self.places,
            deployment: self.deployment,
            contents,
            output: &|member, field| {
                let number = self.number(member);
                number.map_or(Value::Null, |number| output(number, field))
            },
        };
        let arguments = member.resource.arguments.iter();
        let mut inputs: Inputs = arguments
            .map(|argument| {
                let value = evaluator.argument(argument.name, &argument.value, member.row);
                (wire(argument.name), value)
            })
            // What is not there does not go over the wire.
            .filter(|(_, value)| *value != Value::Null)
            .collect();
        if member.resource.kind == "aws.apigateway.ApiKey" {
            // The SDK hands this on where the program says nothing.
            let usual = Value::Text("Managed by Pulumi".to_owned());
            inputs.entry("description".to_owned()).or_insert(usual);
        }
        add_all_tags(goal.kind, &mut inputs, &self.deployment.tags);
        inputs
    }
}

/// A component as those that it holds see it.
struct Parent {
    /// The types down to it.
    chain: String,
    name: String,
    /// Types and name by which stacks may still know it.
    earlier: Vec<(String, String)>,
}

fn key(member: &Member<'_>) -> (*const Resource, Option<*const Row>) {
    let row = member.row.map(std::ptr::from_ref);
    (std::ptr::from_ref(member.resource), row)
}

/// The types from the top component down to this one, and those of earlier versions.
fn chains(path: &str) -> (String, Vec<String>) {
    let class = class_name(path);
    if path.starts_with("functions/") {
        let below = |class: &str| format!("{COMPONENTS}Functions${COMPONENTS}{class}");
        // There was a type for each function once.
        (below("LambdaFunction"), vec![below(&class)])
    } else {
        (format!("{COMPONENTS}{class}"), Vec::new())
    }
}

/// The provider's input for the tags of a resource over its own default ones.
pub const ALL_TAGS: &str = "tagsAll";

/// Adds what the provider itself puts beside `tags`: so other default tags update whatever takes tags, also what has none of its own.
/// (pulumi-aws, provider/tags.go: `applyTags`, before `Check`, for resources of Terraform's SDK. Those of its framework plan the same.)
pub fn add_all_tags(
    kind: Option<&Kind>,
    inputs: &mut BTreeMap<String, Value>,
    defaults: &BTreeMap<String, String>,
) {
    if !kind.is_some_and(|kind| kind.taggable) {
        return;
    }
    let defaults = defaults
        .iter()
        .map(|(name, value)| (name.clone(), Value::Text(value.clone())));
    let all = match inputs.get("tags") {
        None => Value::Map(defaults.collect()),
        Some(Value::Map(own)) if own.values().all(Value::is_known) => {
            let own = own
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()));
            Value::Map(defaults.chain(own).collect())
        }
        Some(_) => Value::Unknown,
    };
    inputs.insert(ALL_TAGS.to_owned(), all);
}

fn provider_inputs(deployment: &Deployment) -> BTreeMap<String, Value> {
    let text = |value: &str| Value::Text(value.to_owned());
    let tags = deployment
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), text(value)));
    let default_tags = Value::Map([("tags".to_owned(), Value::Map(tags.collect()))].into());
    let mut inputs = BTreeMap::from([
        ("region".to_owned(), text(&deployment.region)),
        ("defaultTags".to_owned(), default_tags),
    ]);
    if !deployment.allowed_accounts.is_empty() {
        let accounts = deployment
            .allowed_accounts
            .iter()
            .map(|account| text(account));
        inputs.insert(
            "allowedAccountIds".to_owned(),
            Value::List(accounts.collect()),
        );
    }
    inputs
}

/// What a resource puts out. `is_imagined`: a value of AWS's is stood for by one that names it.
pub fn output(
    resource: &Deployed,
    field: &str,
    deployment: &Deployment,
    is_imagined: bool,
) -> Value {
    let name = wire(field);
    if let Some(value) = resource.outputs.get(&name) {
        return value.clone();
    }
    let class = resource.kind.map_or("", |kind| kind.class);
    let follows = derived(class, field, &resource.inputs, deployment);
    match follows {
        Some(value) => value,
        None if is_imagined => imagined_output(&resource.urn, &name),
        None => Value::Unknown,
    }
}

/// In the place of a value that AWS chooses.
pub fn imagined_output(urn: &str, name: &str) -> Value {
    let text = |part: &str| Value::Text(format!("<{}::{}.{part}>", type_of(urn), name_of(urn)));
    match name {
        // The one output whose parts are read.
        "masterUserSecrets" => Value::List(vec![Value::Map(
            [(
                "secretArn".to_owned(),
                text("masterUserSecrets[0].secretArn"),
            )]
            .into(),
        )]),
        _ => text(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value as Json, json};

    use super::{ALL_TAGS, add_all_tags};
    use crate::catalogue::kind;
    use crate::compare::value::Value;

    fn all_tags(class: &str, inputs: &Json) -> Option<Value> {
        let defaults = BTreeMap::from([
            ("Environment".to_owned(), "staging".to_owned()),
            ("Owner".to_owned(), "payments".to_owned()),
        ]);
        let Value::Map(mut inputs) = Value::from(inputs) else {
            return None;
        };
        add_all_tags(kind(class), &mut inputs, &defaults);
        inputs.get(ALL_TAGS).cloned()
    }

    #[test]
    fn own_tags_stand_over_the_default_ones() {
        let queue = "aws.sqs.Queue";
        let of = |json: Json| Some(Value::from(&json));
        assert_eq!(
            all_tags(queue, &json!({"tags": {"Name": "q", "Owner": "other"}})),
            of(json!({"Environment": "staging", "Name": "q", "Owner": "other"}))
        );
        assert_eq!(
            all_tags(queue, &json!({})),
            of(json!({"Environment": "staging", "Owner": "payments"}))
        );
        assert_eq!(all_tags("aws.lambda_.Permission", &json!({})), None);
        assert_eq!(all_tags("aws.ec2.Route", &json!({})), None);
        assert_eq!(all_tags("tls.PrivateKey", &json!({})), None);
    }
}
