//! Whatever a row of a spec becomes, it becomes by its own text alone: rows that come, go or move give no other row another name,
//! priority or address.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use paystagec::compile_environment;
use paystagec::load::Disk;
use paystagec::stack::expr::Row;
use paystagec::stack::graph::Stack;
use paystagec::stack::resource::Block;

const SPEC: &str = "spec/staging.toml";

/// Columns of each table that say which row it is; everything else is what became of it.
const TOLD_BY: [(&str, &[&str]); 17] = [
    ("ZONES", &["id"]),
    ("CLIENTS", &["cidr", "port"]),
    ("LOG_EXPORTS", &["name"]),
    ("PATHS", &["path"]),
    ("ROUTES", &["method", "path"]),
    ("RESPONSES", &["name"]),
    ("PLANS", &["name"]),
    ("API_KEYS", &["name"]),
    ("TARGETS", &["function"]),
    ("LISTENER_RULES", &["pattern"]),
    ("SUBSCRIBERS", &["protocol", "endpoint"]),
    ("DATABASE_ALARMS", &["name"]),
    ("API_ALARMS", &["name"]),
    ("LOAD_BALANCER_ALARMS", &["name"]),
    ("TARGET_ALARMS", &["function"]),
    ("FUNCTION_ALARMS", &["function"]),
    ("PAYMENT_ALARMS", &["name"]),
];
/// What only says what the name was, and what the author says himself.
const NOT_COMPARED: [&str; 1] = ["former"];

/// Rows of one slug, and others; those of one table may stand in any order and number.
const ROUTES: [&str; 12] = [
    "GET /pay/status",
    "GET /pay-status",
    "GET /pay_status",
    "GET /pay.status",
    "GET /Pay/status",
    "GET /pay/{id}",
    "POST /pay/{id}",
    "GET /pay/{id}/parts",
    "GET /pay/any",
    "GET /pay/id",
    "GET /files/{path+}",
    "GET /files",
];
const PATTERNS: [&str; 12] = [
    "/pay/status",
    "/pay-status",
    "/pay_status",
    "/pay/status/",
    "/Pay/status",
    "/pay/*",
    "/pay/any",
    "/*/pay",
    "/*",
    "/",
    "/pay?",
    "/$pay",
];
const SUBSCRIBERS: [&str; 7] = [
    "email:pay.ops@example.com",
    "email:pay-ops@example.com",
    "email:pay_ops@example.com",
    "email:pay@ops.example.com",
    "email:pay-ops@example-com.example.com",
    "https://example.com/pay/ops",
    "https://example.com/pay-ops",
];
const CIDRS: [&str; 5] = [
    "8.8.8.0/24",
    "8.8.80.0/24",
    "88.8.0.0/16",
    "203.0.113.0/24",
    "203.0.114.128/32",
];
const PLANS: [&str; 4] = ["shop", "shops", "shop-one", "one"];
const FUNCTIONS: [&str; 4] = ["pay", "pay-x", "paying", "refund-a-payment"];
const MERCHANTS: [&str; 3] = ["mer_abcdef1", "mer_abcdef2", "mer_zzzzzz1"];

/// A sequence that looks like chance and is the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    /// Some of them, at least one, in any order.
    fn some<'a>(&mut self, all: &[&'a str]) -> Vec<&'a str> {
        let mut rest = all.to_vec();
        let count = 1 + self.below(all.len());
        (0..count)
            .map(|_| rest.swap_remove(self.below(rest.len())))
            .collect()
    }
}

