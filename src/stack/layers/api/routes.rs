//! Paths and routes: two tables, so that parents come before children and methods find their path by its key.

use std::collections::{BTreeMap, BTreeSet};

use crate::origin::Origin;
use crate::resolve::environment::{Environment, Route};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Family, Handle, Resource};

use super::super::table::{Cell, RowNames, RowText, cell, cell_from};
use super::models::{MODEL, Model};

/// What the parts of this layer refer to and what its deployment is a picture of.
pub struct Parts {
    pub rest_api: Handle,
    pub validator: Handle,
    pub models: Vec<Model>,
}

/// Tables that a deployment is a picture of.
pub(super) const TABLES: [&str; 2] = ["PATHS", "ROUTES"];

/// Media types whose bodies the model describes. Without a match nothing is validated (Amazon API Gateway Developer Guide,
/// "Request validation for REST APIs"), so that any other type meets the model too.
const MEDIA_TYPES: [&str; 2] = ["application/json", "$default"];

/// Adds both tables; gives the integrations, which a deployment waits for.
pub(super) fn add(layer: &mut Component, env: &Environment, parts: &Parts) -> Handle {
    layer.add_family(paths(env, layer, &parts.rest_api));
    layer.add_family(routes(env, layer, parts));
    layer.handle("integration").each()
}

/// Every prefix of every route's path, parents first.
fn paths(env: &Environment, layer: &Component, rest_api: &Handle) -> Family {
    let parent = Expr::Parent {
        column: "parent",
        target: layer.handle("path_resource").target(),
        field: "id",
        root: Box::new(rest_api.out("root_resource_id")),
        export: "path_resource_ids".to_owned(),
    };
    let mut family = Family {
        table: "PATHS",
        class: "Path",
        doc: "A path of the API and the one above it.",
        comment: Some(
            "Parents come first. A name leaves out the names of parameters: one that is renamed is the same path.",
        ),
        variable: "path",
        key: "path",
        columns: vec![
            ("path", "str"),
            ("name", "str"),
            ("parent", "str"),
            ("part", "str"),
        ],
        rows: Vec::new(),
        resources: vec![
            Resource::new("aws.apigateway.Resource", "path_resource")
                .logical("{name}")
                .alias("{path}")
                .arg("rest_api", rest_api.out("id"))
                .arg("parent_id", parent)
                .arg("path_part", Expr::Column("part")),
        ],
    };
    let mut seen = BTreeSet::new();
    for route in &env.api.routes {
        let mut parent = String::new();
        for part in trimmed(route).split('/').filter(|part| !part.is_empty()) {
            let path = match parent.as_str() {
                "" => part.to_owned(),
                above => format!("{above}/{part}"),
            };
            if seen.insert(path.clone()) {
                let cells: Vec<Cell> = [
                    ("path", &path),
                    ("name", &any_parameter(&path)),
                    ("parent", &parent),
                    ("part", &part.to_owned()),
                ]
                .map(|(column, text)| cell_from(column, &route.key, text))
                .into();
                family.row(cells);
            }
            parent = path;
        }
    }
    let former = former_paths(env);
    if !former.is_empty() {
        let names = family.rows.iter().map(|row| {
            let name = row.text("name");
            former.get(&name).cloned().unwrap_or(name)
        });
        let names = names.collect();
        family.with_former("name", names);
    }
    family
}

/// By name, the name of the path that each was renamed from: with a route, its path is renamed, and what is above it where both are
/// equally deep. A path that stays, or that would become two, or two that would become one, are made anew.
fn former_paths(env: &Environment) -> BTreeMap<String, String> {
    let prefixes = |path: &str| -> Vec<String> {
        let path = any_parameter(path.trim_matches('/'));
        let parts: Vec<&str> = path.split('/').collect();
        (1..=parts.len())
            .filter_map(|end| Some(parts.get(..end)?.join("/")))
            .collect()
    };
    let mut pairs = BTreeSet::new();
    let mut standing = BTreeSet::new();
    for route in &env.api.routes {
        let new = prefixes(&route.path);
        standing.extend(new.iter().cloned());
        let old = route
            .renamed_from
            .as_ref()
            .and_then(|old| old.value.split_once(' '));
        let Some((_, old)) = old else { continue };
        let old = prefixes(old);
        let is_as_deep = old.len() == new.len();
        let both = new.into_iter().rev().zip(old.into_iter().rev());
        pairs.extend(both.take(if is_as_deep { usize::MAX } else { 1 }));
    }
    let is_certain = |(new, old): &&(String, String)| {
        let meets = |pair: &&(String, String)| pair.0 == *new || pair.1 == *old;
        !old.is_empty() && !standing.contains(old) && pairs.iter().filter(meets).count() == 1
    };
    pairs.iter().filter(is_certain).cloned().collect()
}

fn routes(env: &Environment, layer: &Component, parts: &Parts) -> Family {
    let mut family = Family {
        table: "ROUTES",
        class: "Route",
        doc: "A method of a path, what its requests must hold, and the function behind it.",
        comment: Some(
            "`$default` is every media type without a model of its own: otherwise its bodies would not be validated.",
        ),
        variable: "route",
        key: "name",
        columns: vec![
            ("name", "str"),
            ("method", "str"),
            ("path", "str"),
            ("function", "str"),
            ("models", "dict[str, str]"),
            ("required", "dict[str, bool]"),
            ("authorization", "str"),
            ("api_key_required", "bool"),
            ("invoked_by", "str"),
        ],
        rows: Vec::new(),
        resources: vec![
            method(layer, parts),
            integration(layer, parts),
            permission(parts),
        ],
    };
    let routes = &env.api.routes;
    let texts = routes.iter().map(|route| RowText {
        identity: any_parameter(&route.key),
        written: route.key.value.clone(),
        renamed_from: route.renamed_from.as_ref().map(|old| any_parameter(old)),
    });
    let RowNames { names, former } = RowNames::of(texts, plain_route);
    for (route, name) in routes.iter().zip(names) {
        family.row(row(route, name));
    }
    family.formerly(former);
    family
}

