//! The Lambda functions: a component each, with a role whose policy follows from what the function uses. All have the same
//! resources with the same arguments, but for those of [`OWN`]. The graph has each function in full; printed is what they share
//! once, and for each function a module with what is its own, so that a reviewer reads exactly what is granted.

mod rights;
mod variables;

use super::migration;
use super::policy;
use super::shared::{key_arn, key_origin, refer};
use crate::check::python::missing_modules;
use crate::origin::{Origin, Value};
use crate::resolve::environment::{Access, Environment, Function};
use crate::stack::expr::{Expr, Wheels};
use crate::stack::resource::{Component, Handle, Resource};
use rights::statements;

const FOURTEEN_DAYS_IN_SECONDS: u64 = 14 * 24 * 60 * 60;

/// An argument that each function decides for itself.
#[derive(Debug)]
pub struct Own {
    pub variable: &'static str,
    pub argument: &'static str,
    /// Name and Python type of the field by which it gets to the component that all share.
    pub field: &'static str,
    pub kind: &'static str,
    /// The one key of the argument's map that is meant.
    pub within: Option<&'static str>,
    /// Whether most functions have what all have, so that only the others say it.
    pub is_rare: bool,
}

const fn is_own(
    variable: &'static str,
    argument: &'static str,
    field: &'static str,
    kind: &'static str,
) -> Own {
    Own {
        variable,
        argument,
        field,
        kind,
        within: None,
        is_rare: false,
    }
}

/// In the order in which they are read: rights, environment, settings.
const OWN: [Own; 11] = [
    is_own("policy", "policy", "policy", "pulumi.Input[str]"),
    Own {
        within: Some("variables"),
        ..is_own(
            "function",
            "environment",
            "environment",
            "dict[str, pulumi.Input[str]]",
        )
    },
    is_own("function", "handler", "handler", "str"),
    is_own("function", "runtime", "runtime", "str"),
    is_own("function", "architectures", "architectures", "list[str]"),
    is_own("function", "code", "code", "pulumi.Archive"),
    is_own("function", "memory_size", "memory_size", "int"),
    is_own("function", "timeout", "timeout", "int"),
    is_own(
        "function",
        "reserved_concurrent_executions",
        "reserved_concurrent_executions",
        "int",
    ),
    is_own("schedule", "schedule_expression", "schedule", "str"),
    Own {
        is_rare: true,
        ..is_own("logs", "retention_in_days", "log_retention_days", "int")
    },
];

/// What a function with a schedule has beside the rest.
pub const SCHEDULE: [&str; 3] = ["schedule", "schedule_permission", "schedule_target"];

/// The place of an argument among those that functions decide for themselves.
pub fn own(variable: &str, argument: &str) -> Option<(usize, &'static Own)> {
    let mut all = OWN.iter().enumerate();
    all.find(|(_, own)| own.variable == variable && own.argument == argument)
}

/// Whether all functions have this resource, or all that have a schedule; the others stand in the function's own module.
pub fn is_shared(variable: &str) -> bool {
    ["logs", "dead_letters", "role", "policy", "function"].contains(&variable)
        || SCHEDULE.contains(&variable)
}

pub fn functions(env: &Environment) -> Vec<Component> {
    // The one that others wait for comes before them.
    let (first, others): (Vec<&Function>, Vec<&Function>) = env
        .functions
        .iter()
        .partition(|function| function.is_builtin("migrate"));
    let all = first.into_iter().chain(others);
    all.map(|function| component(env, function)).collect()
}

/// The call after which the database has the shape that a function's code expects, if the deployment makes one.
fn migrations(env: &Environment, function: &Function) -> Option<Handle> {
    function.uses.database.as_ref()?;
    if function.is_builtin("migrate") {
        return None;
    }
    let mut functions = env.functions.iter();
    let migrate = functions.find(|one| one.is_builtin("migrate"))?;
    let component = format!("functions/{}", migrate.key.value);
    Some(refer(&component, "migrations"))
}

