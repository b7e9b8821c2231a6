//! Models: the JSON schemas of bodies that routes validate.

use crate::resolve::environment::{Body, Environment};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Handle, Resource};

/// A model and the name of its schema's constant.
pub struct Model {
    pub key: String,
    pub schema: Expr,
    pub handle: Handle,
}

/// First word of a model's name.
pub const MODEL: &str = "model";

/// One model for each distinct body, its schema in full.
pub fn models(layer: &mut Component, env: &Environment, rest_api: &Handle) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    for body in env
        .api
        .routes
        .iter()
        .filter_map(|route| route.body.as_ref())
    {
        if models.iter().any(|model| model.key == body.name) {
            continue;
        }
        let schema = Expr::Constant {
            name: schema_constant(body).into(),
            comment: "JSON schema, draft 4: what API Gateway understands.",
            value: Box::new(Expr::from(&body.schema)),
        };
        let variable = format!("{}_model", body.name.replace('-', "_"));
        let handle = layer.add(
            named_as_model(Resource::new("aws.apigateway.Model", &variable), &body.name)
                .arg("rest_api", rest_api.out("id"))
                .arg("name", model_name(&body.name))
                .fixed("content_type", "application/json", "API-2")
                .from("schema", body, Expr::json(schema.clone())),
        );
        models.push(Model {
            key: body.name.clone(),
            schema,
            handle,
        });
    }
    models
}

/// Identified by the letters and digits that its own name holds, so that a file that gains a hyphen is the same model.
fn named_as_model(model: Resource, name: &str) -> Resource {
    let earlier = model.logical.resolve(None);
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let logical = format!("{letters}-model");
    let is_new = logical != earlier;
    let model = model.logical(&logical);
    if is_new { model.alias(&earlier) } else { model }
}

/// Models may only be named by letters and digits.
fn model_name(role: &str) -> Expr {
    Expr::AlphanumericName {
        kind: MODEL,
        role: role.into(),
    }
}

/// `PAYMENT_SCHEMA`.
fn schema_constant(body: &Body) -> String {
    format!(
        "{}_SCHEMA",
        body.name.replace('-', "_").to_ascii_uppercase()
    )
}

#[cfg(test)]
mod tests {
    use super::{Resource, named_as_model};

    #[test]
    fn models_of_one_name_are_one_resource() {
        let model = |variable, name| {
            let model = named_as_model(Resource::new("aws.apigateway.Model", variable), name);
            let aliases = model.aliases.iter().map(|alias| alias.resolve(None));
            (model.logical.resolve(None), aliases.collect::<Vec<_>>())
        };
        let (name, aliases) = model("payment_model", "payment");
        assert_eq!((name.as_str(), aliases.len()), ("payment-model", 0));
        let (name, aliases) = model("pay_ment_model", "pay-ment");
        assert_eq!(name, "payment-model");
        assert_eq!(aliases, ["pay-ment-model"]);
    }
}
