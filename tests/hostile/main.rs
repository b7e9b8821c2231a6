//! Specs that nobody writes by hand: huge, deep, endless, or no text at all. Each ends in a diagnostic or a result, within bounded
//! time and memory: the compiler runs as a process of its own that may have no more address space than that.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod disk;
mod many;
mod text;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Address space of the compiler's process, which is more than it can ever use.
const MEMORY_KIB: u32 = 1 << 20;

/// A hundred times of what the slowest case takes: for machines that do much else, and yet finite.
const TIME: Duration = Duration::from_secs(120);

/// How the compiler ended.
struct Ended {
    code: i32,
    report: String,
}

impl Ended {
    /// It was refused, for this reason.
    #[track_caller]
    fn refused(&self, because: &str) {
        let start: String = self.report.chars().take(2_000).collect();
        assert!(self.report.contains(because), "no {because}: {start}");
        assert_eq!(self.code, 1, "{start}");
    }

    /// It is fine, however large.
    #[track_caller]
    fn accepted(&self) {
        let start: String = self.report.chars().take(2_000).collect();
        assert_eq!(self.code, 0, "{start}");
    }

    /// It could not even be read.
    #[track_caller]
    fn unreadable(&self, because: &str) {
        assert!(self.report.contains(because), "{}", self.report);
        assert_eq!(self.code, 2, "{}", self.report);
    }
}

/// The team's spec.
fn staging() -> String {
    fs::read_to_string(Path::new(ROOT).join("spec/staging.toml")).unwrap()
}

/// The team's spec with one text in it replaced.
#[track_caller]
fn with(old: &str, new: &str) -> String {
    let text = staging();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

/// A folder with the files that the team's spec names.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in ["schemas/payment.json", "certificates/ca.pem"] {
        let copy = folder.path().join(file);
        fs::create_dir(copy.parent().unwrap()).unwrap();
        fs::copy(Path::new(ROOT).join("spec").join(file), copy).unwrap();
    }
    folder
}

/// Checks a spec of these bytes.
#[track_caller]
fn check(text: impl AsRef<[u8]>) -> Ended {
    let folder = folder();
    let spec = folder.path().join("spec.toml");
    fs::write(&spec, text).unwrap();
    run(&["check", "--today", "2026-11-01"], &spec)
}

/// Runs the compiler within its bounds.
#[track_caller]
fn run(arguments: &[&str], spec: &Path) -> Ended {
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_paystagec"))
        .args(arguments)
        .arg(spec)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > TIME {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("not done after {TIME:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let report = reader.join().unwrap();
    // A signal means a panic in a destructor, a full stack, or no memory.
    let code = status.code().expect("no signal ends the compiler");
    assert!(!report.contains("panicked"), "{report}");
    Ended { code, report }
}
