//! The documents of the generated project: how to deploy and destroy it, what there is, the evidence, the runbook.
//! Prose names no value that the spec may change, so that an edit of the spec shows where it counts, and speaks of nothing that the
//! spec has not. A command that needs a value has it on a line of its own.

use askama::Template;

use super::answers::{self, Has};
use super::deployed::Payable;
use super::trace::{Mark, Page, Placed};
use super::wiring::Wiring;
use super::{File, assets, diagram, evidence};
use crate::requirements::Class;
use crate::resolve::environment::{Backend, Environment};
use crate::stack::graph::Stack;

#[derive(Template)]
#[template(path = "README.md")]
struct ReadmeTemplate<'a> {
    env: &'a Environment,
    /// How many NAT gateways there are.
    exits: usize,
    /// The spec says that the environment may go.
    is_ending: bool,
    self_signed: bool,
    payment: Option<Payment<'a>>,
}

#[derive(Template)]
#[template(path = "docs/answers.md")]
struct AnswersTemplate {
    has: Has,
    firewall: bool,
    table: String,
}

#[derive(Template)]
#[template(path = "docs/architecture.md")]
struct ArchitectureTemplate {
    /// `three`.
    zones: &'static str,
    /// The database has a standby in another zone.
    standby: bool,
    /// One NAT gateway is that of all zones.
    one_exit: bool,
    facts: Facts,
    firewall: bool,
    diagram: String,
}

#[derive(Template)]
#[template(path = "docs/requirements.md")]
struct RequirementsTemplate<'p> {
    env: &'p Environment,
    evidence: String,
    waivers: Placed<'p>,
    overrides: Placed<'p>,
    extensions: String,
}

#[derive(Template)]
#[template(path = "docs/backups.md")]
struct BackupsTemplate {
    /// Whether nothing goes by a slip.
    keeps: bool,
    copies: bool,
    /// Whether somebody else owns the key of the database.
    owned: bool,
}

impl BackupsTemplate {
    /// Nothing without a vault.
    fn of(env: &Environment) -> Option<Self> {
        let vault = env.database.backup_vault.as_ref()?;
        Some(Self {
            keeps: env.holds("KEEP-1"),
            copies: vault.copy.is_some(),
            owned: env.owners_key("database").is_some(),
        })
    }
}

#[derive(Template)]
#[template(path = "docs/runbook.md")]
struct RunbookTemplate<'a> {
    env: &'a Environment,
    facts: Facts,
    self_signed: bool,
    /// Whether what the built-in functions share is there, the check for card numbers among it.
    card_check: bool,
}

/// What there is to speak of.
#[derive(Clone, Copy)]
struct Facts {
    /// A built-in function validates payments, one of these two tells of them, one delivers audit records, one migrates.
    validates: bool,
    payments: bool,
    /// A route takes the id of a payment in its path.
    by_path: bool,
    relays: bool,
    migrates: bool,
    /// Any function uses it.
    database: bool,
    audit: bool,
    /// Any route asks for an API key.
    keys: bool,
    /// The load balancer asks callers for a certificate.
    clients: bool,
    /// The database's class earns and spends credits.
    credits: bool,
    queues: bool,
    secrets: bool,
    topics: bool,
    /// A vault of AWS Backup has backups of the database.
    vault: bool,
    /// Any entry point has a name of the environment's own.
    names: bool,
}

impl Facts {
    fn of(env: &Environment) -> Self {
        let functions = &env.functions;
        let has = |name: &str| functions.iter().any(|function| function.is_builtin(name));
        let class = crate::catalogue::instance_class(&env.database.instance_class.value);
        Self {
            validates: has("validate-payment"),
            payments: has("validate-payment") || has("payment-status"),
            by_path: tells_by_path(env),
            relays: functions
                .iter()
                .any(|one| one.is_builtin("audit-relay") && one.schedule.is_some()),
            migrates: has("migrate"),
            database: functions.iter().any(|one| one.uses.database.is_some()),
            audit: functions.iter().any(|one| one.uses.audit.is_some()),
            keys: env.api.routes.iter().any(|one| one.api_key_required.value),
            clients: env.load_balancer.clients.is_some(),
            queues: !env.queues.is_empty(),
            secrets: !env.secrets.is_empty(),
            topics: !env.topics.is_empty(),
            vault: env.database.backup_vault.is_some(),
            names: env.domain.api.is_some() || env.domain.load_balancer.is_some(),
            credits: class.is_some_and(|class| class.burstable),
        }
    }
}

