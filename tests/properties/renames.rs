//! What the things of a valid spec were called before, and that something may go.

use super::generator::{Generator, Table};

/// Families whose members may say what they were, and what each of those was called, before its number.
const FORMER: [(&str, &str); 5] = [
    ("functions.", "was-"),
    ("api.routes.", "GET /was/"),
    ("api.plans.", "was-"),
    ("load_balancer.routes.", "/was/"),
    ("payments.merchants.", "mer_was000"),
];

/// What some things were, and that something may go; no two were the same.
pub fn renames(generator: &mut Generator<'_, '_>) {
    for (number, table) in generator.spec.tables.iter_mut().enumerate() {
        let family = FORMER.iter().find_map(|(family, former)| {
            let name = table.header.strip_prefix(family)?;
            // Of the member itself, not of a table below it.
            let inside = ['"', '\''].iter().find_map(|quote| {
                let name = name.strip_prefix(*quote)?.strip_suffix(*quote)?;
                (!name.contains(*quote)).then_some(())
            });
            (inside.is_some() || !name.contains(['.', '"', '\''])).then_some(former)
        });
        if let Some(former) = family.filter(|_| generator.choices.one_in(5)) {
            table.set("renamed_from", format!("\"{former}{number}\""));
        }
    }
    let zone = generator.spec.tables.iter().find_map(|table| {
        let mut lines = table.lines.iter().filter(|_| table.header == "network");
        let zones = lines.find(|line| line.starts_with("zones = "))?;
        // One that is written plainly.
        let plain = |zone: &&str| zone.len() == 8 && zone.starts_with("use1-az");
        zones.split('"').find(plain).map(str::to_owned)
    });
    if let Some(zone) = zone.filter(|_| generator.choices.one_in(5)) {
        let mut table = Table::new(format!("network.zone_settings.{zone}"));
        table.set("renamed_from", "\"use1-az3\"");
        generator.spec.tables.push(table);
    }
    if generator.choices.one_in(5)
        && let Some(top) = generator.spec.tables.first_mut()
    {
        top.set("removed", "[\"api.plans.was-removed\"]");
    }
}
