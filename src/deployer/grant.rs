//! Statements from actions: each action under the narrowest form that AWS has for it, actions of one form in one statement.
//!
//! Actions share a statement only where none gets more by it. What is limited by our names or tags is ours, whichever of
//! the listed resources it is; so that is one statement a service. What is limited by neither shares with its like alone.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::names::Naming;
use super::statement::{self, Conditions, Statement, camel, conditions, spelled};
use super::{Phase, THROUGH};
use crate::catalogue::{Permissions, ResourceType, Scope, kind, resource_type, scope};
use crate::resolve::environment::Environment;
use crate::resolve::keys::ROLES;
use crate::stack::graph::{Member, Stack};

pub const PASS: &str = "iam:PassRole";
const RETIRE: &str = "kms:RetireGrant";
const DECRYPT: &str = "kms:Decrypt";
pub const LINK: &str = "iam:CreateServiceLinkedRole";

/// Tag of a resource, and of the request that makes it.
const RESOURCE_NAME: &str = "aws:ResourceTag/Name";
const REQUEST_NAME: &str = "aws:RequestTag/Name";

/// Where an environment lives, with the ARNs of what it has.
#[derive(Debug)]
pub struct Place<'a> {
    pub naming: Naming<'a>,
    /// Account in an ARN.
    account: &'a str,
    /// The longest suffix that fits all names.
    pub longest_suffix: usize,
    /// The end of every name.
    pub tail: String,
    /// Whether the environment makes any.
    owns_keys: bool,
    /// ARNs of keys that others own.
    owners_keys: BTreeSet<Rc<str>>,
    /// By service and name.
    types: HashMap<(&'static str, &'static str), Arns>,
}

/// ARNs of one type of resource, by what they are limited by.
#[derive(Debug, Default)]
struct Arns {
    /// The name holds the suffix.
    named: BTreeSet<Rc<str>>,
    /// Their tags count.
    tagged: BTreeSet<Rc<str>>,
    /// Neither.
    open: BTreeSet<Rc<str>>,
}

impl<'a> Place<'a> {
    pub fn of(env: &'a Environment, stack: &'a Stack) -> Self {
        // In an ARN, IAM puts the caller's account in after the fifth colon only. Before it a wildcard serves as well: what
        // belongs to another account takes a policy over there too.
        let (account, in_names) = match env.allowed_account_ids.as_slice() {
            [only] => (only.value.as_str(), only.value.as_str()),
            _ => ("*", "${aws:PrincipalAccount}"),
        };
        let naming = Naming {
            environment: &env.name.value,
            suffix: &env.suffix.value,
            region: &env.region.value,
            account: in_names,
        };
        let mut place = Self {
            account,
            longest_suffix: stack.longest_suffix(),
            tail: naming.tail(),
            naming,
            owns_keys: env.owners_keys().len() < ROLES.len(),
            owners_keys: env
                .owners_keys()
                .into_iter()
                .map(|(_, key)| key.as_str().into())
                .collect(),
            types: HashMap::new(),
        };
        let mut members: HashMap<&str, Vec<Member<'_>>> = HashMap::new();
        for member in stack.members() {
            members
                .entry(member.resource.kind)
                .or_default()
                .push(member);
        }
        for row in crate::catalogue::resource_types() {
            let is_there = |class: &&str| members.contains_key(class);
            if row.kinds.is_empty() || row.kinds.iter().any(is_there) {
                let arns = place.arns(row, stack, &members);
                place.types.insert(row.parts(), arns);
            }
        }
        place
    }

    fn arns(
        &self,
        row: &'static ResourceType,
        stack: &Stack,
        members: &HashMap<&str, Vec<Member<'_>>>,
    ) -> Arns {
        let mut arns = Arns::default();
        let mut push = |name: &str, own: bool| {
            let set = match (own, row.tagged) {
                (true, _) => &mut arns.named,
                (false, true) => &mut arns.tagged,
                (false, false) => &mut arns.open,
            };
            set.insert(self.arn(row.arn, name).into());
        };
        if row.named.is_empty() {
            push("", false);
        }
        for named in row.named {
            // `aws.rds.Instance`, or with the argument that holds the name.
            let (class, argument) = match named.match_indices('.').nth(2) {
                Some((at, _)) => (named.get(..at), named.get(at + 1..)),
                None => (Some(*named), None),
            };
            let class = class.unwrap_or_default();
            let rule = kind(class).and_then(|kind| kind.name.as_ref());
            let argument = argument.or(rule.map(|rule| rule.property));
            let members = members.get(class).map(Vec::as_slice).unwrap_or_default();
            let argument = argument.unwrap_or_default();
            for pattern in self.naming.patterns(stack, members, argument) {
                push(&pattern.text, pattern.own);
            }
        }
        arns
    }

