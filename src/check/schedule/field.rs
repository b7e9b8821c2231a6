//! One field of `cron(…)`: its range, its names, and the signs that EventBridge takes in it.

use std::ops::RangeInclusive;

/// A field, with the numbers that it takes.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    range: RangeInclusive<u16>,
    /// What may stand for the numbers, from the lowest on.
    names: &'static [&'static str],
    /// The range, as it is told.
    told: &'static str,
    /// The greatest step behind a slash.
    step: u16,
}

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

pub const MINUTE: Field = Field {
    name: "minute",
    range: 0..=59,
    names: &[],
    told: "0 to 59",
    step: 59,
};
pub const HOUR: Field = Field {
    name: "hour",
    range: 0..=23,
    names: &[],
    told: "0 to 23",
    step: 23,
};
pub const DAY: Field = Field {
    name: "day of the month",
    range: 1..=31,
    names: &[],
    told: "1 to 31, `L` or a day with `W`",
    step: 31,
};
pub const MONTH: Field = Field {
    name: "month",
    range: 1..=12,
    names: MONTHS,
    told: "1 to 12 or JAN to DEC",
    step: 12,
};
pub const WEEKDAY: Field = Field {
    name: "day of the week",
    range: 1..=7,
    names: DAYS,
    told: "1 (Sunday) to 7 or SUN to SAT",
    step: 7,
};
pub const YEAR: Field = Field {
    name: "year",
    range: 1970..=2199,
    names: &[],
    told: "1970 to 2199",
    step: 229,
};

/// In the order in which they stand.
pub const FIELDS: [Field; 6] = [MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR];

/// What is wrong, and what to write.
type Wrong = (String, String);

/// A field that was read.
#[derive(Debug)]
pub struct Found {
    pub when: When,
    /// What the guide says nothing about.
    pub undocumented: Option<Wrong>,
}

#[derive(Debug)]
pub enum When {
    Numbers(Vec<u16>),
    /// Not known as numbers: the last day, the third Friday.
    Sometimes,
}

impl When {
    pub fn numbers(&self) -> Option<&[u16]> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            Self::Sometimes => None,
        }
    }
}

/// One of the members of a list.
#[derive(Default)]
struct Item {
    numbers: Vec<u16>,
    is_special: bool,
    undocumented: Option<Wrong>,
}

impl Field {
    pub fn read(&self, text: &str) -> Result<Found, Wrong> {
        if text == "?" && (self.is(&DAY) || self.is(&WEEKDAY)) {
            return Ok(Found {
                when: When::Sometimes,
                undocumented: None,
            });
        }
        let items: Vec<Item> = text
            .split(',')
            .map(|item| self.item(item))
            .collect::<Result<_, _>>()?;
        if text.contains('#') && items.len() > 1 {
            let label = format!("the {} takes `#` once, and no list with it", self.name);
            let help = "write one schedule for each, such as `6#3` for the third Friday";
            return Err((label, help.to_owned()));
        }
        let is_special = items.iter().any(|item| item.is_special);
        let is_listed = is_special && items.len() > 1;
        let listed = is_listed.then(|| {
            let label = format!(
                "`L` and `W` of the {} beside other days: EventBridge's guide does not say that it takes them",
                self.name
            );
            (label, "write one schedule for each".to_owned())
        });
        let mut numbers = Vec::new();
        let mut undocumented = listed;
        for item in items {
            numbers.extend(item.numbers);
            undocumented = undocumented.or(item.undocumented);
        }
        Ok(Found {
            when: if is_special {
                When::Sometimes
            } else {
                When::Numbers(numbers)
            },
            undocumented,
        })
    }

    fn is(&self, other: &Self) -> bool {
        self.name == other.name
    }

