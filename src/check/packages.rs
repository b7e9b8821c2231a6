//! Which packages a function's folder asks for: in the files that installers read, as far as they say so.

use std::collections::BTreeSet;

/// Files at the top of a folder that name packages to install.
pub const FILES: [&str; 3] = ["requirements.txt", "pyproject.toml", "Pipfile"];

/// One thing that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Its name, normalised, where the file says it.
    pub package: Option<String>,
    pub from: From,
}

/// Where an installer would take it from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// The index of packages, by the name.
    Index,
    /// An archive or repository, by its address: without who logs in there, and without its parameters.
    Address(String),
    /// A file or folder.
    Path(String),
    /// The function's folder itself.
    Folder,
    /// Another list, which is not there.
    List(String),
}

/// What a file asks for; `read` gives files of the folder.
pub fn asked_for<'f>(file: &str, read: &dyn Fn(&str) -> Option<&'f [u8]>) -> Vec<Asked> {
    let content = read(file).unwrap_or_default();
    let of_index = |package: String| Asked {
        package: Some(package),
        from: From::Index,
    };
    match file {
        "requirements.txt" => of_lists(file, read),
        "pyproject.toml" => of_project(&text(content)),
        _ => of_pipfile(&text(content))
            .into_iter()
            .map(of_index)
            .collect(),
    }
}

