//! What the payment functions of a valid spec use, and the tables `[payments]` and `[migration]`.

use paystagec::format::{RawPayments, RawVelocity, Written as _};

use crate::generator::{Generator, Table};
use crate::words::{of_characters, plain};

/// Built-in functions, with what each has to use: of the database one of these words, and of audit records.
const BUILTINS: [(&str, &[&str], Option<&str>); 5] = [
    ("builtin:health", &["read", "write", "owner"], None),
    ("builtin:validate-payment", &["write"], Some("write")),
    ("builtin:audit-relay", &["write"], Some("write")),
    ("builtin:payment-status", &["read", "write"], None),
    ("builtin:migrate", &["owner"], None),
];

/// What a payment service is made of.
pub const SERVICE: [&str; 5] = [
    "builtin:validate-payment",
    "builtin:payment-status",
    "builtin:audit-relay",
    "builtin:migrate",
    "builtin:health",
];

/// Which functions a spec has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Whatever comes.
    Any,
    /// The team's own alone.
    Own,
    /// None that uses anything, or that a schedule calls.
    Idle,
    /// A whole payment service under names of the team's.
    Service,
}

impl Kinds {
    pub const ALL: [Self; 5] = [Self::Any, Self::Service, Self::Own, Self::Idle, Self::Any];
}

/// A bundle whose authorities merchants may name.
const TWO: &str = "clients = \"authorities/two.pem\"";

impl Generator<'_, '_> {
    pub fn source(&mut self, index: usize) -> String {
        match (self.kinds, SERVICE.get(index)) {
            (Kinds::Service, Some(name)) => (*name).to_owned(),
            (Kinds::Own, _) => self.code(),
            (Kinds::Idle, _) if self.maybe() => "builtin:health".to_owned(),
            (Kinds::Idle, _) => self.code(),
            _ if self.choices.one_in(3) => self.code(),
            _ => self.builtin().to_owned(),
        }
    }

    /// A folder of the team's own code.
    fn code(&mut self) -> String {
        let name = plain(self.choices);
        let folder = format!("functions/{name}");
        let odd = of_characters(self.choices, "ab '{}%$#`&\u{e9}\u{202e}[]()!");
        let handler = "\"\"\"The team's own code.\"\"\"\n\n\ndef handle(event: object, context: object) -> None:\n    \"\"\"Answer nothing.\"\"\"\n";
        let files = &mut self.spec.files;
        files.insert(format!("{folder}/handler.py"), handler.into());
        files.insert(format!("{folder}/data/{name}{odd}.txt"), odd.into_bytes());
        let bytes = (0..self.choices.below(9)).map(|n| (n * 37) as u8);
        files.insert(format!("{folder}/table.bin"), bytes.rev().collect());
        let slash = self.choices.of(&["", "/"]);
        format!("{folder}{slash}")
    }

