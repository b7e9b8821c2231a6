//! Ranges of IPv4 that no client on the internet has.

use super::Sure;
use crate::tables::compiled_in;
use ipnet::Ipv4Net;

/// One range.
#[derive(Debug)]
pub struct SpecialRange {
    cidr: &'static str,
    /// In words: `private`.
    pub what: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

impl SpecialRange {
    fn net(&self) -> Option<Ipv4Net> {
        self.cidr.parse().ok()
    }
}

struct RangeFile {
    range: &'static [SpecialRange],
}

fn ranges() -> &'static [SpecialRange] {
    static FILE: RangeFile = compiled_in!("special-addresses");
    FILE.range
}

/// The special range that holds all addresses of this one.
pub fn special_range(net: &Ipv4Net) -> Option<&'static SpecialRange> {
    ranges()
        .iter()
        .find(|range| range.net().is_some_and(|special| special.contains(net)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_parse_and_hold_what_is_in_them() {
        for range in ranges() {
            let net = range.net().unwrap();
            assert_eq!(net, net.trunc(), "{net}");
            assert!(!range.what.is_empty() && !range.source.is_empty());
        }
        let what = |text: &str| {
            let found = special_range(&text.parse().unwrap());
            found.map(|range| range.what)
        };
        assert_eq!(what("10.0.0.0/8"), Some("private"));
        assert_eq!(what("172.31.255.0/24"), Some("private"));
        assert_eq!(what("172.32.0.0/24"), None);
        assert_eq!(what("100.127.0.1/32"), what("100.64.0.0/10"));
        assert_eq!(what("255.255.255.255/32"), Some("reserved"));
        assert_eq!(what("10.0.0.0/7"), None);
        assert_eq!(what("203.0.113.0/24"), None);
    }
}
