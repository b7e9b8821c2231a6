//! What a program would leave behind, where no deployment is there to read it from.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::evaluate::{Contents, wire};
use super::registered::{Before, Deployed, PROVIDER_TYPE, Program, output};
use super::twins::Twins;
use super::value::Value;

impl Before {
    /// What a deployment of this program leaves behind. In the place of a value that AWS chooses stands one that names it.
    pub fn imagined(program: &Program<'_>, contents: &dyn Contents) -> Self {
        Self::imagined_like(&Self::default(), &Twins::default(), program, contents)
    }

    /// The same, where a part of it is known: what another program leaves behind, and the twins among its resources.
    pub fn imagined_like(
        other: &Self,
        twins: &Twins,
        program: &Program<'_>,
        contents: &dyn Contents,
    ) -> Self {
        let mut resources: Vec<Deployed> = Vec::with_capacity(program.goals.len());
        for (number, goal) in program.goals.iter().enumerate() {
            let twin = twins.of(number).and_then(|twin| other.resources.get(twin));
            let inputs = twin.map(|twin| Rc::clone(&twin.inputs));
            let inputs = inputs.unwrap_or_else(|| {
                Rc::new(program.inputs(goal, contents, &|number, field| {
                    resources.get(number).map_or(Value::Null, |resource| {
                        output(resource, field, program.deployment, true)
                    })
                }))
            });
            let reads = goal.reads.iter();
            resources.push(Deployed {
                urn: goal.urn.clone(),
                kind: goal.kind,
                inputs,
                outputs: BTreeMap::new(),
                reads: reads
                    .map(|(name, numbers)| (wire(name), numbers.clone()))
                    .collect(),
                ignored: goal.ignored(),
                kept: goal.member.as_ref().and_then(|member| member.resource.kept),
                is_custom: goal.member.is_some() || goal.urn.starts_with(PROVIDER_TYPE),
            });
        }
        Self {
            resources,
            is_imagined: true,
        }
    }
}