    pub fn builtin(&mut self) -> &'static str {
        let (name, ..) = self.choices.of(&BUILTINS);
        // The database is migrated once.
        let is_there = self
            .functions
            .iter()
            .any(|function| function.source == name);
        if name == "builtin:migrate" && is_there {
            return "builtin:health";
        }
        name
    }

    /// The lines of a function's `uses`.
    pub fn uses(&mut self, source: &str, uses: &mut Table) {
        let row = BUILTINS.iter().find(|(name, ..)| *name == source);
        let (database, audit) = match row {
            Some((name, database, audit)) if *name != "builtin:health" => (*database, *audit),
            _ => {
                let database: &[&str] = &["read", "write", "owner"];
                if self.maybe() {
                    let word = self.choices.of(&["\"read\"", "\"write\""]);
                    uses.set("audit", word);
                }
                (if self.maybe() { database } else { &[] }, None)
            }
        };
        if !database.is_empty() {
            let word = self.choices.of(database);
            uses.set("database", format!("\"{word}\""));
        }
        if let Some(audit) = audit {
            uses.set("audit", format!("\"{audit}\""));
        }
    }

    pub fn payments(&mut self) {
        if self.maybe() {
            let mut table = Table::new("payments");
            self.declared(&mut table, &RawPayments::TABLE);
            table.set("expected_per_month", "2_000_000");
            let mut velocity = Table::new("payments.velocity");
            self.declared(&mut velocity, &RawVelocity::TABLE);
            self.spec.tables.extend([table, velocity]);
        }
        for code in ["USD", "EUR", "JPY", "BHD"] {
            if self.choices.one_in(3) {
                let mut table = Table::new(format!("payments.currencies.{code}"));
                self.number(&mut table, "minimum", 1, 5_000);
                let maximum = 5_000 + self.choices.below(99_000_000);
                table.set("maximum", maximum);
                self.spec.tables.push(table);
            }
        }
        if self.kinds == Kinds::Service {
            let seller = Table::new("payments.merchants.mer_seller01");
            self.spec.tables.push(seller);
        }
        for number in 0..self.choices.below(4) {
            let id = format!(
                "payments.merchants.mer_{}{number:06}",
                self.choices.below(1_000)
            );
            let mut table = Table::new(id);
            if self.maybe() {
                let statuses = ["\"active\"", "\"suspended\"", "\"closed\""];
                table.set("status", self.choices.of(&statuses));
            }
            self.spec.tables.push(table);
        }
        if self.choices.one_in(3) {
            let mut table = Table::new("migration");
            let arn = "\"arn:aws:rds:us-east-1:123456789012:snapshot:payments-dev\"";
            table.set("snapshot", arn);
            self.spec.tables.push(table);
        }
    }

    /// The plans, each with its list of keys, if it has one.
    fn plans(&self) -> Vec<(String, Option<String>)> {
        let tables = self.spec.tables.iter();
        let plans = tables.filter_map(|table| {
            let name = table.header.strip_prefix("api.plans.")?;
            let keys = table.lines.iter();
            let keys = keys.filter_map(|line| line.strip_prefix("api_keys = "));
            Some((name.to_owned(), keys.map(str::to_owned).next()))
        });
        plans.collect()
    }

    /// Whose requests are a merchant's: those of a plan or of its keys, which no other merchant has then, and of a certificate.
    pub fn callers(&mut self) {
        let mut plans = self.plans();
        let tables = self.spec.tables.iter();
        let verifies_by_two = tables
            .flat_map(|table| &table.lines)
            .any(|line| line == TWO);
        let tables = self.spec.tables.iter_mut();
        for table in tables.filter(|table| table.header.starts_with("payments.merchants.")) {
            if self.choices.one_in(2)
                && let Some((plan, keys)) = plans.pop()
            {
                match keys.filter(|_| self.choices.one_in(2)) {
                    Some(keys) => table.set("keys", keys),
                    None => table.set("plan", format!("\"{plan}\"")),
                }
            }
            if self.choices.one_in(3) {
                let (_, name) = table.header.rsplit_once('.').unwrap_or_default();
                let name = name.to_owned();
                let subject = format!("\"CN={name},O=Shop\\\\, Inc.\"");
                table.set("subject", subject);
                // By their names, so that earlier seeds keep their specs.
                if verifies_by_two {
                    let issuers = [
                        "\"CN=pss,O=Example Payments\"",
                        "\"CN=rsa,O=Example Payments\"",
                    ];
                    let issuers = &issuers[..name.len() % 3];
                    if !issuers.is_empty() {
                        table.set("issuers", format!("[{}]", issuers.join(", ")));
                    }
                }
            }
        }
    }

    /// Keys that somebody else owns, some or all, in every fifth spec by its number of tables: nothing is drawn for them.
    pub fn owners_keys(&mut self) {
        let number = self.spec.tables.len();
        let mut tables = self.spec.tables.iter_mut();
        let environment = tables.find(|table| table.header == "environment");
        let (Some(environment), 0) = (environment, number % 5) else {
            return;
        };
        let mut lines = environment.lines.iter();
        if lines.any(|line| line.starts_with("allowed_account_ids")) {
            return;
        }
        environment.set("allowed_account_ids", "[\"123456789012\"]");
        let mut tables = self.spec.tables.iter();
        let at = match tables.position(|table| table.header == "keys") {
            Some(at) => at,
            None => {
                self.spec.tables.push(Table::new("keys"));
                number
            }
        };
        for (role, first) in [("database", 1), ("logs", 2), ("data", 3), ("topic", 4)] {
            if number.is_multiple_of(3) || (number + first).is_multiple_of(2) {
                let key = format!(
                    "arn:aws:kms:us-east-1:123456789012:key/{first}234abcd-12ab-34cd-56ef-1234567890ab"
                );
                self.spec.tables[at].set(role, format!("\"{key}\""));
            }
        }
    }

    /// Names of some specs, by how many tables they have, so that no seed becomes another spec than it was but for them.
    pub fn domain(&mut self) {
        let number = self.spec.tables.len();
        let mut tables = self.spec.tables.iter_mut();
        let balancer = tables.find(|table| table.header == "load_balancer");
        let (Some(balancer), 5) = (balancer, number % 7) else {
            return;
        };
        let mut table = Table::new("domain");
        table.set("zone_id", "\"Z0123456789ABCDEFGHIJ\"");
        if number.is_multiple_of(2) {
            table.set("zone_name", "\"pay.example.com\"");
        }
        if !number.is_multiple_of(3) {
            table.set("api", "\"api.pay.example.com\"");
        }
        if number.is_multiple_of(3) || number.is_multiple_of(4) {
            table.set("load_balancer", "\"pay.example.com\"");
            balancer
                .lines
                .retain(|line| !line.starts_with("certificate ="));
        }
        self.spec.tables.push(table);
    }

    /// Whether the function got one.
    pub fn schedule(&mut self, table: &mut Table) -> bool {
        let is_scheduled = self.choices.one_in(3);
        if is_scheduled {
            let schedules = [
                "\"rate(1 minute)\"",
                "\"rate(5 hours)\"",
                "\"cron(0 6 ? * MON-FRI *)\"",
                "\"cron(*/59 1,3-5/2 L * ? 2026-2199)\"",
                "\"cron(0-15/5 0 15W JAN,6-8 ? *)\"",
                "\"cron(59 23 ? 12 6#3 *)\"",
            ];
            table.set("schedule", self.choices.of(&schedules));
        }
        is_scheduled
    }
}
