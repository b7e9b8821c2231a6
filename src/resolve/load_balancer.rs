//! `[load_balancer]`: certificate, who may come, and routes with their priorities.

use std::collections::{BTreeMap, BTreeSet};

use super::authority;
use super::environment::{Certificate, Clients, LoadBalancer, LoadBalancerRoute};
use super::resolver::{Resolver, Unusable, members, place, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{Fill as _, Named, RawLoadBalancer, RawLoadBalancerRoute};
use crate::origin::{Origin, Value};

impl Resolver<'_> {
    pub fn load_balancer(&mut self, mut raw: RawLoadBalancer) -> LoadBalancer {
        let settings = raw.settings(self);
        let certificate = RawLoadBalancer::certificate
            .or_default_text(raw.certificate)
            .map(|text| match text.as_str() {
                "self-signed" => Certificate::SelfSigned,
                _ => Certificate::Arn(text),
            });
        let allowed_cidrs = members(raw.allowed_cidrs)
            .into_iter()
            .filter_map(|text| {
                let range = self.cidr(text);
                if range.is_none() {
                    self.problems.mark_unusable("load_balancer.allowed_cidrs");
                }
                range
            })
            .collect();
        LoadBalancer {
            certificate,
            clients: raw.clients.and_then(|path| self.clients(path)),
            allowed_cidrs,
            routes: self.load_balancer_routes(raw.routes),
            settings,
        }
    }

    fn clients(&mut self, written: Value<String>) -> Option<Value<Clients>> {
        let path = written.value.clone();
        match self.bundle(&path) {
            Ok(clients) => Some(written.map(|_| clients)),
            Err(faults) => {
                let (key, span) = place(&written.origin);
                let message = format!("`{key}` is not a bundle of certificate authorities");
                self.problems.mark_unusable(&key);
                for Unusable { label, help } in faults {
                    self.problems.push(
                        Diagnostic::error(Code::InvalidAuthority, span.clone(), &message)
                            .label(label)
                            .help(help),
                    );
                }
                None
            }
        }
    }

    /// The authorities in a file.
    fn bundle(&self, path: &str) -> Result<Clients, Vec<Unusable>> {
        let relative = "paths are relative to the spec's folder";
        if path.is_empty() || path.starts_with('/') {
            return Err(vec![Unusable::new("not a relative path", relative)]);
        }
        self.no_link(path).map_err(|link| vec![link])?;
        let file = self.beside_spec(path);
        let content = self.loader.read(path).map_err(|error| {
            let label = format!("`{file}` {}", reason(&error));
            vec![Unusable::new(label, relative)]
        })?;
        if content.len() > authority::LARGEST_FILE {
            let label = format!("larger than {} MiB", authority::LARGEST_FILE >> 20);
            let help = "name a file of CA certificates in PEM";
            return Err(vec![Unusable::new(label, help)]);
        }
        let authorities = authority::read(&content).map_err(|faults| {
            let told = faults.into_iter().map(|fault| {
                let label = match fault.line {
                    Some(line) => format!("{file}:{line}: {}", fault.label),
                    None => format!("`{file}`: {}", fault.label),
                };
                Unusable::new(label, fault.help)
            });
            told.collect::<Vec<_>>()
        })?;
        Ok(Clients {
            path: path.to_owned(),
            digest: authority::digest(&content),
            content,
            authorities,
        })
    }

    fn load_balancer_routes(
        &mut self,
        raw: Vec<Named<RawLoadBalancerRoute>>,
    ) -> Vec<LoadBalancerRoute> {
        let written = raw.iter().map(|route| {
            let priority = route.table.priority.as_ref();
            (
                route.name.value.as_str(),
                priority.map(|number| number.value),
            )
        });
        let derived = priorities(written);
        let mut routes = Vec::new();
        for raw in raw {
            let Named {
                name: pattern,
                table: mut raw,
            } = raw;
            let settings = raw.settings(self);
            let key = &RawLoadBalancerRoute::function;
            let function = self.required(raw.function, &raw.header, key, String::new());
            let priority = raw.priority.unwrap_or_else(|| {
                let number = derived.get(&pattern.value).copied().unwrap_or(LAST);
                Value::new(number, Origin::Derived(vec![raw.header.path]))
            });
            if matches!(function.origin, Origin::Spec { .. }) {
                routes.push(LoadBalancerRoute {
                    pattern,
                    function,
                    priority,
                    settings,
                    renamed_from: raw.renamed_from,
                });
            }
        }
        routes
    }
}