/// A payment that this environment accepts, as one types it.
struct Payment<'a> {
    /// Name of an API key of the merchant's, where the route asks for one.
    key: Option<Placed<'a>>,
    merchant: Placed<'a>,
    currency: Placed<'a>,
    amount: u64,
}

impl<'a> Payment<'a> {
    /// None where no payment gets through by such a command.
    fn by_hand(env: &'a Environment, page: &'a Page) -> Option<Self> {
        let payable = Payable::of(env)?;
        let merchant = payable.merchants.first()?;
        let key = *env.api_keys_of(merchant).first()?;
        Some(Self {
            key: (payable.route.api_key_required.value).then(|| page.set(key)),
            merchant: page.set(&merchant.id),
            currency: page.set(&payable.currency.code),
            amount: payable.amount,
        })
    }
}

/// `files` holds the tests that the evidence names.
pub fn files(
    env: &Environment,
    stack: &Stack,
    wiring: &Wiring<'_>,
    files: &[File],
) -> anyhow::Result<Vec<(File, Vec<Mark>)>> {
    let self_signed = env.signs_itself();
    let page = Page::default();
    let (readme, marks) = page.render(&ReadmeTemplate {
        env,
        exits: env.exits().count(),
        is_ending: env.ending.value,
        self_signed,
        payment: Payment::by_hand(env, &page),
    })?;
    let facts = Facts::of(env);
    let has = has(env, facts);
    let answers = AnswersTemplate {
        has,
        firewall: env.firewall.enabled.value,
        table: answers::table(has),
    };
    let architecture = ArchitectureTemplate {
        zones: match env.network.zones.len() {
            2 => "two",
            _ => "three",
        },
        standby: env.holds("DB-2"),
        one_exit: env.class == Class::Development,
        facts,
        firewall: env.firewall.enabled.value,
        diagram: diagram::layers(stack, wiring),
    };
    let (waivers, overrides) = (evidence::waivers(env), evidence::overrides(env));
    let page = Page::default();
    let (requirements, accepted) = page.render(&RequirementsTemplate {
        env,
        evidence: evidence::table(env, stack, files),
        waivers: page.text(&waivers),
        overrides: page.text(&overrides),
        extensions: evidence::extensions(env),
    })?;
    let runbook = RunbookTemplate {
        env,
        facts,
        self_signed,
        card_check: assets::uses_builtins(env),
    };
    let plain = |path: &str, text: String| (File::text(path, &text), Vec::new());
    let backups = BackupsTemplate::of(env).map(|template| template.render());
    let backups = backups.transpose()?;
    Ok(vec![
        (File::text("README.md", &readme), marks),
        plain("docs/answers.md", answers.render()?),
        plain("docs/architecture.md", architecture.render()?),
        (File::text("docs/requirements.md", &requirements), accepted),
        plain("docs/runbook.md", runbook.render()?),
    ]
    .into_iter()
    .chain(backups.map(|text| plain("docs/backups.md", text)))
    .collect())
}

/// Whether clients may ask for a payment with its id in the path, which stands in logs.
fn tells_by_path(env: &Environment) -> bool {
    let tells = |name: &str| {
        let mut functions = env.functions.iter();
        functions.any(|one| one.key.value == name && one.is_builtin("payment-status"))
    };
    let mut routes = env.api.routes.iter();
    let mut rules = env.load_balancer.routes.iter();
    routes.any(|route| route.path.starts_with("/payments/{") && tells(&route.function.value))
        || rules.any(|rule| rule.pattern.value.contains(['*', '?']) && tells(&rule.function.value))
}

/// Which answers there are.
fn has(env: &Environment, facts: Facts) -> Has {
    let mut functions = env.functions.iter();
    let mut routes = env.api.routes.iter();
    Has {
        tells_by_path: facts.by_path,
        validates: facts.validates,
        tells: functions.any(|function| function.is_builtin("payment-status")),
        keys: facts.keys,
        signed: routes.any(|route| route.authorization.value == "AWS_IAM"),
    }
}