    fn arn(&self, pattern: &str, name: &str) -> String {
        pattern
            .replace("{region}", self.naming.region)
            .replace("{account}", self.account)
            .replace("{name}", name)
    }

    /// The value of the tag `Name` on everything of this environment.
    fn own(&self) -> String {
        format!("*{}", self.tail)
    }
}

/// What a statement is limited by; the order of statements within a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Named,
    /// These types, by name: fewer than other actions of the service get.
    Only(Vec<&'static str>),
    /// Tagged as ours, or without a name; for reading only.
    Shown,
    Tagged,
    /// Without a name by others.
    Untagged,
    /// Tags for what has none by others.
    Tags,
    /// Tags in the call that makes something.
    TagsOfNew,
    /// Tags for what takes no conditions on tags that are there.
    TagRequests,
    /// These types, by the tags in the request; those that need nothing else together.
    New(Vec<&'static str>),
    /// These types, by nothing but the ARN.
    Open(Vec<&'static str>),
    AnyNew,
    Any,
}

/// Why statements are not limited further, by Sid.
#[derive(Debug, Default)]
pub struct Reasons {
    /// Without a resource.
    pub anywhere: BTreeMap<String, BTreeSet<&'static str>>,
    /// With a resource that holds neither our names nor our tags.
    pub open: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Reasons {
    /// With those of another phase.
    pub fn join(&mut self, other: Self) {
        for (sid, reasons) in other.anywhere {
            self.anywhere.entry(sid).or_default().extend(reasons);
        }
        for (sid, reasons) in other.open {
            self.open.entry(sid).or_default().extend(reasons);
        }
    }
}

fn texts<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    words.map(str::to_owned).collect()
}

/// Collects statements of one phase.
pub struct Grants<'a> {
    place: &'a Place<'a>,
    phase: Phase,
    statements: BTreeMap<(&'static str, Form), Statement>,
    reasons: Reasons,
    /// Calls that make resources of EC2, which tag them.
    making: BTreeSet<String>,
    tags: Tags,
}

/// The conditions on tags.
struct Tags {
    tagged: Conditions,
    in_request: Conditions,
    untagged: Conditions,
    tagging: Conditions,
}

impl Tags {
    fn of(place: &Place<'_>) -> Self {
        let own = || place.own();
        Self {
            tagged: conditions([("StringLike", RESOURCE_NAME, own())]),
            in_request: conditions([("StringLike", REQUEST_NAME, own())]),
            untagged: conditions([("StringLikeIfExists", RESOURCE_NAME, own())]),
            tagging: conditions([
                ("StringLike", REQUEST_NAME, own()),
                ("StringLikeIfExists", RESOURCE_NAME, own()),
            ]),
        }
    }
}

impl<'a> Grants<'a> {
    pub fn new(place: &'a Place<'a>, phase: Phase) -> Self {
        Self {
            place,
            phase,
            statements: BTreeMap::new(),
            reasons: Reasons::default(),
            making: BTreeSet::new(),
            tags: Tags::of(place),
        }
    }

    /// Grants an action of the catalogue.
    pub fn add(&mut self, action: &'static str) -> anyhow::Result<()> {
        let scope =
            scope(action).ok_or_else(|| anyhow::anyhow!("{action} has no scope in scopes.toml"))?;
        if let Some(reason) = &scope.any {
            self.anywhere(scope, action, reason);
        }
        // A tag that somebody took away is a difference to show, not a reason to fail.
        let (shown, used): (Vec<&str>, Vec<&str>) = scope.uses.iter().partition(|name| {
            let row = resource_type(scope.service, name);
            self.phase == Phase::Preview && !row.is_some_and(|row| row.secret)
        });
        self.grant(scope, action, &shown, Form::Shown, |tags| &tags.untagged);
        self.grant(scope, action, &used, Form::Tagged, |tags| &tags.tagged);
        // A call that also needs something that exists could otherwise be taken to make that too.
        let makes = scope.makes;
        let new = Form::New(if scope.uses.is_empty() {
            Vec::new()
        } else {
            makes.to_vec()
        });
        self.grant(scope, action, makes, new, |tags| &tags.in_request);
        self.grant(scope, action, scope.adopts, Form::Untagged, |tags| {
            &tags.untagged
        });
        let tags = scope.tags;
        self.grant(scope, action, tags, Form::Tagged, |tags| &tags.tagged);
        self.grant(scope, action, tags, Form::Tags, |tags| &tags.tagging);
        self.grant(scope, action, scope.while_making, Form::TagsOfNew, |tags| {
            &tags.in_request
        });
        if scope.service == "ec2" && !scope.makes.is_empty() {
            let (_, call) = action.split_once(':').unwrap_or_default();
            self.making.insert(call.to_owned());
        }
        Ok(())
    }
    /// Grants an action on types of its service: by name where that is ours, else by `conditions` where tags count.
    fn grant(
        &mut self,
        scope: &'static Scope,
        action: &'static str,
        types: &[&'static str],
        form: Form,
        conditions: fn(&Tags) -> &Conditions,
    ) {
        if types.is_empty() {
            return;
        }
        let place = self.place;
        let service = scope.service;
        let mut found = Arns::default();
        let mut open_types = Vec::new();
        let mut reasons = BTreeSet::new();
        for name in types {
            let Some(arns) = place.types.get(&(service, *name)) else {
                continue;
            };
            found.named.extend(arns.named.iter().cloned());
            found.tagged.extend(arns.tagged.iter().cloned());
            if !arns.open.is_empty() {
                found.open.extend(arns.open.iter().cloned());
                open_types.push(*name);
                let row = resource_type(service, name);
                reasons.extend(row.and_then(|row| row.open));
            }
        }
        let is_alone = |name: &&str| resource_type(service, name).is_some_and(|row| row.alone);
        let by_name = if types.iter().any(is_alone) {
            Form::Only(types.to_vec())
        } else {
            Form::Named
        };
        self.put(service, action, by_name, found.named, Conditions::new);
        // What gets tags is granted twice: as ours, and as what becomes ours. Of the open ones the second says all.
        let again = form == Form::Tagged && types == scope.tags;
        if !again && !found.open.is_empty() {
            // A change need not name the tag that says whose it is.
            let is_tags = form == Form::Tags;
            let open_form = if is_tags {
                Form::TagRequests
            } else {
                Form::Open(open_types)
            };
            let sid = self.put(service, action, open_form, found.open, || {
                let own = ("StringLikeIfExists", REQUEST_NAME, place.own());
                if is_tags {
                    statement::conditions([own])
                } else {
                    Conditions::new()
                }
            });
            if let Some(sid) = sid {
                self.reasons.open.entry(sid).or_default().extend(reasons);
            }
        }
        let tags = conditions(&self.tags).clone();
        self.put(service, action, form, found.tagged, || tags);
    }

    fn anywhere(&mut self, scope: &'static Scope, action: &'static str, reason: &'static str) {
        let place = self.place;
        let form = if scope.requests {
            Form::AnyNew
        } else {
            Form::Any
        };
        let everything = BTreeSet::from(["*".into()]);
        let sid = self.put(scope.service, action, form, everything, || {
            let region = place.naming.region.to_owned();
            let mut limits =
                statement::conditions([("StringEquals", "aws:RequestedRegion", region)]);
            if scope.requests {
                let own = ("StringLike", REQUEST_NAME, place.own());
                limits.extend(statement::conditions([own]));
            }
            limits
        });
        if let Some(sid) = sid {
            self.reasons.anywhere.entry(sid).or_default().insert(reason);
        }
    }

    /// Adds to the statement of this form, and gives its Sid. Nothing where there is no resource.
    fn put(
        &mut self,
        service: &'static str,
        action: &'static str,
        form: Form,
        resources: BTreeSet<Rc<str>>,
        conditions: impl FnOnce() -> Conditions,
    ) -> Option<String> {
        if resources.is_empty() {
            return None;
        }
        let statement = match self.statements.entry((service, form)) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(free) => {
                let (service, form) = free.key();
                let sid = sid(service, form);
                free.insert(Statement {
                    sid,
                    actions: BTreeSet::new(),
                    resources: BTreeSet::new(),
                    conditions: conditions(),
                })
            }
        };
        statement.actions.insert(spelled(action));
        statement.resources.extend(resources);
        Some(statement.sid.clone())
    }

    /// Grants what services do in the deployer's name: they get roles, make their own, and use keys.
    pub fn on_behalf(&mut self, rows: &[&'static Permissions]) -> anyhow::Result<()> {
        let passed = texts(rows.iter().filter_map(|row| row.passes));
        let linked = texts(rows.iter().filter_map(|row| row.linked));
        let region = self.place.naming.region;
        let through: BTreeSet<String> = rows
            .iter()
            .flat_map(|row| row.through)
            .map(|service| format!("{service}.{region}.amazonaws.com"))
            .collect();
        let roles = self.arns("iam", "role")?.named.clone();
        let own_roles = linked
            .iter()
            .map(|service| {
                let pattern = format!("arn:aws:iam::{{account}}:role/aws-service-role/{service}/*");
                self.place.arn(&pattern, "").into()
            })
            .collect();
        self.special("IamPass", [PASS], roles, "iam:PassedToService", passed);
        self.special("IamLink", [LINK], own_roles, "iam:AWSServiceName", linked);
        self.keys(["KmsThrough", "KmsOwners"], THROUGH, &through);
        // A vault's key takes one more: AWS re:Post, "Why do I get an Access Denied error when I try to create an AWS Backup vault?".
        let backup: BTreeSet<String> = through
            .into_iter()
            .filter(|service| service.starts_with("backup."))
            .collect();
        self.keys(["KmsVault", "KmsOwnersVault"], [RETIRE], &backup);
        Ok(())
    }

    /// What a preview cannot see without the key: Lambda leaves a function's variables out of its answer to a caller who may not
    /// decrypt them ("Securing Lambda environment variables", AWS Lambda Developer Guide), and each function would seem to have changed.
    pub fn variables(&mut self, rows: &[&'static Permissions]) -> anyhow::Result<()> {
        let lambda = |row: &&&Permissions| row.through.contains(&"lambda");
        if !rows.iter().any(|row| lambda(&row)) {
            return Ok(());
        }
        let through =
            BTreeSet::from([format!("lambda.{}.amazonaws.com", self.place.naming.region)]);
        self.keys(["KmsVariables", "KmsOwnersVariables"], [DECRYPT], &through);
        Ok(())
    }

    /// Grants the use of keys through services: of the environment's own, known by their tags, and of those that others own.
    fn keys<const N: usize>(
        &mut self,
        [own, owners]: [&'static str; 2],
        actions: [&'static str; N],
        through: &BTreeSet<String>,
    ) {
        let known = self.place.types.get(&("kms", "key"));
        let known = known.filter(|_| self.place.owns_keys);
        if let Some(keys) = known.map(|arns| arns.tagged.clone()) {
            let limits = conditions([("StringLike", RESOURCE_NAME, self.place.own())]);
            let used = self.special(own, actions, keys, "kms:ViaService", through.clone());
            if let Some(used) = used {
                used.conditions.extend(limits);
            }
        }
        let keys = self.place.owners_keys.clone();
        self.special(owners, actions, keys, "kms:ViaService", through.clone());
    }

    fn arns(&self, service: &'static str, name: &'static str) -> anyhow::Result<&'a Arns> {
        let known = self.place.types.get(&(service, name));
        known.ok_or_else(|| anyhow::anyhow!("{service}:{name} is no type in scopes.toml"))
    }

    /// A statement of its own whose condition lists services; none where there are no services.
    fn special<const N: usize>(
        &mut self,
        sid: &'static str,
        actions: [&'static str; N],
        resources: BTreeSet<Rc<str>>,
        condition: &str,
        services: BTreeSet<String>,
    ) -> Option<&mut Statement> {
        if services.is_empty() || resources.is_empty() {
            return None;
        }
        let service = actions.first()?.split(':').next()?;
        let form = Form::Open(vec![sid]);
        let statement = Statement {
            sid: sid.to_owned(),
            actions: actions.into(),
            resources,
            conditions: BTreeMap::from([(
                "StringEquals",
                BTreeMap::from([(condition.to_owned(), services)]),
            )]),
        };
        Some(self.statements.entry((service, form)).or_insert(statement))
    }

    /// The statements, by service and form, and why some are not limited further.
    pub fn finish(mut self) -> (Vec<Statement>, Reasons) {
        let tags_of_new = ("ec2", Form::TagsOfNew);
        if let Some(statement) = self.statements.get_mut(&tags_of_new) {
            let calls = BTreeMap::from([("ec2:CreateAction".to_owned(), self.making)]);
            statement.conditions.insert("StringEquals", calls);
        }
        (self.statements.into_values().collect(), self.reasons)
    }
}

fn sid(service: &str, form: &Form) -> String {
    let list = |word: &str, types: &[&str]| {
        let types: String = types.iter().map(|name| camel(name)).collect();
        format!("{word}{types}")
    };
    let form = match form {
        Form::New(types) => list("New", types),
        Form::Only(types) => list("Only", types),
        Form::Open(types) => list("Open", types),
        other => format!("{other:?}"),
    };
    format!("{}{form}", camel(service))
}
