//! What the graph costs by the month before there is any traffic, at list prices, and what the expected payments add.

use std::collections::BTreeSet;

use super::expr::Expr;
use super::graph::{Member, Stack};
use crate::catalogue::{
    LifeCycle, Per, Price, Support, Times, Use, extended_support_usd, life_cycle, prices,
};
use crate::date::Date;
use crate::number::{float, grouped};
use crate::resolve::environment::{Environment, Function};

/// An estimate, USD for 730 hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// In the order of the program; only layers that cost something.
    pub layers: Vec<Layer>,
    /// What the payments cost that the spec expects, by layer too.
    pub payments: Option<Payments>,
    /// What is billed as well, and whose price is not known: the sum is too small by it.
    pub missing: Vec<String>,
    /// What extended support of the database costs, where the spec asks for it.
    pub extended: Option<Extended>,
    /// The month of the price list.
    pub read: &'static str,
}

/// What a layer costs, and what of it drives that.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// What is billed, and how much for it; in the order in which the layer has it.
    pub parts: Vec<(String, f64)>,
}

impl Layer {
    pub fn usd(&self) -> f64 {
        self.parts.iter().map(|(_, usd)| usd).sum()
    }

    /// `NAT gateways 98.55, addresses of NAT gateways 10.95`, the dearest first.
    pub fn drivers(&self) -> String {
        let mut parts: Vec<&(String, f64)> = self.parts.iter().collect();
        parts.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        let parts = parts.iter().map(|(of, usd)| format!("{of} {usd:.2}"));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// What so many payments a month cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Payments {
    pub number: u64,
    pub layers: Vec<Layer>,
}

impl Payments {
    pub fn total(&self) -> f64 {
        self.layers.iter().map(Layer::usd).sum()
    }

    /// `about 21 USD more at 1_000_000 payments a month: api 4, …`.
    pub fn sum(&self) -> String {
        format!(
            "about {:.0} USD more at {} payments a month: {}",
            self.total(),
            grouped(self.number),
            by_layer(&self.layers)
        )
    }
}

/// `network 120, database 100`, the dearest first.
fn by_layer(layers: &[Layer]) -> String {
    let parts = dearest_first(layers).into_iter();
    let parts = parts.map(|layer| format!("{} {:.0}", layer.name, layer.usd()));
    parts.collect::<Vec<_>>().join(", ")
}

fn dearest_first(layers: &[Layer]) -> Vec<&Layer> {
    let mut layers: Vec<&Layer> = layers.iter().collect();
    layers.sort_by(|left, right| right.usd().total_cmp(&left.usd()));
    layers
}

/// Adds what something costs to its layer.
fn add(layers: &mut Vec<Layer>, name: &str, of: &str, usd: f64) {
    if usd == 0.0 {
        return;
    }
    let Some(layer) = layers.iter_mut().find(|layer| layer.name == name) else {
        layers.push(Layer {
            name: name.to_owned(),
            parts: vec![(of.to_owned(), usd)],
        });
        return;
    };
    let parts = &mut layer.parts;
    match parts.iter_mut().find(|(known, _)| known == of) {
        Some((_, sum)) => *sum += usd,
        None => parts.push((of.to_owned(), usd)),
    }
}

/// Extended support of a version, on the day of the estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Extended {
    pub support: Support,
    /// The last day of standard support, and the first day of the doubled price.
    pub begins_after: &'static str,
    pub doubles: &'static str,
    /// USD for 730 hours, at the price of the first two years.
    pub usd: f64,
}

impl Extended {
    fn of(life: &LifeCycle, class: &str, day: Date) -> Self {
        Self {
            support: life.support(day),
            begins_after: life.standard_support_ends,
            doubles: life.extended_support_doubles,
            usd: extended_support_usd(class, Support::Extended),
        }
    }

    /// What it will add, while standard support lasts.
    pub fn to_come(&self) -> f64 {
        match self.support {
            Support::Standard => self.usd,
            _ => 0.0,
        }
    }
}

impl Cost {
    pub fn total(&self) -> f64 {
        self.layers.iter().map(Layer::usd).sum()
    }