/// The team's spec with these rows beside its own, or in their place.
fn spec(pick: &mut dyn FnMut(&[&'static str]) -> Vec<&'static str>) -> String {
    let text = std::fs::read_to_string(SPEC).unwrap();
    let list = |rows: Vec<&str>| {
        let rows: Vec<String> = rows.iter().map(|row| format!("\"{row}\"")).collect();
        rows.join(", ")
    };
    let mut text = text
        .replace("\"192.0.2.0/24\", \"203.0.113.0/24\"", &list(pick(&CIDRS)))
        .replace(
            "\"email:payments-oncall@example.com\"",
            &list(pick(&SUBSCRIBERS)),
        );
    let mut tables = Vec::new();
    for route in pick(&ROUTES) {
        tables.push(format!("[api.routes.\"{route}\"]\nfunction = \"health\"\n"));
    }
    for pattern in pick(&PATTERNS) {
        tables.push(format!(
            "[load_balancer.routes.\"{pattern}\"]\nfunction = \"health\"\n"
        ));
    }
    for plan in pick(&PLANS) {
        let keys = list(
            [format!("{plan}-a"), format!("{plan}-b")]
                .iter()
                .map(String::as_str)
                .collect(),
        );
        tables.push(format!(
            "[api.plans.{plan}]\nquota = {{ requests = 9_000, period = \"day\" }}\nthrottle = {{ rate_per_second = 9, burst = 9 }}\napi_keys = [{keys}]\n"
        ));
    }
    for function in pick(&FUNCTIONS) {
        tables.push(format!(
            "[functions.{function}]\nsource = \"builtin:health\"\n"
        ));
        tables.push(format!(
            "[load_balancer.routes.\"/of/{function}\"]\nfunction = \"{function}\"\n"
        ));
    }
    for merchant in pick(&MERCHANTS) {
        tables.push(format!("[payments.merchants.{merchant}]\n"));
    }
    text.push('\n');
    text.push_str(&tables.join("\n"));
    text
}

fn graph(text: &str) -> Stack {
    let (environment, diagnostics) = compile_environment(
        text,
        SPEC,
        &Disk::beside(Path::new(SPEC)),
        "2026-06-01".parse().unwrap(),
    );
    let errors: Vec<_> = diagnostics.iter().filter(|one| one.is_error()).collect();
    Stack::build(&environment.unwrap_or_else(|| panic!("{errors:?}\n{text}"))).unwrap()
}

/// The row's text, and what became of it.
fn row(told_by: &[&str], row: &Row) -> (String, Vec<(String, String)>) {
    let cell = |column: &&str| row.text(column);
    let text: Vec<String> = told_by.iter().map(cell).collect();
    let others = row
        .cells
        .iter()
        .filter(|(name, ..)| !NOT_COMPARED.contains(name));
    let others = others.map(|(name, value, _)| ((*name).to_owned(), format!("{value:?}")));
    (text.join(" "), others.collect())
}

/// What became of each row and of each resource that stands alone.
fn identities(
    stack: &Stack,
    tables: &mut BTreeSet<&'static str>,
) -> BTreeMap<String, Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    for component in &stack.components {
        for block in &component.blocks {
            if let Block::Family(family) = block {
                tables.insert(family.table);
                let (_, told_by) = TOLD_BY
                    .iter()
                    .find(|(table, _)| *table == family.table)
                    .unwrap_or_else(|| panic!("{} is not in the test", family.table));
                for one in &family.rows {
                    let (text, cells) = row(told_by, one);
                    found.insert(format!("{} {text}", family.table), cells);
                }
            }
        }
    }
    for member in stack.members() {
        let resource = member.resource;
        let family = member
            .component
            .resources()
            .find(|(other, _)| other.variable == resource.variable)
            .and_then(|(_, family)| family);
        let text = match (family, member.row) {
            (Some(family), Some(one)) => {
                let (_, told_by) = TOLD_BY
                    .iter()
                    .find(|(table, _)| *table == family.table)
                    .unwrap();
                row(told_by, one).0
            }
            _ => String::new(),
        };
        let physical = stack.physical_name(&member, "main").unwrap_or_default();
        found.insert(
            format!("{} {} {text}", member.component.path, resource.variable),
            vec![
                ("logical".to_owned(), member.logical()),
                ("physical".to_owned(), physical),
            ],
        );
    }
    found
}

#[test]
fn rows_that_come_go_or_move_change_nothing_of_any_other() {
    let mut tables = BTreeSet::new();
    let all = identities(&graph(&spec(&mut |rows| rows.to_vec())), &mut tables);
    let expected: BTreeSet<&str> = TOLD_BY.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, expected);
    let mut chance = Chance(20_261_130);
    for _ in 0..60 {
        let text = spec(&mut |rows| chance.some(rows));
        let some = identities(&graph(&text), &mut tables);
        for (thing, became) in some {
            let differs = all.get(&thing).is_some_and(|before| *before != became);
            assert!(!differs, "{thing}: {:?}, {became:?}", all.get(&thing));
        }
    }
}
