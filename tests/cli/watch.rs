//! `build --watch` as somebody has it beside an editor: a process that runs, files that change, and its report after each.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::project::{MANIFEST, Project};

/// Far more than a build takes, also beside other tests on a slow machine.
const LONG: Duration = Duration::from_secs(60);

/// Several looks at the files.
const QUIET: Duration = Duration::from_millis(800);

struct Watch {
    process: Child,
    lines: Receiver<String>,
}

/// Lets a child hear Ctrl-C. A shell script ignores it for what it starts with `&`, and whatever is started by something that
/// ignores a signal ignores it too, this test and its children among them.
#[cfg(unix)]
fn hear_ctrl_c(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    // SAFETY: between fork and exec, `signal` may be called (POSIX lists it as async-signal-safe), and nothing else is.
    unsafe {
        command.pre_exec(|| match libc::signal(libc::SIGINT, libc::SIG_DFL) {
            libc::SIG_ERR => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}

#[cfg(not(unix))]
fn hear_ctrl_c(_: &mut Command) {}

impl Watch {
    /// One whose first build is done.
    fn of(project: &Project, arguments: &[&str]) -> Self {
        // One stream, so that the order of its lines is that of the program.
        let mut command = Command::new("sh");
        hear_ctrl_c(&mut command);
        let mut process = command
            .current_dir(project.path(""))
            .args([
                "-c",
                "exec \"$0\" build spec/staging.toml --watch \"$@\" 2>&1",
            ])
            .arg(assert_cmd::cargo::cargo_bin!("paystagec"))
            .args(["--today", "2026-11-01"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stream = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stream.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let watch = Self { process, lines };
        watch.report();
        watch
    }

    /// What is said up to the next time that it waits.
    fn report(&self) -> String {
        let mut report = String::new();
        let start = Instant::now();
        loop {
            let left = LONG.saturating_sub(start.elapsed());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("no end of: {report}"));
            report.push_str(&line);
            report.push('\n');
            if line.starts_with("watching ") {
                return report;
            }
        }
    }

    /// The first report that says this. One before may be about a file that was half written for longer than it waits.
    fn report_with(&self, part: &str) -> String {
        loop {
            let report = self.report();
            if report.contains(part) {
                return report;
            }
        }
    }

    /// It has nothing to say for a while.
    fn assert_quiet(&self) {
        let line = self.lines.recv_timeout(QUIET);
        assert_eq!(line, Err(RecvTimeoutError::Timeout));
    }
}

/// How it ended, once it has.
fn ended(process: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > LONG {
            process.kill().unwrap();
            panic!("still there");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // One that has ended already is no failure.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn it_builds_after_each_change_and_after_none_of_its_own() {
    let project = Project::new();
    let watch = Watch::of(&project, &[]);
    watch.assert_quiet();

    project.edit("storage_gib = 20", "storage_gib = 40");
    let report = watch.report_with("spec/staging.toml has changed\n");
    assert!(report.contains("generated: 1 file written, "), "{report}");
    assert!(
        report.contains("watching spec/staging.toml and 2 files that it names; Ctrl-C ends it\n"),
        "{report}"
    );
    let database = || project.read("generated/components/database.py");
    assert!(database().contains("allocated_storage=40,"));
    watch.assert_quiet();

    // A file that the spec names.
    let schema = project.read("spec/schemas/payment.json");
    fs::write(
        project.path("spec/schemas/payment.json"),
        schema.replacen("\"title\": \"", "\"title\": \"Our ", 1),
    )
    .unwrap();
    let report = watch.report_with("spec/schemas/payment.json has changed\n");
    assert!(report.contains(" written, "), "{report}");

    // One that it does not name.
    fs::write(project.path("spec/notes.md"), "ours\n").unwrap();
    watch.assert_quiet();
}

#[test]
fn it_goes_on_after_errors() {
    let project = Project::new();
    let watch = Watch::of(&project, &[]);
    let before = project.generated();

    project.edit("storage_gib = 20", "storage_gb = 40");
    watch.report_with("error[unknown-key]: ");
    assert_eq!(project.generated(), before);

    fs::remove_file(project.path("spec/schemas/payment.json")).unwrap();
    watch.report_with("error[body-schema]: ");

    // An editor that moves the file away and does not come back soon.
    fs::rename(project.path("spec/staging.toml"), project.path("spec/away")).unwrap();
    watch.report_with("error: cannot read spec/staging.toml: ");

    fs::rename(project.path("spec/away"), project.path("spec/staging.toml")).unwrap();
    watch.report_with("error[body-schema]: ");

    fs::write(
        project.path("spec/schemas/payment.json"),
        "{ \"type\": \"object\" }",
    )
    .unwrap();
    watch.report_with("error[unknown-key]: ");
    project.edit("storage_gb = 40", "storage_gib = 40");
    let report = watch.report_with("generated: ");
    assert!(report.contains(" written, "), "{report}");
    project
        .run(&["build", "spec/staging.toml", "--check"])
        .code(0);
}

#[test]
fn it_sees_files_that_are_replaced_and_folders_that_grow() {
    let project = Project::new();
    let code = "def handle(event, context):\n    return {}\n";
    fs::create_dir_all(project.path("spec/functions/own")).unwrap();
    fs::write(project.path("spec/functions/own/handler.py"), code).unwrap();
    project.edit(
        "source = \"builtin:health\"\nmemory_mib",
        "source = \"functions/own\"\nmemory_mib",
    );
    let watch = Watch::of(&project, &[]);

    // As editors save: a new file under another name, then in the place of the old one. Many times over, and it is one change.
    for number in 0..20 {
        let text = project.read("spec/staging.toml");
        let from = if number == 0 {
            "payments-platform".to_owned()
        } else {
            format!("team-{}", number - 1)
        };
        fs::write(
            project.path("spec/.staging.toml.new"),
            text.replace(&from, &format!("team-{number}")),
        )
        .unwrap();
        fs::rename(
            project.path("spec/.staging.toml.new"),
            project.path("spec/staging.toml"),
        )
        .unwrap();
    }
    let mut reports = watch.report();
    while !project.read("generated/settings.py").contains("team-19") {
        reports.push_str(&watch.report());
    }
    assert!(reports.matches("has changed").count() < 5, "{reports}");

    fs::write(project.path("spec/functions/own/rules.py"), "LIMIT = 1\n").unwrap();
    let report = watch.report_with("spec/functions/own has changed\n");
    assert!(report.contains("generated: 1 file written"), "{report}");
    fs::remove_file(project.path("spec/functions/own/rules.py")).unwrap();
    watch.report_with(" 1 removed");
    // What editors and interpreters leave behind is no code.
    fs::write(project.path("spec/functions/own/.rules.py.swp"), "x").unwrap();
    watch.assert_quiet();
}

#[cfg(unix)]
#[test]
fn it_sees_extensions_and_refuses_what_any_build_refuses() {
    let project = Project::new();
    let module = "def extend(environment, naming, opts):\n    del environment, naming, opts\n";
    fs::write(project.path("ours.py"), module).unwrap();
    std::os::unix::fs::symlink("../ours.py", project.path("spec/link.py")).unwrap();
    project.edit("version = 1\n", "version = 1\nextensions = [\"link.py\"]\n");
    let watch = Watch::of(&project, &[]);
    assert!(!project.path("generated").exists(), "built with a link");

    fs::remove_file(project.path("spec/link.py")).unwrap();
    fs::rename(project.path("ours.py"), project.path("spec/link.py")).unwrap();
    watch.report_with("generated: ");
    fs::write(project.path("spec/link.py"), format!("{module}\n# more\n")).unwrap();
    let report = watch.report_with("spec/link.py has changed\n");
    assert!(
        report.contains(" 1 file written, ") || report.contains(" 2 files written, "),
        "{report}"
    );
}

#[cfg(unix)]
#[test]
fn it_ends_with_ctrl_c_and_leaves_a_whole_project() {
    let project = Project::new();
    let mut watch = Watch::of(&project, &[]);
    let id = watch.process.id().to_string();
    let sent = Command::new("sh")
        .args(["-c", "kill -INT \"$0\"", &id])
        .status();
    assert!(sent.unwrap().success());
    ended(&mut watch.process);
    assert!(project.path("generated").join(MANIFEST).is_file());
    assert!(!project.path("generated/.paystagec.manifest.next").exists());
    project
        .run(&["build", "spec/staging.toml", "--check"])
        .code(0);
}

#[test]
fn edits_of_generated_files_stop_a_build_but_not_the_watch() {
    let project = Project::built();
    let watch = Watch::of(&project, &[]);
    project.append("components/database.py", "# ours\n");
    watch.assert_quiet();
    project.edit("storage_gib = 20", "storage_gib = 40");
    watch.report_with("error: nothing was written\n");
    assert!(
        project
            .read("generated/components/database.py")
            .ends_with("# ours\n")
    );
}

#[test]
fn a_spec_that_was_never_there_is_not_waited_for() {
    let project = Project::new();
    project.run(&["build", "spec/none.toml", "--watch"]).code(2);
    project
        .run(&["build", "spec/staging.toml", "--watch", "--check"])
        .code(2);
}

#[test]
fn it_ends_when_nobody_reads_what_it_says() {
    let project = Project::new();
    let mut process = Command::new(assert_cmd::cargo::cargo_bin!("paystagec"))
        .current_dir(project.path(""))
        .args(["build", "spec/staging.toml", "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((process.stdout.take(), process.stderr.take()));
    let status = ended(&mut process);
    assert_eq!(status.code(), Some(0));
    assert!(project.path("generated").join(MANIFEST).is_file());
}

#[cfg(unix)]
#[test]
fn it_waits_for_another_build() {
    let project = Project::built();
    let watch = Watch::of(&project, &[]);
    let folder = fs::File::open(project.path("generated")).unwrap();
    folder.lock().unwrap();
    project.edit("storage_gib = 20", "storage_gib = 40");
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_secs(2));
        folder.unlock().unwrap();
    });
    let report = watch.report_with("another build is working in generated; waiting for it");
    assert!(report.contains("generated: 1 file written, "), "{report}");
    other.join().unwrap();
}
