//! Patterns of the physical names of a kind, as ARNs hold them: exact where there is one, with `*` for the role where
//! several differ in it, and for what only AWS knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::kind;
use crate::stack::expr::{Expr, Row};
use crate::stack::graph::{Member, Stack};

/// A name, or what several have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePattern {
    pub text: String,
    /// Whether it holds the suffix, so that it belongs to this environment alone.
    pub own: bool,
}

/// Who a name is written for.
#[derive(Debug)]
pub struct Naming<'a> {
    pub environment: &'a str,
    pub suffix: &'a str,
    pub region: &'a str,
    /// Digits, or what IAM puts them in for.
    pub account: &'a str,
}

impl Naming<'_> {
    /// The end of every name: `-staging-main`.
    pub fn tail(&self) -> String {
        format!("-{}-{}", self.environment, self.suffix)
    }

    /// Patterns of an argument over resources of one kind.
    pub fn patterns(
        &self,
        stack: &Stack,
        members: &[Member<'_>],
        argument: &str,
    ) -> Vec<NamePattern> {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for member in members {
            let Some(argument) = member.resource.argument(argument) else {
                continue;
            };
            let exact = self.text(stack, &argument.value, member.row, false);
            let common = self.text(stack, &argument.value, member.row, true);
            groups.entry(common).or_default().insert(exact);
        }
        let tail = self.tail();
        let patterns = groups.into_iter().map(|(common, mut exact)| {
            let text = match exact.pop_first() {
                Some(only) if exact.is_empty() => only,
                _ => common,
            };
            let own = text.contains(&tail);
            NamePattern { text, own }
        });
        patterns.collect()
    }

    fn text(&self, stack: &Stack, expr: &Expr, row: Option<&Row>, common: bool) -> String {
        match expr {
            Expr::Text(text) => text.clone(),
            Expr::AccountId => self.account.to_owned(),
            Expr::Region => self.region.to_owned(),
            Expr::EnvironmentName => self.environment.to_owned(),
            Expr::Suffix => self.suffix.to_owned(),
            Expr::Column(column) => row.map(|row| row.text(column)).unwrap_or_default(),
            Expr::Noted(_, value) | Expr::Constant { value, .. } => {
                self.text(stack, value, row, common)
            }
            Expr::Concat(parts) => {
                let parts = parts.iter();
                parts
                    .map(|part| self.text(stack, part, row, common))
                    .collect()
            }
            Expr::Name { kind, role } => {
                let role = match role.resolve(row) {
                    role if role.is_empty() => role,
                    _ if common => "-*".to_owned(),
                    role => format!("-{role}"),
                };
                format!("{kind}{role}{}", self.tail())
            }
            Expr::Output { target, field, .. } => {
                let text = |member: &Member<'_>| {
                    let name = physical_name(member, field)?;
                    Some(self.text(stack, name, member.row, common))
                };
                match stack.targets(target, row).as_slice() {
                    [only] => text(only).unwrap_or_else(|| "*".to_owned()),
                    _ => "*".to_owned(),
                }
            }
            _ => "*".to_owned(),
        }
    }
}

/// The argument behind an output, where that is the name that we gave.
fn physical_name<'a>(member: &Member<'a>, output: &str) -> Option<&'a Expr> {
    let rule = kind(member.resource.kind)?.name.as_ref()?;
    let argument = member.resource.argument(rule.property)?;
    (rule.property == output).then_some(&argument.value)
}
