//! Questions on a terminal. An answer that the compiler refuses is asked for again, with what it says.

use std::io::BufRead;

use super::draft::{Answers, Draft};
use super::question::{QUESTIONS, Question};
use crate::cli::terminal::Terminal;
use crate::diagnostic::Code;

/// Somebody who answers.
pub struct Dialogue<'d, 't> {
    input: &'d mut dyn BufRead,
    terminal: &'d mut Terminal<'t>,
}

impl<'d, 't> Dialogue<'d, 't> {
    pub fn new(input: &'d mut dyn BufRead, terminal: &'d mut Terminal<'t>) -> Self {
        Self { input, terminal }
    }

    /// Asks for what is not answered yet. False if the input ended before.
    pub fn hold(&mut self, draft: &mut Draft<'_>, answers: &mut Answers) -> anyhow::Result<bool> {
        let open = QUESTIONS
            .iter()
            .filter(|question| !answers.contains_key(question.id));
        let open: Vec<&Question> = open.collect();
        for question in open {
            let Some(value) = self.answer(question, draft, answers)? else {
                return Ok(false);
            };
            answers.insert(question.id, value);
        }
        Ok(true)
    }

    /// An answer that goes together with the others, as TOML.
    fn answer(
        &mut self,
        question: &Question,
        draft: &mut Draft<'_>,
        answers: &Answers,
    ) -> anyhow::Result<Option<String>> {
        loop {
            let Some(line) = self.line(&prompt(question))? else {
                return Ok(None);
            };
            let line = match (line.is_empty(), question.default()) {
                (true, Some(default)) => default,
                (true, None) => continue,
                (false, _) => line,
            };
            let value = match question.toml(&line) {
                Ok(value) => value,
                Err(problem) => {
                    self.terminal.error(&problem)?;
                    continue;
                }
            };
            let mut with = answers.clone();
            with.insert(question.id, value.clone());
            let judged = draft.judge(&with)?;
            let errors = judged.errors();
            if errors.is_empty() {
                return Ok(Some(value));
            }
            draft.report(&errors, &judged, self.terminal)?;
            let can_be_paid = errors
                .iter()
                .all(|error| error.code == Code::EngineEndOfSupport);
            if can_be_paid && !draft.extended_support && self.agrees_to_pay()? {
                draft.extended_support = true;
                if !crate::diagnostic::has_errors(&draft.judge(&with)?.diagnostics) {
                    return Ok(Some(value));
                }
                draft.extended_support = false;
            }
        }
    }

    fn agrees_to_pay(&mut self) -> anyhow::Result<bool> {
        let answer = self.line("Pay for extended support? (yes or no) [no] ")?;
        Ok(answer.is_some_and(|answer| matches!(answer.to_lowercase().as_str(), "y" | "yes")))
    }

    /// What was typed, without the blanks around it. Nothing at the end of the input.
    fn line(&mut self, prompt: &str) -> anyhow::Result<Option<String>> {
        self.terminal.report(prompt)?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            self.terminal.report("\n")?;
            return Ok(None);
        }
        Ok(Some(line.trim().to_owned()))
    }
}

/// `What is it called? (a word of every name) [staging] `.
fn prompt(question: &Question) -> String {
    let mut prompt = format!("{} ", question.ask);
    if !question.hint.is_empty() {
        prompt.push_str(&format!("({}) ", question.hint));
    }
    if let Some(default) = question.default() {
        prompt.push_str(&format!("[{default}] "));
    }
    prompt
}
