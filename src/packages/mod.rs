//! Which packages a function's folder asks for, and which of them are locked for the place where the function runs. What is locked is installed
//! into the function's archive when Pulumi runs.

mod asked;
mod marker;
mod problem;
mod project;
mod uv;
mod wheel;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::modules;
use asked::{Asked, MOST, Vendored, of_lists, text};
pub use asked::{From, normalised};
pub use problem::Problem;
pub use wheel::Target;

pub const REQUIREMENTS: &str = "requirements.txt";
pub const UV_LOCK: &str = "uv.lock";
pub const PROJECT: &str = "pyproject.toml";
const PIPFILE: &str = "Pipfile";

/// The packages of a function's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    /// What is installed, by name.
    pub locked: BTreeMap<String, Locked>,
    /// The file that locks it.
    pub lock: &'static str,
    /// What it is installed for; nothing where that has an error.
    pub target: Option<Target>,
    /// Options that name indexes, as pip reads them.
    indexes: Vec<String>,
    /// Everything that any file asks for, by name.
    pub asked: BTreeSet<String>,
    /// By file, in the order in which they are read.
    pub problems: Vec<(&'static str, Problem)>,
}

/// A package in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    pub version: String,
    /// Of the files of which one is installed, as `sha256:…`.
    pub hashes: Vec<String>,
}

/// The files of a folder by path.
pub type Files = [(String, Vec<u8>)];

impl Packages {
    pub fn of(files: &Files, runtime: &str, architecture: &str) -> Self {
        let mut packages = Self {
            // An unknown runtime or processor has an error of its own.
            target: Target::of(runtime, architecture),
            ..Self::default()
        };
        if let Some(target) = packages.target {
            packages.read(files, &target);
        }
        packages
    }

    /// What pip reads, for the project.
    pub fn list(&self) -> String {
        let mut list = String::new();
        for index in &self.indexes {
            let _ = writeln!(list, "{index}");
        }
        for (name, locked) in &self.locked {
            let _ = write!(list, "{name}=={}", locked.version);
            for hash in &locked.hashes {
                let _ = write!(list, " \\\n    --hash={hash}");
            }
            list.push('\n');
        }
        list
    }

    fn read(&mut self, files: &Files, target: &Target) {
        let content = |path: &str| {
            let file = files.iter().find(|(name, _)| name == path);
            file.map(|(_, content)| content.as_slice())
        };
        let vendored = Vendored::of(files);
        if let Some(lock) = content(UV_LOCK) {
            self.lock = UV_LOCK;
            self.read_uv_lock(&text(lock), &vendored, target);
        }
        if content(REQUIREMENTS).is_some() {
            let list = of_lists(REQUIREMENTS, &content);
            if self.lock == UV_LOCK && !list.asked.is_empty() {
                self.problems.push((REQUIREMENTS, Problem::Both));
            } else {
                self.lock = REQUIREMENTS;
                self.indexes = list.indexes;
                self.take(REQUIREMENTS, list.asked, &vendored, target);
            }
        }
        let project = content(PROJECT).map(|content| project::of_project(&text(content)));
        self.take(PROJECT, project.unwrap_or_default(), &vendored, target);
        let pipfile = content(PIPFILE).map(|content| project::of_pipfile(&text(content)));
        self.take(PIPFILE, pipfile.unwrap_or_default(), &vendored, target);
    }

    fn take(
        &mut self,
        file: &'static str,
        asked: Vec<Asked>,
        vendored: &Vendored,
        target: &Target,
    ) {
        if asked.len() > MOST {
            let what = format!("names more than {MOST} packages");
            return self.problems.push((file, Problem::Unreadable(what)));
        }
        let mut seen = BTreeSet::new();
        for asked in asked {
            let is_needed = marker::holds(&asked.marker, target);
            let Some(problem) = (match is_needed {
                Some(false) => None,
                Some(true) => self.add(file, asked, vendored),
                None => Some(Problem::Marker(asked.marker)),
            }) else {
                continue;
            };
            if seen.insert(problem.clone()) {
                self.problems.push((file, problem));
            }
        }
    }

