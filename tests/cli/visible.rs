//! Text of a spec, of an edited file or of a file's name reaches the terminal without control characters, and commands in messages can
//! be pasted into a shell.

use std::fs;
use std::process::Command;

use assert_cmd::assert::Assert;

use super::project::{Project, stderr, stdout};

/// Whether only line ends and tabs are left of what cannot be seen.
#[track_caller]
fn assert_visible(run: &Assert) {
    for text in [stdout(run), stderr(run)] {
        let hidden = text.chars().find(|sign| {
            (sign.is_control() && !['\n', '\t'].contains(sign))
                || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}')
        });
        assert_eq!(hidden, None, "{text}");
    }
}

/// Every command that speaks of a spec, in every form.
fn all_forms(project: &Project, spec: &str) -> Vec<Assert> {
    let forms: [&[&str]; 9] = [
        &["check"],
        &["check", "--message-format", "json"],
        &["check", "--message-format", "sarif"],
        &["check", "--message-format", "github"],
        &["build"],
        &["build", "--check"],
        &["plan"],
        &["plan", "--json"],
        &["explain", "environment.owner", "--spec"],
    ];
    let run = |form: &&[&str]| project.run(&[*form, &[spec]].concat());
    forms.iter().map(run).collect()
}

const ORDERS: &str = "\u{1b}[2J\u{1b}]0;mine\u{7}\u{9b}31m\u{202e}\u{2066}\u{7f}";

