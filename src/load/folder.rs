//! Which files of a folder are code, by their names alone: what interpreters, editors and installers leave behind would make the
//! output depend on the machine, or would only be weight.

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Files by path relative to the folder, sorted.
    pub files: Vec<String>,
    /// What else stands there and does not belong to the code, sorted.
    pub left_out: Vec<LeftOut>,
}

/// A file or folder that is not taken along.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Relative to the folder.
    pub path: String,
    pub why: Why,
}

/// Why something is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The name begins with a full stop.
    Hidden,
    /// A virtual environment of Python, with its interpreter.
    Environment,
    /// Packages of Node.js.
    NodeModules,
    /// Fits one machine only.
    Compiled,
}

/// What becomes of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Taken,
    LeftOut(Why),
    /// Comes back by itself, and nobody misses it.
    Ignored,
}

/// Folders that tools fill again.
const CACHES: [&str; 6] = [
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
];

/// The file at the top of every virtual environment.
pub const ENVIRONMENT_MARK: &str = "pyvenv.cfg";

/// Judges a file or folder by its own name.
pub fn fate(name: &str) -> Fate {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let is_editors = name == ".DS_Store"
        || name.ends_with('~')
        || name.starts_with(".#")
        || (name.starts_with('.') && ends(&[".swp", ".swo", ".swx"]));
    if is_editors || CACHES.contains(&name) || ends(&[".pyc", ".pyo"]) {
        Fate::Ignored
    } else if name.starts_with('.') {
        Fate::LeftOut(Why::Hidden)
    } else if ["venv", "virtualenv", "site-packages"].contains(&name) {
        Fate::LeftOut(Why::Environment)
    } else if name == "node_modules" {
        Fate::LeftOut(Why::NodeModules)
    } else if ends(&[".so", ".pyd", ".dylib", ".dll"]) {
        Fate::LeftOut(Why::Compiled)
    } else {
        Fate::Taken
    }
}

impl Listing {
    /// Of all files under a folder, by relative path: for what has no folders of its own to walk through.
    pub fn of<'a>(paths: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut listing = Self::default();
        let environments: Vec<&str> = paths
            .clone()
            .filter_map(|path| path.strip_suffix(ENVIRONMENT_MARK)?.strip_suffix('/'))
            .collect();
        for path in paths {
            match judged(path, &environments) {
                None => listing.files.push(path.to_owned()),
                Some((_, Fate::Taken | Fate::Ignored)) => (),
                Some((end, Fate::LeftOut(why))) => {
                    let path = path.get(..end).unwrap_or(path).to_owned();
                    listing.left_out.push(LeftOut { path, why });
                }
            }
        }
        listing.sorted()
    }

    pub fn sorted(mut self) -> Self {
        self.files.sort_unstable();
        self.left_out.sort_unstable();
        self.left_out.dedup();
        self
    }
}

/// The first part of a path that is not taken, by where it ends.
fn judged(path: &str, environments: &[&str]) -> Option<(usize, Fate)> {
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([path.len()]);
    let mut start = 0;
    for end in ends {
        let found = fate(path.get(start..end)?);
        if found != Fate::Taken {
            return Some((end, found));
        }
        if environments.contains(&path.get(..end)?) {
            return Some((end, Fate::LeftOut(Why::Environment)));
        }
        start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{LeftOut, Listing, Why};

    #[test]
    fn code_is_taken_and_weight_is_named_once() {
        let listing = Listing::of(
            [
                "handler.py",
                "data/rates.csv",
                "data/.env",
                "data/fast.so",
                ".git/HEAD",
                ".git/objects/1",
                "venv/bin/python",
                "py/pyvenv.cfg",
                "py/lib/a.py",
                "node_modules/x/index.js",
                "__pycache__/handler.cpython-313.pyc",
                ".handler.py.swp",
                "handler.py~",
            ]
            .into_iter(),
        );
        assert_eq!(listing.files, ["data/rates.csv", "handler.py"]);
        let left_out = |path: &str, why| LeftOut {
            path: path.to_owned(),
            why,
        };
        assert_eq!(
            listing.left_out,
            [
                left_out(".git", Why::Hidden),
                left_out("data/.env", Why::Hidden),
                left_out("data/fast.so", Why::Compiled),
                left_out("node_modules", Why::NodeModules),
                left_out("py", Why::Environment),
                left_out("venv", Why::Environment),
            ]
        );
    }
}
