//! Schedules that EventBridge takes and that it refuses, as its guide says and as others have tried them at AWS.

use super::judge;

const YEAR: u16 = 2026;

/// Taken without a word.
const RIGHT: &[&str] = &[
    "rate(1 minute)",
    "rate(5 minutes)",
    "rate(1 hour)",
    "rate(12 hours)",
    "rate(1 day)",
    "rate(7 days)",
    "rate(1000000 minutes)",
    "cron(0 10 * * ? *)",
    "cron(15 12 * * ? *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(*/5 * * * ? *)",
    "cron(*/59 * * * ? *)",
    "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0/30 20-23 ? * MON-FRI *)",
    "cron(0/30 0-2 ? * MON-FRI *)",
    "cron(5,35 14 * * ? *)",
    "cron(0 2 ? * SAT *)",
    "cron(0 2 ? * SAT#3 *)",
    "cron(0 9 ? * 2#1 *)",
    "cron(0 9 ? * 3#5 *)",
    "cron(* * ? * SAT#3 *)",
    "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
    "cron(0 0 1-31/30 * ? *)",
    "cron(0 0 1 1-12/3 ? *)",
    "cron(0 11-23/2 * * ? *)",
    "cron(0 0 1 JAN,APR,JUL,OCT ? *)",
    "cron(0 0 1 jan-mar ? *)",
    "cron(0 0 1 JAN-6 ? *)",
    "cron(0 12 L * ? *)",
    "cron(0 12 15W * ? *)",
    "cron(0 12 3W * ? *)",
    "cron(0 12 ? * L *)",
    "cron(15 10 ? * 6L 2026-2030)",
    "cron(15 10 ? * FRIL *)",
    "cron(0 0 29 2 ? *)",
    "cron(0 0 29 2 ? 2028)",
    "cron(0 0 31 1-12 ? *)",
    "cron(0 0 ? * 1 2199)",
    "cron(0 0 ? 2 2-6 2026/2)",
    "cron(59 23 31 12 ? 2199)",
    "cron(10-20/5,40 1,3-5 ? * * *)",
];

