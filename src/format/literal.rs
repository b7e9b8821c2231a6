//! A value whose type the spec does not fix: that of an argument.

use std::fmt;

use toml::de::{DeInteger, DeValue};

use crate::number::grouped;

/// A plain value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Literal {
    /// The value, unless it is a table, a date, or a list of something else than strings.
    pub fn read(value: &DeValue<'_>) -> Option<Self> {
        Some(match value {
            DeValue::Boolean(flag) => Self::Bool(*flag),
            DeValue::Integer(number) => Self::Integer(integer(number)?),
            DeValue::Float(number) => {
                let number: f64 = number.as_str().replace('_', "").parse().ok()?;
                // No argument takes an infinity, and Python has no literal for one.
                Self::Float(Some(number).filter(|number| number.is_finite())?)
            }
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Array(members) => {
                let texts = members.iter();
                let texts = texts.map(|member| member.get_ref().as_str().map(str::to_owned));
                Self::Texts(texts.collect::<Option<Vec<String>>>()?)
            }
            DeValue::Datetime(_) | DeValue::Table(_) => return None,
        })
    }

    /// What it is, as a label says it.
    pub fn article(&self) -> String {
        match self {
            Self::Bool(flag) => format!("`{flag}`"),
            Self::Integer(number) => format!("the number {}", grouped(*number)),
            Self::Float(number) => format!("the number {number:?}"),
            Self::Text(_) => "a string".to_owned(),
            Self::Texts(_) => "a list".to_owned(),
        }
    }
}

impl fmt::Display for Literal {
    /// As one writes it in the spec.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(flag) => write!(formatter, "{flag}"),
            Self::Integer(number) => formatter.write_str(&grouped(*number)),
            Self::Float(number) => write!(formatter, "{number:?}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
            Self::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
                write!(formatter, "[{}]", texts.join(", "))
            }
        }
    }
}

fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
