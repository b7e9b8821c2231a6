//! Migrations: one call of a function during the deployment, which brings the database's tables, users and reference
//! data to where the spec and the project's files say.

use std::collections::BTreeMap;

use crate::origin::Origin;
use crate::resolve::environment::{Environment, Function};
use crate::stack::expr::Expr;
use crate::stack::resource::{Handle, Resource};

/// The call of `builtin:migrate`, which stands beside the function.
pub fn invocation(env: &Environment, function: &Function, migrate: &Handle) -> Resource {
    let key = &function.key.value;
    let folder = format!("functions/{}", key.replace('-', "_"));
    let merchants = env.payments.merchants.iter();
    let origins = merchants
        .clone()
        .flat_map(|merchant| [&merchant.id.origin, &merchant.status.origin])
        .chain([&env.database.application_username.origin]);
    // In an order of their own: to list them in another way is no reason to migrate.
    let merchants: BTreeMap<&String, &String> = merchants
        .map(|merchant| (&merchant.id.value, &merchant.status.value))
        .collect();
    let merchants = merchants
        .into_iter()
        .map(|(id, status)| (id.clone(), Expr::from(status)))
        .collect();
    let input = Expr::map([
        (
            "application_user",
            Expr::from(&env.database.application_username.value),
        ),
        ("merchants", Expr::Map(merchants)),
    ]);
    Resource::new("aws.lambda_.Invocation", "migrations")
        .arg("function_name", migrate.out("name"))
        .from_all(
            "input",
            origins.collect::<Vec<&Origin>>(),
            Expr::json(input),
        )
        .fixed(
            "triggers",
            Expr::map([("code", Expr::Digest(folder))]),
            "MIG-1",
        )
        .because(
            "A change of code, SQL or input invokes the function again; applied migrations stay.",
        )
}
