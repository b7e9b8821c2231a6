//! The graph itself: components in the order in which the program makes them, families expanded on demand.

use std::collections::BTreeSet;

use super::expr::{Expr, Members, Row, Target};
use super::layers;
use super::resource::{Argument, Block, Component, Family, Kept, Resource};
use crate::catalogue::Kind;
use crate::origin::Origin;
use crate::resolve::environment::Environment;

/// Every resource that will be deployed.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Name of the environment, a part of every name.
    pub environment: String,
    pub components: Vec<Component>,
    /// Stack outputs, by name.
    pub exports: Vec<(&'static str, Expr)>,
}

/// One resource after its family was expanded.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    pub component: &'a Component,
    pub resource: &'a Resource,
    pub row: Option<&'a Row>,
}

impl Member<'_> {
    /// Pulumi's logical name.
    pub fn logical(&self) -> String {
        self.resource.logical.resolve(self.row)
    }

    /// Logical names that this member had in earlier versions.
    pub fn aliases(&self) -> Vec<String> {
        let name = self.logical();
        let aliases = self.resource.aliases.iter();
        let aliases = aliases.map(|alias| alias.resolve(self.row));
        aliases.filter(|alias| *alias != name).collect()
    }

    /// Origin of an argument of this member: what stands in its row counts too.
    pub fn origin(&self, argument: &Argument) -> Origin {
        let cell = |column: &str| self.row.and_then(|row| row.origin(column));
        if let Expr::Column(column) = &argument.value {
            return cell(column).unwrap_or(&argument.origin).clone();
        }
        if !matches!(argument.origin, Origin::Derived(_)) {
            return argument.origin.clone();
        }
        let mut origins = vec![&argument.origin];
        argument.value.walk(&mut |expr| match expr {
            Expr::Column(column) => origins.extend(cell(column)),
            Expr::Name { role, .. }
            | Expr::AlphanumericName { role, .. }
            | Expr::Tags { role, .. } => {
                origins.extend(role.columns().filter_map(cell));
            }
            _ => {}
        });
        Origin::derived_from(origins)
    }
}

/// A resource by its name, with the family that it is the pattern of.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub component: &'a Component,
    pub resource: &'a Resource,
    pub family: Option<&'a Family>,
}

impl<'a> Found<'a> {
    /// The members that are meant, seen from a row; `keyed` finds the row of a family by its key.
    pub fn members(
        &self,
        members: &Members,
        row: Option<&'a Row>,
        keyed: impl FnOnce(&'a Family, &str) -> Option<&'a Row>,
    ) -> Vec<Member<'a>> {
        let member = |row| Member {
            component: self.component,
            resource: self.resource,
            row,
        };
        let Some(family) = self.family else {
            return vec![member(None)];
        };
        let rows: Vec<&Row> = match members {
            Members::One => row.into_iter().collect(),
            Members::Each => family.rows.iter().collect(),
            Members::Keyed(column) => {
                let key = row.map(|row| row.text(column)).unwrap_or_default();
                keyed(family, &key).into_iter().collect()
            }
            Members::Named(key) => keyed(family, key).into_iter().collect(),
        };
        rows.into_iter().map(|row| member(Some(row))).collect()
    }
}

impl Stack {
    /// Builds the graph of an environment. An error here is a defect of the compiler, not of the spec.
    pub fn build(env: &Environment) -> anyhow::Result<Self> {
        let mut stack = Stack {
            environment: env.name.value.clone(),
            components: layers::layers(env),
            exports: layers::exports(env),
        };
        for component in &mut stack.components {
            for block in &mut component.blocks {
                for resource in block.resources_mut() {
                    set_delete_before_replace(resource);
                    if component.renamed_from.is_some() {
                        // Names are others than those that stand.
                        resource.delete_before_replace =
                            resource.delete_before_replace.map(|_| false);
                    }
                    set_secret_outputs(resource);
                    keep(env, resource);
                }
            }
        }
        stack.validate()?;
        Ok(stack)
    }

    pub fn component(&self, path: &str) -> Option<&Component> {
        self.components
            .iter()
            .find(|component| component.path == path)
    }

