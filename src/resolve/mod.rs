//! Stage 2: raw spec in, `Environment` out. Applies every default once, derives names' parts and addresses.
//! Must not touch the disk or know AWS resources.
//!
//! Plain keys are filled in as `format/` declares them; a raw table without any is taken apart field by field, never with `..`.

pub mod addresses;
pub mod environment;

mod api;
pub mod authority;
mod callers;
pub mod distinguished_name;
mod extensions;
mod functions;
pub mod keys;
mod load_balancer;
mod logs;
mod overrides;
mod payments;
mod resolver;
mod schema;
mod tables;
mod uses;
pub mod vault;
mod waivers;

use crate::format::RawSpec;
use crate::load::Loader;
use crate::requirements::Class;
use crate::spec::Problems;

pub use functions::Entry;

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
        base: _,
        without: _,
        environment,
        network,
        database,
        functions,
        secrets,
        queues,
        topics,
        api,
        load_balancer,
        mut domain,
        mut audit,
        monitoring,
        mut keys,
        mut tracing,
        mut firewall,
        payments,
        mut migration,
        state,
        mut output,
        removed,
        tags,
        waivers,
        overrides,
        extensions,
    } = spec;
    // Another word is reported where it is filled in.
    let class = environment.class.as_ref();
    let class = class.and_then(|class| Class::from_word(&class.value));
    let class = class.unwrap_or(Class::Staging);
    let mut resolver = Resolver::new(file_name, class, loader, problems);
    resolver.version(version, &header);
    let functions = resolver.functions(functions);
    Environment {
        class,
        identity: resolver.environment(environment),
        network: resolver.network(network),
        database: resolver.database(database),
        secrets: resolver.secrets(secrets),
        queues: resolver.queues(queues, &functions),
        topics: topics.into_iter().map(|topic| topic.name).collect(),
        functions,
        api: resolver.api(api),
        load_balancer: resolver.load_balancer(load_balancer),
        domain: domain.settings(&mut resolver),
        audit: audit.settings(&mut resolver),
        monitoring: resolver.monitoring(monitoring),
        keys: keys.settings(&mut resolver),
        tracing: tracing.settings(&mut resolver),
        firewall: firewall.settings(&mut resolver),
        payments: resolver.payments(payments),
        migration: migration.settings(&mut resolver),
        state: resolver.state(state),
        output: output.settings(&mut resolver),
        waivers: resolver.waivers(waivers),
        overrides: resolver.overrides(overrides),
        extensions: resolver.extensions(extensions),
        removed: resolver::members(removed),
        tags,
    }
}
