//! What a list of requirements asks for, line by line.

use std::collections::BTreeSet;

/// One thing that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Asked {
    /// Its name, normalised, where the file says it.
    pub package: Option<String>,
    pub from: From,
    /// The one version that it takes.
    pub version: Option<String>,
    /// Of the files that it takes, as `sha256:…`.
    pub hashes: Vec<String>,
    /// Where it is needed: `python_version < "3.11"`. Empty for everywhere.
    pub marker: String,
}

/// Where an installer would take it from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum From {
    /// The index of packages, by the name.
    #[default]
    Index,
    /// An archive or repository, by its address: without who logs in there, and without its parameters.
    Address(String),
    /// A file or folder.
    Path(String),
    /// The function's folder itself.
    Folder,
    /// Another list, which is not there.
    List(String),
    /// No package: an option that changes what others mean.
    Option(String),
}

/// A list with all that it names.
#[derive(Debug, Default)]
pub struct List {
    pub asked: Vec<Asked>,
    /// Options that name an index, as pip reads them.
    pub indexes: Vec<String>,
}

/// More than any function needs; what follows is not read.
pub const MOST: usize = 10_000;

/// Options that change nothing where each package is locked, is a wheel and is installed by itself.
const IDLE: [&str; 7] = [
    "-c",
    "--constraint",
    "--only-binary",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--use-pep517",
];

/// Installers read a list in the encoding that its first bytes say.
pub fn text(content: &[u8]) -> String {
    let units = |number: fn([u8; 2]) -> u16| {
        let pairs = content.get(2..).unwrap_or_default().chunks_exact(2);
        let units: Vec<u16> = pairs
            .filter_map(|pair| Some(number(pair.try_into().ok()?)))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match content {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => {
            let text = String::from_utf8_lossy(content);
            text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
        }
    }
}

/// A list of requirements, with the lists that it names.
pub fn of_lists<'f>(first: &str, read: &dyn Fn(&str) -> Option<&'f [u8]>) -> List {
    let mut found = List::default();
    let mut seen = BTreeSet::from([first.to_owned()]);
    let mut waiting = vec![first.to_owned()];
    while let Some(list) = waiting.pop() {
        let folder = list.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(content) = read(&list) else {
            if list != first {
                let from = From::List(list);
                found.asked.push(Asked {
                    from,
                    ..Asked::default()
                });
            }
            continue;
        };
        let joined = text(content).replace("\\\r\n", " ").replace("\\\n", " ");
        for line in joined.lines() {
            if found.asked.len() > MOST {
                return found;
            }
            let line = without_comment(line);
            match option(line, &["-r", "--requirement"]) {
                Some(other) => {
                    let other = within(folder, other);
                    if seen.insert(other.clone()) {
                        waiting.push(other);
                    }
                }
                None => found.add(line),
            }
        }
    }
    found
}

/// A path beside a list, as a path of the folder.
fn within(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => (),
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// A hash begins a comment at the start or after a blank: it may be part of an address.
fn without_comment(line: &str) -> &str {
    let mut starts = line.match_indices('#').map(|(at, _)| at);
    let start = starts.find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with([' ', '\t'])
    });
    line.get(..start.unwrap_or(line.len()))
        .unwrap_or(line)
        .trim()
}

/// What follows one of these options: `-r x`, `-rx`, `--requirement=x`.
fn option<'l>(line: &'l str, names: &[&str]) -> Option<&'l str> {
    names.iter().find_map(|name| {
        let rest = line.strip_prefix(name)?;
        let is_long = name.starts_with("--");
        let is_apart = rest.starts_with([' ', '\t', '=']);
        (is_apart || !is_long).then(|| rest.trim_start_matches([' ', '\t', '=']))
    })
}

impl List {
    fn add(&mut self, line: &str) {
        let word = line.split([' ', '\t', '=']).next().unwrap_or(line);
        if !line.starts_with('-') || option(line, &["-e", "--editable"]).is_some() {
            self.asked.extend(requirement(line));
        } else if ["-i", "--index-url", "--extra-index-url"].contains(&word) {
            let address = option(line, &[word]).unwrap_or_default();
            if has_login(address) {
                let from = From::Option(format!("{word} {}", plain_address(address)));
                self.asked.push(Asked {
                    from,
                    ..Asked::default()
                });
            } else {
                let word = if word == "-i" { "--index-url" } else { word };
                self.indexes.push(format!("{word} {address}"));
            }
        } else if !IDLE.contains(&word) {
            let from = From::Option(word.to_owned());
            self.asked.push(Asked {
                from,
                ..Asked::default()
            });
        }
    }
}

/// Whether somebody logs in by an address, other than by variables that pip reads.
fn has_login(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let login = host.rsplit_once('@').map(|(login, _)| login);
    let is_variable = |part: &str| part.starts_with("${") && part.ends_with('}');
    login.is_some_and(|login| !login.split(':').all(is_variable))
}