    /// Locks a package that is asked for, if it has to be installed and can be.
    fn add(&mut self, file: &str, asked: Asked, vendored: &Vendored) -> Option<Problem> {
        let Some(name) = asked.package.clone() else {
            return Some(Problem::Elsewhere(asked.from));
        };
        self.asked.insert(name.clone());
        if vendored.has(&name) {
            return None;
        }
        let is_there =
            modules().bring(&name) || (file != self.lock && self.locked.contains_key(&name));
        match asked.version {
            _ if asked.from != From::Index => (!is_there).then_some(Problem::Elsewhere(asked.from)),
            Some(version) if file == self.lock && !asked.hashes.is_empty() => {
                let hashes = asked.hashes;
                self.lock_one(name, Locked { version, hashes })
            }
            _ => (!is_there).then_some(Problem::Unlocked(name)),
        }
    }

    fn lock_one(&mut self, name: String, locked: Locked) -> Option<Problem> {
        let before = self.locked.insert(name.clone(), locked);
        let now = self.locked.get(&name);
        (before.is_some() && before.as_ref() != now).then_some(Problem::Twice(name))
    }

    fn read_uv_lock(&mut self, text: &str, vendored: &Vendored, target: &Target) {
        let lock = match uv::Lock::of(text, target) {
            Ok(lock) => lock,
            Err(problem) => return self.problems.push((UV_LOCK, problem)),
        };
        let mut size = 0;
        for package in lock.needed(target) {
            let package = match package {
                Ok(package) => package,
                Err(problem) => {
                    self.problems.push((UV_LOCK, problem));
                    continue;
                }
            };
            self.asked.insert(package.name.clone());
            if vendored.has(&package.name) {
                continue;
            }
            let problem = match package.from {
                From::Index => {
                    size += package.bytes;
                    self.indexes.extend(package.index);
                    if package.hashes.is_empty() {
                        Some(Problem::NoWheel(package.name, package.version))
                    } else {
                        let (version, hashes) = (package.version, package.hashes);
                        self.lock_one(package.name, Locked { version, hashes })
                    }
                }
                from => Some(Problem::Elsewhere(from)),
            };
            self.problems
                .extend(problem.map(|problem| (UV_LOCK, problem)));
        }
        self.indexes.sort();
        self.indexes.dedup();
        if size > MOST_ZIPPED {
            self.problems.push((UV_LOCK, Problem::TooLarge(size)));
        }
    }
}

/// Of an archive that is handed to Lambda with the call: AWS's quotas of Lambda, "Deployment package (.zip file archive) size".
pub const MOST_ZIPPED: u64 = 50 << 20;

#[cfg(test)]
mod tests {
    use super::{Files, Packages, Problem};

    fn of(files: &[(&str, &str)], architecture: &str) -> Packages {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect();
        let files: &Files = &files;
        Packages::of(files, "python3.13", architecture)
    }

    /// The list, one line a package.
    fn listed(packages: &Packages) -> Vec<String> {
        let list = packages.list().replace(" \\\n   ", "");
        list.lines().map(str::to_owned).collect()
    }

    const LOCK: &str = r#"
version = 1
revision = 3
requires-python = ">=3.12"
resolution-markers = ["python_full_version >= '3.14'", "python_full_version < '3.14'"]

[[package]]
name = "refund"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "pydantic", extra = ["email"] },
    { name = "numpy", version = "1.26", source = { registry = "https://pypi.org/simple" }, marker = "python_full_version >= '3.14'" },
    { name = "numpy", version = "2.2", source = { registry = "https://pypi.org/simple" }, marker = "python_full_version < '3.14'" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[package.metadata]
requires-dist = [{ name = "pydantic", extras = ["email"], specifier = ">=2" }]

[[package]]
name = "pydantic"
version = "2.11.7"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "pydantic-core" }, { name = "typing-extensions" }]
sdist = { url = "https://x.example/pydantic-2.11.7.tar.gz", hash = "sha256:00", size = 1 }
wheels = [{ url = "https://x.example/pydantic-2.11.7-py3-none-any.whl", hash = "sha256:01", size = 1, upload-time = "2026-01-01T00:00:00Z" }]

