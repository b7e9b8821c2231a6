//! Valid specs out of decisions: whatever is decided, the compiler must take it. Keeps to what the rules ask for, and no further.

use std::collections::{BTreeMap, BTreeSet};

use paystagec::format::{
    RawDatabase, RawEnvironment, RawFirewall, RawFunction, RawKeys, RawMonitoring, RawNetwork,
    RawState, RawTracing, Written as _,
};

use super::choices::Choices;
use super::payments::{Kinds, SERVICE};
use super::renames;
use super::routes;
use super::words::{kebab, line, of_characters, on_call, plain, tag, toml};

/// The day by which generated specs are judged.
pub const TODAY: &str = "2026-11-01";

/// A spec, table by table, with the files that it names.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    pub tables: Vec<Table>,
    pub files: BTreeMap<String, Vec<u8>>,
    /// Texts that are part of a literal of the Python program.
    pub python: BTreeSet<String>,
    /// Texts in cells of a table in Markdown.
    pub markdown: Vec<String>,
}

/// A table of TOML: its header without brackets, empty for the top of the file, and its lines.
#[derive(Debug, Clone)]
pub struct Table {
    pub header: String,
    pub lines: Vec<String>,
}

impl Table {
    pub fn new(header: impl Into<String>) -> Self {
        Self {
            header: header.into(),
            lines: Vec::new(),
        }
    }

    pub fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        self.lines.push(format!("{key} = {value}"));
    }
}

impl Spec {
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Table { header, lines } in &self.tables {
            if header.starts_with("[[") {
                text.push_str(&format!("\n{header}\n"));
            } else if !header.is_empty() {
                text.push_str(&format!("\n[{header}]\n"));
            }
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    }
}

/// A module of the team's own, as strict as the rest, that adds nothing.
const EXTENSION: &str = include_str!("extension.py");

/// A function as routes need to know it.
pub struct Function {
    pub name: String,
    pub source: String,
    /// Whether it touches the database or the bucket.
    pub touches: bool,
    pub has_route: bool,
}

pub struct Generator<'c, 'b> {
    pub choices: &'c mut Choices<'b>,
    pub spec: Spec,
    pub functions: Vec<Function>,
    pub kinds: Kinds,
    /// Rules that find something here which a waiver covers.
    pub findings: BTreeSet<&'static str>,
}

/// A valid spec.
pub fn spec(choices: &mut Choices<'_>) -> Spec {
    let mut generator = Generator {
        choices,
        spec: Spec::default(),
        functions: Vec::new(),
        kinds: Kinds::Any,
        findings: BTreeSet::new(),
    };
    generator.environment();
    generator.network();
    generator.database();
    generator.functions();
    routes::api(&mut generator);
    routes::load_balancer(&mut generator);
    generator.small_tables();
    generator.payments();
    generator.state();
    generator.waivers();
    generator.overrides();
    renames::renames(&mut generator);
    generator.callers();
    generator.owners_keys();
    generator.log_days();
    generator.domain();
    generator.spec
}

/// Without a choice, so that earlier seeds stay what they were: clear of the windows, the later of which begins two hours after the first.
fn backup_vault(storage: usize, window: usize) -> Option<Table> {
    let mut table = Table::new("database.backup_vault");
    if !storage.is_multiple_of(3) {
        return None;
    }
    table.set("start", format!("\"{:02}:00\"", (window + 4) % 24));
    table.set("retention_days", 7 + storage % 100);
    if storage.is_multiple_of(2) {
        let copy = "arn:aws:backup:us-east-1:210987654321:backup-vault:Payments_of-us";
        table.set("copy", format!("\"{copy}\""));
        table.set("copy_retention_days", 3_650 - storage);
    }
    Some(table)
}

impl Generator<'_, '_> {
    pub fn maybe(&mut self) -> bool {
        self.choices.one_in(2)
    }

    pub fn number(&mut self, table: &mut Table, key: &str, lowest: usize, highest: usize) {
        if self.maybe() {
            let number = self.choices.between(lowest, highest);
            let written = match (self.choices.below(4), number) {
                (1, 1_000..) => format!("{}_{:03}", number / 1_000, number % 1_000),
                (2, _) => format!("0x{number:x}"),
                _ => number.to_string(),
            };
            table.set(key, written);
        }
    }

    pub fn text(&mut self, table: &mut Table, key: &str, text: &str) {
        let text = toml(self.choices, text);
        table.set(key, text);
    }

