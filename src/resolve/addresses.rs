//! The address plan: which part of the VPC's range each zone gets. A zone's slot is the number in its id, so that
//! another zone, or another order, moves nothing.
//!
//! The range is cut twice. Private subnets are sixteenths of it, from the ninth on: slot N has number 8 + (N - 1).
//! Public subnets are sixty-fourths, from the first on: slot N has number N - 1. Six slots of each never meet.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// Highest slot of the plan.
pub const LAST_SLOT: u32 = 6;

/// The public and the private subnet of a slot, counted from 1; `None` if the range is too small or there is no such slot.
pub fn subnets(vpc: Ipv4Net, slot: u32) -> Option<(Ipv4Net, Ipv4Net)> {
    if !(1..=LAST_SLOT).contains(&slot) {
        return None;
    }
    let public = part(vpc, 6, slot - 1)?;
    let private = part(vpc, 4, 8 + (slot - 1))?;
    Some((public, private))
}

/// The part with this number when a range is cut into 2^`bits` equal ones.
fn part(range: Ipv4Net, bits: u8, number: u32) -> Option<Ipv4Net> {
    let prefix = range.prefix_len().checked_add(bits)?;
    let shift = 32u32.checked_sub(u32::from(prefix))?;
    let address = u32::from(range.network()).checked_add(number.checked_shl(shift)?)?;
    Ipv4Net::new(Ipv4Addr::from(address), prefix).ok()
}

/// The slot of a zone id: `use1-az4` is slot 4.
pub fn slot(zone: &str) -> Option<u32> {
    let (_, number) = zone.split_once("-az")?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    #[test]
    fn a_slot_has_fixed_parts_of_the_range() {
        let vpc = net("10.40.0.0/16");
        let parts = |slot| subnets(vpc, slot).unwrap();
        assert_eq!(parts(1), (net("10.40.0.0/22"), net("10.40.128.0/20")));
        assert_eq!(parts(2), (net("10.40.4.0/22"), net("10.40.144.0/20")));
        assert_eq!(parts(4), (net("10.40.12.0/22"), net("10.40.176.0/20")));
        assert!(subnets(vpc, 0).is_none() && subnets(vpc, 7).is_none());
    }

    #[test]
    fn every_plan_is_disjoint_and_inside_the_range() {
        for prefix in 16..=20u8 {
            for second in [0u8, 40, 255] {
                let vpc = Ipv4Net::new(Ipv4Addr::new(10, second, 0, 0), prefix).unwrap();
                let all: Vec<Ipv4Net> = (1..=LAST_SLOT)
                    .flat_map(|slot| {
                        let (public, private) = subnets(vpc, slot).unwrap();
                        [public, private]
                    })
                    .collect();
                for (index, one) in all.iter().enumerate() {
                    assert!(vpc.contains(one), "{one} is not in {vpc}");
                    assert_eq!(one.trunc(), *one);
                    // AWS takes no subnet smaller than /28.
                    assert!(one.prefix_len() <= 28);
                    for other in all.iter().skip(index + 1) {
                        assert!(
                            !one.contains(other) && !other.contains(one),
                            "{one} meets {other}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_that_is_too_small_has_no_plan() {
        assert!(subnets(net("10.0.0.0/27"), 1).is_none());
        assert!(subnets(net("10.0.0.0/32"), 1).is_none());
        assert!(subnets(net("0.0.0.0/0"), 6).is_some());
    }

    #[test]
    fn the_slot_is_the_number_of_the_zone() {
        assert_eq!(slot("use1-az4"), Some(4));
        assert_eq!(slot("us-east-1a"), None);
        assert_eq!(slot("use1-azx"), None);
    }
}