[package.optional-dependencies]
email = [{ name = "email-validator" }]
timezone = [{ name = "tzdata" }]

[[package]]
name = "pydantic-core"
version = "2.33.2"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "typing-extensions" }]
wheels = [
    { url = "https://x.example/pydantic_core-2.33.2-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", hash = "sha256:02", size = 1 },
    { url = "https://x.example/pydantic_core-2.33.2-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "sha256:03", size = 1 },
    { url = "https://x.example/pydantic_core-2.33.2-cp312-cp312-manylinux_2_17_aarch64.whl", hash = "sha256:04", size = 1 },
]

[[package]]
name = "typing-extensions"
version = "4.15"
source = { registry = "https://index.internal/simple/" }
wheels = [{ filename = "typing_extensions-4.15-py3-none-any.whl", hash = "sha256:05" }]

[[package]]
name = "email-validator"
version = "2.3"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://x.example/email_validator-2.3-py3-none-any.whl", hash = "sha256:06" }]

[[package]]
name = "numpy"
version = "1.26"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "numpy"
version = "2.2"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://x.example/numpy-2.2-cp313-cp313-manylinux_2_28_aarch64.whl?x=1", hash = "sha256:07" }]

[[package]]
name = "tzdata"
version = "1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pytest"
version = "1"
source = { registry = "https://pypi.org/simple" }
"#;

    #[test]
    fn a_lock_gives_what_the_function_needs_where_it_runs() {
        let packages = of(&[("uv.lock", LOCK)], "arm64");
        assert_eq!(packages.problems, []);
        assert_eq!(
            listed(&packages),
            [
                "--extra-index-url https://index.internal/simple/",
                "email-validator==2.3 --hash=sha256:06",
                "numpy==2.2 --hash=sha256:07",
                "pydantic==2.11.7 --hash=sha256:01",
                "pydantic-core==2.33.2 --hash=sha256:02",
                "typing-extensions==4.15 --hash=sha256:05",
            ]
        );
        let other = of(&[("uv.lock", LOCK)], "x86_64");
        assert_eq!(
            other.problems,
            [(
                "uv.lock",
                Problem::NoWheel("numpy".to_owned(), "2.2".to_owned())
            )]
        );
        assert_eq!(
            other.locked["pydantic-core"].hashes,
            ["sha256:03".to_owned()]
        );
        assert_eq!(of(&[("uv.lock", LOCK)], "riscv64"), Packages::default());
        let vendored = of(&[("uv.lock", LOCK), ("numpy/__init__.py", "")], "x86_64");
        assert_eq!(vendored.problems, []);
    }

    #[test]
    fn a_list_gives_what_it_locks_and_leaves_what_is_there() {
        let list = "--index-url https://index.internal/simple\nRequests[socks]==2.32.3 --hash=sha256:01 --hash=sha256:02\nboto3>=1\ntyping-extensions==4.15 --hash=sha256:03\ncolorama==0.4 ; sys_platform == 'win32' --hash=sha256:04\nmoney\n";
        let files = [
            ("requirements.txt", list),
            ("money/__init__.py", ""),
            (
                "pyproject.toml",
                "[project]\ndependencies = [\"requests>=2\"]\n",
            ),
        ];
        let packages = of(&files, "arm64");
        assert_eq!(packages.problems, []);
        assert_eq!(
            listed(&packages),
            [
                "--index-url https://index.internal/simple",
                "requests==2.32.3 --hash=sha256:01 --hash=sha256:02",
                "typing-extensions==4.15 --hash=sha256:03",
            ]
        );
        assert!(packages.asked.contains("boto3"));
    }
}