    fn environment(&mut self) {
        let mut top = Table::new("");
        if self.choices.one_in(4) {
            let comment = line(self.choices);
            top.lines.push(format!("# {comment}"));
        }
        top.set("version", 1);
        if self.choices.one_in(4) {
            let name = kebab(self.choices, 20).replace('-', "_");
            top.set("extensions", format!("[\"../{name}.py\"]"));
            let file = format!("../{name}.py");
            self.spec.files.insert(file, EXTENSION.into());
        }
        let mut table = Table::new("environment");
        let name = kebab(self.choices, 9);
        self.text(&mut table, "name", &name);
        if self.maybe() {
            let suffix = self.choices.of(&["main", "pr-42", "7", "a", "0x1f"]);
            self.text(&mut table, "suffix", suffix);
        }
        if self.maybe() {
            table.set("region", "\"us-east-1\"");
        }
        let date = ["2026-12-01", "2026-11-01", "2027-02-28", "2024-02-29"];
        table.set("migration_date", self.choices.of(&date));
        let owner = tag(self.choices);
        self.text(&mut table, "owner", &owner);
        self.spec.python.insert(owner);
        table.set("real_card_data", false);
        self.number(&mut table, "monthly_budget_usd", 1, 5_000);
        if self.choices.one_in(4) {
            table.set("allowed_account_ids", "[\"123456789012\", '000000000001']");
        }
        self.declared(&mut table, &RawEnvironment::TABLE);
        self.spec.tables.extend([top, table]);
    }

    fn network(&mut self) {
        let mut table = Table::new("network");
        let prefix = self.choices.between(16, 20);
        let base = match self.choices.below(3) {
            0 => u32::from_be_bytes([10, 0, 0, 0]) | random(self.choices, 24),
            1 => u32::from_be_bytes([172, 16, 0, 0]) | random(self.choices, 20),
            _ => u32::from_be_bytes([192, 168, 0, 0]) | random(self.choices, 16),
        };
        let network = base & (u32::MAX << (32 - prefix));
        let address = std::net::Ipv4Addr::from(network);
        self.text(&mut table, "cidr", &format!("{address}/{prefix}"));
        let mut zones = vec!["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"];
        let chosen: Vec<String> = (0..3)
            .map(|_| zones.remove(self.choices.below(zones.len())))
            .map(|zone| format!("\"{zone}\""))
            .collect();
        table.set("zones", format!("[{}]", chosen.join(", ")));
        self.declared(&mut table, &RawNetwork::TABLE);
        self.spec.tables.push(table);
    }

    fn database(&mut self) {
        let mut table = Table::new("database");
        if self.maybe() {
            let versions = [
                "\"14\"",
                "\"14.20\"",
                "'14.24'",
                "\"15\"",
                "'16.13'",
                "\"17\"",
            ];
            let version = self.choices.of(&versions);
            if !version.contains("14") {
                self.findings.insert("newer-engine-version");
            }
            table.set("version", version);
        }
        let classes = [
            "db.t4g.medium",
            "db.t4g.micro",
            "db.m6g.large",
            "db.r6g.large",
        ];
        let class = self.choices.of(&classes);
        self.text(&mut table, "instance_class", class);
        let storage = self.choices.between(20, 2_000);
        table.set("storage_gib", storage);
        if storage > 90 || self.maybe() {
            table.set("max_storage_gib", storage * 2);
        }
        self.number(&mut table, "backup_retention_days", 7, 35);
        let hour = self.choices.below(24);
        table.set(
            "backup_window",
            format!("\"{hour:02}:15-{:02}:00\"", (hour + 1) % 24),
        );
        let day = self.choices.of(&["sun", "mon", "sat"]);
        let later = hour + 2;
        if later < 23 {
            let window = format!("\"{day}:{later:02}:00-{day}:{later:02}:30\"");
            table.set("maintenance_window", window);
        } else {
            table.set("maintenance_window", format!("\"{day}:11:00-{day}:12:00\""));
        }
        for (key, names) in [
            ("name", ["payments", "p", "selects", "a_b_c__d"]),
            (
                "master_username",
                ["payments_owner", "owner9", "tables", "x_"],
            ),
            (
                "application_username",
                ["payments_app", "app", "sender", "y"],
            ),
        ] {
            if self.maybe() {
                let name = self.choices.of(&names);
                self.text(&mut table, key, name);
            }
        }
        self.number(&mut table, "alarm_free_storage_gib", 1, storage - 1);
        self.number(&mut table, "alarm_cpu_percent", 1, 99);
        self.number(&mut table, "alarm_connections", 1, 80);
        if self.choices.one_in(4) {
            let flag = self.maybe();
            table.set("extended_support", flag);
        }
        self.declared(&mut table, &RawDatabase::TABLE);
        self.spec.tables.push(table);
        self.spec.tables.extend(backup_vault(storage, hour));
    }