/// `payments/{}`, of `payments/{payment_id}`: below one path AWS takes one parameter, whatever its name.
fn any_parameter(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// `GET /payments/{}`, of the words `get`, `payments` and `any`.
fn plain_route(words: &[&str]) -> String {
    let (method, path) = words.split_first().unwrap_or((&"", &[]));
    let segments = path.iter().map(|word| match *word {
        "any" => "/{}".to_owned(),
        word => format!("/{word}"),
    });
    format!("{} {}", method.to_uppercase(), segments.collect::<String>())
}

fn method(layer: &Component, parts: &Parts) -> Resource {
    let method = Resource::new("aws.apigateway.Method", "method")
        .logical("{name}")
        .arg("rest_api", parts.rest_api.out("id"))
        .arg(
            "resource_id",
            layer.handle("path_resource").keyed("path").out("id"),
        )
        .arg("http_method", Expr::Column("method"))
        .arg("authorization", Expr::Column("authorization"))
        .arg("api_key_required", Expr::Column("api_key_required"))
        .arg("request_validator_id", parts.validator.out("id"))
        .arg("request_parameters", Expr::Column("required"))
        .arg(
            "request_models",
            Expr::AlphanumericNames {
                kind: MODEL,
                column: "models",
            },
        );
    parts
        .models
        .iter()
        .fold(method, |method, Model { handle, .. }| method.after(handle))
}

/// The URI is made from names, so that API Gateway and functions wait for nothing from each other.
fn integration(layer: &Component, parts: &Parts) -> Resource {
    let uri = Expr::concat([
        "arn:aws:apigateway:".into(),
        Expr::Region,
        ":lambda:path/2015-03-31/functions/arn:aws:lambda:".into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
        ":function:".into(),
        Expr::name("lambda", "{function}"),
        "/invocations".into(),
    ]);
    Resource::new("aws.apigateway.Integration", "integration")
        .logical("{name}")
        .arg("rest_api", parts.rest_api.out("id"))
        .arg(
            "resource_id",
            layer.handle("path_resource").keyed("path").out("id"),
        )
        .arg("http_method", layer.handle("method").out("http_method"))
        .fixed("type", "AWS_PROXY", "API-1")
        .fixed("integration_http_method", "POST", "API-1")
        .because("Lambda is always invoked by POST.")
        .arg("uri", uri)
}

fn permission(parts: &Parts) -> Resource {
    Resource::new("aws.lambda_.Permission", "permission")
        // Statements of one id stand in each function's own policy: that of another function is made beside the old one.
        .logical("api-{name}-{function}")
        .alias("api-{name}")
        .arg("statement_id", Expr::name("permission", "route-{name}"))
        .because("Earlier versions had others, which are as good.")
        .ignore_changes("statement_id")
        .arg(
            "function",
            Expr::ByFunction {
                column: "function",
                variable: "function",
                field: "name",
                export: "function_names".to_owned(),
            },
        )
        .fixed("action", "lambda:InvokeFunction", "FN-4")
        .fixed("principal", "apigateway.amazonaws.com", "FN-4")
        .arg(
            "source_arn",
            Expr::concat([
                parts.rest_api.out("execution_arn"),
                "/".into(),
                Expr::EnvironmentName,
                "/".into(),
                Expr::Column("invoked_by"),
            ]),
        )
}

fn row(route: &Route, name: String) -> Vec<Cell> {
    let models = match &route.body {
        Some(body) => {
            let models = MEDIA_TYPES.map(|media| (media, body.name.as_str().into()));
            cell_from("models", body, Expr::map(models))
        }
        None => cell_from("models", &route.key, Expr::Map(Vec::new())),
    };
    vec![
        cell_from("name", &route.key, name),
        cell_from("method", &route.key, route.method.as_str()),
        cell_from("path", &route.key, trimmed(route)),
        cell("function", &route.function),
        models,
        required(route),
        cell("authorization", &route.authorization),
        cell("api_key_required", &route.api_key_required),
        cell_from("invoked_by", &route.key, invoked_by(route)),
    ]
}

/// Path without its leading slash: the key in the table of paths.
fn trimmed(route: &Route) -> &str {
    route.path.trim_start_matches('/')
}

/// Parameters that the validator asks for.
fn required(route: &Route) -> Cell {
    let path = trimmed(route)
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| format!("method.request.path.{}", name.trim_end_matches('+')));
    let headers = route
        .required_headers
        .iter()
        .map(|name| format!("method.request.header.{}", name.value));
    let query = route
        .required_query
        .iter()
        .map(|name| format!("method.request.querystring.{}", name.value));
    let entries = path
        .chain(headers)
        .chain(query)
        .map(|key| (key, true.into()));
    let names = route.required_headers.iter().chain(&route.required_query);
    let origins = [&route.key.origin]
        .into_iter()
        .chain(names.map(|name| &name.origin));
    (
        "required",
        Expr::Map(entries.collect()),
        Origin::derived_from(origins),
    )
}

/// Method and path as the ARN of an invocation names them: any value of a path parameter.
fn invoked_by(route: &Route) -> String {
    let method = match route.method.as_str() {
        "ANY" => "*",
        method => method,
    };
    let path: Vec<&str> = trimmed(route)
        .split('/')
        .map(|part| if part.starts_with('{') { "*" } else { part })
        .collect();
    format!("{method}/{}", path.join("/"))
}
