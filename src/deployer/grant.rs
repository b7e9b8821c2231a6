//! Statements from actions: each action under the narrowest form that AWS has for it, actions of one form in one statement.
//!
//! Actions share a statement only where none gets more by it. What is limited by our names or tags is ours, whichever of
//! the listed resources it is; so that is one statement a service. What is limited by neither shares with its like alone.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Naming;
use super::statement::{Conditions, Statement, camel, conditions, spelled};
use super::{Phase, THROUGH};
use crate::catalogue::{Permissions, ResourceType, Scope, kind, resource_type, scope};
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;

pub const PASS: &str = "iam:PassRole";
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
    types: BTreeMap<&'static str, Arns>,
}

/// ARNs of one type of resource, by what they are limited by.
#[derive(Debug, Default)]
struct Arns {
    /// The name holds the suffix.
    named: BTreeSet<String>,
    /// Their tags count.
    tagged: BTreeSet<String>,
    /// Neither.
    open: BTreeSet<String>,
}

impl<'a> Place<'a> {
    pub fn of(env: &'a Environment, stack: &'a Stack) -> Self {
        // In an ARN, IAM puts the caller's account in after the fifth colon only. Before it a wildcard serves as well: what
        // belongs to another account takes a policy over there too.
        let (account, in_names) = match env.allowed_account_ids.as_slice() {
            [only] => (only.value.as_str(), only.value.as_str()),
            _ => ("*", "${aws:PrincipalAccount}"),
        };
        let mut place = Self {
            naming: Naming {
                environment: &env.name.value,
                suffix: &env.suffix.value,
                region: &env.region.value,
                account: in_names,
            },
            account,
            longest_suffix: stack.longest_suffix(),
            types: BTreeMap::new(),
        };
        let classes: BTreeSet<&str> = stack
            .components
            .iter()
            .flat_map(|layer| layer.resources())
            .map(|(resource, _)| resource.kind)
            .collect();
        for row in crate::catalogue::resource_types() {
            let there = row.kinds.is_empty()
                || row
                    .kinds
                    .iter()
                    .any(|class| classes.contains(class.as_str()));
            if there {
                let arns = place.arns(row, stack);
                place.types.insert(&row.name, arns);
            }
        }
        place
    }

    fn arns(&self, row: &'static ResourceType, stack: &Stack) -> Arns {
        let mut arns = Arns::default();
        let mut push = |name: &str, own: bool| {
            let set = match (own, row.tagged) {
                (true, _) => &mut arns.named,
                (false, true) => &mut arns.tagged,
                (false, false) => &mut arns.open,
            };
            set.insert(self.arn(&row.arn, name));
        };
        if row.named.is_empty() {
            push("", false);
        }
        for named in &row.named {
            // `aws.rds.Instance`, or with the argument that holds the name.
            let (class, argument) = match named.match_indices('.').nth(2) {
                Some((at, _)) => (named.get(..at), named.get(at + 1..)),
                None => (Some(named.as_str()), None),
            };
            let class = class.unwrap_or_default();
            let rule = kind(class).and_then(|kind| kind.name.as_ref());
            let argument = argument.or(rule.map(|rule| rule.property.as_str()));
            for pattern in self
                .naming
                .patterns(stack, class, argument.unwrap_or_default())
            {
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
        format!("*{}", self.naming.tail())
    }
}

/// What a statement is limited by; the order of statements within a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Named,
    /// These types, by name: fewer than other actions of the service get.
    Only(Vec<String>),
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
    New(Vec<String>),
    /// These types, by nothing but the ARN.
    Open(Vec<String>),
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

/// Collects statements of one phase.
pub struct Grants<'a> {
    place: &'a Place<'a>,
    phase: Phase,
    statements: BTreeMap<(String, Form), Statement>,
    reasons: Reasons,
    /// Calls that make resources of EC2, which tag them.
    making: BTreeSet<String>,
}

impl<'a> Grants<'a> {
    pub fn new(place: &'a Place<'a>, phase: Phase) -> Self {
        Self {
            place,
            phase,
            statements: BTreeMap::new(),
            reasons: Reasons::default(),
            making: BTreeSet::new(),
        }
    }

