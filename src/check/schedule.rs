//! What EventBridge reads in a schedule: `rate(…)`, and `cron(…)` field by field, with its documented ranges. Each fault has its
//! place in the text. Must know nothing of the spec.
//!
//! Source: "Cron expressions reference" and "Rate expressions reference" of EventBridge's user guide. Forms that other readers of
//! such expressions take and the guide does not speak of are let through with a warning.

use std::ops::Range;

use jiff::civil;

mod field;

use field::{DAY, FIELDS, Field, Found, MONTH, YEAR};

/// What is wrong with a schedule, where in its text, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub place: Range<usize>,
    pub label: String,
    pub help: String,
    /// Whether EventBridge certainly refuses it.
    pub is_error: bool,
}

impl Fault {
    fn error(place: Range<usize>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            place,
            label: label.into(),
            help: help.into(),
            is_error: true,
        }
    }

    fn warning(place: Range<usize>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            is_error: false,
            ..Self::error(place, label, help)
        }
    }
}

/// Everything that is wrong with a schedule. `year` is today's.
pub fn judge(schedule: &str, year: u16) -> Vec<Fault> {
    let inside = |word: &str| schedule.strip_prefix(word)?.strip_suffix(')');
    if let Some(rate) = inside("rate(") {
        return judge_rate(schedule, rate).err().into_iter().collect();
    }
    if let Some(fields) = inside("cron(") {
        return judge_cron(fields, "cron(".len(), year);
    }
    let trimmed = schedule.trim();
    let help = if trimmed != schedule && judge(trimmed, year).is_empty() {
        format!("write \"{trimmed}\"")
    } else {
        "write \"rate(5 minutes)\", or \"cron(0 6 * * ? *)\" for six in the morning, UTC".to_owned()
    };
    vec![Fault::error(
        0..schedule.len(),
        "begins with neither `rate(` nor `cron(`, or does not end with `)`",
        help,
    )]
}

fn judge_rate(schedule: &str, rate: &str) -> Result<(), Fault> {
    let place = 0..schedule.len();
    let (number, unit) = rate.split_once(' ').unwrap_or((rate, ""));
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let is_known = ["minute", "hour", "day"].contains(&singular);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    // As large as it may be: EventBridge names no greatest number.
    let Some(number) = number
        .parse::<u32>()
        .ok()
        .filter(|number| is_number && *number > 0 && is_known)
    else {
        return Err(Fault::error(
            place,
            "a rate is a whole number above 0, one space, and `minutes`, `hours` or `days`",
            "write for example \"rate(5 minutes)\"",
        ));
    };
    let right = if number == 1 {
        singular.to_owned()
    } else {
        format!("{singular}s")
    };
    if unit == right {
        return Ok(());
    }
    Err(Fault::error(
        place,
        format!("EventBridge wants `{right}` after {number}"),
        format!("write \"rate({number} {right})\""),
    ))
}

/// The six fields, which begin at this byte of the schedule.
fn judge_cron(fields: &str, start: usize, year: u16) -> Vec<Fault> {
    let all = start..start + fields.len();
    let words: Vec<&str> = fields.split_whitespace().collect();
    let parts: Vec<&str> = fields.split(' ').collect();
    if words.len() == FIELDS.len() && words != parts {
        let label = "the fields are separated by one space each";
        let help = format!("write \"cron({})\"", words.join(" "));
        return vec![Fault::error(all, label, help)];
    }
    if parts.len() != FIELDS.len() {
        return vec![six_fields(all, &words, year)];
    }
    let mut faults = Vec::new();
    let mut values = Vec::new();
    let mut at = start;
    for (field, part) in FIELDS.iter().zip(&parts) {
        match field.read(part) {
            Ok(Found { when, undocumented }) => {
                values.push(when);
                if let Some((label, help)) = undocumented {
                    faults.push(Fault::warning(at..at + part.len(), label, help));
                }
            }
            Err((label, help)) => faults.push(Fault::error(at..at + part.len(), label, help)),
        }
        at += part.len() + 1;
    }
    let [_, _, day, _, weekday, _] = parts.as_slice() else {
        return faults;
    };
    if (*day == "?") == (*weekday == "?") {
        let help = match (*day, *weekday) {
            ("?", _) => replaced(&parts, 2, "*"),
            (_, "*") => replaced(&parts, 4, "?"),
            ("*", _) => replaced(&parts, 2, "?"),
            _ => "write `?` for one of them, and a schedule of its own for each".to_owned(),
        };
        let label = "either the day of the month or the day of the week has to be `?`";
        faults.push(Fault::error(all.clone(), label, help));
    }
    if faults.iter().all(|fault| !fault.is_error)
        && let Some(label) = never(&values, year)
    {
        let help = "write days that come, or remove the schedule";
        faults.push(Fault::warning(all, label, help));
    }
    faults
}

/// The same fields with one of them exchanged.
fn replaced(parts: &[&str], place: usize, with: &str) -> String {
    let mut parts = parts.to_vec();
    if let Some(part) = parts.get_mut(place) {
        *part = with;
    }
    format!("write \"cron({})\"", parts.join(" "))
}

fn six_fields(place: Range<usize>, words: &[&str], year: u16) -> Fault {
    let label = format!("has {} fields, and six are needed", words.len());
    // Five fields are the form of Unix, whose days of the week begin with 0 for Sunday.
    if let [minute, hour, day, month, weekday] = words {
        let (day, weekday) = if *weekday == "*" {
            (*day, "?")
        } else {
            ("?", *weekday)
        };
        let fields = format!("{minute} {hour} {day} {month} {weekday} *");
        let is_numbered = weekday.bytes().any(|byte| byte.is_ascii_digit());
        if !is_numbered && judge_cron(&fields, 0, year).is_empty() {
            return Fault::error(place, label, format!("write \"cron({fields})\""));
        }
    }
    let help = "write minute, hour, day of the month, month, day of the week and year: \
                \"cron(0 6 * * ? *)\"";
    Fault::error(place, label, help)
}

/// Why it never comes to pass, from this year on.
fn never(values: &[field::When], this_year: u16) -> Option<String> {
    let of = |field: &Field| {
        let index = FIELDS.iter().position(|known| known.name == field.name);
        index.and_then(|index| values.get(index))
    };
    let years = of(&YEAR)?.numbers()?;
    let last = years.iter().max()?;
    if *last < this_year {
        return Some(format!("the last year is {last}: it never runs"));
    }
    // A schedule by the day of the week comes in every month.
    let (days, months) = (of(&DAY)?.numbers()?, of(&MONTH)?.numbers()?);
    let comes = years.iter().filter(|year| **year >= this_year).any(|year| {
        let lengths = months.iter().map(|month| days_of(*month, *year));
        lengths
            .into_iter()
            .any(|length| days.iter().any(|day| *day <= length))
    });
    (!comes).then(|| "no month that it names has such a day: it never runs".to_owned())
}

fn days_of(month: u16, year: u16) -> u16 {
    let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
    let first = first.and_then(|(year, month)| civil::Date::new(year, month, 1).ok());
    first.map_or(0, |first| u16::from(first.days_in_month().unsigned_abs()))
}

#[cfg(test)]
mod tests;