    /// With what the expected payments add.
    pub fn with_payments(&self) -> f64 {
        self.total() + self.payments.as_ref().map_or(0.0, Payments::total)
    }

    /// `about 253 USD`, or what it is at least.
    pub fn sum(&self) -> String {
        let word = match self.missing.is_empty() {
            true => "about",
            false => "more than",
        };
        format!("{word} {:.0} USD", self.total())
    }

    /// `no price is known of …`.
    pub fn without(&self) -> Option<String> {
        let missing = self.missing.join(", ");
        (!missing.is_empty()).then(|| format!("no price is known of {missing}"))
    }

    /// `after 2027-02-28, extended support adds …`, or how much of the sum it is.
    pub fn of_extended_support(&self) -> Option<String> {
        let Extended {
            support,
            begins_after,
            doubles,
            usd,
        } = self.extended.as_ref()?;
        Some(match support {
            Support::Standard => format!(
                "after {begins_after}, extended support adds {usd:.0} USD a month, and twice that from {doubles}"
            ),
            Support::Extended => format!(
                "{usd:.0} USD of it are extended support, which costs twice that from {doubles}"
            ),
            Support::Doubled | Support::Ended => {
                format!("{:.0} USD of it are extended support", 2.0 * usd)
            }
        })
    }

    /// `network 120, database 100`, the dearest first.
    pub fn by_layer(&self) -> String {
        by_layer(&self.layers)
    }

    /// The layers, the dearest first.
    pub fn dearest_first(&self) -> Vec<&Layer> {
        dearest_first(&self.layers)
    }
}

impl Stack {
    /// What is due each month whether or not there is traffic, as from a day.
    pub fn monthly_cost(&self, env: &Environment, day: Date) -> Cost {
        let prices = prices();
        let mut cost = Cost {
            layers: Vec::new(),
            payments: env
                .payments
                .settings
                .expected_per_month
                .as_ref()
                .map(|number| self.of_payments(number.value, env)),
            missing: Vec::new(),
            extended: None,
            read: prices.read,
        };
        for member in self.members() {
            let kind = member.resource.kind;
            let layer = member.component.path.split('/').next().unwrap_or_default();
            let due = prices.price.iter().filter(|price| price.class == kind);
            for price in due.filter(|price| !matches!(price.per, Per::ExtendedSupport)) {
                let usd = price.usd * quantity(price, &member, env);
                add(&mut cost.layers, layer, price.of, usd);
            }
            if !prices.knows(kind) {
                cost.missing.push(kind.to_owned());
            }
            if kind == "aws.rds.Instance" {
                cost.instance(layer, &member, env, day);
            }
        }
        cost
    }

    /// What so many payments a month use of what is billed by its use.
    fn of_payments(&self, number: u64, env: &Environment) -> Payments {
        let classes: BTreeSet<&str> = self.members().map(|member| member.resource.kind).collect();
        let mut layers = Vec::new();
        let uses = prices().payment.iter();
        for used in uses.filter(|used| classes.contains(used.class)) {
            let usd = used.usd * used.amount * times(used, number, env);
            add(&mut layers, used.layer, used.of, usd);
        }
        Payments { number, layers }
    }
}

/// How often so many payments use something of that is billed by its use.
fn times(used: &Use, number: u64, env: &Environment) -> f64 {
    let payments = float(number);
    match used.times {
        Times::Payment => payments,
        Times::Trace => payments * float(env.tracing.sampling_percent.value) / 100.0,
        Times::Month => 1.0,
        Times::Memory => match deciding(env) {
            Some(function) if used.architecture == Some(&function.architecture.value) => {
                payments * float(function.memory_mib.value) / 1024.0
            }
            _ => 0.0,
        },
    }
}

/// The function that decides payments: the built-in one, or else the largest.
fn deciding(env: &Environment) -> Option<&Function> {
    let builtin = env
        .functions
        .iter()
        .find(|function| function.is_builtin("validate-payment"));
    builtin.or_else(|| {
        env.functions
            .iter()
            .max_by_key(|function| function.memory_mib.value)
    })
}

