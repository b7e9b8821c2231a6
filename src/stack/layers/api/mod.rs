//! The REST API: paths, methods and models, the deployed stage with its logs, usage plans and keys.

mod access;
mod models;
mod routes;
mod stage;

use crate::origin::Origin;
use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

use super::table::cell_fixed;
use models::models;
use routes::Parts;

pub use stage::stage;

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

/// What API Gateway itself answers: the default texts as a problem of RFC 9457, with the id by which the logs know the request.
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
        concat!(
            r#"{"type": "urn:paystage:problem:api:$context.error.responseType", "#,
            r#""title": $context.error.messageString, "message": $context.error.messageString, "#,
            r#""request_id": "$context.requestId"}"#
        )
        .into(),
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