    /// Grants an action of the catalogue.
    pub fn add(&mut self, action: &str) -> anyhow::Result<()> {
        let scope =
            scope(action).ok_or_else(|| anyhow::anyhow!("{action} has no scope in scopes.toml"))?;
        if let Some(reason) = &scope.any {
            self.anywhere(scope, action, reason);
        }
        let own = || self.place.own();
        let tagged = conditions([("StringLike", RESOURCE_NAME, own())]);
        let in_request = conditions([("StringLike", REQUEST_NAME, own())]);
        let untagged = conditions([("StringLikeIfExists", RESOURCE_NAME, own())]);
        let tagging = conditions([
            ("StringLike", REQUEST_NAME, own()),
            ("StringLikeIfExists", RESOURCE_NAME, own()),
        ]);
        // A tag that somebody took away is a difference to show, not a reason to fail.
        let (shown, used): (Vec<String>, Vec<String>) =
            scope.uses.iter().cloned().partition(|name| {
                let row = resource_type(&format!("{}:{name}", scope.service));
                self.phase == Phase::Preview && !row.is_some_and(|row| row.secret)
            });
        self.grant(scope, action, &shown, Form::Shown, untagged.clone());
        self.grant(scope, action, &used, Form::Tagged, tagged.clone());
        // A call that also needs something that exists could otherwise be taken to make that too.
        let beside = !scope.uses.is_empty();
        let new = Form::New(if beside {
            scope.makes.clone()
        } else {
            Vec::new()
        });
        self.grant(scope, action, &scope.makes, new, in_request.clone());
        self.grant(scope, action, &scope.adopts, Form::Untagged, untagged);
        self.grant(scope, action, &scope.tags, Form::Tagged, tagged);
        self.grant(scope, action, &scope.tags, Form::Tags, tagging);
        let making = Form::TagsOfNew;
        self.grant(scope, action, &scope.while_making, making, in_request);
        if scope.service == "ec2" && !scope.makes.is_empty() {
            let (_, call) = action.split_once(':').unwrap_or_default();
            self.making.insert(call.to_owned());
        }
        Ok(())
    }

    /// Grants an action on types of its service: by name where that is ours, else by `conditions` where tags count.
    fn grant(
        &mut self,
        scope: &Scope,
        action: &str,
        types: &[String],
        form: Form,
        tags: Conditions,
    ) {
        let place = self.place;
        let mut named = BTreeSet::new();
        let mut tagged = BTreeSet::new();
        let mut open = BTreeSet::new();
        let mut open_types = Vec::new();
        let mut reasons = BTreeSet::new();
        for name in types {
            let Some(arns) = place
                .types
                .get(format!("{}:{name}", scope.service).as_str())
            else {
                continue;
            };
            named.extend(arns.named.iter().cloned());
            tagged.extend(arns.tagged.iter().cloned());
            if !arns.open.is_empty() {
                open.extend(arns.open.iter().cloned());
                open_types.push(name.clone());
                let row = resource_type(&format!("{}:{name}", scope.service));
                reasons.extend(row.and_then(|row| row.open.as_deref()));
            }
        }
        let service = &scope.service;
        let alone = types.iter().any(|name| {
            let row = resource_type(&format!("{service}:{name}"));
            row.is_some_and(|row| row.alone)
        });
        let by_name = if alone {
            Form::Only(types.to_vec())
        } else {
            Form::Named
        };
        self.put(service, action, by_name, named, Conditions::new());
        let (open_form, open_conditions) = match form {
            // A change need not name the tag that says whose it is.
            Form::Tags => {
                let own = ("StringLikeIfExists", REQUEST_NAME, place.own());
                (Form::TagRequests, conditions([own]))
            }
            _ => (Form::Open(open_types), Conditions::new()),
        };
        // What gets tags is granted twice: as ours, and as what becomes ours. Of the open ones the second says all.
        let again = form == Form::Tagged && types == scope.tags.as_slice();
        self.put(service, action, form, tagged, tags);
        if !again && !open.is_empty() {
            let sid = self.put(service, action, open_form, open, open_conditions);
            self.reasons.open.entry(sid).or_default().extend(reasons);
        }
    }

