//! Which packages a function's folder asks for: in the files that installers read, as far as they say so.

/// Files at the top of a folder that name packages to install.
pub const FILES: [&str; 3] = ["requirements.txt", "pyproject.toml", "Pipfile"];

/// Names of the packages that a file asks for, normalised.
pub fn asked_for(file: &str, content: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(content) else {
        return Vec::new();
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match file {
        "requirements.txt" => text.lines().filter_map(requirement).collect(),
        "pyproject.toml" => of_project(text),
        _ => of_pipfile(text),
    }
}

/// `PyYAML>=6 ; python_version > "3"`: `pyyaml`. Nothing for options, comments and continued lines.
fn requirement(line: &str) -> Option<String> {
    let line = line.trim();
    let line = line.strip_prefix("-e ").map_or(line, str::trim);
    // The address of an archive or repository may say the name.
    if let Some((_, name)) = line.split_once("#egg=") {
        return requirement(name);
    }
    let end = line
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_address = rest.starts_with(':') || rest.starts_with('/');
    (is_name && !is_address).then(|| normalised(name))
}

fn of_project(text: &str) -> Vec<String> {
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
        .chain(poetry.into_iter().flatten().map(|name| normalised(name)))
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
    use super::{asked_for, is_vendored};

    #[test]
    fn packages_are_read_from_each_form() {
        let requirements = "# a\n\nPyYAML>=6 \\\n    --hash=sha256:00\nrequests[socks]==2 ; python_version > '3'\n-r more.txt\n--index-url https://example.com\nzope.interface\n-e git+https://example.com/x#egg=Own_Thing\nhttps://example.com/a.whl\nx @ https://example.com/x.whl\n";
        let found = asked_for("requirements.txt", requirements.as_bytes());
        assert_eq!(
            found,
            ["pyyaml", "requests", "zope-interface", "own-thing", "x"]
        );
        let project = "[project]\ndependencies = [\"httpx>=0.2\", \"boto3\"]\n[tool.poetry.dependencies]\npython = \"^3.13\"\nRich = \"*\"\n[tool.ruff]\nline-length = 100\n";
        assert_eq!(
            asked_for("pyproject.toml", project.as_bytes()),
            ["httpx", "boto3", "rich"]
        );
        let pipfile = "[packages]\nrequests = \"*\"\n[dev-packages]\npytest = \"*\"\n";
        assert_eq!(asked_for("Pipfile", pipfile.as_bytes()), ["requests"]);
        assert!(asked_for("pyproject.toml", b"not = [toml").is_empty());
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