    fn functions(&mut self) {
        self.kinds = self.choices.of(&Kinds::ALL);
        let count = match self.kinds {
            Kinds::Service => SERVICE.len() + self.choices.below(2),
            _ => 1 + self.choices.below(5),
        };
        let mut names: BTreeSet<String> = BTreeSet::new();
        while names.len() < count {
            let mut name = kebab(self.choices, 20);
            while names.contains(&name) {
                name = format!("{}-{}", plain(self.choices), names.len());
                name.truncate(20);
            }
            names.insert(name);
        }
        for (index, name) in names.into_iter().enumerate() {
            self.function(index, name);
        }
    }

    fn function(&mut self, index: usize, name: String) {
        let mut table = Table::new(format!("functions.{name}"));
        if self.choices.one_in(5) {
            table.header = format!("functions.\"{name}\"");
        }
        let source = self.source(index);
        self.text(&mut table, "source", &source);
        // Not all of them: the derived ones might meet.
        if index > 0 || name.len() > 10 || self.maybe() {
            table.set("short_name", format!("\"f{index}\""));
        }
        if self.maybe() {
            let runtimes = ["python3.13", "python3.12", "python3.14", "python3.11"];
            table.set("runtime", format!("\"{}\"", self.choices.of(&runtimes)));
        }
        if self.maybe() {
            table.set(
                "architecture",
                self.choices.of(&["\"arm64\"", "\"x86_64\""]),
            );
        }
        self.number(&mut table, "memory_mib", 128, 10_240);
        self.number(&mut table, "timeout_seconds", 1, 28);
        self.number(&mut table, "expected_duration_ms", 1, 1_000);
        if self.maybe() {
            let levels = ["\"DEBUG\"", "\"INFO\"", "\"WARN\"", "\"ERROR\""];
            table.set("log_level", self.choices.of(&levels));
        }
        self.number(&mut table, "reserved_concurrency", 1, 1_000);
        let is_scheduled = self.kinds != Kinds::Idle && self.schedule(&mut table);
        self.number(&mut table, "alarm_error_percent", 1, 99);
        self.declared(&mut table, &RawFunction::TABLE);
        // Without a choice: what earlier seeds mean stays.
        if !source.starts_with("builtin:") {
            table.set("handler", "\"handler.handle\"");
            if index.is_multiple_of(3) {
                table.set("library", "\"payments\"");
            }
            if index.is_multiple_of(2) {
                let variables = "{ RATES_URL = \"https://rates.example/daily?day=\\u00e9\", ZONE_ID = \"vpc-0a1b2c3d\" }";
                table.set("environment", variables);
            }
        }
        let mut uses = Table::new(format!("{}.uses", table.header));
        if self.kinds != Kinds::Idle {
            self.uses(&source, &mut uses);
        }
        let touches = !uses.lines.is_empty();
        let consumes = self.kinds != Kinds::Idle
            && !source.starts_with("builtin:")
            && !index.is_multiple_of(2);
        if consumes {
            self.queue_and_secret(index, &mut table, &mut uses);
        }
        if self.maybe() {
            self.spec.tables.extend([table, uses]);
        } else {
            table.set("uses", format!("{{ {} }}", uses.lines.join(", ")));
            self.spec.tables.push(table);
        }
        self.functions.push(Function {
            name,
            source: source.clone(),
            touches,
            // Called without a route.
            has_route: is_scheduled || consumes || source == "builtin:migrate",
        });
    }

    /// Without a choice: what earlier seeds mean stays.
    fn queue_and_secret(&mut self, index: usize, function: &mut Table, uses: &mut Table) {
        let (queue, secret) = (format!("q-{index}"), format!("s-{index}"));
        function.set("consumes", format!("\"{queue}\""));
        // Of one call at a time, two are too many.
        let is_reserved = function
            .lines
            .iter()
            .any(|line| line.starts_with("reserved_"));
        let concurrency = if is_reserved { "" } else { ", concurrency = 2" };
        function.set(
            "batch",
            format!("{{ size = 11, window_seconds = 1{concurrency} }}"),
        );
        uses.set("secrets", format!("[\"{secret}\"]"));
        uses.set("queues", format!("{{ {queue} = \"send\" }}"));
        let topic = format!("t-{index}");
        uses.set("topics", format!("[\"{topic}\"]"));
        self.spec.tables.push(Table::new(format!("topics.{topic}")));
        let mut table = Table::new(format!("queues.{queue}"));
        table.set("retention_days", 3);
        table.set("max_receives", index);
        if index % 4 == 1 {
            table.set("topic", format!("\"{topic}\""));
        }
        table.set("alarm_age_minutes", 10 * index);
        if index.is_multiple_of(3) {
            table.set("visibility_timeout_seconds", 6 * 28 + 1);
        }
        self.spec.tables.push(table);
        let mut table = Table::new(format!("secrets.{secret}"));
        table.set("description", "\"it's {a} \\\\ \\\"key\\\" \u{e9}\"");
        table.set("rotate_after_days", 30 * index);
        self.spec.tables.push(table);
    }

