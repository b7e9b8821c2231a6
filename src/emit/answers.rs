//! The table of answers to requests that are not in order.

use std::fmt::Write as _;

use crate::answers::{Answer, When, answers};

/// What of an environment decides which rows it has.
#[derive(Clone, Copy)]
pub struct Has {
    pub validates: bool,
    pub tells: bool,
    pub tells_by_path: bool,
    pub keys: bool,
    pub signed: bool,
}

impl Has {
    fn takes(self, answer: &Answer) -> bool {
        match answer.when {
            When::Always => true,
            When::Validates => self.validates,
            When::Tells => self.tells,
            When::TellsByPath => self.tells_by_path,
            When::Keys => self.keys,
            When::Signed => self.signed,
        }
    }
}

/// Rows in Markdown.
pub fn table(has: Has) -> String {
    let mut text =
        "| request | API Gateway | load balancer | why they differ |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for answer in answers().iter().filter(|answer| has.takes(answer)) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            answer.request,
            cell(answer.api),
            cell(answer.balancer),
            answer.why.unwrap_or_default()
        );
    }
    text.trim_end().to_owned()
}

/// `413 html`, `413 body-too-large`: what a client gets.
fn cell(answer: &str) -> String {
    match answer.split_once(' ') {
        Some((status, "html")) => format!("{status}, a page of AWS's"),
        Some((status, kind)) => format!("{status} `{kind}`"),
        None if answer == "handshake" => "no connection".to_owned(),
        None => "no refusal".to_owned(),
    }
}
