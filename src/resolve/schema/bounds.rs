//! Words of one schema that no value can keep together.

use serde_json::{Map, Value as Json};

/// Of two words that count something, the least and the most, and what they count of.
const COUNTS: [(&str, &str, &str); 3] = [
    ("minLength", "maxLength", "text"),
    ("minItems", "maxItems", "list"),
    ("minProperties", "maxProperties", "object"),
];

/// The words that contradict another: where, why, and what to do.
pub fn contradictions(object: &Map<String, Json>) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    for (least, most, what) in COUNTS {
        let number = |word| object.get(word).and_then(Json::as_u64);
        if let (Some(low), Some(high)) = (number(least), number(most))
            && low > high
        {
            let label = format!("\"{least}\" {low} is above \"{most}\" {high}: no {what} passes");
            found.push((least, label, lower(least, most)));
        }
    }
    found.extend(range(object));
    found.extend(properties(object));
    found.extend(items(object));
    found.extend(values(object));
    found
}

fn lower(least: &str, most: &str) -> String {
    format!("lower \"{least}\", or raise \"{most}\"")
}

/// `minimum` and `maximum`, each with its flag.
fn range(object: &Map<String, Json>) -> Option<(&'static str, String, String)> {
    let (low, high) = (object.get("minimum")?, object.get("maximum")?);
    let is_out = |flag| object.get(flag) == Some(&Json::Bool(true));
    let (no_low, no_high) = (is_out("exclusiveMinimum"), is_out("exclusiveMaximum"));
    let order = match (low.as_i64(), high.as_i64()) {
        (Some(low), Some(high)) => low.cmp(&high),
        _ => low.as_f64()?.partial_cmp(&high.as_f64()?)?,
    };
    let help = lower("minimum", "maximum");
    if order.is_gt() {
        let label = format!("\"minimum\" {low} is above \"maximum\" {high}: no number passes");
        return Some(("minimum", label, help));
    }
    if order.is_eq() && (no_low || no_high) {
        let flag = if no_low {
            "exclusiveMinimum"
        } else {
            "exclusiveMaximum"
        };
        let label = format!(
            "\"minimum\" and \"maximum\" are {low}, which \"{flag}\" leaves out: no number passes"
        );
        return Some((flag, label, format!("{help}, or remove \"{flag}\"")));
    }
    let is_whole = object.get("type").and_then(Json::as_str) == Some("integer");
    let (least, most) = (low.as_f64()?, high.as_f64()?);
    let first = if no_low {
        least.floor() + 1.0
    } else {
        least.ceil()
    };
    let last = if no_high {
        most.ceil() - 1.0
    } else {
        most.floor()
    };
    // Beyond, one more is the same number.
    let is_exact = least.abs().max(most.abs()) < 9e15;
    (is_whole && is_exact && first > last).then(|| {
        let label =
            format!("no whole number lies between \"minimum\" {low} and \"maximum\" {high}");
        ("minimum", label, help)
    })
}

/// How many properties an object must have, and may have.
fn properties(object: &Map<String, Json>) -> Option<(&'static str, String, String)> {
    let number = |word| object.get(word).and_then(Json::as_u64);
    let required = object.get("required").and_then(Json::as_array)?.len();
    let required = u64::try_from(required).ok()?;
    if let Some(most) = number("maxProperties").filter(|most| *most < required) {
        let label = format!(
            "\"required\" names {required} properties, \"maxProperties\" takes {most}: no object passes"
        );
        let help = "raise \"maxProperties\", or require fewer".to_owned();
        return Some(("maxProperties", label, help));
    }
    None
}

/// Lists and objects that must hold more than their schema describes and takes.
fn items(object: &Map<String, Json>) -> Vec<(&'static str, String, String)> {
    let number = |word| object.get(word).and_then(Json::as_u64);
    let is_closed = |word| object.get(word) == Some(&Json::Bool(false));
    let size = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut found = Vec::new();
    let listed = object.get("items").and_then(Json::as_array);
    if let (Some(least), Some(listed), true) =
        (number("minItems"), listed, is_closed("additionalItems"))
        && least > size(listed.len())
    {
        let label = format!(
            "\"minItems\" {least} is above the {} of \"items\", and \"additionalItems\" forbids more: no list passes",
            listed.len()
        );
        found.push((
            "minItems",
            label,
            "lower \"minItems\", or describe more \"items\"".to_owned(),
        ));
    }
    let known = object
        .get("properties")
        .and_then(Json::as_object)
        .map_or(0, Map::len);
    if let Some(least) = number("minProperties")
        && is_closed("additionalProperties")
        && !object.contains_key("patternProperties")
        && least > size(known)
    {
        let label = format!(
            "\"minProperties\" {least} is above the {known} of \"properties\", and \"additionalProperties\" forbids more: no object passes"
        );
        found.push((
            "minProperties",
            label,
            "lower \"minProperties\", or describe more \"properties\"".to_owned(),
        ));
    }
    found
}

/// Values of `enum` of which none has the type.
fn values(object: &Map<String, Json>) -> Option<(&'static str, String, String)> {
    let values = object.get("enum").and_then(Json::as_array)?;
    let types = match object.get("type")? {
        Json::String(one) => vec![one.as_str()],
        Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
        _ => return None,
    };
    let fits = |value: &Json| types.iter().any(|name| has_type(value, name));
    if values.is_empty() || types.is_empty() || values.iter().any(fits) {
        return None;
    }
    let label = format!(
        "no value of \"enum\" is of the type {}: nothing passes",
        types.join(" or ")
    );
    let help = "change \"type\", or write values of that type".to_owned();
    Some(("enum", label, help))
}

fn has_type(value: &Json, name: &str) -> bool {
    match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        // Told where the types are read.
        _ => true,
    }
}
