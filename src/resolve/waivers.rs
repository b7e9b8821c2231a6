//! `[[waivers]]`: what was accepted, why, by whom and until when. Whether it may be is a rule's business.

use super::environment::{Subject, Waiver};
use super::resolver::{Resolver, STAND_IN, place};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::format::{Fill as _, Header, RawWaiver};
use crate::origin::Value;
use crate::spec::nearest;

impl Resolver<'_> {
    /// Those that are whole; of the others it is told what they lack.
    pub fn waivers(&mut self, raw: Vec<RawWaiver>) -> Vec<Waiver> {
        raw.into_iter().filter_map(|raw| self.waiver(raw)).collect()
    }

    fn waiver(&mut self, raw: RawWaiver) -> Option<Waiver> {
        let RawWaiver {
            header,
            rule,
            requirement,
            reason,
            owner,
            expires,
        } = raw;
        let subject = self.subject(rule, requirement, &header);
        let text = String::new;
        let reason = self.required(reason, &header, &RawWaiver::reason, text());
        let owner = self.required(owner, &header, &RawWaiver::owner, text());
        let day = "2027-01-31".to_owned();
        let expires = self.required(expires, &header, &RawWaiver::expires, day);
        let date: Date = expires.value.parse().ok()?;
        let is_whole =
            reason.origin != STAND_IN && owner.origin != STAND_IN && expires.origin != STAND_IN;
        let subject = subject.filter(|_| is_whole)?;
        Some(Waiver {
            place: header.span,
            subject,
            reason,
            owner,
            expires: expires.map(|_| date),
        })
    }

    /// A rule or a requirement, not both.
    fn subject(
        &mut self,
        rule: Option<Value<String>>,
        requirement: Option<Value<String>>,
        header: &Header,
    ) -> Option<Value<Subject>> {
        let rule_path = format!("{}.rule", header.path);
        let requirement_path = format!("{}.requirement", header.path);
        if self.problems.is_unusable(&rule_path) || self.problems.is_unusable(&requirement_path) {
            return None;
        }
        match (rule, requirement) {
            (Some(rule), None) => match Code::from_name(&rule.value) {
                Some(code) => Some(rule.map(|_| Subject::Rule(code))),
                None => {
                    let (key, span) = place(&rule.origin);
                    let message = format!("`{key}` is not a rule");
                    let codes = Code::ALL.iter().map(|code| code.as_str());
                    let told = Diagnostic::error(Code::InvalidWaiver, span, message)
                        .label("no rule has this code");
                    self.problems.push(match nearest(&rule.value, codes) {
                        Some(best) => told.did_you_mean(best),
                        None => told.help("`paystagec rules` lists the codes"),
                    });
                    None
                }
            },
            (None, Some(requirement)) => Some(requirement.map(Subject::Requirement)),
            (rule, _) => {
                let label = if rule.is_some() {
                    "names both a rule and a requirement"
                } else {
                    "names neither a rule nor a requirement"
                };
                self.problems.push(
                    Diagnostic::error(
                        Code::InvalidWaiver,
                        header.span.clone(),
                        format!("`{}` does not name what it waives", header.path),
                    )
                    .label(label)
                    .help(
                        "name a rule, such as everybody-allowed, or a requirement, such as NET-6",
                    ),
                );
                None
            }
        }
    }
}
