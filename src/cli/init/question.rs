//! What `init` has to know, each once: its option, its question, its default, and how an answer is written in TOML.

use crate::date::Date;

/// One answer of the user's.
#[derive(Debug)]
pub struct Question {
    /// The place in the template; with hyphens, the option.
    pub id: &'static str,
    pub ask: &'static str,
    /// What else there is to know before answering.
    pub hint: &'static str,
    /// What an empty answer stands for; without one, somebody has to answer.
    pub default: Option<&'static str>,
    /// An answer that is right, for the time before there is one.
    pub model: &'static str,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Texts,
    /// E-mail addresses, or what alarms can reach besides.
    Subscribers,
    Date,
    Number,
    Flag,
}

/// In the order in which they are asked.
pub const QUESTIONS: [Question; 9] = [
    Question {
        id: "owner",
        ask: "Which team answers for the environment?",
        hint: "",
        default: None,
        model: "payments-platform",
        form: Form::Text,
    },
    Question {
        id: "name",
        ask: "What is the environment called?",
        hint: "a word of every resource's name",
        default: Some("staging"),
        model: "staging",
        form: Form::Text,
    },
    Question {
        id: "suffix",
        ask: "Which suffix ends every name?",
        hint: "so that copies stand side by side in one account",
        default: Some("main"),
        model: "main",
        form: Form::Text,
    },
    Question {
        id: "migration_date",
        ask: "When is the migration?",
        hint: "such as 2026-12-01",
        default: None,
        model: "2026-12-01",
        form: Form::Date,
    },
    Question {
        id: "real_card_data",
        ask: "Will there be real card data?",
        hint: "yes or no",
        default: Some("no"),
        model: "no",
        form: Form::Flag,
    },
    Question {
        id: "monthly_budget_usd",
        ask: "What may a month cost, in US dollars?",
        hint: "",
        default: Some("320"),
        model: "320",
        form: Form::Number,
    },
    Question {
        id: "cidr",
        ask: "Which private range is the VPC's?",
        hint: "/16 to /20, overlapping with no network that it will be connected to",
        default: Some("10.40.0.0/16"),
        model: "10.40.0.0/16",
        form: Form::Text,
    },
    Question {
        id: "allow",
        ask: "Which ranges may connect to the load balancer?",
        hint: "of offices and partners, separated by commas, such as 203.0.113.0/24",
        default: None,
        model: "203.0.113.0/24",
        form: Form::Texts,
    },
    Question {
        id: "notify",
        ask: "Which address do alarms reach?",
        hint: "e-mail, or https://",
        default: None,
        model: "payments-oncall@example.com",
        form: Form::Subscribers,
    },
];

impl Question {
    /// `--migration-date`.
    pub fn option(&self) -> String {
        format!("--{}", self.id.replace('_', "-"))
    }

    /// The answer as TOML, or why it is none.
    pub fn toml(&self, answer: &str) -> Result<String, String> {
        let answer = answer.trim();
        match self.form {
            Form::Text => Ok(quoted(answer)),
            Form::Texts => Ok(list(answer, str::to_owned)),
            Form::Subscribers => Ok(list(answer, subscriber)),
            Form::Date => match answer.parse::<Date>() {
                Ok(date) => Ok(date.to_string()),
                Err(error) => Err(format!("`{answer}` is {error}")),
            },
            Form::Number => match answer.replace(['_', ','], "").parse::<u32>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) => Err(format!("`{answer}` is not a whole number")),
            },
            Form::Flag => match answer.to_lowercase().as_str() {
                "yes" | "y" | "true" => Ok("true".to_owned()),
                "no" | "n" | "false" => Ok("false".to_owned()),
                _ => Err(format!("`{answer}` is neither yes nor no")),
            },
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
            assert!(question.toml(question.model).is_ok(), "{}", question.id);
            assert!(
                question
                    .default
                    .is_none_or(|answer| question.toml(answer).is_ok())
            );
        }
    }
}