impl Cost {
    /// What the database costs by its class, and by the support of its version. Notes what has no price.
    fn instance(&mut self, layer: &str, member: &Member<'_>, env: &Environment, day: Date) {
        let class = &env.database.instance_class.value;
        let days = number(member, "performance_insights_retention_period");
        if days > FREE_INSIGHTS_DAYS {
            self.missing
                .push(format!("Performance Insights of {days} days"));
        }
        let life = life_cycle(&env.database.version.value);
        if let Some(life) = life.filter(|_| env.database.extended_support.value) {
            let surcharge = extended_support_usd(class, life.support(day));
            add(&mut self.layers, layer, "extended support", surcharge);
            self.extended = Some(Extended::of(life, class, day));
        }
        let mut known = prices().instance_class.iter();
        match known.find(|row| row.name == *class) {
            Some(row) => add(&mut self.layers, layer, class, nodes(member) * row.usd),
            None => self.missing.push(format!("`{class}`")),
        }
    }
}

/// For how long Performance Insights keeps what it measures without a bill.
const FREE_INSIGHTS_DAYS: u64 = 7;

/// Which share of the prices is due, which are of two nodes: a database without a standby costs half (RDS for PostgreSQL pricing,
/// Single-AZ beside Multi-AZ).
fn nodes(member: &Member<'_>) -> f64 {
    match member
        .resource
        .argument("multi_az")
        .map(|found| &found.value)
    {
        Some(Expr::Bool(false)) => 0.5,
        _ => 1.0,
    }
}

/// A plain number among the arguments, or nothing.
fn number(member: &Member<'_>, argument: &str) -> u64 {
    match member.resource.argument(argument).map(|found| &found.value) {
        Some(Expr::Integer(number)) => u64::try_from(*number).unwrap_or(0),
        _ => 0,
    }
}

/// How many of what it is billed by a resource has.
fn quantity(price: &Price, member: &Member<'_>, env: &Environment) -> f64 {
    let length = |argument: &str| match member.resource.argument(argument).map(|found| &found.value)
    {
        Some(Expr::List(entries)) => entries.len(),
        _ => 0,
    };
    let count = match price.per {
        Per::Resource => 1,
        Per::Zone => env.network.zones.len(),
        Per::Gib => return nodes(member) * float(env.database.storage_gib.value),
        Per::Rule => length("rules"),
        // Metric math is billed by the metrics that it takes, not as one of its own.
        Per::Metric => length("metric_queries").saturating_sub(1).max(1),
        Per::Iops => return nodes(member) * above(number(member, "iops"), price),
        Per::Throughput => {
            return nodes(member) * above(number(member, "storage_throughput"), price);
        }
        // By the class, and not before the day: see `instance`.
        Per::ExtendedSupport => 0,
    };
    u64::try_from(count).map_or(f64::MAX, float)
}

