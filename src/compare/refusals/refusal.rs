//! One step that AWS will refuse.

use serde::Serialize;

use super::account::{Account, State};
use crate::compare::engine::Call;
use crate::compare::registered::{name_of, type_of};

/// A step that AWS refuses, or accepts without an error although something is lost.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// What the engine is about to do: `create`, `update` or `delete`. Both halves of a replacement are steps of their own here.
    pub op: &'static str,
    /// Pulumi's type token.
    #[serde(rename = "type")]
    pub token: String,
    /// The logical name.
    pub name: String,
    /// The end of the URN.
    pub resource: String,
    /// AWS's name of the error; none where AWS accepts the step and something is lost.
    pub error: Option<String>,
    /// The end of the URN of the resource that is in the way.
    pub with: Option<String>,
    /// In a sentence.
    pub why: String,
    /// What to do instead.
    pub way: String,
    /// Whether this stack gets to the new spec that way: if not, only another one does.
    pub avoidable: bool,
    /// Number of the call.
    #[serde(skip)]
    pub call: usize,
}

/// What is said of a refusal beside the step.
pub struct Reason<'a> {
    pub error: Option<&'a str>,
    pub with: Option<&'a State<'a>>,
    pub why: String,
    pub way: Way,
}

/// A way around a refusal.
pub struct Way {
    pub text: String,
    /// Whether this stack gets to the new spec by it: if not, only another stack does.
    pub arrives: bool,
}

impl Way {
    pub fn here(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            arrives: true,
        }
    }

    pub fn elsewhere(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            arrives: false,
        }
    }
}

/// What several refusals may have in common: the call, the type, and AWS's name of the error.
pub type Cause = (&'static str, String, Option<String>);

impl Refusal {
    pub fn cause(&self) -> Cause {
        (self.op, self.token.clone(), self.error.clone())
    }

    /// Of a call that brings about this state, or ends it.
    pub fn new(account: &Account<'_>, call: usize, state: &State<'_>, reason: Reason<'_>) -> Self {
        let op = match account.change.course.calls.get(call) {
            Some(Call::Create(_)) => "create",
            Some(Call::Update(_)) => "update",
            Some(Call::Delete(_)) | None => "delete",
        };
        Self {
            op,
            token: type_of(state.urn).to_owned(),
            name: name_of(state.urn).to_owned(),
            resource: state.urn.to_owned(),
            error: reason.error.map(str::to_owned),
            with: reason.with.map(|state| state.urn.to_owned()),
            why: reason.why,
            way: reason.way.text,
            avoidable: reason.way.arrives,
            call,
        }
    }
}

/// A resource as people call it: `TargetGroup validate-payment`.
pub fn called(state: &State<'_>) -> String {
    let class = state.kind.class.rsplit('.').next().unwrap_or_default();
    format!("{class} `{}`", name_of(state.urn))
}
