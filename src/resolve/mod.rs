//! Stage 2: raw spec in, `Environment` out. Applies every default once, derives names' parts and addresses.
//! Must not touch the disk or know AWS resources.
//!
//! Each raw type is taken apart field by field, never with `..`: a new key that nobody resolves does not compile.

pub mod addresses;
pub mod defaults;
pub mod environment;

mod api;
mod extensions;
mod functions;
mod load_balancer;
mod overrides;
mod payments;
mod resolver;
mod schema;
mod tables;
mod waivers;

use crate::load::Loader;
use crate::spec::{Problems, RawSpec};

pub use crate::spec::choices;
pub use functions::{HANDLER, SHORT_NAME_LENGTH};
pub use tables::VERSION;

use environment::Environment;
use resolver::Resolver;

/// The whole environment. What is missing or unreadable is told in the problems and filled with a stand-in that breaks
/// no rule, so that the rules can judge everything else; the result must not be used when there are errors.
pub fn resolve(
    spec: RawSpec,
    file_name: &str,
    loader: &dyn Loader,
    problems: &mut Problems,
) -> Environment {
    let RawSpec {
        header,
        version,
        environment,
        network,
        database,
        functions,
        api,
        load_balancer,
        audit,
        monitoring,
        keys,
        tracing,
        firewall,
        payments,
        migration,
        state,
        waivers,
        overrides,
        extensions,
    } = spec;
    let mut resolver = Resolver::new(file_name, loader, problems);
    resolver.version(version, &header);
    let environment = resolver.environment(environment);
    Environment {
        name: environment.name,
        region: environment.region,
        suffix: environment.suffix,
        migration_date: environment.migration_date,
        owner: environment.owner,
        real_card_data: environment.real_card_data,
        monthly_budget_usd: environment.monthly_budget_usd,
        allowed_account_ids: environment.allowed_account_ids,
        network: resolver.network(network),
        database: resolver.database(database),
        functions: resolver.functions(functions),
        api: resolver.api(api),
        load_balancer: resolver.load_balancer(load_balancer),
        audit: resolver.audit(audit),
        monitoring: resolver.monitoring(monitoring),
        keys: resolver.keys(keys),
        tracing: resolver.tracing(tracing),
        firewall: resolver.firewall(firewall),
        payments: resolver.payments(payments),
        migration: payments::migration(migration),
        state: resolver.state(state),
        waivers: resolver.waivers(waivers),
        overrides: resolver.overrides(overrides),
        extensions: resolver.extensions(extensions),
    }
}