    fn small_tables(&mut self) {
        if self.choices.one_in(3) {
            let mut table = Table::new("audit");
            table.set("retention_days", 90);
            table.set("lock_days", 0);
            self.spec.tables.push(table);
        }
        let mut monitoring = Table::new("monitoring");
        if self.maybe() {
            monitoring.set("log_retention_days", 30);
        }
        let subscribers: BTreeSet<String> = (0..=self.choices.below(3))
            .map(|_| self.subscriber())
            .collect();
        let quoted: Vec<String> = subscribers
            .iter()
            .map(|text| toml(self.choices, text))
            .collect();
        let on_call = on_call(self.functions.len());
        monitoring.set("notify", format!("[{}{on_call}]", quoted.join(", ")));
        self.declared(&mut monitoring, &RawMonitoring::TABLE);
        for subscriber in subscribers {
            let endpoint = subscriber.strip_prefix("email:").unwrap_or(&subscriber);
            self.spec.python.insert(endpoint.to_owned());
        }
        // Without a choice: what earlier seeds mean stays. Another class keeps logs for another time.
        let keeps = |line: &String| line.starts_with("log_retention_days");
        let is_of_staging = monitoring.lines.iter().any(keeps);
        self.spec.tables.push(monitoring);
        if !is_of_staging && self.functions.len().is_multiple_of(3) {
            let mut tables = self.spec.tables.iter_mut();
            if let Some(table) = tables.find(|table| table.header == "environment") {
                table.set("class", "\"development\"");
                table.set("ending", false);
            }
            let mut output = Table::new("output");
            output.set("folder", "\"development\"");
            self.spec.tables.push(output);
        }
        if self.functions.len().is_multiple_of(2) {
            let mut tags = Table::new("tags");
            tags.set("CostCentre", "\"4711\"");
            tags.set(
                "\"a b.c:d/e=f+g-h@i_\"",
                "\"\u{e9}t\u{e9} 1.2:3/4=5+6-7@8_9\"",
            );
            self.spec.tables.push(tags);
        }
        for format in [&RawKeys::TABLE, &RawTracing::TABLE, &RawFirewall::TABLE] {
            let mut table = Table::new(format.path);
            self.declared(&mut table, format);
            if !table.lines.is_empty() || self.maybe() {
                self.spec.tables.push(table);
            }
        }
    }

    fn subscriber(&mut self) -> String {
        let host = plain(self.choices);
        if self.maybe() {
            let path = of_characters(self.choices, "aZ0/?=&;:@'\"`\\|{}[]()<>%$#!*,+~^_-.");
            format!("https://{host}.example.com:8443/{path}")
        } else {
            let signs = of_characters(self.choices, "a0!#$%&'*+-/=?^_`{|}~.");
            format!("email:{host}{signs}@{host}.example.com")
        }
    }

    fn state(&mut self) {
        let mut table = Table::new("state");
        match self.choices.below(4) {
            0 => {}
            1 => table.set("backend", "\"local\""),
            2 => {
                table.set("backend", "\"s3\"");
                let buckets = ["our-pulumi-state", "a.b-c.d", "123", "0x1f.null"];
                let bucket = self.choices.of(&buckets);
                self.text(&mut table, "bucket", bucket);
                let keys = [
                    "alias/pulumi-state",
                    "alias/a_b/c:d",
                    "arn:aws:kms:us-east-1:123456789012:key/1",
                ];
                let key = self.choices.of(&keys);
                self.text(&mut table, "kms_key", key);
            }
            _ => {
                table.set("backend", "\"pulumi-cloud\"");
                let names = ["our-organization", "null", "1e3", "0", "no"];
                let name = self.choices.of(&names);
                self.text(&mut table, "organization", name);
            }
        }
        self.declared(&mut table, &RawState::TABLE);
        if !table.lines.is_empty() {
            self.spec.tables.push(table);
        }
    }
}

fn random(choices: &mut Choices<'_>, bits: u32) -> u32 {
    (0..bits / 4).fold(0, |number, _| {
        number << 4 | u32::try_from(choices.below(16)).unwrap_or(0)
    })
}