    /// The resource behind a target, with its family. Who follows all references asks [`Places`](super::places::Places).
    pub fn find(&self, component: &str, variable: &str) -> Option<Found<'_>> {
        let component = self.component(component)?;
        let (resource, family) = component
            .resources()
            .find(|(resource, _)| resource.variable == variable)?;
        Some(Found {
            component,
            resource,
            family,
        })
    }

    /// Resources by layer, in the order in which the program makes them. A layer is a component at the top, with all below it.
    pub fn layers(&self) -> Vec<(&str, Vec<Member<'_>>)> {
        let mut layers: Vec<(&str, Vec<Member<'_>>)> = Vec::new();
        for member in self.members() {
            let layer = member.component.path.split('/').next().unwrap_or_default();
            match layers.iter_mut().find(|(name, _)| *name == layer) {
                Some((_, members)) => members.push(member),
                None => layers.push((layer, vec![member])),
            }
        }
        layers
    }

    /// All resources, families expanded, in the order in which the program registers them.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        self.components.iter().flat_map(|component| {
            component
                .blocks
                .iter()
                .flat_map(move |block| -> Vec<Member<'_>> {
                    match block {
                        Block::Resource(_) | Block::Guarded(..) => block
                            .resources()
                            .iter()
                            .map(|resource| Member {
                                component,
                                resource,
                                row: None,
                            })
                            .collect(),
                        Block::Family(family) => family
                            .rows
                            .iter()
                            .flat_map(|row| {
                                family.resources.iter().map(move |resource| Member {
                                    component,
                                    resource,
                                    row: Some(row),
                                })
                            })
                            .collect(),
                    }
                })
        })
    }

    /// The members that a target means, seen from a row.
    pub fn targets<'a>(&'a self, target: &Target, row: Option<&'a Row>) -> Vec<Member<'a>> {
        let found = self.find(&target.component, &target.variable);
        found.map_or_else(Vec::new, |found| {
            found.members(&target.members, row, |family, key| {
                family.rows.iter().find(|row| row.text(family.key) == key)
            })
        })
    }

    /// No two resources of a kind and component claim one logical name, present or former.
    fn validate_logical_names(&self) -> anyhow::Result<()> {
        let mut names = BTreeSet::new();
        for member in self.members() {
            for name in member.aliases().into_iter().chain([member.logical()]) {
                let (component, kind) = (member.component.path.as_str(), member.resource.kind);
                anyhow::ensure!(
                    names.insert((component, kind, name.clone())),
                    "{component}: the logical name {name} stands twice among {kind}"
                );
            }
        }
        Ok(())
    }

    /// Every reference meets a resource that was made before it, every logical name is unique in its component,
    /// every kind has a row in the catalogue.
    fn validate(&self) -> anyhow::Result<()> {
        self.validate_logical_names()?;
        let mut made: BTreeSet<(&str, &str)> = BTreeSet::new();
        for component in &self.components {
            for (resource, family) in component.resources() {
                let place = format!("{}.{}", component.path, resource.variable);
                anyhow::ensure!(
                    crate::catalogue::kind(resource.kind).is_some(),
                    "{place}: {} is not in the catalogue",
                    resource.kind
                );
                let here: Vec<&str> = family.map_or_else(Vec::new, |family| {
                    family
                        .resources
                        .iter()
                        .map(|resource| resource.variable.as_str())
                        .collect()
                });
                for target in references(resource) {
                    let same_family = target.component == component.path
                        && here.contains(&target.variable.as_str());
                    let known =
                        made.contains(&(target.component.as_str(), target.variable.as_str()));
                    anyhow::ensure!(
                        same_family || known,
                        "{place} refers to {}.{}, which is not made before it",
                        target.component,
                        target.variable
                    );
                }
                made.insert((component.path.as_str(), resource.variable.as_str()));
            }
        }
        Ok(())
    }
}

/// Every resource that this one refers to, through arguments or explicit edges.
pub fn references(resource: &Resource) -> Vec<&Target> {
    let mut targets: Vec<&Target> = Vec::new();
    for argument in &resource.arguments {
        argument.value.walk(&mut |expr| {
            if let Expr::Output { target, .. } | Expr::Parent { target, .. } = expr {
                targets.push(target);
            }
        });
    }
    targets.extend(resource.depends_on.iter().map(|(target, _)| target));
    targets
}

/// Kinds whose old resource has to stay until its users have the new one, and may: the name is no obstacle.
const MADE_BESIDE: [&str; 4] = [
    // Named for its domain, which may exist twice; a listener holds it.
    "aws.acm.Certificate",
    // Versions of one name have numbers; functions hold the old one.
    "aws.lambda_.LayerVersion",
    // Identified by what it is named for, so that another name is another environment's; rules hold it.
    "aws.lb.TargetGroup",
    // Named for its family, the one thing whose change replaces it; the instance holds it.
    "aws.rds.ParameterGroup",
];

/// A fixed physical name cannot exist twice, so a replacement deletes the old resource first. The provider
/// does this by itself for most kinds, and also for some that have to be made beside the old one.
/// KEEP-1: what holds data is protected. Once the environment is ending, it stays in AWS when the rest goes, with everything that
/// says how long and under which key; the database goes with a last snapshot. Logs stay with what wrote them gone.
fn keep(env: &Environment, resource: &mut Resource) {
    if !env.holds("KEEP-1") {
        return;
    }
    let is_ending = env.ending.value;
    resource.kept = match resource.kind {
        "aws.cloudwatch.LogGroup" | "aws.s3.BucketObjectv2" => Some(Kept::Retained),
        "aws.rds.Instance" => (!is_ending).then_some(Kept::Protected),
        // Of a bucket and of a vault also what says how long they hold things, and under which key.
        kind if kind.starts_with("aws.s3.")
            || kind.starts_with("aws.backup.Vault")
            || kind == "aws.kms.Key" =>
        {
            Some(match is_ending {
                true => Kept::Retained,
                false => Kept::Protected,
            })
        }
        _ => None,
    };
}

fn set_delete_before_replace(resource: &mut Resource) {
    let Some(kind) = crate::catalogue::kind(resource.kind) else {
        return;
    };
    let is_set = |argument: &str| resource.argument(argument).is_some();
    if MADE_BESIDE.contains(&resource.kind) {
        resource.delete_before_replace = kind.deletes_first(is_set).then_some(false);
    } else if kind.name.as_ref().is_some_and(|name| is_set(name.property)) {
        resource.delete_before_replace = Some(true);
    }
}

/// A secret that a service returns is in the state in clear text unless the output is marked as secret.
fn set_secret_outputs(resource: &mut Resource) {
    let kind = crate::catalogue::kind(resource.kind);
    resource.secret_outputs = kind.into_iter().flat_map(Kind::unmarked_secrets).collect();
}
