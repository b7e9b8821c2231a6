//! Versions of PostgreSQL on RDS: which there are, how long each is supported, and which upgrades RDS takes.

use super::Sure;
use crate::date::Date;
use crate::tables::compiled_in;

/// Life cycle of a major version. Dates in ISO 8601: as text they compare without a calendar.
#[derive(Debug)]
pub struct LifeCycle {
    /// `14`.
    pub version: &'static str,
    pub community_support_ends: &'static str,
    pub standard_support_ends: &'static str,
    /// The first day of extended support's third year, which costs twice as much.
    pub extended_support_doubles: &'static str,
    pub extended_support_ends: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

/// Minor versions that PostgreSQL released together, one of each major version.
#[derive(Debug)]
pub struct Release {
    /// `14.22`, `15.17`, ….
    pub versions: &'static [&'static str],
    pub sure: Sure,
    pub source: &'static str,
}

struct EngineFile {
    /// Oldest first.
    major: &'static [LifeCycle],
    /// Oldest first.
    release: &'static [Release],
}

/// What RDS does for a major version on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    Standard,
    /// Billed by the vCPU, for those who asked for it.
    Extended,
    /// The same in its third year, at twice the price.
    Doubled,
    Ended,
}

static FILE: EngineFile = compiled_in!("engine-versions");

/// Life cycles of all major versions that a spec may name, oldest first.
pub fn life_cycles() -> &'static [LifeCycle] {
    FILE.major
}

/// Life cycle of a version, major or minor.
pub fn life_cycle(version: &str) -> Option<&'static LifeCycle> {
    let major = major(version);
    FILE.major.iter().find(|row| row.version == major)
}

/// Every version that RDS creates: each major one (which follows minor upgrades), then its minor ones, oldest first.
pub fn engine_versions() -> Vec<&'static str> {
    let all = FILE.major.iter().flat_map(|row| versions_of(row.version));
    all.collect()
}

/// The versions of one major version, itself first.
pub fn versions_of(version: &'static str) -> impl Iterator<Item = &'static str> {
    let minors = FILE.release.iter().flat_map(|release| release.versions);
    let minors = minors.copied().filter(move |minor| major(minor) == version);
    std::iter::once(version).chain(minors)
}

/// Whether RDS creates a version of this name.
pub fn is_engine_version(name: &str) -> bool {
    FILE.major.iter().any(|row| row.version == name) || released(name).is_some()
}

/// The first part of a version: `14` of `14.22`.
pub fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// The newest minor version of a major one.
pub fn newest_minor(version: &str) -> Option<&'static str> {
    let minors = FILE.release.iter().rev().flat_map(|row| row.versions);
    minors.copied().find(|minor| major(minor) == major(version))
}

/// Whether RDS lets an instance of one version become one of another. A bare major version runs its newest minor one, and becomes
/// whichever minor version RDS takes. Versions that are not listed are judged by their numbers.
pub fn is_upgrade(from: &str, to: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        let parts = version.split('.').map_while(|part| part.parse().ok());
        parts.collect()
    };
    let is_bare = |version: &str| !version.contains('.');
    let runs = newest_minor(from).filter(|_| is_bare(from)).unwrap_or(from);
    let (old, new) = (numbers(runs), numbers(to));
    match old.first().cmp(&new.first()) {
        std::cmp::Ordering::Greater => false,
        _ if is_bare(to) => true,
        std::cmp::Ordering::Equal => old <= new,
        std::cmp::Ordering::Less => match (released(runs), released(to)) {
            (Some(old), Some(new)) => old <= new,
            _ => true,
        },
    }
}

/// Which release a minor version came with.
fn released(version: &str) -> Option<usize> {
    let mut releases = FILE.release.iter();
    releases.position(|release| release.versions.contains(&version))
}

impl LifeCycle {
    /// What RDS does for it on a day.
    pub fn support(&self, day: Date) -> Support {
        let day = day.to_string();
        if *day <= *self.standard_support_ends {
            Support::Standard
        } else if *day > *self.extended_support_ends {
            Support::Ended
        } else if *day < *self.extended_support_doubles {
            Support::Extended
        } else {
            Support::Doubled
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_cycles_are_in_order_and_have_a_source() {
        for row in life_cycles() {
            let days = [
                row.community_support_ends,
                row.standard_support_ends,
                row.extended_support_doubles,
                row.extended_support_ends,
            ];
            assert!(days.is_sorted(), "{}", row.version);
            assert!(days.iter().all(|day| day.parse::<Date>().is_ok()));
            assert!(!row.source.is_empty());
        }
        let ends: Vec<&str> = life_cycles()
            .iter()
            .map(|row| row.standard_support_ends)
            .collect();
        assert!(ends.is_sorted());
    }

    #[test]
    fn each_release_has_one_version_of_each_major_one() {
        let majors: Vec<&str> = life_cycles().iter().map(|row| row.version).collect();
        for release in FILE.release {
            let found: Vec<&str> = release.versions.iter().map(|name| major(name)).collect();
            assert_eq!(found, majors);
            assert!(!release.source.is_empty());
        }
        assert!(is_engine_version("14") && is_engine_version("17.11"));
        assert!(!is_engine_version("14.17") && !is_engine_version("18"));
        let fifteen: Vec<&str> = versions_of("15").collect();
        assert_eq!(fifteen.first(), Some(&"15"));
        assert_eq!(fifteen.len(), FILE.release.len() + 1);
        assert_eq!(newest_minor("16"), Some("16.15"));
    }

    #[test]
    fn upgrades_go_one_way_and_to_no_older_release() {
        for (from, to) in [
            ("14", "14"),
            ("14", "15"),
            ("14", "17"),
            ("14.18", "17"),
            ("14.18", "17.5"),
            ("14.20", "14.24"),
            ("14.20", "14"),
            ("14", "14.24"),
            ("15", "17.11"),
        ] {
            assert!(is_upgrade(from, to), "{from} {to}");
        }
        for (from, to) in [
            ("17", "14"),
            ("17.5", "16.15"),
            ("14.20", "14.19"),
            ("14", "14.20"),
            ("14.24", "17.5"),
            ("14", "17.5"),
        ] {
            assert!(!is_upgrade(from, to), "{from} {to}");
        }
    }

    #[test]
    fn support_changes_the_day_after() {
        let row = life_cycle("14.20").unwrap();
        let on = |day: &str| row.support(day.parse().unwrap());
        assert_eq!(on("2027-02-28"), Support::Standard);
        assert_eq!(on("2027-03-01"), Support::Extended);
        assert_eq!(on("2029-02-28"), Support::Extended);
        assert_eq!(on("2029-03-01"), Support::Doubled);
        assert_eq!(on("2030-02-28"), Support::Doubled);
        assert_eq!(on("2030-03-01"), Support::Ended);
    }
}
