//! X-Ray: which requests are traced, the view on this environment, and the libraries that functions trace with.
//! X-Ray's own settings (encryption, trace destination, indexing) belong to the whole region and stay untouched.

use crate::number::float;
use crate::origin::{Origin, Value};
use crate::resolve::environment::{Environment, Function};
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Resource};

pub fn tracing(env: &Environment) -> Component {
    let mut layer = Component::new(
        "tracing",
        "X-Ray: what is sampled, one view on the environment's traces, and the libraries of the functions",
        "Traces of the API and the functions of this environment, and of no other.",
        &["XR-1", "FN-3", "API-5"],
    );
    layer.add(
        Resource::new("aws.xray.Group", "group")
            .logical("traces")
            .arg("group_name", Expr::name("xray", ""))
            .arg("filter_expression", filter(env))
            .because("Load balancers send no traces to X-Ray: their traces begin at the function.")
            .tags("xray", ""),
    );
    layer.add(
        Resource::new("aws.xray.SamplingRule", "sampling_rule")
            .logical("sampling")
            .arg("rule_name", Expr::name("sampling", ""))
            .fixed("version", 1, "XR-1")
            .fixed("priority", 1000, "XR-1")
            .fixed("reservoir_size", 1, "XR-1")
            .from(
                "fixed_rate",
                &env.tracing.sampling_percent,
                float(env.tracing.sampling_percent.value) / 100.0,
            )
            .arg("service_name", api_stage())
            .because("Only this environment's stage; functions follow its sampling decision.")
            .fixed("service_type", "AWS::ApiGateway::Stage", "XR-1 API-5")
            .fixed("resource_arn", "*", "XR-1")
            .fixed("host", "*", "XR-1")
            .fixed("http_method", "*", "XR-1")
            .fixed("url_path", "*", "XR-1")
            .tags("sampling", ""),
    );
    layer.add(libraries(env));
    layer
}

/// What functions import beside their own code, as a Lambda layer for every runtime and architecture that the functions have.
fn libraries(env: &Environment) -> Resource {
    let of_functions = |what: &str| {
        let keys = env.functions.iter();
        let paths = keys.map(|function| format!("functions.{}.{what}", function.key.value));
        Value::new((), Origin::Derived(paths.collect()))
    };
    Resource::new("aws.lambda_.LayerVersion", "libraries")
        .arg("layer_name", Expr::name("layer", "libraries"))
        .fixed(
            "description",
            "Powertools for AWS Lambda, the AWS X-Ray SDK, pg8000",
            "XR-1 FN-1",
        )
        .fixed("code", Expr::LibrariesLayer, "XR-1 FN-1")
        .from(
            "compatible_runtimes",
            &of_functions("runtime"),
            distinct(env, |function| &function.runtime.value),
        )
        .from(
            "compatible_architectures",
            &of_functions("architecture"),
            distinct(env, |function| &function.architecture.value),
        )
}

/// X-Ray's name of the API's stage: `<api>/<stage>`.
fn api_stage() -> Expr {
    Expr::concat([Expr::name("api", ""), "/".into(), Expr::EnvironmentName])
}

/// Traces that pass through the API's stage or one of the functions.
fn filter(env: &Environment) -> Expr {
    let mut parts = vec![
        Expr::text("service(\""),
        Expr::name("api", ""),
        "/".into(),
        Expr::EnvironmentName,
        "\")".into(),
    ];
    for function in &env.functions {
        parts.push(" OR service(\"".into());
        parts.push(Expr::name("lambda", &function.key.value));
        parts.push("\")".into());
    }
    Expr::Concat(parts)
}

/// The values that functions have, each once, in the order of the functions.
fn distinct<'a>(env: &'a Environment, of: impl Fn(&'a Function) -> &'a String) -> Expr {
    let mut values: Vec<&String> = Vec::new();
    for value in env.functions.iter().map(of) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Expr::list(values)
}
