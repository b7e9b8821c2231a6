//! What `init` asks, and how an answer is written in TOML. Types, defaults and examples are those of the keys.

use crate::date::Date;
use crate::format::{Key, Kind, RawEnvironment, RawLoadBalancer, RawMonitoring, RawNetwork};

/// One answer of the user's.
#[derive(Debug)]
pub struct Question {
    /// The place in the template; with hyphens, the option.
    pub id: &'static str,
    /// The key that it is for: its type and its example are those of the answer.
    key: &'static Key,
    pub ask: &'static str,
    /// What else there is to know before answering.
    pub hint: &'static str,
    /// Whether an empty answer stands for the key's default, or else for its example; otherwise somebody has to answer.
    is_offered: bool,
}

/// In the order in which they are asked.
pub const QUESTIONS: [Question; 9] = [
    Question {
        id: "owner",
        key: &RawEnvironment::owner,
        ask: "Which team answers for the environment?",
        hint: "",
        is_offered: false,
    },
    Question {
        id: "name",
        key: &RawEnvironment::name,
        ask: "What is the environment called?",
        hint: "a word of every resource's name",
        is_offered: true,
    },
    Question {
        id: "suffix",
        key: &RawEnvironment::suffix,
        ask: "Which suffix ends every name?",
        hint: "so that copies stand side by side in one account",
        is_offered: true,
    },
    Question {
        id: "migration_date",
        key: &RawEnvironment::migration_date,
        ask: "When is the migration?",
        hint: "such as 2026-12-01",
        is_offered: false,
    },
    Question {
        id: "real_card_data",
        key: &RawEnvironment::real_card_data,
        ask: "Will there be real card data?",
        hint: "yes or no",
        is_offered: true,
    },
    Question {
        id: "monthly_budget_usd",
        key: &RawEnvironment::monthly_budget_usd,
        ask: "What may a month cost, in US dollars?",
        hint: "",
        is_offered: true,
    },
    Question {
        id: "cidr",
        key: &RawNetwork::cidr,
        ask: "Which private range is the VPC's?",
        hint: "/16 to /20, overlapping with no network that it will be connected to",
        is_offered: true,
    },
    Question {
        id: "allow",
        key: &RawLoadBalancer::allowed_cidrs,
        ask: "Which ranges may connect to the load balancer?",
        hint: "of offices and partners, separated by commas, such as 203.0.113.0/24",
        is_offered: false,
    },
    Question {
        id: "notify",
        key: &RawMonitoring::notify,
        ask: "Which address do alarms reach?",
        hint: "e-mail, or https://",
        is_offered: false,
    },
];

impl Question {
    /// `--migration-date`.
    pub fn option(&self) -> String {
        format!("--{}", self.id.replace('_', "-"))
    }

    /// What an empty answer stands for; without one, somebody has to answer.
    pub fn default(&self) -> Option<String> {
        self.is_offered.then(|| self.model())
    }

    /// An answer that is right, for the time before there is one.
    pub fn model(&self) -> String {
        let default = self.key.default.map(|default| default.value.to_string());
        let example = self.key.all_examples().into_iter().next();
        match default.or(example).unwrap_or_default().as_str() {
            "false" => "no".to_owned(),
            "true" => "yes".to_owned(),
            text => text.to_owned(),
        }
    }

    /// The answer as TOML, or why it is none.
    pub fn toml(&self, answer: &str) -> Result<String, String> {
        let answer = answer.trim();
        match self.key.kind {
            Kind::Texts if self.id == "notify" => Ok(list(answer, subscriber)),
            Kind::Texts => Ok(list(answer, str::to_owned)),
            Kind::Date => match answer.parse::<Date>() {
                Ok(date) => Ok(date.to_string()),
                Err(error) => Err(format!("`{answer}` is {error}")),
            },
            Kind::Number => match answer.replace(['_', ','], "").parse::<u64>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) => Err(format!("`{answer}` is not a whole number")),
            },
            Kind::Flag => match answer.to_lowercase().as_str() {
                "yes" | "y" | "true" => Ok("true".to_owned()),
                "no" | "n" | "false" => Ok("false".to_owned()),
                _ => Err(format!("`{answer}` is neither yes nor no")),
            },
            _ => Ok(quoted(answer)),
        }
    }
}

fn list(answer: &str, member: impl Fn(&str) -> String) -> String {
    let members = answer.split(',').map(str::trim);
    let members = members.filter(|text| !text.is_empty());
    let members: Vec<String> = members.map(|text| quoted(&member(text))).collect();
    format!("[{}]", members.join(", "))
}

/// A bare e-mail address is what people type.
fn subscriber(text: &str) -> String {
    if text.contains(':') {
        text.to_owned()
    } else {
        format!("email:{text}")
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::QUESTIONS;

    fn toml(id: &str, answer: &str) -> Result<String, String> {
        let question = QUESTIONS.iter().find(|question| question.id == id).unwrap();
        question.toml(answer)
    }

    #[test]
    fn answers_become_values() {
        for (id, answer, value) in [
            ("owner", " payments ", "\"payments\""),
            (
                "allow",
                "192.0.2.0/24,203.0.113.0/24",
                "[\"192.0.2.0/24\", \"203.0.113.0/24\"]",
            ),
            ("allow", " , ", "[]"),
            ("notify", "a@b.example", "[\"email:a@b.example\"]"),
            ("notify", "https://b.example/x", "[\"https://b.example/x\"]"),
            ("migration_date", "2026-12-01", "2026-12-01"),
            ("monthly_budget_usd", "1_000", "1000"),
            ("real_card_data", "No", "false"),
        ] {
            assert_eq!(toml(id, answer), Ok(value.to_owned()), "{answer}");
        }
        for (id, answer) in [
            ("migration_date", "tomorrow"),
            ("monthly_budget_usd", "much"),
            ("real_card_data", "perhaps"),
        ] {
            assert!(toml(id, answer).is_err(), "{answer}");
        }
    }

    #[test]
    fn no_answer_leaves_its_string() {
        for answer in [
            "a\"\nversion = 2\n#",
            "a\\",
            "'''\"\"\"",
            "x\u{0}y",
            "{{name}}",
        ] {
            let text = format!("key = {}", toml("owner", answer).unwrap());
            let table: toml::Table = text.parse().unwrap();
            assert_eq!(table["key"].as_str(), Some(answer), "{text}");
            assert_eq!(table.len(), 1, "{text}");
        }
    }

    #[test]
    fn every_default_and_model_is_an_answer() {
        for question in &QUESTIONS {
            let model = question.model();
            assert!(!model.is_empty(), "{}", question.id);
            assert!(question.toml(&model).is_ok(), "{}", question.id);
        }
    }
}
