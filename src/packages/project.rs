//! What a project's own file asks for, which says names and no versions to install.

use super::asked::{Asked, normalised, requirement};

/// `pyproject.toml`, as the standard and Poetry have it.
pub fn of_project(text: &str) -> Vec<Asked> {
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
        .chain(poetry.into_iter().flatten().map(|name| of_index(name)))
        .collect()
}

pub fn of_pipfile(text: &str) -> Vec<Asked> {
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let packages = table.get("packages").and_then(toml::Value::as_table);
    let names = packages.into_iter().flat_map(|packages| packages.keys());
    names.map(|name| of_index(name)).collect()
}

fn of_index(name: &str) -> Asked {
    Asked {
        package: Some(normalised(name)),
        ..Asked::default()
    }
}
