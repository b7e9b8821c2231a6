//! Edits of a valid spec: what people change, add, take away, rename and reorder. Each gives a valid spec again.
//!
//! Values and whole tables come from another random spec, so that every key that the generator knows is changed some day.

use paystagec::compile::compile;
use paystagec::diagnostic::has_errors;
use paystagec::load::Memory;

use super::choices::Choices;
use super::generator::{Spec, TODAY, Table};
use super::words::plain;

/// Families of tables, by how their headers begin.
const FAMILIES: [&str; 8] = [
    "functions.",
    "api.routes.",
    "api.plans.",
    "load_balancer.routes.",
    "payments.merchants.",
    "payments.currencies.",
    "[[waivers]]",
    "[[overrides.",
];

/// Keys without which there would be another environment, or another kind of function.
const KEPT: [&str; 4] = ["name", "source", "database", "extensions"];

type Edit = fn(&mut Spec, &Spec, &mut Choices<'_>) -> Option<String>;

/// The more often one stands here, the more often it is taken.
const EDITS: [Edit; 18] = [
    value, value, value, value, add, add, remove, remove, rename, rename, rename, reorder, list,
    list, list, target, swap, move_one,
];

/// Edits a spec, and says how. `donor` is another valid one.
pub fn edit(spec: &Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<(Spec, String)> {
    for _ in 0..40 {
        let mut edited = spec.clone();
        let what = choices.of(&EDITS)(&mut edited, donor, choices);
        if let Some(what) = what
            && edited.text() != spec.text()
            && is_valid(&edited)
        {
            return Some((edited, what));
        }
    }
    None
}

pub fn is_valid(spec: &Spec) -> bool {
    let loader = Memory {
        files: spec.files.clone(),
    };
    let text = spec.text();
    let Ok(day) = TODAY.parse() else {
        return false;
    };
    let compiled = compile(&text, "spec.toml", &loader, day);
    compiled.is_ok_and(|compiled| !has_errors(&compiled.diagnostics) && compiled.output.is_some())
}

/// Another value of a key, its first value, or its default again.
fn value(spec: &mut Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let chosen = some_kind(&spec.tables, choices)?;
    let table = some(&mut spec.tables, choices, |table| kind(table) == chosen)?;
    let donor = some_of(&donor.tables, choices, |other| kind(other) == kind(table));
    let lines = donor.map_or(&[][..], |donor| &donor.lines);
    let mut keys: Vec<&str> = lines
        .iter()
        .chain(&table.lines)
        .map(|line| key(line))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|key| !KEPT.contains(key) && *key != "function" && *key != "version");
    if table.header == "database" {
        keys.push("version");
    }
    if keys.is_empty() {
        return None;
    }
    let chosen = choices.of(&keys).to_owned();
    let new = lines.iter().find(|line| key(line) == chosen).cloned();
    let what = format!("{} of [{}]", chosen, table.header);
    let place = table.lines.iter().position(|line| key(line) == chosen);
    match (place, new) {
        (Some(place), Some(new)) => table.lines[place] = new,
        (Some(place), None) => {
            table.lines.remove(place);
        }
        (None, Some(new)) => table.lines.push(new),
        (None, None) => return None,
    }
    Some(what)
}

/// One more of a family, or a table that was left out. A new function does what another one does.
fn add(spec: &mut Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let chosen = some_kind(&donor.tables, choices)?;
    let mut table = some_of(&donor.tables, choices, |table| kind(table) == chosen)?.clone();
    if table.header.starts_with("functions.") {
        return add_function(spec, choices);
    }
    if spec.tables.iter().any(|other| other.header == table.header) {
        return None;
    }
    if let Some(place) = table.lines.iter().position(|line| key(line) == "function") {
        let names = functions(spec);
        table.lines[place] = format!("function = \"{}\"", choices.of(&as_texts(&names)));
    }
    for (path, content) in &donor.files {
        if path.starts_with("schemas/") {
            spec.files
                .entry(path.clone())
                .or_insert_with(|| content.clone());
        }
    }
    let what = format!("add [{}]", table.header);
    insert(spec, table, choices);
    Some(what)
}

fn add_function(spec: &mut Spec, choices: &mut Choices<'_>) -> Option<String> {
    let of = some_of(&spec.tables, choices, is_function)?.clone();
    let (old, new) = (name(&of), plain(choices));
    let mut tables = vec![of.clone()];
    let uses = format!("{}.uses", of.header);
    tables.extend(
        spec.tables
            .iter()
            .find(|table| table.header == uses)
            .cloned(),
    );
    for table in &mut tables {
        table.header = table.header.replacen(&old, &new, 1);
        for line in &mut table.lines {
            if key(line) == "short_name" {
                *line = format!("short_name = \"{}\"", plain(choices).get(..4)?);
            }
        }
    }
    let mut route = Table::new(format!("load_balancer.routes.\"/{new}\""));
    route.set("function", format!("\"{new}\""));
    spec.tables.extend(tables);
    spec.tables.push(route);
    Some(format!("add function {new} like {old}"))
}

/// Takes a table away; a function with all that calls it.
fn remove(spec: &mut Spec, _: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let chosen = some_kind(&spec.tables, choices)?;
    let header = some_of(&spec.tables, choices, |table| kind(table) == chosen)?
        .header
        .clone();
    let gone = Table::new(header.clone());
    if is_function(&gone) {
        let called = format!("function = \"{}\"", name(&gone));
        spec.tables
            .retain(|table| !table.lines.contains(&called) && !table.header.starts_with(&header));
    } else {
        let place = spec
            .tables
            .iter()
            .position(|table| table.header == header)?;
        spec.tables.remove(place);
    }
    Some(format!("remove [{header}]"))
}

/// Another name for a function, plan or merchant, or for a part of the paths of routes.
fn rename(spec: &mut Spec, _: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let header = some_of(&spec.tables, choices, |table| {
        FAMILIES[..5]
            .iter()
            .any(|family| table.header.starts_with(family))
    })?
    .header
    .clone();
    let new = plain(choices);
    if header.contains(".routes.") {
        let (_, path) = header.split_once('/')?;
        let parts: Vec<&str> = path
            .split(['/', '"', '\''])
            .filter(|part| !part.is_empty())
            .collect();
        let part = choices.of(&parts);
        let new = if part.starts_with('{') {
            format!("{{{new}}}")
        } else {
            new
        };
        let (from, to) = (format!("/{part}"), format!("/{new}"));
        let family = header.split("routes.").next()?;
        for table in &mut spec.tables {
            if table.header.starts_with(family) {
                table.header = table.header.replacen(&from, &to, 1);
            }
        }
        return Some(format!("rename {from} to {to} in {family}routes"));
    }
    let old = name(&Table::new(header.clone()));
    let new = if header.contains("merchants") {
        format!("mer_{new}")
    } else {
        new
    };
    let family = FAMILIES
        .iter()
        .find(|family| header.starts_with(**family))?;
    // Some say so, some do not.
    let stated = choices.one_in(2).then(|| old.clone());
    for table in &mut spec.tables {
        if table.header.starts_with(family) && name(table) == old {
            table.header = table.header.replacen(&old, &new, 1);
        }
        for line in &mut table.lines {
            let named = match *family {
                "functions." => "function",
                "api.plans." => "plan",
                _ => continue,
            };
            if *line == format!("{named} = \"{old}\"") {
                *line = format!("{named} = \"{new}\"");
            }
        }
    }
    if let Some(stated) = stated {
        set_renamed_from(spec, &header.replacen(&old, &new, 1), &stated);
    }
    Some(format!("rename [{header}] to {new}"))
}

/// What a table was called, in the place of what it said before.
fn set_renamed_from(spec: &mut Spec, header: &str, old: &str) {
    let tables = spec.tables.iter_mut();
    for table in tables.filter(|table| table.header == header) {
        table.lines.retain(|line| key(line) != "renamed_from");
        table.set("renamed_from", format!("\"{old}\""));
    }
}

/// A table of a route by another path, which says so; a zone in the place of another one.
fn move_one(spec: &mut Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    if choices.one_in(4) {
        return replace_zone(spec, donor, choices);
    }
    let is_route = |table: &Table| table.header.contains(".routes.");
    let table = some(&mut spec.tables, choices, is_route)?;
    let (family, name) = table.header.split_once("routes.")?;
    let old = name.trim_matches('"').to_owned();
    // A path of other characters stands in other quotes.
    if name.contains('\'') || old.contains(['"', '\\']) {
        return None;
    }
    let new = match old.rsplit_once('/') {
        Some((before, last)) if !last.starts_with('{') => format!("{before}/{}", plain(choices)),
        _ => return None,
    };
    table.header = format!("{family}routes.\"{new}\"");
    let header = table.header.clone();
    set_renamed_from(spec, &header, &old);
    Some(format!("move {old} to {new}"))
}

fn replace_zone(spec: &mut Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let zones = |spec: &Spec| {
        let mut tables = spec.tables.iter();
        let network = tables.find(|table| table.header == "network")?;
        let line = network.lines.iter().find(|line| key(line) == "zones")?;
        items(line)
    };
    let (mine, others) = (zones(spec)?, zones(donor)?);
    let new = others.iter().find(|zone| !mine.contains(zone))?;
    let old = choices.of(&as_texts(&mine)).to_owned();
    let is_said = |table: &Table| table.header.starts_with("network.zone_settings.");
    spec.tables.retain(|table| !is_said(table));
    let network = spec
        .tables
        .iter_mut()
        .find(|table| table.header == "network")?;
    let line = network.lines.iter_mut().find(|line| key(line) == "zones")?;
    *line = line.replace(&old, new);
    let mut said = Table::new(format!("network.zone_settings.{}", new.trim_matches('"')));
    said.set("renamed_from", old);
    spec.tables.push(said);
    Some("put a zone in the place of another".to_owned())
}

/// Two tables change places.
fn reorder(spec: &mut Spec, _: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let family = choices.of(&FAMILIES);
    let places: Vec<usize> = (0..spec.tables.len())
        .filter(|place| {
            let table = &spec.tables[*place];
            table.header.starts_with(family) && !table.header.ends_with(".uses")
        })
        .collect();
    if places.len() < 2 {
        return None;
    }
    let (one, other) = (choices.of(&places), choices.of(&places));
    spec.tables.swap(one, other);
    Some(format!("swap two places of {family}"))
}

/// A list grows, shrinks, or has another order.
fn list(spec: &mut Spec, donor: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    const KEYS: [&str; 6] = [
        "allowed_cidrs",
        "notify",
        "zones",
        "api_keys",
        "required_headers",
        "required_query",
    ];
    let chosen = choices.of(&KEYS);
    let of = |table: &Table| table.lines.iter().position(|line| key(line) == chosen);
    let others = some_of(&donor.tables, choices, |table| of(table).is_some());
    let others = others.and_then(|table| items(&table.lines[of(table)?]));
    let table = some(&mut spec.tables, choices, |table| of(table).is_some())?;
    let place = of(table)?;
    let mut list = items(&table.lines[place])?;
    let number = choices.below(list.len());
    match (choices.below(4), others.filter(|others| !others.is_empty())) {
        (0, Some(others)) => list.insert(number, others[choices.below(others.len())].clone()),
        (1, Some(others)) if !list.is_empty() => {
            list[number] = others[choices.below(others.len())].clone();
        }
        (2, _) if list.len() > 1 => {
            list.remove(number);
        }
        _ => list.reverse(),
    }
    table.lines[place] = format!("{chosen} = [{}]", list.join(", "));
    Some(format!("{chosen} of [{}]", table.header))
}

/// A route calls another function.
fn target(spec: &mut Spec, _: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let names = functions(spec);
    let new = format!("function = \"{}\"", choices.of(&as_texts(&names)));
    let is_route = |table: &Table| table.header.contains(".routes.");
    let table = some(&mut spec.tables, choices, is_route)?;
    let line = table
        .lines
        .iter_mut()
        .find(|line| key(line) == "function")?;
    *line = new;
    Some(format!("another function for [{}]", table.header))
}

/// Two tables of a family exchange the values of a key: priorities, plans, functions.
fn swap(spec: &mut Spec, _: &Spec, choices: &mut Choices<'_>) -> Option<String> {
    let key_of = choices.of(&["priority", "function", "short_name", "body", "quota"]);
    let places: Vec<(usize, usize)> = spec
        .tables
        .iter()
        .enumerate()
        .filter_map(|(place, table)| {
            let line = table.lines.iter().position(|line| key(line) == key_of)?;
            Some((place, line))
        })
        .collect();
    if places.len() < 2 {
        return None;
    }
    let ((one, left), (other, right)) = (choices.of(&places), choices.of(&places));
    let line = spec.tables[one].lines[left].clone();
    let back = std::mem::replace(&mut spec.tables[other].lines[right], line);
    spec.tables[one].lines[left] = back;
    Some(format!("exchange {key_of}"))
}

/// Beside its own kind, or at the end.
fn insert(spec: &mut Spec, table: Table, choices: &mut Choices<'_>) {
    let same = |other: &Table| kind(other) == kind(&table);
    let first = spec.tables.iter().position(same);
    let last = spec.tables.iter().rposition(same);
    let place = match (first, last) {
        (Some(first), Some(last)) => choices.between(first, last + 1),
        _ => spec.tables.len(),
    };
    spec.tables.insert(place, table);
}

/// The header without what is a name.
fn kind(table: &Table) -> &str {
    let family = FAMILIES
        .iter()
        .find(|family| table.header.starts_with(**family));
    match family {
        Some(&"functions.") if table.header.ends_with(".uses") => "functions.*.uses",
        Some(family) => family,
        None => &table.header,
    }
}

/// Each kind as often as any other, however many tables it has.
fn some_kind(tables: &[Table], choices: &mut Choices<'_>) -> Option<String> {
    let mut kinds: Vec<&str> = tables
        .iter()
        .map(kind)
        .filter(|kind| !kind.is_empty())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    (!kinds.is_empty()).then(|| choices.of(&kinds).to_owned())
}

fn is_function(table: &Table) -> bool {
    kind(table) == "functions."
}

/// The name of a member of a family.
fn name(table: &Table) -> String {
    let header = table.header.trim_end_matches(".uses");
    let name = header.rsplit('.').next().unwrap_or_default();
    name.trim_matches('"').to_owned()
}

fn functions(spec: &Spec) -> Vec<String> {
    let functions = spec.tables.iter().filter(|table| is_function(table));
    functions.map(name).collect()
}

fn as_texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn key(line: &str) -> &str {
    line.split_once(" = ").map_or("#", |(key, _)| key)
}

/// The items of a list that stands in one line. What has commas or brackets in it is left alone.
fn items(line: &str) -> Option<Vec<String>> {
    let (_, list) = line.split_once(" = [")?;
    let list = list.strip_suffix(']')?;
    if list.contains(['[', '\\']) {
        return None;
    }
    Some(
        list.split(", ")
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

fn some_of<'a>(
    tables: &'a [Table],
    choices: &mut Choices<'_>,
    fits: impl Fn(&Table) -> bool,
) -> Option<&'a Table> {
    let found: Vec<&Table> = tables.iter().filter(|table| fits(table)).collect();
    (!found.is_empty()).then(|| found[choices.below(found.len())])
}

fn some<'a>(
    tables: &'a mut [Table],
    choices: &mut Choices<'_>,
    fits: impl Fn(&Table) -> bool,
) -> Option<&'a mut Table> {
    let mut found: Vec<&mut Table> = tables.iter_mut().filter(|table| fits(table)).collect();
    let number = choices.below(found.len());
    (!found.is_empty()).then(|| found.swap_remove(number))
}
