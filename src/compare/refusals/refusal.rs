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
    /// Number of the call.
    #[serde(skip)]
    pub call: usize,
}

/// What is said of a refusal beside the step.
pub struct Reason<'a> {
    pub error: Option<&'a str>,
    pub with: Option<&'a State<'a>>,
    pub why: String,
    pub way: String,
}

impl Refusal {
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
            way: reason.way,
            call,
        }
    }
}

/// A resource as people call it: `TargetGroup validate-payment`.
pub fn called(state: &State<'_>) -> String {
    let class = state.kind.class.rsplit('.').next().unwrap_or_default();
    format!("{class} `{}`", name_of(state.urn))
}
