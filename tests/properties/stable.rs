//! What one change of a spec must leave alone.

use std::collections::BTreeMap;

use paystagec::compile::Output;

use crate::compiled::{output, output_of};
use crate::generator::{Spec, Table};
use crate::{for_valid_specs, same};

/// Addresses and priorities by what they belong to.
fn plan(output: &Output) -> BTreeMap<String, String> {
    let environment = &output.environment;
    let zones = environment.network.zones.iter().map(|zone| {
        let subnets = format!("{} {}", zone.public_cidr.value, zone.private_cidr.value);
        (zone.id.value.clone(), subnets)
    });
    let routes = environment.load_balancer.routes.iter();
    let routes = routes.map(|route| (route.pattern.value.clone(), route.priority.to_string()));
    let functions = environment.functions.iter();
    let functions = functions.map(|function| {
        let name = format!("functions.{}", function.key.value);
        (name, function.short_name.value.clone())
    });
    zones.chain(routes).chain(functions).collect()
}

/// The plans of a spec and of what it was changed to.
fn plans(before: &Spec, after: &Spec) -> Result<[BTreeMap<String, String>; 2], String> {
    let (before, after) = (output(before)?, output_of(after, &after.text())?);
    Ok([plan(&before), plan(&after)])
}

/// All that was planned before is planned after, and as before.
fn keeps(before: &Spec, after: &Spec) -> Result<(), String> {
    let [before, after] = plans(before, after)?;
    for (thing, planned) in before {
        same(&thing, &Some(&planned), &after.get(&thing))?;
    }
    Ok(())
}

#[test]
fn another_order_of_tables_and_zones_moves_nothing() {
    for_valid_specs(|spec, choices| {
        let mut turned = spec.clone();
        // The top of the file stays there, and a table of `uses` may stand anywhere.
        let count = turned.tables.len() - 1;
        turned.tables[1..].rotate_left(choices.below(count));
        if choices.one_in(2) {
            turned.tables[1..].reverse();
        }
        for table in &mut turned.tables {
            for line in &mut table.lines {
                if let Some(zones) = line.strip_prefix("zones = [") {
                    let mut zones: Vec<&str> = zones.trim_end_matches(']').split(", ").collect();
                    zones.reverse();
                    *line = format!("zones = [{}]", zones.join(", "));
                }
            }
        }
        keeps(spec, &turned)
    });
}

#[test]
fn one_more_function_with_routes_moves_nothing() {
    for_valid_specs(|spec, choices| {
        let mut more = spec.clone();
        let mut function = Table::new("functions.added-later");
        function.set("source", "\"builtin:health\"");
        function.set("short_name", "\"later\"");
        let mut of_api = Table::new("api.routes.\"GET /added-later/{anything}\"");
        of_api.set("function", "\"added-later\"");
        let pattern = "/added-later/".repeat(1 + choices.below(5));
        let mut of_load_balancer = Table::new(format!("load_balancer.routes.\"{pattern}\""));
        of_load_balancer.set("function", "\"added-later\"");
        let place = 1 + choices.below(spec.tables.len());
        for table in [function, of_api, of_load_balancer] {
            more.tables.insert(place, table);
        }
        // Two patterns that are equally specific may meet, once in 96 times: then the later one by the alphabet steps aside.
        let [before, after] = plans(spec, &more)?;
        let moved = before
            .iter()
            .filter(|(key, value)| after.get(*key) != Some(value));
        let moved: Vec<_> = moved.collect();
        if moved.len() > 1 || moved.iter().any(|(key, _)| !key.starts_with('/')) {
            return Err(format!("{moved:?} moved"));
        }
        Ok(())
    });
}

#[test]
fn another_zone_for_one_leaves_the_others_where_they_are() {
    for_valid_specs(|spec, choices| {
        let mut changed = spec.clone();
        let network = changed
            .tables
            .iter_mut()
            .find(|table| table.header == "network");
        let line = network.and_then(|table| {
            let mut lines = table.lines.iter_mut();
            lines.find(|line| line.starts_with("zones"))
        });
        let line = line.ok_or("no zones")?;
        let known = ["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"];
        let (used, free): (Vec<&str>, Vec<&str>) =
            known.iter().partition(|zone| line.contains(**zone));
        let old = choices.of(&used);
        *line = line.replace(old, choices.of(&free));
        // What is said of a zone goes with it.
        let settings = format!("network.zone_settings.{old}");
        changed.tables.retain(|table| table.header != settings);
        let [before, after] = plans(spec, &changed)?;
        for (thing, planned) in before.iter().filter(|(thing, _)| *thing != old) {
            same(thing, &Some(planned), &after.get(thing))?;
        }
        Ok(())
    });
}

#[test]
fn line_ends_blanks_and_comments_do_not_matter() {
    for_valid_specs(|spec, _| {
        let text = spec.text();
        let plain = output(spec)?;
        let windows = output_of(spec, &text.replace('\n', "\r\n"))?;
        same("files", &plain.files, &windows.files)?;
        let loose = output_of(spec, &text.replace('\n', "   # \u{202e}\n\n\t"))?;
        same("files", &plain.files, &loose.files)
    });
}
