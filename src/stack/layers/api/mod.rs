//! The REST API: paths, methods and models, the deployed stage with its logs, usage plans and keys.

mod access;
mod routes;
mod stage;

use crate::origin::Origin;
use crate::resolve::environment::{Body, Environment};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

use super::table::cell_fixed;
pub use stage::stage;

/// What the parts of this layer refer to and what its deployment is a picture of.
struct Parts {
    rest_api: Handle,
    validator: Handle,
    models: Vec<Model>,
}

/// A model and the name of its schema's constant.
struct Model {
    key: String,
    schema: Expr,
    handle: Handle,
}

/// First word of a model's name.
const MODEL: &str = "model";
/// Bodies and parameters: both are checked before a function is invoked.
const VALIDATED: [(&str, bool); 2] = [
    ("validate_request_body", true),
    ("validate_request_parameters", true),
];
/// Refuses requests whose host or server name is not the API's own.
const ACCESS_MODE: &str = "STRICT";

pub fn api(env: &Environment) -> Component {
    let mut layer = Component::new(
        "api",
        "The REST API: its routes, what their requests must hold, and the functions behind them",
        "Public entry for merchants; every request is validated before a function sees it.",
        &["API-1", "API-2", "FN-4"],
    );
    let rest_api = layer.add(rest_api(env));
    let validator = layer.add(
        VALIDATED.iter().fold(
            Resource::new("aws.apigateway.RequestValidator", "validator")
                .arg("rest_api", rest_api.out("id"))
                .arg("name", Expr::name("validator", "")),
            |validator, (name, on)| validator.fixed(name, *on, "API-2 CKV2_AWS_53"),
        ),
    );
    let models = models(&mut layer, env, &rest_api);
    let parts = Parts {
        rest_api,
        validator,
        models,
    };
    let integrations = routes::add(&mut layer, env, &parts);
    layer.add_family(responses(&parts.rest_api));
    let deployment = deployment(&layer, env, &parts, &integrations);
    layer.add(deployment);
    layer
}

fn rest_api(env: &Environment) -> Resource {
    Resource::new("aws.apigateway.RestApi", "rest_api")
        .arg("name", Expr::name("api", ""))
        .fixed(
            "endpoint_configuration",
            Expr::map([("types", "REGIONAL".into())]),
            "REG-1",
        )
        .set("security_policy", &env.api.tls_policy)
        .fixed("endpoint_access_mode", ACCESS_MODE, "API-1")
        .because("The API cannot be reached through a custom domain name.")
        .tags("api", "")
}

/// One model for each distinct body, its schema in full.
fn models(layer: &mut Component, env: &Environment, rest_api: &Handle) -> Vec<Model> {
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

/// What API Gateway itself answers: the default texts, with the id by which the logs know the request.
fn responses(rest_api: &Handle) -> Family {
    let mut family = Family {
        table: "RESPONSES",
        class: "GatewayResponse",
        doc: "A class of answers that API Gateway gives without asking a function.",
        comment: None,
        variable: "response",
        key: "name",
        columns: vec![("name", "str"), ("type", "str")],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.apigateway.Response", "gateway_response")
                .logical("{name}")
                .arg("rest_api_id", rest_api.out("id"))
                .arg("response_type", Expr::Column("type"))
                .fixed("response_templates", response_templates(), "API-6")
                .because("The message is already quoted."),
        ],
    };
    for (name, kind) in [
        ("client-errors", "DEFAULT_4XX"),
        ("server-errors", "DEFAULT_5XX"),
    ] {
        family.row(vec![
            cell_fixed("name", name, "API-6"),
            cell_fixed("type", kind, "API-6"),
        ]);
    }
    family
}

fn response_templates() -> Expr {
    Expr::map([(
        "application/json",
        r#"{"message": $context.error.messageString, "request_id": "$context.requestId"}"#.into(),
    )])
}

/// A deployment is a snapshot of the API: without the fingerprint a changed route would never be served.
fn deployment(
    layer: &Component,
    env: &Environment,
    parts: &Parts,
    integrations: &Handle,
) -> Resource {
    let settings = deployed_settings(env, parts);
    let deployment = Resource::new("aws.apigateway.Deployment", "deployment")
        .arg("rest_api", parts.rest_api.out("id"))
        .from_all(
            "triggers",
            deployed_origins(env),
            Expr::map([("api", Expr::Fingerprint(Box::new(settings)))]),
        )
        .because(
            "A deployment is a snapshot of the API; any change to its inputs needs a new one.",
        );
    deployment
        .after(integrations)
        .after_because(
            &layer.handle("permission").each(),
            "Requests move to a function only when it may be called.",
        )
        .after(&layer.handle("gateway_response").each())
}

/// Everything that counts only after a deployment.
fn deployed_settings(env: &Environment, parts: &Parts) -> Expr {
    let mut entries: Vec<(String, Expr)> = routes::TABLES
        .into_iter()
        .chain(["RESPONSES"])
        .map(|table| (table.to_ascii_lowercase(), Expr::Rows(table)))
        .collect();
    let models = parts
        .models
        .iter()
        .map(|model| (model.key.clone(), model.schema.clone()))
        .collect();
    let validator = VALIDATED
        .iter()
        .map(|(name, on)| ((*name).to_owned(), (*on).into()))
        .collect();
    entries.extend([
        ("models".to_owned(), Expr::Map(models)),
        ("validator".to_owned(), Expr::Map(validator)),
        ("response_templates".to_owned(), response_templates()),
        (
            "security_policy".to_owned(),
            Expr::from(&env.api.tls_policy.value),
        ),
        ("endpoint_access_mode".to_owned(), ACCESS_MODE.into()),
    ]);
    let name = Expr::name("api", "").noted("Names of functions and models contain the suffix.");
    entries.push(("name".to_owned(), name));
    Expr::Map(entries)
}

/// Origins of the settings above.
fn deployed_origins(env: &Environment) -> Vec<&Origin> {
    let routes = env.api.routes.iter().flat_map(|route| {
        [&route.key.origin, &route.function.origin]
            .into_iter()
            .chain(route.body.iter().map(|body| &body.origin))
    });
    routes.chain([&env.api.tls_policy.origin]).collect()
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
