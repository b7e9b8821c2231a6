//! Statements that TOML can read, in a place where the format has no such key: which place was meant.

use toml::de::DeTable;

use super::format::{Format, parse};
use super::names::{Names, ways};
use super::scan::{Begin, begin, line_end, slice};
use crate::spec::{nearest, path_of};

/// The header that was meant.
pub struct Placed {
    pub keys: Vec<String>,
    /// Said at the header.
    pub why: String,
    /// Whether the name stood below it, `name = "health"`.
    pub has_name_below: bool,
}

/// More of a table is not looked at.
const MOST_BODY: usize = 4_000;

/// The statements under a header: up to the next one.
pub fn body(text: &str, from: usize) -> &str {
    let mut at = from.min(text.len());
    while at < text.len() && at - from < MOST_BODY {
        let end = line_end(text, at);
        if begin(slice(text, at..end)) == Begin::Header {
            break;
        }
        at = end + 1;
    }
    slice(text, from..at.min(text.len()))
}

/// What a header was meant to be that leads to nothing known.
pub fn header(
    keys: &[String],
    is_member: bool,
    body: &str,
    names: &Names,
    format: &Format,
) -> Option<Placed> {
    let parsed = parse(body);
    let found = if format.is_collection(keys) {
        return unnamed(keys, is_member, parsed.as_ref()?, names, format);
    } else if format.is_table(keys) {
        return None;
    } else {
        capitals(keys, names, format)
            .or_else(|| nested(keys, names, format))
            .or_else(|| without_table(keys, parsed.as_ref()?, format))
    };
    found.filter(|placed| format.is_table(&placed.keys))
}