#[test]
fn a_spec_gives_no_orders_to_a_terminal() {
    // As TOML writes it, and as it is.
    let escaped: String = ORDERS
        .chars()
        .map(|sign| match sign {
            ' '..='~' => sign.to_string(),
            _ => format!("\\u{:04x}", u32::from(sign)),
        })
        .collect();
    let breaks = "\\r\\n::error::mine\\r\\n%0A";
    let edits = [
        (
            "storage_gib = 20",
            format!("storage_gib = 20\n\"{escaped}{breaks}\" = 1"),
        ),
        (
            "storage_gib = 20",
            format!("storage_gib = \"{escaped}{breaks}\""),
        ),
        ("storage_gib = 20", format!("storage_gib = 20 # {ORDERS}")),
        ("storage_gib = 20", format!("storage_gib = \"{ORDERS}\r\"")),
        (
            "storage_gib = 20",
            "storage_gib = 20\n\u{202e}x\u{9b} = 1".to_owned(),
        ),
        (
            "source = \"builtin:health\"\nmemory_mib",
            format!("source = \"{escaped}\"\nmemory_mib"),
        ),
        (
            "\"schemas/payment.json\"",
            format!("\"schemas/{escaped}.json\""),
        ),
        (
            "owner = \"payments-platform\"",
            format!("owner = \"{escaped}\""),
        ),
        (
            "version = 1\n",
            format!("version = 1\nextensions = [\"{escaped}.py\"]\n"),
        ),
    ];
    for (old, new) in edits {
        let project = Project::new();
        project.edit(old, &new);
        let mut said = String::new();
        for run in all_forms(&project, "spec/staging.toml") {
            assert_visible(&run);
            said.push_str(&(stdout(&run) + &stderr(&run)));
        }
        assert!(
            said.contains('␛') || said.contains("\\u001b") || said.contains('\u{fffd}'),
            "not told: {new}"
        );
        // Each line of GitHub's form is one command.
        let github = project.run(&["check", "--message-format", "github", "spec/staging.toml"]);
        assert!(stdout(&github).lines().all(|line| {
            ["::error file=", "::warning file=", "::notice file="]
                .iter()
                .any(|start| line.starts_with(start))
        }));
        for format in ["json", "sarif"] {
            let run = project.run(&["check", "--message-format", format, "spec/staging.toml"]);
            let text = stdout(&run);
            let documents = serde_json::Deserializer::from_str(&text).into_iter();
            for document in documents {
                let _: serde_json::Value = document.unwrap();
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_gives_no_orders_to_a_terminal() {
    let project = Project::new();
    let name = "spec/\u{1b}[31m\nerror: mine \u{202e}.toml";
    fs::copy(project.path("spec/staging.toml"), project.path(name)).unwrap();
    for run in all_forms(&project, name) {
        assert_visible(&run);
        assert!(!stderr(&run).contains("\nerror: mine"), "{}", stderr(&run));
    }
    for arguments in [
        &["check", "\u{1b}none"][..],
        &["launch\u{1b}"],
        &["explain", "a\u{1b}b"],
    ] {
        assert_visible(&project.run(arguments));
    }
}

#[test]
fn an_edited_file_gives_no_orders_to_a_terminal() {
    let project = Project::built();
    project.append("naming.py", &format!("# {ORDERS}\r\n"));
    for run in [project.build(), project.check()] {
        let run = run.code(1);
        assert_visible(&run);
        let said = stdout(&run) + &stderr(&run);
        assert!(
            said.contains("# ␛[2J␛]0;mine␇\\u{9b}31m\\u{202e}\\u{2066}␡\n"),
            "{said}"
        );
    }
    // Colours of ours, and none of the file's.
    let coloured = project
        .run(&["build", "spec/staging.toml", "--check", "--color", "always"])
        .code(1);
    let said = stdout(&coloured);
    assert!(said.contains("\x1b[") && !said.contains("\x1b[2J") && !said.contains("\x1b]"));
}

/// The command between backticks.
fn command(said: &str) -> String {
    let line = said
        .lines()
        .find(|line| line.starts_with("help: `"))
        .unwrap();
    line.split('`').nth(1).unwrap().to_owned()
}

#[test]
fn the_command_that_brings_edits_back_can_be_typed() {
    let project = Project::new();
    let own = project.path("spec/functions/own");
    fs::create_dir_all(&own).unwrap();
    let handler = "def handle(event, context):\n    return {}\n";
    fs::write(own.join("handler.py"), handler).unwrap();
    for name in ["two words.py", "it's so $HOME.py", "a\u{a0}b.py"] {
        fs::write(own.join(name), "A = 1\n").unwrap();
    }
    project.edit(
        "source = \"builtin:health\"\nmemory_mib",
        "source = \"functions/own\"\nmemory_mib",
    );
    for out in ["plain", "with blanks", "it's $HOME;x"] {
        let build = ["build", "spec/staging.toml", "--out", out];
        project.run(&build).code(0);
        let edited = |path: &str| format!("{out}/functions/health/{path}");
        let names = [
            "two words.py",
            "it's so $HOME.py",
            "a\u{a0}b.py",
            "handler.py",
        ];
        for name in names {
            let path = edited(name);
            fs::write(project.path(&path), project.read(&path) + "# ours\n").unwrap();
        }
        let accepted = project
            .run(&[&build[..], &["--accept-edits"]].concat())
            .code(0);
        for name in names {
            assert!(!project.read(&edited(name)).contains("# ours"), "{name}");
        }
        let typed = Command::new("bash")
            .args(["-c", &command(&stderr(&accepted))])
            .current_dir(project.path(""))
            .output()
            .unwrap();
        assert!(
            typed.status.success(),
            "{}: {typed:?}",
            command(&stderr(&accepted))
        );
        for name in names {
            assert!(project.read(&edited(name)).ends_with("# ours\n"), "{name}");
        }
    }
}

#[test]
fn a_build_that_gets_no_thread_does_it_alone() {
    let project = Project::built();
    let before = project.generated();
    fs::remove_dir_all(project.path("generated")).unwrap();
    // No address space holds such a stack: the system refuses each thread, as it does at a limit.
    assert_cmd::cargo::cargo_bin_cmd!("paystagec")
        .current_dir(project.folder.path())
        .args(["build", "spec/staging.toml"])
        .env("RUST_MIN_STACK", (1_u64 << 46).to_string())
        .assert()
        .code(0);
    assert_eq!(project.generated(), before);
}