/// Installers read a list in the encoding that its first bytes say.
fn text(content: &[u8]) -> String {
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
fn of_lists<'f>(first: &str, read: &dyn Fn(&str) -> Option<&'f [u8]>) -> Vec<Asked> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([first.to_owned()]);
    let mut waiting = vec![first.to_owned()];
    while let Some(list) = waiting.pop() {
        let folder = list.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(content) = read(&list) else {
            if list != first {
                let from = From::List(list);
                found.push(Asked {
                    package: None,
                    from,
                });
            }
            continue;
        };
        let joined = text(content).replace("\\\r\n", " ").replace("\\\n", " ");
        for line in joined.lines() {
            let line = without_comment(line);
            match option(line, &["-r", "--requirement"]) {
                Some(other) => {
                    let other = within(folder, other);
                    if seen.insert(other.clone()) {
                        waiting.push(other);
                    }
                }
                None => found.extend(requirement(line)),
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

/// `PyYAML>=6 ; python_version > "3"`: `pyyaml`, of the index. Nothing for other options and nothing at all.
fn requirement(line: &str) -> Option<Asked> {
    let line = option(line, &["-e", "--editable"]).unwrap_or(line).trim();
    if line.starts_with('-') || line.is_empty() {
        return None;
    }
    let first = line.split_whitespace().next().unwrap_or(line);
    if let Some((scheme, _)) = first
        .split_once(':')
        .filter(|(scheme, _)| is_scheme(scheme))
    {
        let from = match scheme {
            "file" => From::Path(plain_address(first)),
            _ => From::Address(plain_address(first)),
        };
        let package = named(first);
        return Some(Asked { package, from });
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
        return Some(Asked { package, from });
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
        let package = named(first);
        return Some(Asked { package, from });
    }
    let package = name
        .starts_with(|c: char| c.is_ascii_alphanumeric())
        .then(|| normalised(name))?;
    Some(Asked {
        package: Some(package),
        from: From::Index,
    })
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
fn plain_address(address: &str) -> String {
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

fn of_project(text: &str) -> Vec<Asked> {
    let Ok(table) = text.parse::<toml::Table>() else {
        return Vec::new();
    };
    let listed = table.get("project").and_then(|project| {
        let list = project.get("dependencies")?.as_array()?;
        Some(list.iter().filter_map(|item| requirement(item.as_str()?)))
    });
    let poetry = table.get("tool").and_then(|tool| {
        let table = tool.get("poetry")?.get("dependencies")?.as_table()?;
        Some(table.keys().filter(|name| *name != "python"))
    });
    listed
        .into_iter()
        .flatten()
        .chain(poetry.into_iter().flatten().map(|name| Asked {
            package: Some(normalised(name)),
            from: From::Index,
        }))
        .collect()
}

fn of_pipfile(text: &str) -> Vec<String> {
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let packages = table.get("packages").and_then(toml::Value::as_table);
    let names = packages.into_iter().flat_map(|packages| packages.keys());
    names.map(|name| normalised(name)).collect()
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

/// Whether a folder brings a package along: with its installer's notes, or as a module of that name.
pub fn is_vendored(package: &str, files: &[(String, Vec<u8>)]) -> bool {
    let module = package.replace('-', "_");
    files.iter().any(|(path, _)| {
        let first = path.split('/').next().unwrap_or(path);
        let noted = first
            .strip_suffix(".dist-info")
            .and_then(|name| name.rsplit_once('-'));
        noted.is_some_and(|(name, _)| normalised(name) == package)
            || first.strip_suffix(".py").unwrap_or(first) == module
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Asked, From, asked_for, is_vendored};

    /// As `name from place`.
    fn of(file: &str, files: &[(&str, &[u8])]) -> Vec<String> {
        let files: BTreeMap<&str, &[u8]> = files.iter().copied().collect();
        let found = asked_for(file, &|path| files.get(path).copied());
        let shown = found.into_iter().map(|Asked { package, from }| {
            let package = package.unwrap_or_else(|| "?".to_owned());
            match from {
                From::Index => package,
                From::Address(address) => format!("{package} from {address}"),
                From::Path(path) => format!("{package} in {path}"),
                From::Folder => "itself".to_owned(),
                From::List(list) => format!("list {list}"),
            }
        });
        shown.collect()
    }

    #[test]
    fn packages_are_read_from_each_form() {
        let requirements = "# a\n\nPyYAML>=6 \\\n    --hash=sha256:00\nrequests[socks]==2 ; python_version > '3' # why\n--index-url https://example.com\n-c limits.txt\nzope.interface\nlocal_thing==1\n";
        let found = of(
            "requirements.txt",
            &[("requirements.txt", requirements.as_bytes())],
        );
        assert_eq!(
            found,
            ["pyyaml", "requests", "zope-interface", "local-thing"]
        );
        let project = "[project]\ndependencies = [\"httpx>=0.2\", \"boto3\", \"x @ https://a:b@c.de/x\"]\n[tool.poetry.dependencies]\npython = \"^3.13\"\nRich = \"*\"\n[tool.ruff]\nline-length = 100\n";
        assert_eq!(
            of("pyproject.toml", &[("pyproject.toml", project.as_bytes())]),
            ["httpx", "boto3", "x from https://c.de/x", "rich"]
        );
        let pipfile = "[packages]\nrequests = \"*\"\n[dev-packages]\npytest = \"*\"\n";
        assert_eq!(
            of("Pipfile", &[("Pipfile", pipfile.as_bytes())]),
            ["requests"]
        );
        assert!(of("pyproject.toml", &[("pyproject.toml", b"not = [toml")]).is_empty());
    }

    #[test]
    fn addresses_are_shown_without_who_logs_in() {
        for (line, expected) in [
            (
                "-e git+https://example.com/x#egg=Own_Thing",
                "own-thing from git+https://example.com/x",
            ),
            (
                "git+https://user:tok@example.com/x.git@v1",
                "? from git+https://example.com/x.git@v1",
            ),
            (
                "https://tok@example.com/a/b_c-1.0-py3-none-any.whl?sig=tok",
                "b-c from https://example.com/a/b_c-1.0-py3-none-any.whl",
            ),
            (
                "x @ https://user:tok@example.com/x.tar.gz#sha256=tok",
                "x from https://example.com/x.tar.gz",
            ),
            (
                "x[a,b]@https://user:t@k@example.com/x.zip ; python_version > '3'",
                "x from https://example.com/x.zip",
            ),
            (
                "git+ssh://git:tok@example.com:22/x",
                "? from git+ssh://example.com:22/x",
            ),
            ("git@example.com:x/y.git", "? from example.com:x/y.git"),
            (
                "https://${USER}:${TOKEN}@example.com/x.zip",
                "? from https://example.com/x.zip",
            ),
        ] {
            let found = of("requirements.txt", &[("requirements.txt", line.as_bytes())]);
            assert_eq!(found, [expected], "{line}");
        }
    }

    #[test]
    fn paths_and_other_lists_are_no_packages() {
        for (line, expected) in [
            (
                "./wheels/x-1.0-py3-none-any.whl",
                "x in ./wheels/x-1.0-py3-none-any.whl",
            ),
            ("wheels/x.tar.gz", "? in wheels/x.tar.gz"),
            ("x-2.0-py3-none-any.whl", "x in x-2.0-py3-none-any.whl"),
            ("--editable=../shared", "? in ../shared"),
            ("file:///home/me/x", "? in file:///home/me/x"),
            ("-e .", "itself"),
            (".[dev]", "itself"),
            ("-r other.txt", "list other.txt"),
            ("-rlists/../more.txt", "list more.txt"),
            ("--requirement ../all.txt", "list ../all.txt"),
        ] {
            let found = of("requirements.txt", &[("requirements.txt", line.as_bytes())]);
            assert_eq!(found, [expected], "{line}");
        }
        let files: [(&str, &[u8]); 3] = [
            ("requirements.txt", b"-r lists/one.txt\n"),
            (
                "lists/one.txt",
                b"requests\n--requirement=two.txt\n-r ../requirements.txt\n",
            ),
            ("lists/two.txt", b"rich\n"),
        ];
        assert_eq!(of("requirements.txt", &files), ["requests", "rich"]);
    }

    #[test]
    fn a_list_may_be_in_any_encoding() {
        let text = "requests\r\nrich\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for content in [
            [b"\xff\xfe".as_slice(), &little].concat(),
            [b"\xfe\xff".as_slice(), &big].concat(),
            [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat(),
            [b"# \xe9\n".as_slice(), text.as_bytes()].concat(),
        ] {
            assert_eq!(
                of("requirements.txt", &[("requirements.txt", &content)]),
                ["requests", "rich"]
            );
        }
    }

    #[test]
    fn what_was_put_into_the_folder_is_there() {
        let files = [
            "PyYAML-6.0.2.dist-info/METADATA",
            "yaml/__init__.py",
            "idna/core.py",
            "one_two.py",
        ]
        .map(|path| (path.to_owned(), Vec::new()));
        for package in ["pyyaml", "idna", "one-two"] {
            assert!(is_vendored(package, &files), "{package}");
        }
        assert!(!is_vendored("requests", &files));
    }
}
