//! Windows of the database that RDS does not take.

use crate::check::Rule;
use crate::check::context::{Context, source, written};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::origin::Value;

pub const RULE: Rule = Rule {
    code: Code::InvalidWindow,
    severities: &[Severity::Error],
    what: "\
        A backup or maintenance window has the wrong format or is shorter than 30 minutes, the maintenance \
        window is 24 hours or longer, or the two overlap; or the backup of the vault begins in one of them or shortly before it.",
    why: "\
        RDS rejects such windows, and AWS Backup begins nothing in them and in the hour before. Times are UTC; the backup window is \
        daily, the maintenance window weekly.",
    wrong: "backup_window = \"7:00-7:15\"",
    right: "backup_window = \"07:00-07:30\"",
    check: Some(check),
};

const DAY: u32 = 24 * 60;
const HOUR: u32 = 60;
const SHORTEST: u32 = 30;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Start in minutes from the beginning of the day or week, and length.
#[derive(Clone, Copy)]
struct Window {
    start: u32,
    length: u32,
}

fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let database = &context.environment.database;
    let backup = judge(
        &database.backup_window,
        daily,
        "hh:mm-hh:mm",
        "07:00-08:00",
        found,
    );
    let example = "sun:08:30-sun:09:30";
    let weekly = judge(
        &database.maintenance_window,
        weekly,
        "ddd:hh:mm-ddd:hh:mm",
        example,
        found,
    );
    let (Some(backup), Some(weekly)) = (backup, weekly) else {
        return;
    };
    found.extend(vault_in_a_window(context, backup, weekly));
    if !meet(backup, weekly) {
        return;
    }
    let (value, key) = match written(&database.maintenance_window) {
        Some(_) => (&database.maintenance_window, "database.maintenance_window"),
        None => (&database.backup_window, "database.backup_window"),
    };
    let other = match written(&database.maintenance_window) {
        Some(_) => &database.backup_window,
        None => &database.maintenance_window,
    };
    let mut diagnostic = Diagnostic::error(
        Code::InvalidWindow,
        context.span(value, key),
        "the backup and maintenance windows overlap",
    )
    .label(format!("overlaps {}{}", other.value, source(other)))
    .help("move one of them: RDS rejects overlapping windows");
    if let Some((_, place)) = written(other) {
        diagnostic = diagnostic.secondary(place, "the other window");
    }
    found.push(diagnostic);
}

/// The backup of AWS Backup begins within an hour of its time, and AWS Backup begins none in a window of the database's or in the hour
/// before one: AWS Backup user guide, backup plan options and configuration.
fn vault_in_a_window(context: &Context<'_>, backup: Window, weekly: Window) -> Option<Diagnostic> {
    let database = &context.environment.database;
    let start = &database.backup_vault.as_ref()?.start;
    let Some(minutes) = time(start) else {
        let (key, span) = written(start)?;
        let message = format!("`{key}` is not a time of the day");
        let told = Diagnostic::error(Code::InvalidWindow, span, message);
        return Some(
            told.label("must be hh:mm, in UTC")
                .help("write it as \"10:00\""),
        );
    };
    let begins = Window {
        start: minutes,
        length: 2 * HOUR,
    };
    let each_day =
        |window: Window| (0..7).map(move |day| (window.start + day * DAY, window.length));
    let meets_backup =
        each_day(backup).any(|(start, length)| meet(begins, Window { start, length }));
    let (other, what) = if meets_backup {
        (&database.backup_window, "backup window")
    } else if meet(begins, weekly) {
        (&database.maintenance_window, "maintenance window")
    } else {
        return None;
    };
    let message = format!("the backup of the vault begins in the {what} or shortly before it");
    let told = Diagnostic::error(
        Code::InvalidWindow,
        context.span(start, "database.backup_vault"),
        message,
    )
    .label(format!(
        "begins between {} and an hour later, and {} is taken{}",
        start.value,
        other.value,
        source(other)
    ))
    .help(
        "move one of them: AWS Backup begins nothing in such a window, and in the hour before one",
    );
    Some(match written(other) {
        Some((_, place)) => told.secondary(place, format!("the {what}")),
        None => told,
    })
}

fn judge(
    value: &Value<String>,
    parse: fn(&str) -> Option<Window>,
    form: &str,
    example: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<Window> {
    let window = parse(value);
    let label = match window {
        Some(window) if window.length >= DAY => "24 hours or longer".to_owned(),
        Some(window) if window.length >= SHORTEST => return Some(window),
        Some(_) => "shorter than 30 minutes".to_owned(),
        None => format!("must be {form}, in lower case and UTC"),
    };
    if let Some((key, span)) = written(value) {
        found.push(
            Diagnostic::error(
                Code::InvalidWindow,
                span,
                format!("`{key}` is not a valid window"),
            )
            .label(label)
            .help(format!("write it as \"{example}\"")),
        );
    }
    None
}

fn daily(text: &str) -> Option<Window> {
    let (start, end) = text.split_once('-')?;
    Some(between(time(start)?, time(end)?, DAY))
}

fn weekly(text: &str) -> Option<Window> {
    let (start, end) = text.split_once('-')?;
    Some(between(day_and_time(start)?, day_and_time(end)?, 7 * DAY))
}

fn between(start: u32, end: u32, cycle: u32) -> Window {
    Window {
        start,
        length: (end + cycle - start) % cycle,
    }
}

fn day_and_time(text: &str) -> Option<u32> {
    let (day, rest) = text.split_once(':')?;
    let day = DAYS.iter().position(|name| *name == day)?;
    Some(u32::try_from(day).ok()? * DAY + time(rest)?)
}

fn time(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Whether a daily window meets a weekly one on any day.
fn meet(daily: Window, weekly: Window) -> bool {
    (0..7).any(|day| {
        let start = day * DAY + daily.start;
        let into = |from: u32, of: u32| (of + 7 * DAY - from) % (7 * DAY);
        into(weekly.start, start) < weekly.length || into(start, weekly.start) < daily.length
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_meet_over_midnight_and_week_ends() {
        let meets = |a: &str, b: &str| meet(daily(a).unwrap(), weekly(b).unwrap());
        assert!(!meets("07:00-08:00", "sun:08:30-sun:09:30"));
        assert!(!meets("07:00-08:00", "sun:08:00-sun:09:30"));
        assert!(meets("07:00-08:00", "sun:07:59-sun:09:30"));
        assert!(meets("23:30-00:30", "sun:23:45-mon:00:15"));
        assert!(meets("23:30-00:30", "mon:00:15-mon:00:45"));
        assert!(meets("08:00-08:30", "sun:07:00-sun:09:30"));
    }

    #[test]
    fn only_the_form_of_rds_is_read() {
        for text in [
            "7:00-8:00",
            "07:00",
            "24:00-25:00",
            "07:00-08:0x",
            "+7:00-08:00",
        ] {
            assert!(daily(text).is_none(), "{text}");
        }
        assert!(weekly("Sun:08:30-sun:09:30").is_none());
    }
}
