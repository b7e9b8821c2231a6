//! Finding a key by its path.

use super::environment::RawSpec;
use super::key::{Key, Table};
use super::kind::Kind;
use super::table::Written;

/// The table of the whole file.
pub const FILE: &Table = &RawSpec::TABLE;

/// Every key of the format, each table before what stands in it.
pub fn keys() -> Vec<&'static Key> {
    let mut keys = Vec::new();
    collect(FILE, &mut keys);
    keys
}

/// Where `docs/spec.md` has a table: `docs/spec.md#apiroutes`. A heading's letters and digits are its anchor.
pub fn reference(table: &Table) -> String {
    let heading = match table.path {
        "" => "the-file",
        path => path,
    };
    let anchor = heading.replace(['.', '*'], "");
    format!("docs/spec.md#{anchor}")
}

/// The table that a key stands in.
pub fn table_of(key: &Key) -> Option<&'static Table> {
    let tables = keys().into_iter().filter_map(|key| key.table);
    let holds = |table: &&'static Table| table.keys.iter().any(|known| known.path == key.path);
    std::iter::once(FILE).chain(tables).find(holds)
}

fn collect(table: &'static Table, keys: &mut Vec<&'static Key>) {
    for key in table.keys {
        keys.push(key);
        if let Some(table) = key.table {
            collect(table, keys);
        }
    }
}

/// The key of the format that a key of a spec is: `functions.*.memory_mib` for `functions.health.memory_mib`.
pub fn key_at(path: &str) -> Option<&'static Key> {
    let mut table = FILE;
    let mut rest = path;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let key = table.keys.iter().find(|key| key.name == name)?;
        let mut behind = behind;
        if matches!(
            key.kind,
            Kind::NamedTexts | Kind::Entries | Kind::EntryTables
        ) && !behind.is_empty()
        {
            behind = behind_name(behind.strip_prefix('.')?)?;
        }
        // The number of a member, or any.
        if key.kind == Kind::Tables
            && let Some(rest) = behind.strip_prefix(".*")
        {
            behind = rest;
        }
        if behind.starts_with('[') {
            behind = behind.split_once(']')?.1;
        }
        if behind.is_empty() {
            return Some(key);
        }
        rest = behind.strip_prefix('.')?;
        table = key.table?;
    }
}

/// What follows a name of the author's, which stands in quotes where it holds more than letters.
fn behind_name(text: &str) -> Option<&str> {
    let Some(quoted) = text.strip_prefix('"') else {
        return text.get(text.find(['.', '[']).unwrap_or(text.len())..);
    };
    let mut escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    quoted.get(end + 1..)
}

#[cfg(test)]
mod tests {
    use super::{key_at, keys};

    #[test]
    fn keys_of_a_spec_are_found_whatever_the_author_calls_things() {
        let path = |text| key_at(text).map(|key| key.path);
        assert_eq!(path("version"), Some("version"));
        assert_eq!(path("keys.rotation_days"), Some("keys.rotation_days"));
        let memory = Some("functions.*.memory_mib");
        assert_eq!(path("functions.health.memory_mib"), memory);
        assert_eq!(path("functions.*.memory_mib"), memory);
        assert_eq!(path("functions.\"a\\\".b\".memory_mib"), memory);
        assert_eq!(path("functions.health"), Some("functions"));
        assert_eq!(path("waivers[3].owner"), Some("waivers.*.owner"));
        assert_eq!(path("waivers.*.owner"), Some("waivers.*.owner"));
        let value = Some("overrides.*.value");
        assert_eq!(path("overrides.\"database.instance\"[1].value"), value);
        assert_eq!(path("network.zones[2]"), Some("network.zones"));
        assert_eq!(path("functions.health.memory"), None);
        assert_eq!(path("version.x"), None);
        assert_eq!(path(""), None);
    }

    #[test]
    fn each_key_is_declared_once_at_the_path_of_its_table() {
        let mut paths: Vec<&str> = keys().iter().map(|key| key.path).collect();
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair[0] != pair[1]));
        for key in keys() {
            let Some(table) = key.table else { continue };
            let star = if key.kind == super::Kind::Table {
                ""
            } else {
                ".*"
            };
            assert_eq!(table.path, format!("{}{star}", key.path));
        }
    }
}