/// Highest priority number of a listener rule.
const LAST: u64 = 50_000;

/// The numbers are cut into a block for each length of the part before the first wildcard, a block into a row for each
/// length of the rest, and a row has places for patterns that are equally specific: 65 × 8 × 96 = 49,920.
const LONGEST_START: usize = 64;
const LONGEST_REST: usize = 7;
const PLACES: u64 = 96;

/// A priority for each pattern that has none of its own, by what the pattern says and not by where it stands: the longer the
/// part before the first wildcard, the earlier; then the longer the rest. Equally specific patterns are put into a row by a
/// hash, so that adding one moves no other; in the rare case that two meet, the later one by the alphabet steps aside.
fn priorities<'r>(routes: impl Iterator<Item = (&'r str, Option<u64>)>) -> BTreeMap<String, u64> {
    let mut taken = BTreeSet::new();
    let mut patterns = Vec::new();
    for (pattern, priority) in routes {
        match priority {
            Some(number) => {
                taken.insert(number);
            }
            None => patterns.push(pattern),
        }
    }
    patterns.sort_unstable();
    let mut priorities = BTreeMap::new();
    // Where the search of a full row goes on: what lies before is taken.
    let mut reached: BTreeMap<u64, u64> = BTreeMap::new();
    for pattern in patterns {
        let row = row(pattern);
        let hash = hash(pattern);
        let free = (0..PLACES)
            .map(|step| row + (hash + step) % PLACES)
            .find(|number| !taken.contains(number));
        // A row that is full, which takes 97 equally specific patterns, goes on in the rows after it.
        let number = free.unwrap_or_else(|| {
            let from = reached.get(&row).copied().unwrap_or(row);
            let next = (from..=LAST).find(|number| !taken.contains(number));
            let number = next.unwrap_or(LAST);
            reached.insert(row, number);
            number
        });
        taken.insert(number);
        priorities.insert(pattern.to_owned(), number);
    }
    priorities
}

/// First number of a pattern's row.
fn row(pattern: &str) -> u64 {
    let is_wildcard = |c: char| c == '*' || c == '?';
    let start = pattern.chars().take_while(|&c| !is_wildcard(c)).count();
    let literals = pattern.chars().filter(|&c| !is_wildcard(c)).count();
    let rest = if start == pattern.chars().count() {
        // No wildcard at all: nothing is more specific.
        LONGEST_REST
    } else {
        (literals - start).min(LONGEST_REST - 1)
    };
    let block = LONGEST_START - start.min(LONGEST_START);
    let row = block * (LONGEST_REST + 1) + (LONGEST_REST - rest);
    u64::try_from(row).unwrap_or(0) * PLACES + 1
}

/// FNV-1a: the same on every machine and in every version, which the standard library does not promise of its own.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(hash) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_specific_patterns_come_first() {
        let order = [
            "/payments/validate",
            "/payments/refunds/*",
            "/payments/",
            "/payments/*/status",
            "/payments/*",
            "/*/status",
            "/*",
        ];
        let all: Vec<_> = order.iter().map(|pattern| (*pattern, None)).collect();
        let numbers = priorities(all.into_iter());
        let listed: Vec<u64> = order.iter().map(|pattern| numbers[*pattern]).collect();
        // The longest start wins, so `/payments/refunds/*` precedes the shorter exact path.
        let mut sorted = listed.clone();
        sorted.sort_unstable();
        assert_eq!(listed[1..], sorted[1..].to_vec()[..], "{numbers:?}");
        assert!(listed[0] < listed[2]);
        assert!(listed.iter().all(|number| (1..=LAST).contains(number)));
    }

    #[test]
    fn adding_or_moving_a_route_moves_no_other() {
        let numbers =
            |patterns: &[&'static str]| priorities(patterns.iter().map(|pattern| (*pattern, None)));
        let before = numbers(&["/payments/*", "/health"]);
        let after = numbers(&["/health", "/refunds/*", "/payments/*"]);
        for (pattern, number) in before {
            assert_eq!(after[&pattern], number);
        }
    }

    #[test]
    fn numbers_are_unique_also_beside_written_ones() {
        let names: Vec<String> = (0..300).map(|n| format!("/a{n:03}/*")).collect();
        let mut all: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
        let alone = priorities(all.iter().copied());
        let first = alone["/a000/*"];
        all.push(("/written", Some(first)));
        let numbers = priorities(all.into_iter());
        let mut seen: Vec<u64> = numbers.values().copied().collect();
        seen.push(first);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 301);
    }
}
