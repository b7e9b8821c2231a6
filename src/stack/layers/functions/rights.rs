//! What a function may do: the statements of its policy follow from what it uses.

use super::super::policy::Statement;
use super::super::shared::{key_arn, refer};
use super::super::{database, queues};
use crate::resolve::environment::{Access, Environment, Flow, Function};
use crate::stack::expr::Expr;

/// Where functions put audit objects; the policy reaches no further.
const AUDIT_PREFIX: &str = "/payments/*";

/// Made from region, account and name, so that a policy says in one place what it grants and waits for nothing.
fn own_arn(service: &str, resource: impl IntoIterator<Item = Expr>) -> Expr {
    let before = [
        format!("arn:aws:{service}:").into(),
        Expr::Region,
        ":".into(),
        Expr::AccountId,
    ];
    Expr::concat(before.into_iter().chain(resource))
}

fn function_arn(key: &str) -> Expr {
    own_arn("lambda", [":function:".into(), Expr::name("lambda", key)])
}

/// The whole policy of a function.
pub fn statements(env: &Environment, function: &Function) -> Vec<Statement> {
    let key = function.key.value.as_str();
    let mut statements = vec![
        Statement::allow(
            "WriteOwnLogs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            own_arn(
                "logs",
                [
                    ":log-group:/aws/lambda/".into(),
                    Expr::name("lambda", key),
                    ":*".into(),
                ],
            ),
        ),
        Statement::allow(
            "SendDeadLetters",
            ["sqs:SendMessage"],
            own_arn("sqs", [":".into(), Expr::name("dlq", key)]),
        ),
    ];
    statements.extend(database_statements(env, function));
    if let Some(access) = &function.uses.audit {
        let records = || {
            Expr::concat([
                refer("audit", "audit_bucket").out("arn"),
                AUDIT_PREFIX.into(),
            ])
        };
        let (sid, action) = match access.value {
            Access::Read => ("ReadAudit", "s3:GetObject"),
            Access::Write | Access::Owner => ("WriteAudit", "s3:PutObject"),
        };
        statements.push(Statement::allow(sid, [action], records()));
        if function.is_builtin("audit-relay") {
            statements.push(
                Statement::allow("CompareAudit", ["s3:GetObject"], records())
                    .because("A record that is there already is compared with the one that waits."),
            );
        }
    }
    statements.extend(used_statements(env, function));
    statements.extend(key_statements(env, function));
    statements.extend(interface_statements(&function.key.value));
    statements.push(
        Statement::allow(
            "Trace",
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            "*",
        )
        .because("X-Ray has no resource-level permissions."),
    );
    statements
}

fn database_statements(env: &Environment, function: &Function) -> Vec<Statement> {
    let Some(access) = &function.uses.database else {
        return Vec::new();
    };
    if access.value != Access::Owner {
        return vec![
            Statement::allow(
                "LogInToDatabase",
                ["rds-db:connect"],
                database::user_arn(env, function, access.value),
            )
            .because("With IAM, as the database user for this access; there is no password."),
        ];
    }
    let secrets_manager = Expr::concat([
        "secretsmanager.".into(),
        Expr::Region,
        ".amazonaws.com".into(),
    ]);
    vec![
        Statement::allow(
            "ReadMasterSecret",
            ["secretsmanager:GetSecretValue"],
            database::master_secret(),
        )
        .because("The only function that logs in as the master user: it creates the other users."),
        Statement::allow(
            "DecryptMasterSecret",
            ["kms:Decrypt"],
            key_arn(env, "database"),
        )
        .condition("StringEquals", "kms:ViaService", secrets_manager),
    ]
}

