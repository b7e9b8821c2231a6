//! A repository with the committed spec, what was built of it, and files that are not the compiler's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use paystagec::compile::compile;
use paystagec::load::Disk;
use paystagec::write::{self, Edits, File, Outcome};
use tempfile::TempDir;

use crate::edits::{Edit, Hand};

pub const SPEC: &str = "spec/staging.toml";

/// Files of the team's in the folder: one in the repository, one beside it.
const FOREIGN: [&str; 2] = ["generated/notes.md", "generated/functions/ours.txt"];

pub struct Repository {
    folder: TempDir,
    branches: BTreeSet<String>,
    rendered: BTreeMap<String, Rendered>,
}

/// What a spec yields, and what a build of it writes into an empty folder.
struct Rendered {
    files: Vec<File>,
    fresh: TempDir,
}

impl Repository {
    pub fn new() -> Self {
        let mut repository = Self {
            folder: TempDir::new().unwrap(),
            branches: BTreeSet::new(),
            rendered: BTreeMap::new(),
        };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&here.join("spec"), &repository.path("spec"));
        let extension = "\"\"\"Nothing yet.\"\"\"\n\nimport pulumi\n\nfrom environment import PaymentEnvironment\n\n\ndef extend(environment: PaymentEnvironment, naming: Naming, opts: pulumi.ResourceOptions) -> None:\n    \"\"\"Adds nothing.\"\"\"\n";
        fs::write(repository.path("extra.py"), extension).unwrap();
        repository.build(&repository.spec()).unwrap();
        for path in FOREIGN {
            fs::write(repository.path(path), "ours\n").unwrap();
        }
        fs::write(
            repository.path(".gitignore"),
            "/generated/functions/ours.txt\n*.patch\n",
        )
        .unwrap();
        repository.git(&["init", "--quiet", "--initial-branch=base"]);
        repository.commit("begin");
        repository
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn spec(&self) -> String {
        self.read(SPEC)
    }