    fn anywhere(&mut self, scope: &Scope, action: &str, reason: &'static str) {
        let mut limits = conditions([(
            "StringEquals",
            "aws:RequestedRegion",
            self.place.naming.region.to_owned(),
        )]);
        let mut form = Form::Any;
        if scope.requests {
            limits.extend(conditions([("StringLike", REQUEST_NAME, self.place.own())]));
            form = Form::AnyNew;
        }
        let everything = BTreeSet::from(["*".to_owned()]);
        let sid = self.put(&scope.service, action, form, everything, limits);
        self.reasons.anywhere.entry(sid).or_default().insert(reason);
    }

    /// Adds to the statement of this form, and gives its Sid.
    fn put(
        &mut self,
        service: &str,
        action: &str,
        form: Form,
        resources: BTreeSet<String>,
        conditions: Conditions,
    ) -> String {
        let sid = sid(service, &form);
        if resources.is_empty() {
            return sid;
        }
        let key = (service.to_owned(), form);
        let statement = self.statements.entry(key).or_insert_with(|| Statement {
            sid: sid.clone(),
            actions: BTreeSet::new(),
            resources: BTreeSet::new(),
            conditions,
        });
        statement.actions.insert(spelled(action).to_owned());
        statement.resources.extend(resources);
        sid
    }

    /// Grants what services do in the deployer's name: they get roles, make their own, and use keys.
    pub fn on_behalf(&mut self, rows: &[&'static Permissions]) -> anyhow::Result<()> {
        let passed: BTreeSet<String> = rows.iter().filter_map(|row| row.passes.clone()).collect();
        let linked: BTreeSet<String> = rows.iter().filter_map(|row| row.linked.clone()).collect();
        let region = self.place.naming.region;
        let through: BTreeSet<String> = rows
            .iter()
            .flat_map(|row| &row.through)
            .map(|service| format!("{service}.{region}.amazonaws.com"))
            .collect();
        let roles = self.arns("iam:role")?.named.clone();
        let keys = self.arns("kms:key")?.tagged.clone();
        let own_roles = linked
            .iter()
            .map(|service| {
                let pattern = format!("arn:aws:iam::{{account}}:role/aws-service-role/{service}/*");
                self.place.arn(&pattern, "")
            })
            .collect();
        self.special("IamPass", [PASS], roles, "iam:PassedToService", passed);
        self.special("IamLink", [LINK], own_roles, "iam:AWSServiceName", linked);
        let own = conditions([("StringLike", RESOURCE_NAME, self.place.own())]);
        if let Some(used) = self.special("KmsThrough", THROUGH, keys, "kms:ViaService", through) {
            used.conditions.extend(own);
        }
        Ok(())
    }

    fn arns(&self, name: &str) -> anyhow::Result<&'a Arns> {
        let known = resource_type(name).and_then(|_| self.place.types.get(name));
        known.ok_or_else(|| anyhow::anyhow!("{name} is no type in scopes.toml"))
    }

    /// A statement of its own whose condition lists services; none where there are no services.
    fn special<const N: usize>(
        &mut self,
        sid: &str,
        actions: [&str; N],
        resources: BTreeSet<String>,
        condition: &str,
        services: BTreeSet<String>,
    ) -> Option<&mut Statement> {
        if services.is_empty() || resources.is_empty() {
            return None;
        }
        let service = actions.first()?.split(':').next()?.to_owned();
        let form = Form::Open(vec![sid.to_owned()]);
        let statement = Statement {
            sid: sid.to_owned(),
            actions: actions.map(str::to_owned).into(),
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
        let tags_of_new = ("ec2".to_owned(), Form::TagsOfNew);
        if let Some(statement) = self.statements.get_mut(&tags_of_new) {
            let calls = BTreeMap::from([("ec2:CreateAction".to_owned(), self.making)]);
            statement.conditions.insert("StringEquals", calls);
        }
        (self.statements.into_values().collect(), self.reasons)
    }
}

fn sid(service: &str, form: &Form) -> String {
    let list = |word: &str, types: &[String]| {
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
