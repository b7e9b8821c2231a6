//! Physical names: which there are, how long each is without the suffix, and the longest suffix that fits all.

use super::expr::{Expr, Row};
use super::graph::{Member, Stack};

/// One physical name of the graph.
#[derive(Debug, Clone)]
pub struct NameUse {
    /// `aws.lb.TargetGroup functions/…`: what carries the name.
    pub what: String,
    /// The name with an empty suffix, as it would be printed.
    pub stem: String,
    /// AWS's limit for names of this kind, characters.
    pub limit: usize,
}

impl NameUse {
    /// Characters that are left for the suffix; negative when even the stem is too long.
    pub fn left(&self) -> i64 {
        left(&self.stem, self.limit)
    }
}

fn left(stem: &str, limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
        - i64::try_from(stem.chars().count()).unwrap_or(i64::MAX)
}

/// A suffix longer than this serves nobody, whatever AWS would take.
const LONGEST: i64 = 20;
/// Digits of an account id.
const ACCOUNT: &str = "000000000000";

impl Stack {
    /// Every physical name that carries the suffix and whose length AWS limits.
    pub fn name_uses(&self) -> Vec<NameUse> {
        let limited = self.limited_names();
        let uses = limited.map(|(member, stem, limit)| NameUse {
            what: format!("{} `{}`", member.resource.kind, member.logical()),
            stem,
            limit,
        });
        uses.collect()
    }

    /// Each with the name without its suffix, and the limit.
    fn limited_names(&self) -> impl Iterator<Item = (Member<'_>, String, usize)> {
        self.members().filter_map(|member| {
            let rule = crate::catalogue::kind(member.resource.kind)?
                .name
                .as_ref()?;
            let argument = member.resource.argument(rule.property)?;
            let limit = rule.max?;
            let stem = self.stem(&argument.value, member.row)?;
            Some((member, stem, limit))
        })
    }

    /// The name that a member has in AWS with this suffix; nothing for one that AWS names.
    pub fn physical_name(&self, member: &Member<'_>, suffix: &str) -> Option<String> {
        let rule = crate::catalogue::kind(member.resource.kind)?
            .name
            .as_ref()?;
        let argument = member.resource.argument(rule.property)?;
        let stem = self.stem(&argument.value, member.row)?;
        let name = match &argument.value {
            Expr::Name { .. } | Expr::AlphanumericName { .. } => format!("{stem}{suffix}"),
            _ if stem.ends_with('-') => format!("{stem}{suffix}"),
            _ => stem,
        };
        Some(name.replace(ACCOUNT, "<account>"))
    }

    /// The longest suffix that fits every name, characters.
    pub fn longest_suffix(&self) -> usize {
        let left = self
            .limited_names()
            .map(|(_, stem, limit)| left(&stem, limit))
            .min()
            .unwrap_or(LONGEST);
        usize::try_from(left.clamp(0, LONGEST)).unwrap_or_default()
    }

    fn stem(&self, expr: &Expr, row: Option<&Row>) -> Option<String> {
        let environment = &self.environment;
        match expr {
            Expr::Text(text) => Some(text.clone()),
            Expr::AccountId => Some(ACCOUNT.to_owned()),
            Expr::EnvironmentName => Some(environment.clone()),
            Expr::Column(column) => row.map(|row| row.text(column)),
            Expr::Name { kind, role } => {
                let role = role.resolve(row);
                let role = if role.is_empty() {
                    role
                } else {
                    format!("{role}-")
                };
                Some(format!("{kind}-{role}{environment}-"))
            }
            Expr::AlphanumericName { kind, role } => Some(format!(
                "{kind}{}{environment}",
                role.resolve(row).replace('-', "")
            )),
            Expr::Concat(parts) => parts.iter().map(|part| self.stem(part, row)).collect(),
            _ => None,
        }
    }
}
