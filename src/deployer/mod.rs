//! IAM policies for whoever deploys: `Stack` and the catalogue of permissions in, policies out, for looking, deploying and
//! removing apart. A kind that the graph does not have gives no right.
//!
//! Must not know how a policy is printed or where it is written.

mod grant;
mod names;
mod pack;
mod phase;
mod state;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Permissions, permissions_of};
use crate::resolve::environment::Environment;
use crate::stack::graph::Stack;
pub use crate::stack::layers::keys::THROUGH;
use crate::tables::Map;
pub use grant::Reasons;
use grant::{Grants, Place};
pub use names::NamePattern;
pub use pack::{LARGEST_POLICY, MOST_POLICIES, Policy};
pub use phase::Phase;
pub use statement::Statement;

/// The actions of one kind, as policies spell them.
#[derive(Debug)]
pub struct Covered {
    /// `aws:ec2/vpc:Vpc`.
    pub token: &'static str,
    pub create: BTreeSet<&'static str>,
    pub read: BTreeSet<&'static str>,
    pub update: BTreeSet<&'static str>,
    pub delete: BTreeSet<&'static str>,
    /// Why no call removes it.
    pub keeps: Option<&'static str>,
}

/// Policies for one environment.
#[derive(Debug)]
pub struct Deployer {
    /// The end of every name: `-staging-main`.
    pub tail: String,
    /// In the order of their files' names.
    pub policies: Vec<Policy>,
    /// What the policies hold for each kind of the graph.
    pub kinds: Vec<Covered>,
    /// Why statements are not limited further.
    pub reasons: Reasons,
}

impl Deployer {
    /// Policies of an environment. An error here is a defect of the compiler: the kinds decide about sizes, not the spec.
    pub fn build(env: &Environment, stack: &Stack) -> anyhow::Result<Self> {
        let rows = rows(stack)?;
        let place = Place::of(env, stack);
        let mut policies = Vec::new();
        let mut reasons = Reasons::default();
        for phase in Phase::ALL {
            let mut grants = Grants::new(&place, phase);
            for action in actions(stack, &rows, phase) {
                grants.add(action)?;
            }
            match phase {
                Phase::Preview => grants.variables(&rows)?,
                Phase::Up => grants.on_behalf(&rows)?,
                Phase::Destroy => {}
            }
            let (statements, why) = grants.finish();
            reasons.join(why);
            policies.extend(pack::pack(phase.name(), statements, &place)?);
        }
        policies.extend(state::policy(env));
        policies.sort_by(|a, b| a.name.cmp(&b.name));
        let deployer = Self {
            tail: place.naming.tail(),
            policies,
            kinds: rows.iter().filter_map(|row| covered(row, stack)).collect(),
            reasons,
        };
        for (set, policies) in deployer.sets() {
            anyhow::ensure!(
                policies.len() <= MOST_POLICIES,
                "{set} takes {} policies, a role {MOST_POLICIES}",
                policies.len()
            );
        }
        Ok(deployer)
    }

    /// Policies that together allow something, by what they allow.
    pub fn sets(&self) -> BTreeMap<&'static str, Vec<&str>> {
        let of = |phases: &[Phase]| {
            let belongs = |policy: &&Policy| {
                policy.part_of == state::NAME
                    || phases.iter().any(|phase| policy.part_of == phase.name())
            };
            let policies = self.policies.iter().filter(belongs);
            policies.map(|policy| policy.name.as_str()).collect()
        };
        BTreeMap::from([
            ("preview", of(&[Phase::Preview])),
            ("up", of(&[Phase::Preview, Phase::Up])),
            ("change", of(&Phase::ALL)),
            ("destroy", of(&[Phase::Preview, Phase::Destroy])),
        ])
    }
}

/// The rows of the kinds in the graph, by class.
fn rows(stack: &Stack) -> anyhow::Result<Vec<&'static Permissions>> {
    let resources = stack.components.iter().flat_map(|layer| layer.resources());
    let classes: BTreeSet<&str> = resources.map(|(resource, _)| resource.kind).collect();
    classes
        .into_iter()
        .map(|class| {
            permissions_of(class)
                .ok_or_else(|| anyhow::anyhow!("{class} is not in the catalogue of permissions"))
        })
        .collect()
}

/// The actions that a phase adds, each with its second word. What reads stands in the first one only.
fn actions(stack: &Stack, rows: &[&'static Permissions], phase: Phase) -> BTreeSet<&'static str> {
    let read: BTreeSet<&str> = rows.iter().flat_map(|row| row.read).copied().collect();
    let mut actions: BTreeSet<&str> = match phase {
        Phase::Preview => return read,
        Phase::Up => rows
            .iter()
            .flat_map(|row| {
                let more = with_arguments(row, stack);
                row.create.iter().chain(row.update).copied().chain(more)
            })
            .collect(),
        Phase::Destroy => {
            let going = rows.iter().filter(|row| !is_kept(row, stack));
            going.flat_map(|row| deletions(row, stack)).collect()
        }
    };
    actions.retain(|action| !read.contains(action));
    actions
}

/// Why the policies do not remove a kind of which every resource is kept.
const KEPT: &str = "it holds data, and is protected or stays when the rest goes (KEEP-1)";

/// Whether the program keeps every resource of a kind: then nobody who deploys may delete one.
fn is_kept(row: &Permissions, stack: &Stack) -> bool {
    let resources = stack.components.iter().flat_map(|layer| layer.resources());
    let mut own = resources.filter(|(resource, _)| resource.kind == row.class);
    own.all(|(resource, _)| resource.kept.is_some())
}

/// What it takes to remove a kind.
fn deletions<'a>(
    row: &'static Permissions,
    stack: &'a Stack,
) -> impl Iterator<Item = &'static str> + use<'a> {
    let own = row.delete.iter().copied();
    own.chain(arguments_of(row, &row.delete_with, stack))
}

/// What it takes to make a kind where its resources set certain arguments.
fn with_arguments<'a>(
    row: &'static Permissions,
    stack: &'a Stack,
) -> impl Iterator<Item = &'static str> + use<'a> {
    arguments_of(row, &row.with, stack)
}

fn arguments_of<'a>(
    row: &'static Permissions,
    by_argument: &'static Map<&'static [&'static str]>,
    stack: &'a Stack,
) -> impl Iterator<Item = &'static str> + use<'a> {
    by_argument
        .iter()
        .filter(move |(argument, _)| {
            let mut resources = stack.components.iter().flat_map(|layer| layer.resources());
            resources.any(|(resource, _)| {
                resource.kind == row.class && resource.argument(argument).is_some()
            })
        })
        .flat_map(|(_, actions)| *actions)
        .copied()
}

fn covered(row: &'static Permissions, stack: &Stack) -> Option<Covered> {
    let spelled = |actions: &'static [&str]| -> BTreeSet<&'static str> {
        actions
            .iter()
            .map(|action| statement::spelled(action))
            .collect()
    };
    let is_kept = is_kept(row, stack);
    let mut create = spelled(row.create);
    create.extend(with_arguments(row, stack));
    if row.passes.is_some() {
        create.insert(grant::PASS);
    }
    if row.linked.is_some() {
        create.insert(grant::LINK);
    }
    Some(Covered {
        token: crate::catalogue::kind(row.class)?.token,
        create,
        read: spelled(row.read),
        update: spelled(row.update),
        delete: if is_kept {
            BTreeSet::new()
        } else {
            deletions(row, stack).map(statement::spelled).collect()
        },
        keeps: row.keeps.or(is_kept.then_some(KEPT)),
    })
}