fn above(number: u64, price: &Price) -> f64 {
    float(number.saturating_sub(price.included.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Cost;
    use crate::compile_environment;
    use crate::load::Disk;
    use crate::resolve::environment::Database;
    use crate::stack::graph::Stack;

    /// The cost of the staging spec with another instance class and storage.
    fn cost(class: &str, storage: u64) -> Cost {
        cost_of(
            |database| {
                database.settings.instance_class.value = class.to_owned();
                database.settings.storage_gib.value = storage;
            },
            "2026-06-01",
        )
    }

    fn cost_of(change: impl Fn(&mut Database), day: &str) -> Cost {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let loader = Disk::beside(Path::new(path));
        let today = "2026-06-01".parse().unwrap();
        let (environment, _) = compile_environment(&text, path, &loader, today);
        let mut environment = environment.unwrap();
        change(&mut environment.database);
        Stack::build(&environment)
            .unwrap()
            .monthly_cost(&environment, day.parse().unwrap())
    }

    fn of(cost: &Cost, layer: &str) -> String {
        let found = cost.layers.iter().find(|known| known.name == layer);
        found.map_or("nothing".to_owned(), |layer| format!("{:.2}", layer.usd()))
    }

    #[test]
    fn each_layer_costs_what_its_resources_do() {
        let cost = cost("db.t4g.medium", 20);
        // Three NAT gateways with an address each.
        assert_eq!(of(&cost, "network"), "109.50");
        // Both nodes, their storage, the secret of the master user.
        assert_eq!(of(&cost, "database"), "99.90");
        // With an address in each zone, and a trust store.
        assert_eq!(of(&cost, "load_balancer"), "31.47");
        // Four groups of managed rules and one of our own.
        assert_eq!(of(&cost, "firewall"), "10.00");
        assert_eq!(of(&cost, "keys"), "4.00");
        assert_eq!(of(&cost, "audit"), "nothing");
        assert_eq!(of(&cost, "dashboard"), "3.00");
        assert_eq!(cost.missing, Vec::<String>::new());
        assert_eq!(cost.extended, None);
        assert!(cost.by_layer().starts_with("network 110, database 100, "));
    }

    #[test]
    fn payments_cost_what_they_use() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/staging.toml");
        let staging = std::fs::read_to_string(path).unwrap();
        let today = "2026-06-01".parse().unwrap();
        let of = |more: &str| {
            let text = staging.replacen("idempotency_hours = 24", more, 1);
            let loader = Disk::beside(Path::new(path));
            let (environment, found) = compile_environment(&text, path, &loader, today);
            let environment = environment.unwrap_or_else(|| panic!("{found:?}"));
            let stack = Stack::build(&environment).unwrap();
            stack.monthly_cost(&environment, today)
        };
        assert_eq!(of("").payments, None);
        let one = of("expected_per_month = 1_000_000");
        let million = one.payments.clone().unwrap();
        let usd = |layer: &str| {
            million
                .layers
                .iter()
                .find(|found| found.name == layer)
                .unwrap()
                .usd()
        };
        // By hand: 3.50 for requests; 0.60 and 2 GB of logs; 5.00 for as many objects.
        assert!((usd("api") - 3.5).abs() < 0.005);
        assert!((usd("firewall") - 1.6).abs() < 0.005);
        assert!((usd("audit") - 5.0).abs() < 0.005);
        // 0.20 for calls, 100,000 s of half a GiB, 1.8 GB of logs, three metrics.
        assert!((usd("functions") - (0.2 + 50_000.0 * 0.000_013_333_4 + 0.9 + 0.9)).abs() < 0.005);
        assert!((one.with_payments() - one.total() - million.total()).abs() < 0.005);
        let ten = of("expected_per_month = 10_000_000");
        let more = ten.payments.unwrap().total() - 10.0 * million.total();
        // Metrics are billed by the month.
        assert!((more + 9.0 * 0.9).abs() < 0.005);
    }

    #[test]
    fn extended_support_costs_from_its_first_day() {
        let extended = |day| {
            cost_of(
                |database| database.settings.extended_support.value = true,
                day,
            )
        };
        let before = extended("2027-02-28");
        assert_eq!(of(&before, "database"), "99.90");
        let told = before.of_extended_support().unwrap();
        assert!(
            told.starts_with("after 2027-02-28, extended support adds 292 USD"),
            "{told}"
        );
        // Two vCPU on each of two nodes.
        let first = extended("2027-03-01");
        assert_eq!(of(&first, "database"), "391.90");
        let told = first.of_extended_support().unwrap();
        assert!(
            told.contains("292 USD of it") && told.contains("from 2029-03-01"),
            "{told}"
        );
        assert_eq!(of(&extended("2029-03-01"), "database"), "683.90");
        let newer = cost_of(
            |database| {
                database.settings.extended_support.value = true;
                database.settings.version.value = "17".to_owned();
            },
            "2029-03-01",
        );
        assert_eq!(of(&newer, "database"), "99.90");
    }

    #[test]
    fn the_database_costs_by_its_class_and_storage() {
        let medium = cost("db.t4g.medium", 20).total();
        assert!((medium - cost("db.t4g.micro", 20).total() - (94.90 - 23.36)).abs() < 0.005);
        assert!((cost("db.t4g.medium", 120).total() - medium - 23.0).abs() < 0.005);
        let large = cost("db.r7g.16xlarge", 20);
        assert_eq!(of(&large, "database"), "11174.00");
        let unknown = cost("db.unheard-of", 20);
        assert_eq!(unknown.missing, ["`db.unheard-of`"]);
        assert!(
            unknown.sum().starts_with("more than 16"),
            "{}",
            unknown.sum()
        );
    }
}
