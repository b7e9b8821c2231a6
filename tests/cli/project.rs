//! A copy of the team's spec in a folder of its own, and the command run on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

pub const MANIFEST: &str = ".paystagec.manifest";

/// A folder with the spec in `spec/`.
pub struct Project {
    pub folder: TempDir,
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
        };
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("spec"),
            &project.path("spec"),
        );
        project
    }

    /// One whose `generated` is there already.
    pub fn built() -> Self {
        let project = Self::new();
        project.build().success();
        project
    }

    /// In a git repository, and all of it committed.
    pub fn committed(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.commit();
        self
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a spec"]);
    }

    /// Git with nothing of this machine's settings.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Team", "-c", "user.email=team@example.com"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Assert {
        cargo_bin_cmd!("paystagec")
            .current_dir(self.folder.path())
            .args(arguments)
            .assert()
    }

    pub fn build(&self) -> Assert {
        self.run(&["build", "spec/staging.toml"])
    }

    pub fn check(&self) -> Assert {
        self.run(&["build", "spec/staging.toml", "--check"])
    }

    /// Changes the spec. What is replaced must be there.
    pub fn edit(&self, old: &str, new: &str) {
        let spec = self.read("spec/staging.toml");
        assert_eq!(spec.matches(old).count(), 1, "{old}");
        fs::write(self.path("spec/staging.toml"), spec.replace(old, new)).unwrap();
    }

    /// Adds a line to a generated file.
    pub fn append(&self, path: &str, line: &str) {
        let path = format!("generated/{path}");
        fs::write(self.path(&path), self.read(&path) + line).unwrap();
    }

    /// Every generated file but the manifest.
    pub fn generated(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&self.path("generated"), "", &mut files);
        files.remove(MANIFEST);
        files
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().display());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(
                name,
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
            );
        }
    }
}

/// The day on which the reports of the cases were made.
const TODAY: &str = "2026-06-01";

/// The command in the folder of a case of `tests/diagnostics`, as on a machine that is no CI's.
pub fn run_in_case(case: &str, arguments: &[&str]) -> Assert {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let own = std::fs::read_to_string(folder.join(case).join("today"));
    let today = own.as_deref().map_or(TODAY, str::trim);
    let mut command = cargo_bin_cmd!("paystagec");
    for variable in ["GITHUB_SERVER_URL", "CI_PROJECT_URL"] {
        command.env_remove(variable);
    }
    command
        .current_dir(folder.join(case))
        .args(arguments)
        .args(["--today", today])
        .assert()
}

pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

pub fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

pub fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/staging.toml")
}

/// A third function, before this line of the spec.
pub fn add_function(project: &Project, before: &str) {
    let function = "[functions.refund]\nsource = \"builtin:validate-payment\"\nuses = { database = \"write\", audit = \"write\" }\n\n";
    project.edit(before, &format!("{function}{before}"));
}