fn component(env: &Environment, function: &Function) -> Component {
    let key = function.key.value.as_str();
    let mut layer = Component::new(
        format!("functions/{key}"),
        format!("Lambda function `{key}`: what it may do and where it runs"),
        format!("Lambda function ``{key}`` with a role of its own."),
        &["FN-1", "FN-2", "FN-3", "FN-4", "FN-5", "MON-1", "SEC-2"],
    );
    layer.notes.push(format!("Uses: {}.", uses(function)));
    layer.renamed_from.clone_from(&function.renamed_from);
    let logs = layer.add(
        super::shared::log_group(
            env,
            "logs",
            Expr::concat(["/aws/lambda/".into(), Expr::name("lambda", key)]),
            key,
function.log_retention_days.as_ref(),
        )
        .logical(&format!("{key}-logs"))
        .comment(
            "Before the function: otherwise Lambda creates an unmanaged log group that never expires.",
        ),
    );
    let dead_letters = layer.add(dead_letters(env, key));
    let role = layer.add(
        policy::service_role("role", key, "lambda.amazonaws.com").logical(&format!("{key}-role")),
    );
    let policy = layer.add(
        policy::role_policy("policy", key, &role, statements(env, function))
            .decided_by("policy", policy_origins(env, function))
            .logical(&format!("{key}-policy")),
    );
    let resource = configured(env, function, &role, &logs, &dead_letters);
    let resource = placed(resource).from_all(
        "environment",
        variables::origins(env, function),
        variables::variables(env, function),
    );
    let resource = match &function.reserved_concurrency {
        Some(reserved) => resource.set("reserved_concurrent_executions", reserved),
        None => resource,
    };
    let resource = match migrations(env, function) {
        Some(migrations) => resource.after_because(
            &migrations,
            "New code comes after the tables that it expects: both may be new in one deployment.",
        ),
        None => resource,
    };
    let resource = layer.add(
        resource
            .tags("lambda", key)
            .after_because(
                &policy,
                "Destroyed first, while the role may still remove its network interfaces.",
            )
            .after(&logs)
            .after_because(
                &refer("network", "private_association").each(),
                "Called, or moved to other subnets, only when the way to database and AWS is complete.",
            )
            .after(&refer("network", "public_association").each())
            .after(&refer("traffic", "private_acl"))
            .after(&refer("traffic", "public_acl"))
            .after(&refer("traffic", "functions_to_database"))
            .after(&refer("traffic", "database_from_functions"))
            .after(&refer("traffic", "functions_to_https")),
    );
    if function.is_builtin("migrate") {
        layer.add(migration::invocation(env, function, &resource));
    }
    if let Some(queue) = &function.consumes {
        layer.add(consumer(env, function, queue, &resource));
    }
    if let Some(schedule) = &function.schedule {
        add_schedule(&mut layer, key, schedule, &resource);
    }
    layer
}

/// What receives messages of a queue and calls the function with them; made when its role may receive.
fn consumer(
    env: &Environment,
    function: &Function,
    queue: &Value<String>,
    resource: &Handle,
) -> Resource {
    let key = function.key.value.as_str();
    let batch = &function.batch;
    let mapping = Resource::new("aws.lambda_.EventSourceMapping", "consumer")
        .logical(&format!("{key}-consumer"))
        .from(
            "event_source_arn",
            queue,
            super::queues::queue(env, queue).out("arn"),
        )
        .arg("function_name", resource.out("arn"))
        .set("batch_size", &batch.size)
        .set("maximum_batching_window_in_seconds", &batch.window_seconds)
        .fixed(
            "function_response_types",
            Expr::list(["ReportBatchItemFailures"]),
            "FN-1",
        )
        .because("Of a batch, only the messages that failed come again.")
        .tags("consumer", key);
    match &batch.concurrency {
        Some(most) => mapping.from(
            "scaling_config",
            most,
            Expr::map([("maximum_concurrency", (&most.value).into())]),
        ),
        None => mapping,
    }
}

/// A rule of EventBridge that calls the function. Such calls are asynchronous: what fails twice lands in the dead letters.
fn add_schedule(layer: &mut Component, key: &str, schedule: &Value<String>, function: &Handle) {
    let rule = layer.add(
        Resource::new("aws.cloudwatch.EventRule", "schedule")
            .logical(&format!("{key}-schedule"))
            .arg("name", Expr::name("schedule", key))
            .fixed("description", format!("Calls the function {key}"), "FN-1")
            .set("schedule_expression", schedule)
            .tags("schedule", key),
    );
    layer.add(
        Resource::new("aws.lambda_.Permission", "schedule_permission")
            .logical(&format!("{key}-schedule"))
            .arg(
                "statement_id",
                Expr::name("permission", &format!("{key}-schedule")),
            )
            .arg("function", function.out("name"))
            .fixed("action", "lambda:InvokeFunction", "FN-4")
            .fixed("principal", "events.amazonaws.com", "FN-4")
            .arg("source_arn", rule.out("arn")),
    );
    layer.add(
        Resource::new("aws.cloudwatch.EventTarget", "schedule_target")
            .logical(&format!("{key}-schedule"))
            .arg("rule", rule.out("name"))
            .fixed("target_id", "function", "FN-1")
            .arg("arn", function.out("arn")),
    );
}

/// `database (write), audit (write), queue settlements (send)`.
fn uses(function: &Function) -> String {
    let uses = &function.uses;
    let access = |name: &str, used: &Option<Value<Access>>| {
        let used = used.as_ref()?;
        Some(format!("{name} ({})", used.value.as_str()))
    };
    let secrets = uses.secrets.iter();
    let secrets = secrets.map(|secret| format!("secret {}", secret.value));
    let topics = uses.topics.iter();
    let topics = topics.map(|topic| format!("topic {} (publish)", topic.value));
    let queues = uses.queues.iter();
    let queues =
        queues.map(|(queue, flow)| format!("queue {} ({})", queue.value, flow.value.as_str()));
    let consumed = function.consumes.iter();
    let consumed = consumed.map(|queue| format!("queue {} (consumes)", queue.value));
    let stores = [
        access("database", &uses.database),
        access("audit", &uses.audit),
    ];
    let used: Vec<String> = stores
        .into_iter()
        .flatten()
        .chain(secrets)
        .chain(topics)
        .chain(queues)
        .chain(consumed)
        .collect();
    if used.is_empty() {
        "nothing".to_owned()
    } else {
        used.join(", ")
    }
}

