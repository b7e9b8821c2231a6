//! Dates of the calendar, for life cycles and waivers. Must not ask what day it is: that is the command line's business, so
//! that no other part of the compiler depends on a clock.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

impl Date {
    /// Before all that expires. What is deployed was right on its day, whatever has expired since.
    pub const LONG_AGO: Self = Self(civil::date(2000, 1, 1));

    /// Of our era; no other is ever today.
    pub fn year(self) -> u16 {
        self.0.year().unsigned_abs()
    }

    /// The day, in UTC, of a time in seconds since 1970.
    pub fn of_seconds(seconds: u64) -> Option<Self> {
        let days = i64::try_from(seconds / 86_400).ok()?;
        let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?);
        day.ok().map(Self)
    }

    /// Days from this date to another; less than zero if that one comes first.
    pub fn days_until(self, other: Self) -> i64 {
        self.0.duration_until(other.0).as_hours() / 24
    }
}

impl From<civil::Date> for Date {
    fn from(day: civil::Date) -> Self {
        Self(day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// `1 day`, `89 days`.
pub fn counted(days: i64) -> String {
    format!("{days} {}", if days == 1 { "day" } else { "days" })
}

/// No such day, or not in the form `2026-12-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDate;

impl fmt::Display for NoDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a date such as 2026-12-01")
    }
}

impl std::error::Error for NoDate {}

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let day: civil::Date = text.parse().map_err(|_| NoDate)?;
        // Other forms of the same day, and a time after it, are read too.
        if day.to_string() != text {
            return Err(NoDate);
        }
        Ok(Self(day))
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_count_leap_years() {
        let days = |from: &str, to: &str| date(from).days_until(date(to));
        assert_eq!(days("2026-12-01", "2027-02-28"), 89);
        assert_eq!(days("2028-02-28", "2028-03-01"), 2);
        assert_eq!(days("2026-02-28", "2026-03-01"), 1);
        assert_eq!(days("2026-12-31", "2027-01-01"), 1);
        assert_eq!(days("2027-01-01", "2026-12-31"), -1);
    }

    #[test]
    fn only_days_that_exist_are_dates() {
        for wrong in [
            "2026-02-30",
            "2026-1-1",
            "20260101",
            "+002026-01-01",
            "2026-01-01T10:00:00",
            "",
            "today",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
