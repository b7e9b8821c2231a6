//! Renames that a stack has behind it: nothing in it has the old name any more.

use std::collections::BTreeSet;

use super::registered::{Before, Goal, Program};
use super::spec_path::{path_of, path_of_key};
use super::value::Value;
use crate::check::renames::{Thing, families};
use crate::resolve::environment::Environment;

/// The paths of `renamed_from` that this stack needs no more: `api.plans.gold.renamed_from`.
pub fn spent(before: &Before, program: &Program<'_>, environment: &Environment) -> Vec<String> {
    let stands: BTreeSet<&str> = before
        .resources
        .iter()
        .map(|one| one.urn.as_str())
        .collect();
    let is_needed = |goal: &Goal<'_>| {
        let mut aliases = goal.aliases.iter();
        !stands.contains(goal.urn.as_str()) && aliases.any(|alias| stands.contains(alias.as_str()))
    };
    let families = families(environment);
    let things = families.iter().flat_map(|family| family.things.iter());
    let spent = things.filter_map(|thing| {
        let from = thing.renamed_from?;
        let path = path_of_key(thing.key)?;
        let mut goals = program.goals.iter();
        let is_waited_for = goals.any(|goal| {
            let member = goal.member.as_ref();
            let is_part = member.is_some_and(|member| {
                path_of(member) == path || member.component.path.replace('/', ".") == path
            });
            is_part && is_needed(goal)
        });
        let is_spent = !is_waited_for && !is_merchant_to_close(before, thing, &path);
        let (key, _) = crate::check::written(from)?;
        is_spent.then(|| key.to_owned())
    });
    spent.collect()
}

/// A merchant is no resource: the last migration says whether the old id was closed.
fn is_merchant_to_close(before: &Before, thing: &Thing<'_>, path: &str) -> bool {
    let Some(from) = thing
        .renamed_from
        .filter(|_| path.starts_with("payments.merchants."))
    else {
        return false;
    };
    let resources = before.resources.iter();
    let calls = resources.filter(|one| one.token() == "aws:lambda/invocation:Invocation");
    let mut inputs = calls.filter_map(|call| match call.inputs.get("input") {
        Some(Value::Text(text)) => serde_json::from_str::<serde_json::Value>(text).ok(),
        _ => None,
    });
    // Of the two calls, the one with the merchants.
    inputs.any(|input| {
        let merchants = input.get("merchants");
        let status = merchants.and_then(|merchants| merchants.get(from.as_str()));
        status.is_some_and(|status| status == "active" || status == "suspended")
    })
}

#[cfg(test)]
mod tests {
    use super::spent;
    use crate::compare::evaluate::Deployment;
    use crate::compare::project::Project;
    use crate::compare::registered::{Before, Program};
    use crate::compare::world::compiled;

    /// What a stack of the old spec, and one of the new, no longer need of the new one's renames.
    fn spent_on(edits: &[(&str, &str)]) -> [Vec<String>; 2] {
        let new = compiled(edits);
        let to = Deployment::of(&new.0);
        let program = Program::of(&new.1, &to);
        let was = compiled(&[]);
        [&was, &new].map(|(environment, stack)| {
            let deployment = Deployment::of(environment);
            let deployed = Program::of(stack, &deployment);
            let before = Before::imagined(&deployed, &Project::of(&[]));
            spent(&before, &program, &new.0)
        })
    }

    #[test]
    fn a_rename_is_spent_once_nothing_has_the_old_name() {
        for (old, new, path) in [
            (
                "[api.plans.partner]",
                "[api.plans.gold]\nrenamed_from = \"partner\"",
                "api.plans.gold.renamed_from",
            ),
            (
                "[api.routes.\"POST /payments/validate\"]\n",
                "[api.routes.\"POST /payments/checks\"]\nrenamed_from = \"POST /payments/validate\"\n",
                "api.routes.\"POST /payments/checks\".renamed_from",
            ),
            (
                "[functions.audit-relay]",
                "[functions.audit-courier]\nrenamed_from = \"audit-relay\"",
                "functions.audit-courier.renamed_from",
            ),
            (
                "[load_balancer.routes.\"/payments/validate\"]\n",
                "[load_balancer.routes.\"/payments/checks\"]\nrenamed_from = \"/payments/validate\"\n",
                "load_balancer.routes.\"/payments/checks\".renamed_from",
            ),
            (
                "[payments.merchants.mer_acme0001]",
                "[payments.merchants.mer_acme0002]\nrenamed_from = \"mer_acme0001\"",
                "payments.merchants.mer_acme0002.renamed_from",
            ),
            (
                "\"use1-az4\"]",
                "\"use1-az5\"]\n\n[network.zone_settings.use1-az5]\nrenamed_from = \"use1-az4\"",
                "network.zone_settings.use1-az5.renamed_from",
            ),
        ] {
            let mut edits = vec![(old, new)];
            if old == "[api.plans.partner]" {
                // The merchant behind its keys.
                edits.push(("plan = \"partner\"", "plan = \"gold\""));
            }
            assert_eq!(spent_on(&edits), [Vec::new(), vec![path.to_owned()]]);
        }
    }
}
