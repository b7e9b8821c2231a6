//! What a team decides for a while: waivers of all that has to be waived, and overrides.

use super::generator::{Generator, Table};
use super::words::{line, shown};

impl Generator<'_, '_> {
    /// A waiver of everything that has to be waived, and of some of the rest.
    pub fn waivers(&mut self) {
        for rule in self.findings.clone() {
            let errors = [
                "open-route",
                "newer-engine-version",
                "unauthenticated-route",
            ];
            let is_error = errors.contains(&rule);
            if !is_error && self.maybe() {
                continue;
            }
            let mut table = Table::new("[[waivers]]");
            match (rule, self.maybe()) {
                ("newer-engine-version", true) => table.set("requirement", "\"DB-1\""),
                ("open-route", true) => table.set("requirement", "\"API-4\""),
                ("unauthenticated-route", true) => table.set("requirement", "\"LB-2\""),
                ("everybody-allowed", true) => table.set("requirement", "\"NET-6\""),
                (rule, _) => table.set("rule", format!("\"{rule}\"")),
            }
            self.decision(table);
        }
    }

    /// Who accepted something, why, and until when.
    fn decision(&mut self, mut table: Table) {
        for key in ["reason", "owner"] {
            let text = shown(self.choices);
            self.text(&mut table, key, &text);
            self.spec.markdown.push(text);
        }
        let days = ["2026-11-01", "2027-01-31", "9999-12-31"];
        table.set("expires", self.choices.of(&days));
        self.spec.tables.push(table);
    }

    pub fn overrides(&mut self) {
        for (resource, argument, value, replaced) in OVERRIDES {
            if !self.choices.one_in(4) {
                continue;
            }
            let mut table = Table::new(format!("[[overrides.\"{resource}\"]]"));
            table.set("argument", format!("\"{argument}\""));
            if value.is_empty() {
                let text = line(self.choices);
                self.text(&mut table, "value", &text);
                self.spec.python.insert(text);
            } else {
                table.set("value", value);
            }
            if let Some(replaced) = replaced {
                table.set("replaces", replaced);
            }
            self.decision(table);
        }
    }
}

/// Arguments that are open in every spec: resource, argument, value (any text, if none stands here), and what the compiler sets.
type Override = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const OVERRIDES: [Override; 4] = [
    ("database.instance", "monitoring_interval", "30", Some("60")),
    (
        "network.private_subnet",
        "enable_resource_name_dns_a_record_on_launch",
        "true",
        None,
    ),
    (
        "network.private_subnet",
        "private_dns_hostname_type_on_launch",
        "'resource-name'",
        None,
    ),
    ("api.rest_api", "description", "", None),
];
