//! Names of `[domain]` that no certificate or record can be made for.

use crate::check::Rule;
use crate::check::context::{Context, written};
use crate::diagnostic::{Code, Diagnostic, Edit, Severity};

/// Of a label: RFC 1035, 2.3.4.
const LONGEST_LABEL: usize = 63;
/// Of a certificate's common name, which ACM takes from the first domain: ACM User Guide, "ACM certificate characteristics".
const LONGEST_NAME: usize = 64;
/// Of the id of a zone: botocore, route53, `ResourceId`.
const LONGEST_ID: usize = 32;

pub const RULE: Rule = Rule {
    code: Code::InvalidDomain,
    severities: &[Severity::Error],
    what: "\
        `[domain]` has no zone, or no name; the zone is not named by its id; a name is no DNS name in lower case of at \
        most 64 characters, is not in the zone, or is that of both entry points; or the load balancer has a name and a \
        certificate of its own too.",
    why: "\
        ACM issues a certificate once it finds its record in the zone, and waits for it for more than an hour. A \
        certificate's common name has 64 characters. A record leads to one entry point, and a listener shows one \
        certificate.",
    wrong: "[domain]\nzone_id = \"payments.example.com\"\napi = \"https://api.payments.example.com\"",
    right: "[domain]\nzone_id = \"Z0123456789ABCDEFGHIJ\"\napi = \"api.payments.example.com\"",
    check: Some(check),
};

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let domain = &context.environment.domain;
    let names = [&domain.api, &domain.load_balancer];
    zone(context, found);
    let zone_name = domain.zone_name.as_ref();
    for name in zone_name.into_iter().chain(names.into_iter().flatten()) {
        if let (Some((label, help)), Some((key, span))) = (fault(&name.value), written(name)) {
            let told = told(span, format!("`{key}` is not a DNS name"))
                .label(label)
                .help(help);
            let lower = name.value.to_ascii_lowercase();
            found.push(match lower != name.value && fault(&lower).is_none() {
                true => told.replace_with(format!("\"{lower}\"")),
                false => told,
            });
        }
    }
    for name in names.into_iter().flatten() {
        let zone = zone_name.filter(|zone| !is_in(&name.value, &zone.value));
        if let (Some(zone), Some((key, span))) = (zone, written(name)) {
            let message = format!("`{key}` is not in the zone");
            let told = told(span, message).label(format!("does not end in `.{}`", zone.value));
            let told = told.help("name it below the zone, or write the zone that it is in");
            found.push(match written(zone) {
                Some((_, place)) => told.secondary(place, "the zone"),
                None => told,
            });
        }
    }
    if let [Some(api), Some(balancer)] = names
        && api.value == balancer.value
        && let (Some((_, first)), Some((_, span))) = (written(api), written(balancer))
    {
        found.push(
            told(span, "API and load balancer have one name".to_owned())
                .label("a record leads to one of them")
                .secondary(first, "the API's")
                .help("give each its own"),
        );
    }
    twice(context, found);
}

fn told(span: std::ops::Range<usize>, message: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidDomain, span, message)
}

/// A zone without a name, a name without a zone, and what is no id.
fn zone(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let domain = &context.environment.domain;
    let names = [&domain.api, &domain.load_balancer].into_iter().flatten();
    let mut others = domain.zone_id.iter().chain(&domain.zone_name);
    match (&domain.zone_id, names.clone().next()) {
        (None, Some(name)) => {
            if let Some((key, span)) = written(name) {
                found.push(
                    told(span, format!("`{key}` is in no zone"))
                        .label("its record and that of its certificate have to be put somewhere")
                        .help("name the zone by `zone_id` in `[domain]`: `aws route53 list-hosted-zones` prints it"),
                );
            }
        }
        (_, None) => {
            if let Some((key, span)) = others.find_map(written) {
                found.push(
                    told(span, format!("`{key}` has no name to put into the zone"))
                        .label("nothing is made of it")
                        .help("give `api` or `load_balancer` a name there, or remove the table"),
                );
            }
        }
        _ => {}
    }
    let id = domain.zone_id.as_ref().filter(|id| !is_id(&id.value));
    if let Some((key, span)) = id.and_then(written) {
        found.push(
            told(span, format!("`{key}` is not the id of a zone"))
                .label("an id begins with `Z`, and has capital letters and digits")
                .help("`aws route53 list-hosted-zones` prints it, behind `/hostedzone/`"),
        );
    }
}