fn used_statements(env: &Environment, function: &Function) -> Vec<Statement> {
    let mut statements = Vec::new();
    let arns = |arns: Vec<Expr>| match <[Expr; 1]>::try_from(arns) {
        Ok([one]) => one,
        Err(several) => Expr::List(several),
    };
    let used = function.uses.secrets.iter();
    let secrets: Vec<Expr> = used.map(|secret| secret_arn(&secret.value)).collect();
    if !secrets.is_empty() {
        let read = Statement::allow(
            "ReadSecrets",
            ["secretsmanager:GetSecretValue"],
            arns(secrets),
        );
        statements.push(read);
    }
    if function.is_builtin("secret-ages") && !env.secrets.is_empty() {
        let all = env.secrets.iter();
        let all = all.map(|secret| secret_arn(&secret.key.value)).collect();
        let ages = Statement::allow(
            "ReadSecretAges",
            ["secretsmanager:ListSecretVersionIds"],
            arns(all),
        );
        statements.push(ages.because("When a value was put, never the value."));
    }
    let queues = |flow: Flow| {
        let queues = function.uses.queues.iter();
        let mut queues: Vec<&str> = queues
            .filter(|(_, used)| used.value == flow)
            .map(|(queue, _)| queue.as_str())
            .collect();
        if flow == Flow::Receive {
            let consumed = function.consumes.iter().map(|queue| queue.as_str());
            queues.extend(
                consumed
                    .filter(|queue| !queues.contains(queue))
                    .collect::<Vec<_>>(),
            );
        }
        let queues: Vec<Expr> = queues
            .into_iter()
            .map(|queue| queue_arn(env, queue))
            .collect();
        (!queues.is_empty()).then(|| arns(queues))
    };
    let used = function.uses.topics.iter();
    let topics = used.map(|topic| refer("topics", "topic").member(topic).out("arn"));
    let topics: Vec<Expr> = topics.collect();
    if !topics.is_empty() {
        statements.push(Statement::allow("Publish", ["sns:Publish"], arns(topics)));
    }
    if let Some(queues) = queues(Flow::Send) {
        statements.push(Statement::allow("Send", ["sqs:SendMessage"], queues));
    }
    if let Some(queues) = queues(Flow::Receive) {
        let actions = [
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        ];
        let mut receive = Statement::allow("Receive", actions, queues);
        if function.consumes.is_some() {
            receive = receive.because("Lambda receives and deletes with the function's role.");
        }
        statements.push(receive);
    }
    statements
}

fn secret_arn(key: &str) -> Expr {
    refer("secrets", "secret").member(key).out("arn")
}

fn queue_arn(env: &Environment, key: &str) -> Expr {
    queues::queue(env, key).out("arn")
}

fn key_statements(env: &Environment, function: &Function) -> [Statement; 2] {
    let through = |service: &str| {
        Expr::concat([
            service.into(),
            ".".into(),
            Expr::Region,
            ".amazonaws.com".into(),
        ])
    };
    let writes_audit = function
        .uses
        .audit
        .as_ref()
        .is_some_and(|access| access.value == Access::Write);
    let publishes = !function.uses.topics.is_empty();
    let services = [("sqs", true), ("s3", writes_audit), ("sns", publishes)];
    let services = services.into_iter().filter(|(_, is_used)| *is_used);
    let services: Vec<Expr> = services.map(|(service, _)| through(service)).collect();
    let services = match <[Expr; 1]>::try_from(services) {
        Ok([one]) => one,
        Err(several) => Expr::List(several),
    };
    [
        Statement::allow("Decrypt", ["kms:Decrypt"], key_arn(env, "data"))
            .because("Lambda decrypts the environment variables with the function's role."),
        Statement::allow(
            "EncryptThroughServices",
            ["kms:GenerateDataKey"],
            key_arn(env, "data"),
        )
        .condition("StringEquals", "kms:ViaService", services),
    ]
}

fn interface_statements(key: &str) -> [Statement; 2] {
    let actions = Expr::Constant {
        name: "NETWORK_INTERFACE_ACTIONS".into(),
        comment: "What Lambda does with the function's role to bring it into the VPC.",
        value: Box::new(Expr::list([
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ])),
    };
    [
        Statement::new("Allow", "EnterVpc", actions.clone(), Some("*".into())).because(
            "Lambda attaches the function to the VPC with these; describing has no narrower form.",
        ),
        Statement::new("Deny", "CodeTouchesNoInterface", actions, Some("*".into()))
            .condition("ArnEquals", "lambda:SourceFunctionArn", function_arn(key))
            .because("Set on calls by the function's code only, never on calls by Lambda."),
    ]
}