/// `[functions]` or `[[functions]]` with the keys of one function under it.
fn unnamed(
    keys: &[String],
    is_member: bool,
    body: &DeTable<'_>,
    names: &Names,
    format: &Format,
) -> Option<Placed> {
    let own = |key: &str| key == "name";
    let mut inner = keys.to_vec();
    inner.push("*".to_owned());
    let fits = body
        .iter()
        .all(|(key, _)| own(key.get_ref()) || format.kind(&inner, key.get_ref()).is_some());
    let has_keys = body.iter().any(|(key, _)| !own(key.get_ref()));
    if !fits || !has_keys {
        return None;
    }
    let is_functions = keys == ["functions"];
    let named = body.get("name").and_then(|name| name.get_ref().as_str());
    let name = match named {
        Some(name) if format.has_plain_names(keys) => ways(name).into_iter().next()?,
        Some(name) => name.to_owned(),
        None if is_functions => names.missing().unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let table = keys.join(".");
    let why = if is_member {
        format!("`{table}` is no list: each of them has a table of its own, with its name")
    } else {
        format!("each of `{table}` has a table of its own, with its name")
    };
    let mut keys = keys.to_vec();
    // Nobody knows which one it is: it stays without a name.
    keys.extend(Some(name).filter(|name| !name.is_empty()));
    Some(Placed {
        keys,
        why,
        has_name_below: named.is_some(),
    })
}

/// `[FUNCTIONS.HEALTH]`.
fn capitals(keys: &[String], names: &Names, format: &Format) -> Option<Placed> {
    let (first, rest) = keys.split_first()?;
    let table = vec![first.to_lowercase()];
    if table.first() == Some(first) || !format.is_table(&table) || rest.len() > 1 {
        return None;
    }
    let mut keys = table.clone();
    keys.extend(match rest.first() {
        Some(name) if format.has_plain_names(&table) => Some(names.meant(&ways(name))?),
        other => other.cloned(),
    });
    Some(Placed {
        keys,
        why: "the names of tables have no capitals".to_owned(),
        has_name_below: false,
    })
}

/// `[functions.deep.health]`: a name in several parts.
fn nested(keys: &[String], names: &Names, format: &Format) -> Option<Placed> {
    let end = (1..keys.len()).find(|end| {
        let table = keys.get(..*end).unwrap_or_default();
        format.is_collection(table) && format.has_plain_names(table)
    })?;
    let (table, parts) = keys.split_at_checked(end)?;
    if parts.len() < 2 {
        return None;
    }
    let mut ways = ways(&parts.join("-"));
    ways.extend(parts.last().cloned());
    let mut keys = table.to_vec();
    keys.push(names.meant(&ways)?);
    let why = "a dot leads into a table: names are words joined by hyphens".to_owned();
    Some(Placed {
        keys,
        why,
        has_name_below: false,
    })
}

/// `[health]`, `[plans.partner]`: what comes first was left out. Its keys must be those of one table alone.
fn without_table(keys: &[String], body: &DeTable<'_>, format: &Format) -> Option<Placed> {
    let first = keys.first()?;
    // `[functionshealth]` lacks its dot only, which the reader tells.
    let mut collections = format
        .named_tables()
        .filter(|table| format.is_collection(table));
    let lacks_dot = collections
        .any(|table| matches!(table.as_slice(), [only] if first.starts_with(only.as_str())));
    if lacks_dot || format.kind(&[], first).is_some() {
        return None;
    }
    // A misspelt table of the format's, whose keys are under it.
    if let Some(near) = nearest(first, format.keys(&[])) {
        let mut meant = keys.to_vec();
        near.clone_into(meant.first_mut()?);
        if format.is_table(&meant) && format.misfit(body, &meant) == 0 {
            return None;
        }
    }
    let mut found = format.named_tables().filter_map(|table| {
        let mut whole = table.clone();
        whole.extend_from_slice(keys);
        let name = format.is_collection(&table).then_some(first);
        // Without a key under it, any name could be a member of any of them.
        let is_name = name.is_none_or(|name| !body.is_empty() && format.may_be_named(&table, name));
        let fits = is_name && format.is_table(&whole) && format.misfit(body, &whole) == 0;
        fits.then_some((table, whole))
    });
    let (table, keys) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let why = format!("its keys are those of a table in `{}`", table.join("."));
    Some(Placed {
        keys,
        why,
        has_name_below: false,
    })
}

/// Where a key belongs that its table does not have.
pub enum Belongs {
    /// Into this table, under this shorter name.
    Here(String),
    /// Above every table.
    Top,
    /// Into the table with this name.
    Elsewhere(Vec<String>, String),
}

/// Where a key was meant to stand. `keys` are its parts, `table` the names of the table that it stands in.
pub fn pair(keys: &[String], table: &[String], format: &Format) -> Option<Belongs> {
    let (last, above) = keys.split_last()?;
    let within = |above: &[String], key: &str| {
        let mut names = table.to_vec();
        names.extend_from_slice(above);
        format.kind(&names, key).is_some()
    };
    let is_lost = !table.is_empty() && !format.is_table(table);
    if is_lost || within(above, last) || (!above.is_empty() && within(&[], keys.first()?)) {
        return None;
    }
    for start in 0..table.len() {
        let Some(rest) = keys.strip_prefix(table.get(start..)?) else {
            continue;
        };
        let (last, above) = rest.split_last()?;
        if within(above, last) {
            let name = rest
                .iter()
                .fold(String::new(), |path, key| path_of(&path, key));
            return Some(Belongs::Here(name));
        }
    }
    let is_known = format.kind(above, last).is_some();
    if is_known && above.is_empty() && !table.is_empty() {
        return Some(Belongs::Top).filter(|_| !format.is_table(keys));
    }
    if is_known && !above.is_empty() && !table.is_empty() {
        return Some(Belongs::Elsewhere(above.to_vec(), last.clone()));
    }
    if !above.is_empty() || nearest(last, format.keys(table)).is_some() {
        return None;
    }
    let mut owners = format
        .named_tables()
        .filter(|owner| !format.is_collection(owner) && format.kind(owner, last).is_some());
    let owner = owners.next()?;
    owners
        .next()
        .is_none()
        .then(|| Belongs::Elsewhere(owner, last.clone()))
}
