//! What requests that are not in order are answered with, compiled in from `answers.toml`.

use crate::tables::compiled_in;

/// What is wrong with a request, and what each entry point makes of it.
#[derive(Debug)]
pub struct Answer {
    /// By which a test knows it.
    pub _id: &'static str,
    pub request: &'static str,
    pub when: When,
    /// Status and the end of the problem's type: `413 body-too-large`.
    pub api: &'static str,
    pub balancer: &'static str,
    /// Why the entry points differ.
    pub why: Option<&'static str>,
}

/// Which environments have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Payments are validated, or told of.
    Validates,
    Tells,
    /// Also by ids in the path, which is deprecated.
    TellsByPath,
    /// A route of the API asks for a key, or for a signature.
    Keys,
    Signed,
}

struct AnswerFile {
    answer: &'static [Answer],
}

/// All answers, in the order of the document.
pub fn answers() -> &'static [Answer] {
    static FILE: AnswerFile = compiled_in!("answers");
    FILE.answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points_differ_for_a_reason() {
        for answer in answers() {
            let differ = answer.api != answer.balancer;
            assert_eq!(differ, answer.why.is_some(), "{}", answer.request);
        }
    }
}