/// `PyYAML>=6 ; python_version > "3"`: `pyyaml`, of the index. Nothing for nothing at all.
pub fn requirement(line: &str) -> Option<Asked> {
    let line = option(line, &["-e", "--editable"]).unwrap_or(line).trim();
    let (line, options) = line.split_once(" --").unwrap_or((line, ""));
    let hashes = options.split("--").filter_map(|one| option(one, &["hash"]));
    let hashes: Vec<String> = hashes.map(|hash| hash.trim().to_owned()).collect();
    let (line, marker) = marked(line.trim());
    let asked = Asked {
        hashes,
        marker,
        ..named_in(line)?
    };
    Some(asked)
}

/// A requirement and where it is needed. After an address, a blank comes before the semicolon: it may be part of it.
fn marked(line: &str) -> (&str, String) {
    let by = if line.contains(':') { " ;" } else { ";" };
    let (line, marker) = line.split_once(by).unwrap_or((line, ""));
    (line.trim(), marker.trim().to_owned())
}

/// The package of a requirement without its options and marker, and where it comes from.
fn named_in(line: &str) -> Option<Asked> {
    if line.is_empty() {
        return None;
    }
    let of = |package, from| Asked {
        package,
        from,
        ..Asked::default()
    };
    let first = line.split_whitespace().next().unwrap_or(line);
    if let Some((scheme, _)) = first
        .split_once(':')
        .filter(|(scheme, _)| is_scheme(scheme))
    {
        let from = match scheme {
            "file" => From::Path(plain_address(first)),
            _ => From::Address(plain_address(first)),
        };
        return Some(of(named(first), from));
    }
    let end = line
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    let extras = rest.trim_start();
    let after = extras
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let after = after.map_or(extras, |(_, rest)| rest.trim_start());
    if let Some(address) = after.strip_prefix('@').filter(|_| !name.is_empty()) {
        let address = address.split_whitespace().next().unwrap_or_default();
        // Otherwise it is somebody's at a host.
        let package = address.contains("://").then(|| normalised(name));
        let from = From::Address(plain_address(address));
        return Some(of(package, from));
    }
    let is_archive = [".whl", ".zip", ".tar.gz", ".tgz"]
        .iter()
        .any(|end| first.ends_with(end));
    let is_path = first.starts_with(['.', '~']) || first.contains(['/', '\\']) || is_archive;
    if is_path {
        let plain = first
            .trim_end_matches('/')
            .split('[')
            .next()
            .unwrap_or(first);
        let from = match plain {
            "." => From::Folder,
            other => From::Path(other.to_owned()),
        };
        return Some(of(named(first), from));
    }
    let package = name
        .starts_with(|c: char| c.is_ascii_alphanumeric())
        .then(|| normalised(name))?;
    Some(Asked {
        version: pinned(after),
        ..of(Some(package), From::Index)
    })
}

/// The version of `== 2.31.0`, and nothing of what leaves a choice.
fn pinned(specifier: &str) -> Option<String> {
    let version = specifier
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')');
    let version = version.strip_prefix("==")?;
    let version = version.strip_prefix('=').unwrap_or(version).trim();
    let is_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '!' | '-' | '_');
    (!version.is_empty() && version.chars().all(is_of)).then(|| version.to_owned())
}

/// `git+https`, `file`; one letter is a disk.
fn is_scheme(word: &str) -> bool {
    let is_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    word.len() > 1 && word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(is_of)
}

/// The name that an address or a wheel says: `#egg=x`, `x-1.0-py3-none-any.whl`.
fn named(address: &str) -> Option<String> {
    if let Some((_, name)) = address
        .split_once("#egg=")
        .or_else(|| address.split_once("&egg="))
    {
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        return Some(normalised(name.get(..end.unwrap_or(name.len()))?));
    }
    let file = address
        .split(['?', '#'])
        .next()?
        .rsplit(['/', '\\'])
        .next()?;
    let (name, _) = file.strip_suffix(".whl")?.split_once('-')?;
    Some(normalised(name))
}

/// An address as a report may show it: who logs in may be a secret, and so may be a parameter.
pub fn plain_address(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    // What follows a commit's or a branch's name is none of a login.
    format!("{scheme}{host}{path}")
}

/// A package's name in small letters, with single hyphens.
pub fn normalised(name: &str) -> String {
    let mut text = String::new();
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push('-');
        }
        text.push_str(&part.to_ascii_lowercase());
    }
    text
}

/// What a folder brings along: with its installer's notes, or as a module of that name.
#[derive(Debug, Default)]
pub struct Vendored {
    names: BTreeSet<String>,
}

impl Vendored {
    pub fn of(files: &[(String, Vec<u8>)]) -> Self {
        let names = files.iter().map(|(path, _)| {
            let first = path.split('/').next().unwrap_or(path);
            let noted = first
                .strip_suffix(".dist-info")
                .and_then(|name| name.rsplit_once('-'));
            match noted {
                Some((name, _)) => normalised(name),
                None => first.strip_suffix(".py").unwrap_or(first).to_owned(),
            }
        });
        Self {
            names: names.collect(),
        }
    }

    /// The name is normalised.
    pub fn has(&self, package: &str) -> bool {
        self.names.contains(package) || self.names.contains(&package.replace('-', "_"))
    }
}

#[cfg(test)]
mod tests;
