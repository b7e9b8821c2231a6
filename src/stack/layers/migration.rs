//! Migrations: a call of a function during the deployment, which brings the database's tables, users and reference data to where
//! the spec and the project's files say; and another one once there are API keys, with the merchants that these stand for.

use std::collections::BTreeMap;

use crate::origin::{Origin, Value};
use crate::resolve::environment::{Environment, Function, Merchant};
use crate::stack::expr::Expr;
use crate::stack::resource::{Handle, Resource};

use super::shared::refer;

/// Status of a merchant whose payments are rejected for good.
const CLOSED: &str = "closed";

/// Modules of the shared package that only migrations use.
const MODULES: [&str; 3] = ["arriving", "migrating", "migrations"];

/// The call of `builtin:migrate`, which stands beside the function.
pub fn invocation(env: &Environment, function: &Function, migrate: &Handle) -> Resource {
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
        .fixed("triggers", code(function), "MIG-1")
        .because(
            "A change of code, SQL or input invokes the function again; applied migrations stay.",
        )
}

fn code(function: &Function) -> Expr {
    let folder = format!("functions/{}", function.key.value.replace('-', "_"));
    let modules = MODULES.map(|name| Expr::FileText(format!("functions/payments/{name}.py")));
    let modules = Expr::Fingerprint(Box::new(Expr::List(modules.into())));
    Expr::map([("code", Expr::Digest(folder)), ("modules", modules)])
}

/// The second call of `builtin:migrate`, which stands beside the API keys: AWS gives their ids, and functions know them by these.
pub fn callers(env: &Environment, keys: Option<&Handle>) -> Option<Resource> {
    let mut functions = env.functions.iter();
    let function = functions.find(|function| function.is_builtin("migrate"))?;
    let ids = |merchants: Vec<&Merchant>| {
        let ids = merchants.into_iter().flat_map(|merchant| merchant.ids());
        Expr::list(ids.map(str::to_owned))
    };
    let of_keys = env.merchants_of_keys();
    // Where all keys are nobody's, there is nothing to tell of any.
    let keys = keys.filter(|_| of_keys.iter().any(|(_, merchants)| !merchants.is_empty()));
    let of_keys = of_keys.into_iter().map(|(_, merchants)| ids(merchants));
    // In an order of their own, like the merchants.
    let merchants = env.payments.merchants.iter();
    let subjects: BTreeMap<&str, &Merchant> = merchants
        .filter_map(|merchant| Some((env.subject_of(merchant)?.as_str(), merchant)))
        .collect();
    let channel = |credentials: Expr, merchants: Vec<Expr>| {
        Expr::map([
            ("credentials", credentials),
            ("merchants", Expr::List(merchants)),
        ])
    };
    let mut certificates = channel(
        Expr::list(subjects.keys().map(|subject| (*subject).to_owned())),
        subjects.values().map(|one| ids(vec![one])).collect(),
    );
    let issuers: Vec<_> = subjects.values().map(|one| env.issuers_of(one)).collect();
    if let Expr::Map(columns) = &mut certificates
        && issuers.iter().any(|of_one| !of_one.is_empty())
    {
        let texts =
            |of_one: &[Value<String>]| Expr::list(of_one.iter().map(|name| name.value.clone()));
        let issuers = issuers.into_iter().map(texts).collect();
        columns.push(("issuers".to_owned(), Expr::List(issuers)));
    }
    let of_keys = keys.map_or_else(
        || channel(Expr::List(Vec::new()), Vec::new()),
        |keys| channel(keys.each().out("id"), of_keys.collect()),
    );
    let callers = Expr::map([("api", of_keys), ("load-balancer", certificates)]);
    let input = Expr::map([("callers", callers)]);
    let migrate = refer(&format!("functions/{}", function.key.value), "function");
    Some(
        Resource::new("aws.lambda_.Invocation", "callers")
            .arg("function_name", migrate.named("name", "", "function_names"))
            .from_all("input", env.caller_origins(), Expr::json(input))
            .because("Merchants in the order of the keys.")
            .fixed("triggers", code(function), "MIG-1"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::MODULES;

    const FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/functions");

    /// Modules of the shared package that a file imports, and those that these import.
    fn imported(file: &Path, found: &mut BTreeSet<String>) {
        let text = fs::read_to_string(file).expect("a module");
        for line in text.lines() {
            let rest = line.trim_start().strip_prefix("from payments.");
            let Some(name) = rest.and_then(|rest| rest.split(' ').next()) else {
                continue;
            };
            if found.insert(name.to_owned()) {
                imported(
                    &Path::new(FUNCTIONS).join(format!("payments/{name}.py")),
                    found,
                );
            }
        }
    }

    /// Whatever else the function that migrates shares, serves payments too, and brings no database anywhere.
    #[test]
    fn migrations_run_again_where_a_module_changes_that_only_they_use() {
        let (mut ours, mut others) = (BTreeSet::new(), BTreeSet::new());
        for entry in fs::read_dir(FUNCTIONS).expect("the functions") {
            let folder = entry.expect("an entry").path();
            let handler = folder.join("handler.py");
            if handler.is_file() {
                let is_ours = folder.ends_with("migrate");
                imported(&handler, if is_ours { &mut ours } else { &mut others });
            }
        }
        assert!(!others.is_empty());
        let own: Vec<&str> = ours.difference(&others).map(String::as_str).collect();
        assert_eq!(own, MODULES);
    }
}
