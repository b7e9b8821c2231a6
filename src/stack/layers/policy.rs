//! IAM documents: statements, trust policies and the roles that carry them.

use crate::stack::expr::Expr;
use crate::stack::resource::{Handle, Resource};

/// One statement, with its keys in the order in which people write them.
#[derive(Debug, Clone)]
pub struct Statement {
    sid: &'static str,
    effect: &'static str,
    principal: Option<(&'static str, Expr)>,
    actions: Expr,
    resource: Option<Expr>,
    /// Operator, key, value; operators in order of their first use.
    conditions: Vec<(&'static str, &'static str, Expr)>,
    reason: Option<&'static str>,
}

impl Statement {
    /// One action is printed as text, several as a list.
    pub fn allow<const N: usize>(
        sid: &'static str,
        actions: [&'static str; N],
        resource: impl Into<Expr>,
    ) -> Self {
        Self::new("Allow", sid, action_list(&actions), Some(resource.into()))
    }

    pub fn deny<const N: usize>(
        sid: &'static str,
        actions: [&'static str; N],
        resource: impl Into<Expr>,
    ) -> Self {
        Self::new("Deny", sid, action_list(&actions), Some(resource.into()))
    }

    /// With actions that are an expression already, such as a module constant.
    pub fn new(
        effect: &'static str,
        sid: &'static str,
        actions: Expr,
        resource: Option<Expr>,
    ) -> Self {
        Self {
            sid,
            effect,
            principal: None,
            actions,
            resource,
            conditions: Vec::new(),
            reason: None,
        }
    }

    /// `kind` is `Service` or `AWS`.
    #[must_use]
    pub fn principal(mut self, kind: &'static str, principal: Expr) -> Self {
        self.principal = Some((kind, principal));
        self
    }

    #[must_use]
    pub fn condition(
        mut self,
        operator: &'static str,
        key: &'static str,
        value: impl Into<Expr>,
    ) -> Self {
        self.conditions.push((operator, key, value.into()));
        self
    }

    /// The reason, printed above the statement.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// As it stands in a document.
    pub fn into_expr(self) -> Expr {
        let mut entries = Vec::new();
        let mut push = |key: &str, value: Expr| entries.push((key.to_owned(), value));
        if !self.sid.is_empty() {
            push("Sid", self.sid.into());
        }
        push("Effect", self.effect.into());
        if let Some((kind, principal)) = self.principal {
            push("Principal", Expr::map([(kind, principal)]));
        }
        push("Action", self.actions);
        if let Some(resource) = self.resource {
            push("Resource", resource);
        }
        if !self.conditions.is_empty() {
            let mut operators: Vec<(String, Vec<(String, Expr)>)> = Vec::new();
            for (operator, key, value) in self.conditions {
                match operators.iter_mut().find(|(name, _)| name == operator) {
                    Some((_, keys)) => keys.push((key.to_owned(), value)),
                    None => operators.push((operator.to_owned(), vec![(key.to_owned(), value)])),
                }
            }
            push(
                "Condition",
                Expr::Map(
                    operators
                        .into_iter()
                        .map(|(name, keys)| (name, Expr::Map(keys)))
                        .collect(),
                ),
            );
        }
        let statement = Expr::Map(entries);
        match self.reason {
            Some(reason) => statement.noted(reason),
            None => statement,
        }
    }
}

fn action_list(actions: &[&'static str]) -> Expr {
    match actions {
        [one] => Expr::from(*one),
        many => Expr::list(many.iter().copied()),
    }
}

/// A policy document as JSON text.
pub fn document(statements: impl IntoIterator<Item = Statement>) -> Expr {
    Expr::json(Expr::map([
        ("Version", "2012-10-17".into()),
        (
            "Statement",
            Expr::List(statements.into_iter().map(Statement::into_expr).collect()),
        ),
    ]))
}

/// A role that one AWS service may take on: `role-<role>-environment-suffix`.
pub fn service_role(variable: &str, role: &str, service: &'static str) -> Resource {
    let trust = Statement::new("Allow", "", "sts:AssumeRole".into(), None)
        .principal("Service", service.into());
    Resource::new("aws.iam.Role", variable)
        .arg("name", Expr::name("role", role))
        .fixed("assume_role_policy", document([trust]), "SEC-2")
        .tags("role", role)
}

/// The same, only on behalf of this account, where the service says on whose behalf it acts.
pub fn service_role_of_account(variable: &str, role: &str, service: &'static str) -> Resource {
    let trust = Statement::new("Allow", "", "sts:AssumeRole".into(), None)
        .principal("Service", service.into())
        .condition("StringEquals", "aws:SourceAccount", Expr::AccountId);
    Resource::new("aws.iam.Role", variable)
        .arg("name", Expr::name("role", role))
        .arg("assume_role_policy", document([trust]))
        .tags("role", role)
}

/// What a role may do, inline, so that role and rights come and go together.
pub fn role_policy(
    variable: &str,
    role: &str,
    handle: &Handle,
    statements: impl IntoIterator<Item = Statement>,
) -> Resource {
    Resource::new("aws.iam.RolePolicy", variable)
        .arg("name", Expr::name("policy", role))
        .arg("role", handle.out("id"))
        .arg("policy", document(statements))
}