/// A name brings its certificate.
fn twice(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let environment = context.environment;
    let name = environment.domain.load_balancer.as_ref().and_then(written);
    let certificate = written(&environment.load_balancer.certificate);
    if let (Some((key, place)), Some((_, span))) = (name, certificate) {
        found.push(
            told(span.clone(), "the load balancer has two certificates".to_owned())
                .label("never shown")
                .secondary(place, format!("`{key}` brings one"))
                .help("remove the line; where it is in a base, `without = [\"load_balancer.certificate\"]` leaves it out")
                .suggest(Edit::Remove(span)),
        );
    }
}

fn is_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    id.len() > 1 && id.len() <= LONGEST_ID && id.starts_with('Z') && id.chars().all(is_plain)
}

fn is_in(name: &str, zone: &str) -> bool {
    let above = name.strip_suffix(zone);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// What is wrong with a name, and what to write.
fn fault(name: &str) -> Option<(String, &'static str)> {
    let whole = "write the name alone: `api.payments.example.com`";
    if name.contains("://") || name.contains('/') {
        return Some(("an address, and not a name".to_owned(), whole));
    }
    if name.len() > LONGEST_NAME {
        let label = format!("has {} characters", name.len());
        return Some((label, "a certificate's common name has at most 64"));
    }
    if name.starts_with("*.") {
        return Some(("stands for many names".to_owned(), "name one of them"));
    }
    if name.ends_with('.') {
        return Some(("ends in a point".to_owned(), whole));
    }
    let labels: Vec<&str> = name.split('.').collect();
    if labels.len() < 2 {
        return Some(("has one part only".to_owned(), whole));
    }
    let is_label = |label: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.chars().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let odd = labels.iter().find(|label| !is_label(label))?;
    let label = format!("`{}` is not a part of such a name", odd.escape_default());
    Some((
        label,
        "parts have 1 to 63 lower-case letters, digits and hyphens, none at the ends",
    ))
}

#[cfg(test)]
mod tests {
    use super::{fault, is_id, is_in};

    #[test]
    fn names_are_those_that_certificates_and_records_have() {
        for name in ["api.example.com", "a.b", "1-2.example.com"] {
            assert!(fault(name).is_none(), "{name}");
        }
        assert!(fault(&format!("{}.b", "a".repeat(62))).is_none());
        assert!(fault(&format!("{}.b", "a".repeat(63))).is_some());
        for name in [
            "",
            "example",
            "API.example.com",
            "*.example.com",
            "a..b",
            "-a.example.com",
            "a-.example.com",
            "a_b.example.com",
            "api.example.com.",
            "https://api.example.com",
        ] {
            assert!(fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_zone_holds_itself_and_what_is_below() {
        assert!(is_in("example.com", "example.com"));
        assert!(is_in("a.b.example.com", "example.com"));
        assert!(!is_in("notexample.com", "example.com"));
        assert!(!is_in("example.com", "a.example.com"));
    }

    #[test]
    fn ids_are_those_of_zones() {
        assert!(is_id("Z0123456789ABCDEFGHIJ"));
        assert!(is_id(&format!("Z{}", "1".repeat(31))));
        for id in [
            "Z",
            "z0123",
            "/hostedzone/Z0123",
            "A0123",
            &format!("Z{}", "1".repeat(32)),
        ] {
            assert!(!is_id(id), "{id}");
        }
    }
}
