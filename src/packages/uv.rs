//! `uv.lock`: every package of a project, with its wheels and who needs it: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::asked::{From, normalised};
use super::marker;
use super::problem::Problem;
use super::wheel::Target;

/// The index that pip takes by itself.
const USUAL_INDEX: &str = "https://pypi.org/simple";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    version: u64,
    #[serde(default)]
    requires_python: String,
    #[serde(default, rename = "package")]
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    #[serde(default)]
    version: String,
    source: Source,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    wheels: Vec<Wheel>,
}

/// One of these says where a package comes from.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Source {
    registry: Option<String>,
    git: Option<String>,
    url: Option<String>,
    path: Option<String>,
    directory: Option<String>,
    editable: Option<String>,
    r#virtual: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// Where the lock has several versions.
    version: Option<String>,
    source: Option<Source>,
    #[serde(default)]
    marker: String,
    #[serde(default)]
    extra: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Wheel {
    #[serde(default)]
    url: String,
    filename: Option<String>,
    hash: Option<String>,
    #[serde(default)]
    size: u64,
}

/// A package that the function needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Needed {
    pub name: String,
    pub version: String,
    pub from: From,
    /// The option that names its index, where pip does not look by itself.
    pub index: Option<String>,
    /// Of the wheels that fit.
    pub hashes: Vec<String>,
    /// Of the smallest of these.
    pub bytes: u64,
}

impl Lock {
    pub fn of(text: &str, target: &Target) -> Result<Self, Problem> {
        let lock: Self = toml::from_str(text).map_err(|error| {
            let first = error
                .message()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            Problem::Unreadable(format!("cannot be read: {first}"))
        })?;
        if lock.version != 1 {
            let what = format!("has version {} of the format, and 1 is known", lock.version);
            return Err(Problem::Unreadable(what));
        }
        if !lock.requires_python.is_empty()
            && marker::takes(&lock.requires_python, target) != Some(true)
        {
            return Err(Problem::OtherPython(lock.requires_python));
        }
        Ok(lock)
    }

    /// What the project itself needs, with what that needs, where the target's markers hold; not what it is developed with.
    pub fn needed(&self, target: &Target) -> Vec<Result<Needed, Problem>> {
        let own = |package: &&Package| {
            let source = [&package.source.r#virtual, &package.source.editable];
            source.into_iter().flatten().any(|path| path == ".")
        };
        let Some(root) = self.packages.iter().find(own) else {
            let what = "names no project of this folder".to_owned();
            return vec![Err(Problem::Unreadable(what))];
        };
        let mut by_name: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
        for package in &self.packages {
            by_name.entry(&package.name).or_default().push(package);
        }
        let mut found = Vec::new();
        let mut seen: BTreeSet<(*const Package, &str)> = BTreeSet::new();
        let mut waiting: Vec<&Dependency> = root.dependencies.iter().collect();
        let mut next = 0;
        while let Some(&dependency) = waiting.get(next) {
            next += 1;
            match marker::holds(&dependency.marker, target) {
                Some(true) => (),
                Some(false) => continue,
                None => {
                    found.push(Err(Problem::Marker(dependency.marker.clone())));
                    continue;
                }
            }
            let named = by_name.get(dependency.name.as_str());
            let Some(package) = named
                .into_iter()
                .flatten()
                .find(|one| dependency.means(one))
            else {
                let what = format!("needs `{}` and does not have it", dependency.name);
                found.push(Err(Problem::Unreadable(what)));
                continue;
            };
            if seen.insert((std::ptr::from_ref::<Package>(package), "")) {
                found.push(Ok(package.needed(target)));
                waiting.extend(&package.dependencies);
            }
            for extra in &dependency.extra {
                if seen.insert((std::ptr::from_ref::<Package>(package), extra)) {
                    let more = package.optional_dependencies.get(extra);
                    waiting.extend(more.into_iter().flatten());
                }
            }
        }
        found
    }
}

impl Dependency {
    fn means(&self, package: &Package) -> bool {
        package.name == self.name
            && self
                .version
                .as_ref()
                .is_none_or(|version| *version == package.version)
            && self
                .source
                .as_ref()
                .is_none_or(|source| *source == package.source)
    }
}

impl Package {
    fn needed(&self, target: &Target) -> Needed {
        let fitting: Vec<&Wheel> = self
            .wheels
            .iter()
            .filter(|wheel| wheel.fits(target))
            .collect();
        let index = self
            .source
            .registry
            .as_deref()
            .filter(|url| url.trim_end_matches('/') != USUAL_INDEX);
        Needed {
            name: normalised(&self.name),
            version: self.version.clone(),
            from: self.source.from(),
            index: index.map(|url| format!("--extra-index-url {url}")),
            hashes: fitting
                .iter()
                .filter_map(|wheel| wheel.hash.clone())
                .collect(),
            bytes: fitting.iter().map(|wheel| wheel.size).min().unwrap_or(0),
        }
    }
}

impl Wheel {
    fn fits(&self, target: &Target) -> bool {
        let of_url = || self.url.split(['?', '#']).next()?.rsplit('/').next();
        let name = self.filename.as_deref().or_else(of_url);
        self.hash.is_some() && name.is_some_and(|name| target.takes(name))
    }
}

impl Source {
    fn from(&self) -> From {
        let address = [&self.git, &self.url].into_iter().flatten().next();
        let folders = [&self.path, &self.directory, &self.editable, &self.r#virtual];
        match (
            &self.registry,
            address,
            folders.into_iter().flatten().next(),
        ) {
            (Some(registry), ..) if registry.contains("://") => From::Index,
            (Some(path), ..) | (None, None, Some(path)) => From::Path(path.clone()),
            (None, Some(address), _) => From::Address(super::asked::plain_address(address)),
            (None, None, None) => From::Folder,
        }
    }
}
