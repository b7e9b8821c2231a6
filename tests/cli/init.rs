//! The first spec: from options, from a dialogue, and never in the place of something else.

use std::fs;

use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

use super::project::{stderr, stdout};

/// Before support of anything ends.
const TODAY: &str = "2026-06-01";

/// Enough to be asked nothing.
const ENOUGH: [&str; 8] = [
    "--owner=payments",
    "--migration-date",
    "2026-12-01",
    "--allow",
    "192.0.2.0/24, 203.0.113.0/24",
    "--notify",
    "oncall@example.com",
    "--yes",
];

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn run(&self, arguments: &[&str], input: &str) -> Assert {
        self.run_on(TODAY, arguments, input)
    }

    fn run_on(&self, today: &str, arguments: &[&str], input: &str) -> Assert {
        cargo_bin_cmd!("paystagec")
            .current_dir(self.0.path())
            .args(arguments)
            .args(["--today", today])
            .write_stdin(input)
            .assert()
    }

    fn init(&self, arguments: &[&str]) -> Assert {
        self.run(&[&["init"], arguments].concat(), "")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(self.0.path()).unwrap().next().is_none()
    }
}

fn table(text: &str) -> toml::Table {
    text.parse().unwrap()
}

#[test]
fn options_make_a_spec_that_builds() {
    let folder = Folder::new();
    let run = folder.init(&ENOUGH).code(0);
    assert_eq!(
        stdout(&run),
        "spec/schemas/payment.json: written\nspec/paystagec.schema.json: written\n\
         spec/staging.toml: written, 120 lines\nnext: paystagec build spec/staging.toml\n"
    );
    let text = folder.read("spec/staging.toml");
    let spec = table(&text);
    assert_eq!(spec["environment"]["owner"].as_str(), Some("payments"));
    assert_eq!(spec["environment"]["name"].as_str(), Some("staging"));
    assert_eq!(spec["network"]["cidr"].as_str(), Some("10.40.0.0/16"));
    let ranges = spec["load_balancer"]["allowed_cidrs"].as_array().unwrap();
    assert_eq!(ranges.len(), 2);
    assert!(text.contains("\nnotify = [\"email:oncall@example.com\"]\n"));
    assert!(text.starts_with("#:schema ./paystagec.schema.json\n"));
    assert!(!text.contains("{{"), "{text}");

    let check = ["check", "spec/staging.toml", "--message-format", "json"];
    let found = stdout(&folder.run(&check, "").code(0));
    let codes: Vec<String> = found
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|line| line.get("code")?.as_str().map(str::to_owned))
        .collect();
    // How long PostgreSQL 14 is still supported is worth a word in every spec.
    assert_eq!(codes, ["engine-end-of-support"]);
    folder.run(&["build", "spec/staging.toml"], "").code(0);
    folder
        .run(&["build", "spec/staging.toml", "--check"], "")
        .code(0);
}

#[test]
fn missing_values_are_reported_by_their_options() {
    let folder = Folder::new();
    let run = folder.init(&["--owner", "payments"]).code(2);
    assert_eq!(
        stderr(&run),
        "error: not given: --migration-date, --allow, --notify; nothing was written\n\
         help: give them as options, or run `paystagec init` on a terminal\n"
    );
    assert!(folder.is_empty());
}

