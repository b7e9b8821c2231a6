//! What a branch does to the committed spec, and to generated files by hand.

/// A change of the spec.
#[derive(Debug, Clone)]
pub struct Edit {
    pub name: &'static str,
    /// What goes and what comes. Where it is gone already, another branch has removed it.
    changes: Vec<(String, String)>,
    /// Words of what is added: a second table of that name would be none.
    adds: Option<&'static str>,
}

impl Edit {
    /// The spec with this change. What is done to it twice is done once, as a person would settle it.
    pub fn apply(&self, spec: &str) -> String {
        if self.adds.is_some_and(|words| spec.contains(words)) {
            return spec.to_owned();
        }
        let changes = self.changes.iter();
        changes.fold(spec.to_owned(), |spec, (old, new)| {
            spec.replacen(old, new, 1)
        })
    }
}

/// An edit by hand: after the first line with these words comes another, or at the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    pub path: &'static str,
    pub after: &'static str,
    pub line: &'static str,
}

impl Hand {
    pub fn apply(&self, text: &str) -> String {
        assert!(text.contains(self.after), "{} in {}", self.after, self.path);
        let mut lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains(self.after));
        let at = if self.after.is_empty() {
            lines.len()
        } else {
            at.unwrap() + 1
        };
        lines.insert(at, self.line);
        lines.join("\n") + "\n"
    }
}

/// A change that would be done twice otherwise.
fn once(adds: &'static str, edit: Edit) -> Edit {
    Edit {
        adds: Some(adds),
        ..edit
    }
}

fn change(name: &'static str, changes: &[(&str, &str)]) -> Edit {
    let owned = |(old, new): &(&str, &str)| ((*old).to_owned(), (*new).to_owned());
    Edit {
        name,
        changes: changes.iter().map(owned).collect(),
        adds: None,
    }
}

/// Puts a text before a line of the spec.
fn add(name: &'static str, adds: &'static str, before: &str, text: &str) -> Edit {
    Edit {
        adds: Some(adds),
        ..change(name, &[(before, &format!("{text}\n{before}"))])
    }
}

const HEALTH: &str = "[functions.health] ";
const STATE: &str = "[state]\n";
const API: &str = "[api.routes.\"GET /health\"]\n";
const BALANCER: &str = "[load_balancer.routes.\"/health\"]\n";

const DEEP_HEALTH: &str = "[functions.deep-health]               # for people: says whether the database answers\nsource = \"builtin:health\"\ntimeout_seconds = 10\nuses = { database = \"read\" }\n\n";
const DEEP_TIME_OUT: &str =
    "whether the database answers\nsource = \"builtin:health\"\ntimeout_seconds = 10\n";
const DEEP_ROUTE: &str = "[api.routes.\"GET /health/deep\"]\nfunction = \"deep-health\"\napi_key_required = false\nauthorization = \"AWS_IAM\"\n\n";

/// The edit of this name.
pub fn edit(name: &str) -> Edit {
    let mut all = all().into_iter();
    all.find(|edit| edit.name == name)
        .unwrap_or_else(|| panic!("no edit {name}"))
}

/// Every edit. Any two of them together are a valid spec.
pub fn all() -> Vec<Edit> {
    let waived =
        "reason = \"it is planned\"\nowner = \"payments-platform\"\nexpires = 2027-01-31\n";
    let mut all = functions();
    all.extend([
        change("storage", &[("storage_gib = 20", "storage_gib = 40")]),
        change("more-storage", &[("storage_gib = 20", "storage_gib = 60")]),
        change("backups", &[("backup_retention_days = 7", "backup_retention_days = 14")]),
        change("class", &[("db.t4g.medium", "db.t4g.large")]),
        change("zones", &[("\"use1-az4\"]", "\"use1-az5\"]")]),
        change("other-zones", &[("\"use1-az2\"", "\"use1-az6\"")]),
        change("owner", &[("owner = \"payments-platform\"\nreal", "owner = \"payments\"\nreal")]),
        change("firewall", &[("= 2_000 ", "= 3_000 ")]),
        once("security@example.com", change("notify", &[("com\"]\n\n[firewall]", "com\", \"email:security@example.com\"]\n\n[firewall]")])),
        once("mer_globex01", change("merchant", &[("[payments.merchants.mer_integration]", "[payments.merchants.mer_globex01]\n\n[payments.merchants.mer_integration]")])),
        change("throttle", &[("rate_per_second = 50, burst = 100", "rate_per_second = 40, burst = 80")]),
        once("extensions = [", change("extension", &[("version = 1\n", "version = 1\nextensions = [\"../extra.py\"]\n")])),
        add("route", "GET /status/", API, "[api.routes.\"GET /status/{payment_id}\"]\nfunction = \"payment-status\"\n"),
        add("other-route", "GET /state/", API, "[api.routes.\"GET /state/{payment_id}\"]\nfunction = \"payment-status\"\n"),
        add("balancer-route", "\"/status/*\"", BALANCER, "[load_balancer.routes.\"/status/*\"]\nfunction = \"payment-status\"\n"),
        add("waiver", "[[waivers]]", STATE, &format!("[[waivers]]\nrequirement = \"DB-1\"\n{waived}")),
        add("override", "\"database.instance\"", STATE, &format!("[overrides.\"database.instance\"]\nargument = \"monitoring_interval\"\nvalue = 30\nreplaces = 60\n{waived}")),
        add("other-override", "\"network.private_subnet\"", STATE, &format!("[overrides.\"network.private_subnet\"]\nargument = \"private_dns_hostname_type_on_launch\"\nvalue = \"resource-name\"\n{waived}")),
    ]);
    all
}

fn functions() -> Vec<Edit> {
    let refund = "[functions.refund]\nsource = \"builtin:validate-payment\"\nuses = { database = \"write\", audit = \"write\" }\n";
    let other_refund = "[functions.refund]\nsource = \"builtin:payment-status\"\nmemory_mib = 256\nuses = { database = \"read\" }\n";
    let ledger = "[functions.ledger]\nsource = \"builtin:payment-status\"\ntimeout_seconds = 12\nuses = { database = \"read\" }\n";
    vec![
        add("refund", "[functions.refund]", HEALTH, refund),
        add("other-refund", "[functions.refund]", HEALTH, other_refund),
        add("ledger", "[functions.ledger]", HEALTH, ledger),
        Edit {
            name: "without-deep",
            changes: without_deep(),
            adds: None,
        },
        change(
            "deep-time-out",
            &[(DEEP_TIME_OUT, &DEEP_TIME_OUT.replace("= 10", "= 15"))],
        ),
        change(
            "renamed-deep",
            &[
                ("[functions.deep-health]", "[functions.database-health]"),
                (
                    "function = \"deep-health\"",
                    "function = \"database-health\"",
                ),
            ],
        ),
        change("memory", &[("memory_mib = 512", "memory_mib = 1024")]),
        change(
            "time-out",
            &[(
                "schedule = \"rate(1 minute)\"",
                "schedule = \"rate(2 minutes)\"",
            )],
        ),
    ]
}

/// Whatever another branch has made of the function.
fn without_deep() -> Vec<(String, String)> {
    let mut changes = Vec::new();
    for name in ["deep-health", "database-health"] {
        for time_out in ["= 10", "= 15"] {
            let function = DEEP_HEALTH.replace("deep-health", name);
            changes.push((function.replace("= 10", time_out), String::new()));
        }
        changes.push((
            DEEP_ROUTE.replace("\"deep-health\"", &format!("\"{name}\"")),
            String::new(),
        ));
    }
    changes
}