    /// Git with nothing of this machine's settings; it may fail.
    pub fn try_git(&self, arguments: &[&str]) -> Output {
        Command::new("git")
            .args([
                "-c",
                "user.name=Team",
                "-c",
                "user.email=team@example.com",
                "-c",
                "gc.auto=0",
            ])
            .args(["-c", "core.editor=true", "-c", "advice.detachedHead=false"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .unwrap()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// To a branch or a commit, with nothing of what was done before.
    pub fn go(&self, place: &str) {
        let _ = self.try_git(&["rebase", "--abort"]);
        self.git(&["checkout", "--quiet", "--force", "--detach", place]);
        self.git(&["clean", "--quiet", "--force", "-d"]);
        for patch in self.patches() {
            fs::remove_file(patch).unwrap();
        }
    }

    /// A branch that goes from another one, changes the spec, builds, and then edits what was built.
    pub fn branch(&mut self, from: &str, edit: &Edit, hands: &[Hand]) -> String {
        let words: Vec<String> = hands
            .iter()
            .map(|hand| {
                format!("{hand:?}")
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect()
            })
            .collect();
        let name = format!("{}-{from}-{}", edit.name, words.concat());
        if self.branches.insert(name.clone()) {
            self.go(from);
            let spec = edit.apply(&self.spec());
            self.write(SPEC, &spec);
            self.build(&spec).unwrap();
            for hand in hands {
                let path = format!("generated/{}", hand.path);
                self.write(&path, &hand.apply(&self.read(&path)));
            }
            self.commit(&name);
            self.git(&["branch", &name]);
        }
        name
    }

    fn rendered(&mut self, spec: &str) -> &Rendered {
        if !self.rendered.contains_key(spec) {
            let disk = Disk::beside(&self.path(SPEC));
            let compilation = compile(spec, "staging.toml", &disk, "2026-06-01".parse().unwrap());
            let compilation = compilation.unwrap();
            let files = match compilation.output {
                Some(output) => output.files,
                None => panic!("{spec}\n{:#?}", compilation.diagnostics),
            };
            let fresh = TempDir::new().unwrap();
            write::write(&files, fresh.path(), Edits::Refuse, &mut || ()).unwrap();
            self.rendered
                .insert(spec.to_owned(), Rendered { files, fresh });
        }
        &self.rendered[spec]
    }

    pub fn build(&mut self, spec: &str) -> Result<Outcome, write::Error> {
        let folder = self.path("generated");
        write::write(
            &self.rendered(spec).files,
            &folder,
            Edits::Refuse,
            &mut || (),
        )
    }

    /// One build finishes whatever git left of these specs, and keeps the edits by hand aside: exactly these.
    pub fn heals(&mut self, case: &str, spec: &str, hands: &[Hand]) {
        self.write(SPEC, spec);
        let outcome = match self.build(spec) {
            Ok(outcome) => outcome,
            Err(error) => panic!("{case}: {error:#?}"),
        };
        self.is_fresh(case, spec);
        let mut named: Vec<&str> = hands.iter().map(|hand| hand.path).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(outcome.forced, named, "{case}: {}", self.patch());
        assert_eq!(outcome.set_aside.is_some(), !hands.is_empty(), "{case}");
        if !hands.is_empty() {
            self.patch_brings_back(case, spec, hands);
        }
        if !hands.is_empty() {
            // There is nothing left to do, nor to keep.
            let again = self.build(spec).unwrap();
            assert_eq!((again.written.len(), again.removed.len()), (0, 0), "{case}");
            assert_eq!(again.set_aside, None, "{case}");
        }
        for path in FOREIGN {
            assert_eq!(self.read(path), "ours\n", "{case}");
        }
    }

    pub fn is_fresh(&mut self, case: &str, spec: &str) {
        let folder = self.path("generated");
        let rendered = self.rendered(spec);
        let stale = write::check(&rendered.files, &folder, &mut || ()).unwrap();
        assert_eq!(stale, [], "{case}");
        let fresh = snapshot(rendered.fresh.path());
        let mut found = snapshot(&folder);
        for path in FOREIGN {
            found.remove(path.strip_prefix("generated/").unwrap());
        }
        for (path, content) in &fresh {
            assert!(found.get(path) == Some(content), "{case}: {path} differs");
        }
        let more: Vec<&String> = found
            .keys()
            .filter(|path| !fresh.contains_key(*path))
            .collect();
        assert!(more.is_empty(), "{case}: {more:?}");
    }

    fn patches(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|end| end == "patch"))
            .collect()
    }

    pub fn patch(&self) -> String {
        self.patches()
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }

    /// The patch applies to what the build wrote, and brings every line back that a person wrote; none of the markers.
    fn patch_brings_back(&mut self, case: &str, spec: &str, hands: &[Hand]) {
        let patches = self.patches();
        assert_eq!(patches.len(), 1, "{case}");
        let fresh = self.rendered(spec).fresh.path().to_owned();
        let target = TempDir::new().unwrap();
        copy(&fresh, target.path());
        let applied = Command::new("git")
            .args(["apply", "--unsafe-paths", "--directory"])
            .args([target.path(), patches[0].as_path()])
            .current_dir(target.path())
            .output()
            .unwrap();
        let patch = self.patch();
        assert!(applied.status.success(), "{case}: {applied:?}\n{patch}");
        for hand in hands {
            let text = fs::read_to_string(target.path().join(hand.path)).unwrap();
            assert!(
                text.contains(hand.line),
                "{case}: {} lacks {}",
                hand.path,
                hand.line
            );
        }
        assert!(
            !patch.contains("<<<<<<<") && !patch.contains(">>>>>>>"),
            "{case}: {patch}"
        );
    }
}

fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for (path, content) in snapshot(from) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, content).unwrap();
    }
}