#[test]
fn wrong_options_are_all_reported_with_the_compilers_messages() {
    let folder = Folder::new();
    let wrong = [
        "--cidr",
        "10.0.0.0/8",
        "--migration-date",
        "soon",
        "--real-card-data",
        "yes",
    ];
    let told = stderr(&folder.init(&wrong).code(1));
    for part in [
        "error[cidr-size]: `network.cidr` is too large for three zones\n  --> spec/staging.toml:",
        "\nerror: --cidr 10.0.0.0/8 is not valid\n",
        "\nerror[real-card-data]: ",
        "error: --migration-date: `soon` is not a date such as 2026-12-01\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(told.ends_with("error: nothing was written\n"), "{told}");
    assert!(folder.is_empty());
}

#[test]
fn a_spec_that_is_there_is_never_touched() {
    let folder = Folder::new();
    folder.write("spec/staging.toml", "ours\n");
    let told = stderr(&folder.init(&ENOUGH).code(1));
    assert_eq!(
        told,
        "error: spec/staging.toml is there already; nothing was written\n\
         help: change it (`paystagec check spec/staging.toml` judges it), or name another path\n"
    );
    assert_eq!(folder.read("spec/staging.toml"), "ours\n");
    assert!(!folder.0.path().join("spec/schemas").exists());

    let told = stderr(&folder.init(&[&["spec"], &ENOUGH[..]].concat()).code(1));
    assert!(
        told.ends_with("help: name a file: `paystagec init spec/staging.toml`\n"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_followed() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("elsewhere.toml", folder.0.path().join("x.toml")).unwrap();
    folder.init(&[&["x.toml"], &ENOUGH[..]].concat()).code(1);
    assert!(!folder.0.path().join("elsewhere.toml").exists());
}

#[test]
fn files_beside_the_spec_that_are_there_stay() {
    let folder = Folder::new();
    let ours = "{ \"type\": \"object\" }\n";
    folder.write("env/schemas/payment.json", ours);
    let run = folder
        .init(&[&["env/test.toml"], &ENOUGH[..]].concat())
        .code(0);
    let told = stdout(&run);
    assert!(
        told.starts_with("env/schemas/payment.json: there already, left alone\n"),
        "{told}"
    );
    assert_eq!(folder.read("env/schemas/payment.json"), ours);

    // One that the spec cannot use is the compiler's to refuse, before anything is written.
    let folder = Folder::new();
    folder.write("spec/schemas/payment.json", "no JSON");
    let told = stderr(&folder.init(&ENOUGH).code(1));
    assert!(told.contains("error[body-schema]: "), "{told}");
    assert!(!folder.0.path().join("spec/staging.toml").exists());
}

#[test]
fn the_dialogue_asks_again_until_the_compiler_agrees() {
    let folder = Folder::new();
    let answers = [
        "payments",
        "",     // the name's default
        "Main", // no suffix
        "pr1",
        "2027-06-01", // past standard support, which nobody wants to pay for
        "no",
        "2026-12-01",
        "yes", // real card data
        "no",
        "", // the budget's default
        "10.50.0.0/16",
        "",            // there is no default
        "203.0.113.7", // no range
        "203.0.113.0/24",
        "oncall@example.com",
    ];
    let run = folder
        .run(&["init", "--ask"], &(answers.join("\n") + "\n"))
        .code(0);
    let told = stderr(&run);
    for (question, times) in [
        ("Which team answers for the environment? ", 1),
        (
            "What is the environment called? (a word of every resource's name) [staging] ",
            1,
        ),
        ("Which suffix ends every name? ", 2),
        ("Pay for extended support? (yes or no) [no] ", 1),
        ("When is the migration? ", 2),
        ("Will there be real card data? ", 2),
        ("Which ranges may connect to the load balancer? ", 3),
    ] {
        assert_eq!(told.matches(question).count(), times, "{question}\n{told}");
    }
    for code in [
        "invalid-name",
        "engine-end-of-support",
        "real-card-data",
        "invalid-cidr",
    ] {
        assert_eq!(
            told.matches(&format!("error[{code}]: ")).count(),
            1,
            "{told}"
        );
    }
    let spec = table(&folder.read("spec/staging.toml"));
    assert_eq!(spec["environment"]["suffix"].as_str(), Some("pr1"));
    assert_eq!(spec["network"]["cidr"].as_str(), Some("10.50.0.0/16"));
    assert_eq!(spec["database"]["extended_support"].as_bool(), Some(false));
}

#[test]
fn extended_support_is_taken_by_who_agrees_to_pay() {
    let folder = Folder::new();
    let answers = "2027-06-01\nyes\n";
    let options = ENOUGH.map(|option| match option {
        "--yes" => "--ask",
        "--migration-date" => "--name",
        "2026-12-01" => "stage2",
        other => other,
    });
    let rest = [
        "--suffix=x",
        "--real-card-data=no",
        "--monthly-budget-usd=500",
        "--cidr=10.0.0.0/16",
    ];
    let run = folder
        .run(&[&["init"], &options[..], &rest].concat(), answers)
        .code(0);
    assert_eq!(
        stderr(&run).matches("? ").count(),
        2,
        "only what is not given is asked"
    );
    let spec = table(&folder.read("spec/staging.toml"));
    assert_eq!(spec["database"]["extended_support"].as_bool(), Some(true));

    let late = ENOUGH.map(|option| {
        if option == "2026-12-01" {
            "2027-06-01"
        } else {
            option
        }
    });
    let folder = Folder::new();
    folder.init(&late).code(1);
    folder
        .init(&[&["--extended-support"], &late[..]].concat())
        .code(0);
}

#[test]
fn after_the_end_of_support_nothing_is_asked_before_somebody_pays() {
    for how in ["--yes", "--ask"] {
        let options = ENOUGH.map(|option| if option == "--yes" { how } else { option });
        let late = [&["init"], &options[..]].concat();
        let folder = Folder::new();
        let told = stderr(&folder.run_on("2027-06-01", &late, "").code(1));
        assert_eq!(told.matches("error[").count(), 1, "{told}");
        assert!(
            told.contains("left RDS standard support on 2027-02-28"),
            "{told}"
        );
        assert!(told.contains("`--extended-support`"), "{told}");
        assert!(!told.contains("is not valid"), "{told}");
    }
}

#[test]
fn an_input_that_ends_writes_nothing() {
    let folder = Folder::new();
    let told = stderr(
        &folder
            .run(&["init", "--ask"], "payments\nstaging\n")
            .code(2),
    );
    let end = "error: the input ended before every question was answered; nothing was written\n";
    assert!(told.ends_with(end), "{told}");
    assert!(folder.is_empty());
}

#[test]
fn an_answer_stays_inside_its_string() {
    let folder = Folder::new();
    let mut options = ENOUGH;
    options[0] = "--owner=o\"\nversion = 2 # {{suffix}}";
    let told = stderr(&folder.init(&options).code(1));
    // It is refused as a tag's value, and nothing else is wrong.
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(
        told.starts_with("error[invalid-name]: `environment.owner` "),
        "{told}"
    );
}
