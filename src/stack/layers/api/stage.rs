//! The stage that serves a deployment, with its logs, throttling and tracing.

use crate::resolve::environment::Environment;
use crate::stack::expr::Expr;
use crate::stack::resource::{Component, Condition, Handle, Resource};

use super::super::policy::{self, Statement};
use super::super::shared::{log_group, refer};
use super::access;

/// Fields of an access-log line and the variables behind them. Paths as they were sent, query strings, headers, bodies and what validation
/// says about a value are left out: they may hold what a log must not.
const ACCESS_LOG: [(&str, &str); 18] = [
    ("request_id", "$context.requestId"),
    ("extended_request_id", "$context.extendedRequestId"),
    ("trace_id", "$context.xrayTraceId"),
    ("time", "$context.requestTime"),
    ("source_ip", "$context.identity.sourceIp"),
    ("api_key_id", "$context.identity.apiKeyId"),
    ("caller", "$context.identity.userArn"),
    ("method", "$context.httpMethod"),
    ("path", "$context.resourcePath"),
    ("protocol", "$context.protocol"),
    ("tls_version", "$context.tlsVersion"),
    ("cipher_suite", "$context.cipherSuite"),
    ("status", "$context.status"),
    ("error_type", "$context.error.responseType"),
    ("firewall", "$context.wafResponseCode"),
    ("response_bytes", "$context.responseLength"),
    ("response_ms", "$context.responseLatency"),
    ("integration_ms", "$context.integrationLatency"),
];

pub fn stage(env: &Environment) -> Component {
    let mut layer = Component::new(
        "api_stage",
        "The stage that serves the API: its logs, throttling and tracing, usage plans and keys",
        "What holds for every request to the API, whatever its route.",
        &["API-1", "API-3", "API-4", "API-5", "API-6", "MON-1", "XR-1"],
    );
    let rest_api = refer("api", "rest_api");
    let execution = layer.add(
        log_group(
            env,
            "execution_logs",
            Expr::concat([
                "API-Gateway-Execution-Logs_".into(),
                rest_api.out("id"),
                "/".into(),
                Expr::EnvironmentName,
            ]),
            "api-execution",
            env.api.log_retention_days.as_ref(),
        )
        .comment("Otherwise API Gateway creates this log group without key and retention."),
    );
    let access = layer.add(log_group(
        env,
        "access_logs",
        Expr::concat(["/aws/vendedlogs/apigateway/".into(), Expr::name("api", "")]),
        "api-access",
        env.api.log_retention_days.as_ref(),
    ));
    let stage = resource(&rest_api, &access).after(&execution);
    let stage = if env.api.manage_account_role.value {
        account_role(&mut layer, env);
        stage.after(&layer.handle("account").each())
    } else {
        stage
    };
    let stage = layer.add(stage);
    layer.add(method_settings(env, &rest_api, &stage));
    access::add(&mut layer, env, &rest_api, &stage);
    layer
}

fn resource(rest_api: &Handle, access: &Handle) -> Resource {
    let format = Expr::Constant {
        name: "ACCESS_LOG_FORMAT".into(),
        comment: "No sent paths, query strings, headers, bodies or validation messages: they may hold what a log must not.",
        value: Box::new(Expr::Map(
            ACCESS_LOG
                .iter()
                .map(|(field, variable)| ((*field).to_owned(), (*variable).into()))
                .collect(),
        )),
    };
    Resource::new("aws.apigateway.Stage", "stage")
        .arg("rest_api", rest_api.out("id"))
        .arg("deployment", refer("api", "deployment").out("id"))
        .arg("stage_name", Expr::EnvironmentName)
        .fixed(
            "xray_tracing_enabled",
            true,
            "API-5 XR-1 CKV_AWS_73 APIGateway.3",
        )
        .fixed(
            "access_log_settings",
            Expr::map([
                ("destination_arn", access.out("arn")),
                ("format", Expr::json(format)),
            ]),
            "API-6 CKV_AWS_76",
        )
        .tags("stage", "")
}

fn method_settings(env: &Environment, rest_api: &Handle, stage: &Handle) -> Resource {
    let throttle = &env.api.throttle;
    Resource::new("aws.apigateway.MethodSettings", "method_settings")
        .arg("rest_api", rest_api.out("id"))
        .arg("stage_name", stage.out("stage_name"))
        .fixed("method_path", "*/*", "API-3 API-6")
        .from_all(
            "settings",
            [&throttle.rate_per_second.origin, &throttle.burst.origin],
            Expr::map([
                // At INFO it has `HTTP Method: …, Resource Path: …` and `Method request path: {…}`, with the values of parameters, query
                // string and headers: AWS, API Gateway Developer Guide, "Develop REST APIs in API Gateway" (rest-api-develop.html), and
                // "Set up CloudWatch logging" of execution traces (set-up-logging.html).
                (
                    "logging_level",
                    Expr::from("ERROR")
                        .noted("INFO writes the path of each request as it was sent."),
                ),
                (
                    "data_trace_enabled",
                    Expr::from(false).noted("Otherwise request and response bodies are logged."),
                ),
                ("metrics_enabled", true.into()),
                (
                    "throttling_rate_limit",
                    (&throttle.rate_per_second.value).into(),
                ),
                ("throttling_burst_limit", (&throttle.burst.value).into()),
            ]),
        )
}

/// The role by which API Gateway writes logs belongs to the account and region, not to one API: of several copies
/// of the environment, one may set it.
fn account_role(layer: &mut Component, env: &Environment) {
    let role = layer.handle("account_role");
    let groups = Expr::concat([
        "arn:aws:logs:".into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
        ":log-group:*".into(),
    ]);
    let policy = policy::role_policy(
        "account_policy",
        "apigateway",
        &role,
        [Statement::allow(
            "WriteLogsOfEveryApi",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:FilterLogEvents",
                "logs:GetLogEvents",
                "logs:PutLogEvents",
            ],
            groups,
        )
        .because(
            "One role serves all APIs of the region; API Gateway rejects one with fewer permissions.",
        )],
    );
    let account = Resource::new("aws.apigateway.Account", "account")
        .from(
            "cloudwatch_role_arn",
            &env.api.manage_account_role,
            role.out("arn"),
        )
        .after(&layer.handle("account_policy"))
        .comment("A setting of the account in this region: destroying this stack resets it.");
    let role = policy::service_role("account_role", "apigateway", "apigateway.amazonaws.com");
    layer.add_guarded(Condition::ManagesAccount, vec![role, policy, account]);
}