    fn item(&self, text: &str) -> Result<Item, Wrong> {
        if text == "?" {
            let label = format!("`?` cannot be the {}, or one of a list", self.name);
            let help = "`?` stands alone, for the day of the month or the day of the week";
            return Err((label, help.to_owned()));
        }
        if let Some(special) = self.special(text)? {
            return Ok(special);
        }
        let (base, step) = match text.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step)?)),
            None => (text, None),
        };
        let mut item = self.span(base, step.is_some())?;
        if let Some(step) = step {
            item.numbers = item
                .numbers
                .into_iter()
                .step_by(usize::from(step))
                .collect();
        }
        Ok(item)
    }

    /// What stands for a day that has no number.
    fn special(&self, text: &str) -> Result<Option<Item>, Wrong> {
        let upper = text.to_ascii_uppercase();
        let special = Some(Item {
            is_special: true,
            ..Item::default()
        });
        if upper == "L" && (self.is(&DAY) || self.is(&WEEKDAY)) {
            return Ok(special);
        }
        if self.is(&DAY) {
            let before = upper.strip_prefix("L-").map(|day| day.parse::<u16>());
            if upper == "LW" || matches!(before, Some(Ok(1..=30))) {
                let label = format!("EventBridge's guide does not say that it takes `{text}`");
                return Ok(special.map(|item| Item {
                    undocumented: Some((label, "write `L` for the last day".to_owned())),
                    ..item
                }));
            }
            // A weekday near the 31st comes only where there is one.
            if let Some(day) = upper.strip_suffix('W') {
                let numbers = vec![self.number(day)?];
                return Ok(Some(Item {
                    numbers,
                    ..Item::default()
                }));
            }
        }
        if self.is(&WEEKDAY) {
            if let Some((day, which)) = upper.split_once('#') {
                self.number(day)?;
                if !matches!(which, "1" | "2" | "3" | "4" | "5") {
                    let label = format!("a month has no day of the week number `{which}`");
                    let help = "write 1 to 5 behind `#`: `6#3` is the third Friday";
                    return Err((label, help.to_owned()));
                }
                return Ok(special);
            }
            if let Some(day) = upper.strip_suffix('L') {
                self.number(day)?;
                return Ok(special);
            }
        }
        Ok(None)
    }

    fn step(&self, text: &str) -> Result<u16, Wrong> {
        let step = number(text).filter(|step| (1..=self.step).contains(step));
        step.ok_or_else(|| {
            let label = format!(
                "the {} takes a step of 1 to {}: `/{text}` is none",
                self.name, self.step
            );
            let help = if self.is(&MINUTE) && text == "60" {
                "for every hour write 0 as the minute".to_owned()
            } else if self.is(&HOUR) && text == "24" {
                "for every day write one hour, such as 0".to_owned()
            } else {
                format!("write a step of 1 to {}", self.step)
            };
            (label, help)
        })
    }

    /// The numbers of `*`, of one number, and of two with a hyphen.
    fn span(&self, text: &str, has_step: bool) -> Result<Item, Wrong> {
        let (low, high) = (*self.range.start(), *self.range.end());
        if text == "*" {
            return Ok(Item {
                numbers: self.range.clone().collect(),
                ..Item::default()
            });
        }
        if text.is_empty() && has_step {
            let label = format!("the {} has nothing before its `/`", self.name);
            return Ok(Item {
                numbers: self.range.clone().collect(),
                undocumented: Some((label, "write `*` before it".to_owned())),
                ..Item::default()
            });
        }
        // A hyphen in front is a sign.
        let Some((from, to)) = text.split_once('-').filter(|(from, _)| !from.is_empty()) else {
            let from = self.number(text)?;
            let to = if has_step { high } else { from };
            return Ok(Item {
                numbers: (from..=to).collect(),
                ..Item::default()
            });
        };
        let (first, last) = (self.number(from)?, self.number(to)?);
        if first <= last {
            return Ok(Item {
                numbers: (first..=last).collect(),
                ..Item::default()
            });
        }
        let label = format!(
            "the {} goes from {from} to {to}: EventBridge's guide does not say that it takes ranges over the end",
            self.name
        );
        let highest = self.names.last().copied().map_or(high.to_string(), |name| {
            if from.parse::<u16>().is_ok() {
                high.to_string()
            } else {
                name.to_owned()
            }
        });
        let lowest = self.names.first().map_or(low.to_string(), |name| {
            if from.parse::<u16>().is_ok() {
                low.to_string()
            } else {
                (*name).to_owned()
            }
        });
        let help = format!("write `{from}-{highest},{lowest}-{to}`");
        Ok(Item {
            numbers: (first..=high).chain(low..=last).collect(),
            undocumented: Some((label, help)),
            ..Item::default()
        })
    }

    fn number(&self, text: &str) -> Result<u16, Wrong> {
        let upper = text.to_ascii_uppercase();
        let named = (*self.range.start()..)
            .zip(self.names)
            .find(|(_, name)| **name == upper);
        let found = match named {
            Some((number, _)) => Some(number),
            None => number(text).filter(|number| self.range.contains(number)),
        };
        found.ok_or_else(|| {
            let what = if text.is_empty() { "nothing" } else { text };
            let label = format!("the {} is {}: `{what}` is not", self.name, self.told);
            let help = if self.is(&WEEKDAY) && matches!(text, "0" | "-1") {
                "Sunday is 1 here: write SUN".to_owned()
            } else if self.is(&HOUR) && text == "24" {
                "midnight is hour 0".to_owned()
            } else {
                format!("write {}", self.told)
            };
            (label, help)
        })
    }
}

/// A number in digits alone.
fn number(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}
