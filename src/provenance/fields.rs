//! The fields of an answer: a name and its text on a line each.

use std::fmt::Write as _;

use super::{Atlas, family};
use crate::emit::trace::Place;
use crate::stack::expr::{Expr, Row};
use crate::stack::graph::Member;
use crate::stack::resource::{Argument, Component, Resource};

/// Names in one list: what is left is counted.
const MOST: usize = 20;

impl Atlas<'_> {
    /// Value and origin, for each member where members differ.
    pub(super) fn origins(&self, arguments: &[(Member<'_>, &Argument)]) -> String {
        let mut answers: Vec<(Vec<String>, String)> = Vec::new();
        for (member, argument) in arguments {
            let mut text = String::new();
            if let Some(value) = self.literal(&argument.value, member.row) {
                text.push_str(&field("value", &value));
            }
            text.push_str(&fields("from", &self.origin(&member.origin(argument))));
            match answers.iter_mut().find(|(_, known)| *known == text) {
                Some((names, _)) => names.push(member.logical()),
                None => answers.push((vec![member.logical()], text)),
            }
        }
        match answers.as_slice() {
            [(_, text)] => text.clone(),
            many => many
                .iter()
                .map(|(names, text)| format!("\n{}{text}", field("for", &listed(names))))
                .collect(),
        }
    }

    /// A value that is known before Pulumi runs.
    pub(super) fn literal(&self, expr: &Expr, row: Option<&Row>) -> Option<String> {
        let mut expr = expr;
        if let (Expr::Column(column), Some(row)) = (expr, row) {
            expr = row.cell(column)?;
        }
        let mut known = true;
        expr.walk(&mut |expr| {
            known &= matches!(
                expr,
                Expr::Text(_)
                    | Expr::Integer(_)
                    | Expr::Float(_)
                    | Expr::Bool(_)
                    | Expr::List(_)
                    | Expr::Map(_)
                    | Expr::Noted(..)
            );
        });
        known.then(|| self.output.stack.expr_json(expr, row).to_string())
    }
}

/// The members of a resource: one, or one for each row of its family.
pub(super) fn members<'a>(
    component: &'a Component,
    place: Place,
    resource: &'a Resource,
) -> Vec<Member<'a>> {
    let of = |row| Member {
        component,
        resource,
        row,
    };
    match family(component, place.block) {
        Some(family) => family.rows.iter().map(|row| of(Some(row))).collect(),
        None => vec![of(None)],
    }
}

/// `resource   aws.ec2.Vpc …`.
pub(super) fn field(name: &str, text: &str) -> String {
    format!("{name:<10} {text}\n")
}

pub(super) fn fields(name: &str, lines: &[String]) -> String {
    let mut name = name;
    let mut text = String::new();
    for line in lines {
        text.push_str(&field(name, line));
        name = "";
    }
    text
}

/// What a resource waits for, with the reason; its own component goes without saying.
pub(super) fn waits_for(component: &Component, resource: &Resource) -> String {
    let edges = resource.depends_on.iter();
    edges
        .map(|(target, reason)| {
            let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
            let made = if target.component == component.path {
                target.variable.clone()
            } else {
                format!("{}.{}", target.component, target.variable)
            };
            field("waits for", &format!("{made}{reason}"))
        })
        .collect()
}

pub(super) fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        let _ = write!(text, " and {} more", names.len() - MOST);
    }
    text
}
