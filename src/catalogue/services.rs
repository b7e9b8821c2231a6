//! What single services offer: zones, database classes, function runtimes.

use super::Sure;
use crate::tables::compiled_in;

/// An availability zone, by the id that means the same zone in every account.
#[derive(Debug)]
pub struct Zone {
    /// `use1-az4`.
    pub id: &'static str,
    pub region: &'static str,
    /// The number at the end of the id: the zone's slot in an address plan.
    pub slot: u8,
    /// Whether functions may have a subnet there.
    pub lambda: bool,
    pub sure: Sure,
    pub source: &'static str,
}

/// An instance class that RDS for PostgreSQL takes in us-east-1.
#[derive(Debug)]
pub struct InstanceClass {
    /// `db.t4g.medium`.
    pub name: &'static str,
    pub vcpu: u64,
    pub memory_gib: u64,
    /// Runs on CPU credits.
    pub burstable: bool,
    /// How sure the size is; that the class is valid is the linter's word.
    pub sure: Sure,
    pub source: &'static str,
}

impl InstanceClass {
    /// The most connections that the default parameter group allows: `LEAST(memory in bytes / 9531392, 5000)`. The engine
    /// sees somewhat less memory than the class has, so that the true number is a little smaller.
    pub fn max_connections(&self) -> u64 {
        let bytes = self.memory_gib << 30;
        (bytes / 9_531_392).min(5000)
    }
}

/// A Python runtime of Lambda.
#[derive(Debug)]
pub struct Runtime {
    /// `python3.13`.
    pub name: &'static str,
    /// False once it is deprecated.
    pub allowed: bool,
    /// Of the C library, after `2.`: which compiled packages can be imported.
    pub glibc_minor: u32,
    /// ISO 8601, like the two that follow: as text they compare without a calendar.
    pub deprecated_on: &'static str,
    pub creation_blocked_on: &'static str,
    pub update_blocked_on: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

struct ZoneFile {
    zone: &'static [Zone],
}

struct ClassFile {
    class: &'static [InstanceClass],
}

struct RuntimeFile {
    runtime: &'static [Runtime],
}

/// Every zone of us-east-1.
pub fn zones() -> &'static [Zone] {
    static FILE: ZoneFile = compiled_in!("zones");
    FILE.zone
}

/// The zone with this id.
pub fn zone(id: &str) -> Option<&'static Zone> {
    zones().iter().find(|zone| zone.id == id)
}

/// Every known instance class, small families first.
pub fn instance_classes() -> &'static [InstanceClass] {
    static FILE: ClassFile = compiled_in!("instance-classes");
    FILE.class
}

/// The instance class of this name.
pub fn instance_class(name: &str) -> Option<&'static InstanceClass> {
    instance_classes().iter().find(|class| class.name == name)
}

/// Every known runtime, oldest first.
pub fn runtimes() -> &'static [Runtime] {
    static FILE: RuntimeFile = compiled_in!("runtimes");
    FILE.runtime
}

/// The runtime of this name.
pub fn runtime(name: &str) -> Option<&'static Runtime> {
    runtimes().iter().find(|runtime| runtime.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses_and_has_a_source() {
        let sources = zones()
            .iter()
            .map(|row| &row.source)
            .chain(instance_classes().iter().map(|row| &row.source))
            .chain(runtimes().iter().map(|row| &row.source));
        for source in sources {
            assert!(!source.is_empty());
        }
    }

    #[test]
    fn a_slot_is_the_number_of_its_zone() {
        for zone in zones() {
            assert_eq!(zone.id, format!("use1-az{}", zone.slot));
        }
        assert!(!zone("use1-az3").unwrap().lambda);
        assert!(zone("use1-az7").is_none());
    }

    #[test]
    fn classes_are_found_by_name() {
        let class = instance_class("db.t4g.medium").unwrap();
        assert_eq!(
            (class.vcpu, class.memory_gib, class.burstable),
            (2, 4, true)
        );
        assert_eq!(class.max_connections(), 450);
        assert_eq!(
            instance_class("db.r7g.16xlarge").unwrap().max_connections(),
            5000
        );
        assert!(instance_class("db.t2.micro").is_none());
    }

    #[test]
    fn life_cycles_are_in_order() {
        for runtime in runtimes() {
            assert!(
                runtime.deprecated_on < runtime.creation_blocked_on,
                "{}",
                runtime.name
            );
            assert!(
                runtime.creation_blocked_on < runtime.update_blocked_on,
                "{}",
                runtime.name
            );
        }
    }
}
