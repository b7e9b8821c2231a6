//! Outputs that follow from the inputs: of a resource that is made anew they are known before, and are often what they were.
//! What each is made of stands in `catalogue/outputs.toml`.

use std::collections::BTreeMap;

use super::evaluate::{Deployment, wire};
use super::value::Value;
use crate::catalogue::derived_output;

/// An output that follows from the inputs: one of them, or what is made of them.
pub fn derived(
    class: &str,
    field: &str,
    inputs: &BTreeMap<String, Value>,
    deployment: &Deployment,
) -> Option<Value> {
    if let Some(value) = inputs.get(&wire(field)) {
        return Some(value.clone());
    }
    let mut text = String::new();
    let mut rest = derived_output(class, field)?.value;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        text.push_str(before);
        match name {
            "region" => text.push_str(&deployment.region),
            "account" => text.push_str(&deployment.account),
            argument => match inputs.get(&wire(argument)) {
                Some(Value::Unknown) => return Some(Value::Unknown),
                value => text.push_str(&value?.shown()?),
            },
        }
        rest = tail;
    }
    text.push_str(rest);
    Some(Value::Text(text))
}
