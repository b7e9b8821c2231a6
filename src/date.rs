//! Dates of the calendar, for life cycles and waivers. Must not ask what day it is: that is the command line's business, so
//! that no other part of the compiler depends on a clock.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day with this number, counted from 1970-01-01.
    pub fn of_unix_day(number: i64) -> Option<Self> {
        // Years that begin in March have their leap day at the end.
        let since_march = number.checked_add(719_468)?;
        let era = since_march.div_euclid(146_097);
        let day_of_era = since_march.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    pub fn year(self) -> u16 {
        self.year
    }

    /// Days from this date to another; less than zero if that one comes first.
    pub fn days_until(self, other: Self) -> i64 {
        other.number() - self.number()
    }

    /// Days since a fixed day long ago; March comes first, so that leap days come last.
    fn number(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let year = if month < 3 { year - 1 } else { year };
        let month = (month + 9) % 12;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
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
        let parsed: toml::value::Datetime = text.parse().map_err(|_| NoDate)?;
        let date = parsed
            .date
            .filter(|_| parsed.time.is_none() && parsed.offset.is_none())
            .ok_or(NoDate)?;
        Ok(Self {
            year: date.year,
            month: date.month,
            day: date.day,
        })
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
    fn numbers_of_days_are_dates_and_back() {
        let first = date("1970-01-01");
        for number in [0, 58, 59, 60, 789, 11_016, 11_017, 20_514, 47_540, 47_541] {
            let day = Date::of_unix_day(number).unwrap();
            assert_eq!(first.days_until(day), number, "{day}");
        }
        assert_eq!(Date::of_unix_day(20_779).unwrap().to_string(), "2026-11-22");
        assert!(Date::of_unix_day(i64::MAX).is_none());
    }

    #[test]
    fn only_days_that_exist_are_dates() {
        for wrong in ["2026-02-30", "2026-1-1", "2026-01-01T10:00:00", "", "today"] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