fn dead_letters(env: &Environment, key: &str) -> Resource {
    Resource::new("aws.sqs.Queue", "dead_letters")
        .logical(&format!("{key}-dead-letters"))
        .arg("name", Expr::name("dlq", key))
        .arg("kms_master_key_id", key_arn(env, "data"))
        .decided_by("kms_master_key_id", key_origin(env, "data"))
        .fixed(
            "message_retention_seconds",
            FOURTEEN_DAYS_IN_SECONDS,
            "CKV_AWS_116",
        )
        .tags("dlq", key)
        .comment("Asynchronous invocations only: the API and the load balancer return errors to the client.")
}

fn configured(
    env: &Environment,
    function: &Function,
    role: &Handle,
    logs: &Handle,
    dead_letters: &Handle,
) -> Resource {
    let key = function.key.value.as_str();
    Resource::new("aws.lambda_.Function", "function")
        .logical(key)
        .arg("name", Expr::name("lambda", key))
        .arg("role", role.out("arn"))
        .set("runtime", &function.runtime)
        .from(
            "architectures",
            &function.architecture,
            Expr::list([&function.architecture.value]),
        )
        .set("handler", &function.handler)
        .from_all("code", code_origins(function), code(function))
        .arg(
            "layers",
            Expr::list([refer("tracing", "libraries").out("arn")]),
        )
        .set("memory_size", &function.memory_mib)
        .set("timeout", &function.timeout_seconds)
        .fixed(
            "tracing_config",
            Expr::map([("mode", "Active".into())]),
            "FN-3 XR-1 CKV_AWS_50",
        )
        .arg(
            "logging_config",
            Expr::map([
                ("log_format", "JSON".into()),
                ("log_group", logs.out("name")),
            ]),
        )
        .arg(
            "dead_letter_config",
            Expr::map([("target_arn", dead_letters.out("arn"))]),
        )
        .arg("kms_key_arn", key_arn(env, "data"))
        .decided_by("kms_key_arn", key_origin(env, "data"))
}

/// Its folder, with what is shared and installed beside it.
fn code(function: &Function) -> Expr {
    let target = function.packages.target.as_ref();
    let wheels = function.package_list().zip(target);
    Expr::Archive {
        folder: format!("functions/{}", function.key.value.replace('-', "_")),
        packages: shared_packages(function),
        wheels: wheels.map(|(list, target)| Wheels {
            list,
            python: target.python(),
            platform: target.platform(),
            modules: missing_modules(function)
                .into_iter()
                .map(|(module, _)| module)
                .collect(),
        }),
    }
}

fn code_origins(function: &Function) -> Vec<&Origin> {
    let mut origins = vec![&function.source.origin];
    origins.extend(function.library.as_ref().map(|library| &library.origin));
    if function.package_list().is_some() {
        origins.extend([&function.runtime.origin, &function.architecture.origin]);
    }
    origins
}

/// What the compiler's own functions share, and a team's where it asks for it.
fn shared_packages(function: &Function) -> Vec<&'static str> {
    if function.shares_payments() {
        vec!["functions/payments"]
    } else {
        Vec::new()
    }
}

fn placed(resource: Resource) -> Resource {
    resource
        .arg(
            "vpc_config",
            Expr::map([
                (
                    "subnet_ids",
                    refer("network", "private_subnet").each().out("id"),
                ),
                (
                    "security_group_ids",
                    Expr::list([refer("traffic", "function_group").out("id")]),
                ),
            ]),
        )
        .fixed("replace_security_groups_on_destroy", true, "DEST-1")
        .because(
            "Lambda keeps its network interfaces for up to 45 minutes; the group does not wait for them.",
        )
        .arg(
            "replacement_security_group_ids",
            Expr::list([refer("network", "vpc").out("default_security_group_id")]),
        )
}

/// What decides which statements the policy has.
fn policy_origins<'a>(env: &'a Environment, function: &'a Function) -> Vec<&'a Origin> {
    let user = &env.database.application_username.origin;
    let user = function.uses.database.is_some().then_some(user);
    let mut access = function.uses.database.iter();
    let master = access.any(|access| access.value == Access::Owner);
    let keys = [Some("data"), master.then_some("database")];
    let keys = keys.into_iter().flatten();
    let keys = keys.filter_map(|role| key_origin(env, role));
    let measured = variables::of_measured(env, function);
    variables::of_uses(function)
        .chain(user)
        .chain(measured)
        .chain(keys)
        .collect()
}
