//! Migrations: one call of a function during the deployment, which brings the database's tables, users and reference
//! data to where the spec and the project's files say.

use std::collections::BTreeMap;

use crate::origin::Origin;
use crate::resolve::environment::{Environment, Function};
use crate::stack::expr::Expr;
use crate::stack::resource::{Handle, Resource};

/// Status of a merchant whose payments are rejected for good.
const CLOSED: &str = "closed";

/// The call of `builtin:migrate`, which stands beside the function.
pub fn invocation(env: &Environment, function: &Function, migrate: &Handle) -> Resource {
    let key = &function.key.value;
    let folder = format!("functions/{}", key.replace('-', "_"));
    let merchants = env.payments.merchants.iter();
    let origins = merchants
        .clone()
        .flat_map(|merchant| {
            let former = merchant.renamed_from.iter().map(|former| &former.origin);
            former.chain([&merchant.id.origin, &merchant.status.origin])
        })
        .chain([&env.database.application_username.origin]);
    // In an order of their own: to list them in another way is no reason to migrate.
    // What a merchant was called takes no new payments; those that it has stay under that id.
    let former = merchants.clone().filter_map(|merchant| {
        let former = merchant.renamed_from.as_ref()?;
        Some((former.as_str(), CLOSED))
    });
    let present =
        merchants.map(|merchant| (merchant.id.value.as_str(), merchant.status.value.as_str()));
    let merchants: BTreeMap<&str, &str> = former.chain(present).collect();
    let merchants = merchants
        .into_iter()
        .map(|(id, status)| (id.to_owned(), Expr::from(status)))
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