/// Refused; what is said has this in it.
const WRONG: &[(&str, &str)] = &[
    ("", "begins with neither"),
    ("5 minutes", "begins with neither"),
    ("every morning", "begins with neither"),
    (" rate(10 minutes)", "begins with neither"),
    ("Rate(1 minute)", "begins with neither"),
    ("rate(5 minutes", "begins with neither"),
    ("rate(1 minutes)", "`minute` after 1"),
    ("rate(1 hours)", "`hour` after 1"),
    ("rate(10 day)", "`days` after 10"),
    ("rate(5 minute)", "`minutes` after 5"),
    ("rate(0 minutes)", "above 0"),
    ("rate(-1 minutes)", "above 0"),
    ("rate(+5 minutes)", "above 0"),
    ("rate(1.5 hours)", "above 0"),
    ("rate(5 weeks)", "`hours` or `days`"),
    ("rate(10 seconds)", "`hours` or `days`"),
    ("rate(10 MINUTES)", "`hours` or `days`"),
    ("rate(10 minutess)", "`hours` or `days`"),
    ("rate(5)", "`hours` or `days`"),
    ("rate()", "above 0"),
    ("rate( 10 minutes )", "above 0"),
    ("rate(5  minutes)", "one space"),
    ("cron(0 6 * * *)", "has 5 fields"),
    ("cron(INVALID)", "has 1 fields"),
    ("cron()", "has 0 fields"),
    ("cron(0 0 6 * * ? *)", "has 7 fields"),
    ("cron(0  6 * * ? *)", "one space each"),
    ("cron(0 1 * * * *)", "has to be `?`"),
    ("cron(0 1 ? * ? *)", "has to be `?`"),
    ("cron(0 1 15 * MON *)", "has to be `?`"),
    ("cron(60 6 * * ? *)", "the minute is 0 to 59: `60`"),
    ("cron(71 8 1 * ? *)", "the minute is 0 to 59"),
    ("cron(*/60 * * * ? *)", "a step of 1 to 59: `/60`"),
    ("cron(*/0 * * * ? *)", "a step of 1 to 59: `/0`"),
    ("cron(0/ * * * ? *)", "a step of 1 to 59"),
    ("cron(*/5/5 * * * ? *)", "a step of 1 to 59"),
    ("cron(0, 6 * * ? *)", "`nothing` is not"),
    ("cron(0 24 * * ? *)", "the hour is 0 to 23: `24`"),
    ("cron(0 */24 * * ? *)", "a step of 1 to 23"),
    (
        "cron(0 dummy ? * MON-FRI *)",
        "the hour is 0 to 23: `dummy`",
    ),
    ("cron(0 ? * * ? *)", "`?` cannot be the hour"),
    ("cron(0 L * * ? *)", "the hour is 0 to 23"),
    ("cron(0 6 0 * ? *)", "the day of the month is 1 to 31"),
    ("cron(0 6 32 * ? *)", "the day of the month is 1 to 31"),
    ("cron(0 6 32W * ? *)", "the day of the month is 1 to 31"),
    ("cron(0 6 1-15W * ? *)", "the day of the month is 1 to 31"),
    (
        "cron(0 6 1,? * MON *)",
        "`?` cannot be the day of the month",
    ),
    ("cron(0 6 MON * ? *)", "the day of the month is 1 to 31"),
    ("cron(0 6 * 0 ? *)", "the month is 1 to 12"),
    (
        "cron(0 6 * 13 ? *)",
        "the month is 1 to 12 or JAN to DEC: `13`",
    ),
    ("cron(0 6 * JANUARY ? *)", "the month is 1 to 12"),
    ("cron(0 6 * * ? é)", "the year is 1970 to 2199"),
    (
        "cron(0 6 ? * 0 *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    (
        "cron(15 12 ? * -1 *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    (
        "cron(0 6 ? * 8 *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    (
        "cron(7 20 ? * NOT *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    (
        "cron(0 6 ? * MONDAY *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    ("cron(0 6 ? * 2#6 *)", "no day of the week number `6`"),
    ("cron(0 6 ? * 3#1,6#3 *)", "`#` once"),
    (
        "cron(0 6 ? * 15W *)",
        "the day of the week is 1 (Sunday) to 7",
    ),
    ("cron(0 6 * * ? 1969)", "the year is 1970 to 2199"),
    ("cron(0 6 * * ? 2200)", "the year is 1970 to 2199"),
    ("cron(0 6 * * ? 26)", "the year is 1970 to 2199"),
];

/// Let through, with a word.
const DOUBTFUL: &[(&str, &str)] = &[
    ("cron(0 0 31 2 ? *)", "never runs"),
    ("cron(0 0 30 FEB ? *)", "never runs"),
    ("cron(0 0 31 4,6,9,11 ? *)", "never runs"),
    ("cron(0 0 31W 4 ? *)", "never runs"),
    ("cron(0 0 29 2 ? 2027)", "never runs"),
    ("cron(0 0 29 2 ? 2100)", "never runs"),
    ("cron(15 10 ? * 6L 2002-2005)", "the last year is 2005"),
    ("cron(0 22-2 * * ? *)", "ranges over the end"),
    ("cron(0 6 ? * FRI-MON *)", "ranges over the end"),
    ("cron(0 12 LW * ? *)", "does not say"),
    ("cron(0 12 L-3 * ? *)", "does not say"),
    ("cron(0 12 1,L * ? *)", "does not say"),
    ("cron(/5 * * * ? *)", "nothing before its `/`"),
];

fn told(schedule: &str) -> Vec<(bool, String)> {
    let faults = judge(schedule, YEAR);
    for fault in &faults {
        let inside = schedule.get(fault.place.clone());
        assert!(inside.is_some(), "{schedule}: {:?}", fault.place);
        assert!(!fault.help.is_empty(), "{schedule}");
    }
    let told = faults
        .into_iter()
        .map(|fault| (fault.is_error, fault.label));
    told.collect()
}

#[test]
fn what_eventbridge_takes_is_taken() {
    for schedule in RIGHT {
        assert_eq!(told(schedule), [], "{schedule}");
    }
}

#[test]
fn what_eventbridge_refuses_is_refused_by_field() {
    for (schedule, part) in WRONG {
        let told = told(schedule);
        let is_told = told
            .iter()
            .any(|(is_error, label)| *is_error && label.contains(part));
        assert!(is_told, "{schedule}: {told:?}");
    }
}

#[test]
fn what_never_comes_or_is_undocumented_is_a_warning() {
    for (schedule, part) in DOUBTFUL {
        let told = told(schedule);
        let is_told = told
            .iter()
            .any(|(is_error, label)| !is_error && label.contains(part));
        assert!(is_told, "{schedule}: {told:?}");
        assert!(told.iter().all(|(is_error, _)| !is_error), "{schedule}");
    }
}

#[test]
fn each_field_has_its_own_fault() {
    let schedule = "cron(60 24 ? 13 FOO 2020)";
    let faults = judge(schedule, YEAR);
    let places: Vec<&str> = faults
        .iter()
        .filter_map(|fault| schedule.get(fault.place.clone()))
        .collect();
    assert_eq!(places, ["60", "24", "13", "FOO"]);
}

#[test]
fn what_a_help_proposes_is_taken() {
    for (schedule, _) in WRONG {
        for fault in judge(schedule, YEAR) {
            let Some(proposed) = fault.help.strip_prefix("write \"") else {
                continue;
            };
            let proposed = proposed.split('"').next().unwrap();
            assert_eq!(told(proposed), [], "{schedule}: {proposed}");
        }
    }
}
