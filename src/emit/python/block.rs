//! Resources and families as statements of a component's `__init__`.

use std::fmt::Write as _;

use super::expr::Scope;
use super::{WIDTH, literal};
use crate::emit::wiring::{Collected, Shape, Wiring};
use crate::stack::expr::{Members, Target};
use crate::stack::resource::{Block, Component, Condition, Family, Resource};

/// Statements of one component's resources.
pub struct BlockPrinter<'a> {
    pub component: &'a Component,
    pub wiring: &'a Wiring,
    pub scope: Scope<'a>,
    pub collected: Vec<Collected>,
}

/// Indentation of a statement in `__init__`.
const BODY: usize = 8;

impl BlockPrinter<'_> {
    pub fn print(&self, block: &Block) -> String {
        match block {
            Block::Resource(resource) => self.resource(resource, &self.scope, BODY),
            Block::Family(family) => self.family(family),
            Block::Guarded(condition, resources) => self.guarded(*condition, resources),
        }
    }

    fn family(&self, family: &Family) -> String {
        let scope = Scope {
            component: self.scope.component,
            row: Some(family.variable),
            constants: self.scope.constants,
        };
        let head = format!("for {} in {}:", family.variable, family.table);
        let key = format!("{}.{}", family.variable, family.key);
        self.nested(&head, &family.resources, &scope, &key)
    }

    fn guarded(&self, condition: Condition, resources: &[Resource]) -> String {
        let head = match condition {
            Condition::ManagesAccount => "if naming.manages_account:",
        };
        self.nested(head, resources, &self.scope, "")
    }

    /// Resources under a statement, and the collections by which what stands after it refers to them.
    fn nested(&self, head: &str, resources: &[Resource], scope: &Scope<'_>, key: &str) -> String {
        let inner = BODY + 4;
        let mut text = String::new();
        let of = |found: &Collected, resource: &Resource| found.variable == resource.variable;
        for found in &self.collected {
            if resources.iter().any(|resource| of(found, resource)) {
                let _ = writeln!(text, "{:BODY$}{}", "", self.empty_collection(found));
            }
        }
        let _ = writeln!(text, "{:BODY$}{head}", "");
        for resource in resources {
            text.push_str(&self.resource(resource, scope, inner));
            for found in self.collected.iter().filter(|found| of(found, resource)) {
                let value = if found.field.is_empty() {
                    resource.variable.clone()
                } else {
                    format!("{}.{}", resource.variable, found.field)
                };
                let line = match found.shape {
                    Shape::Map => format!("{}[{key}] = {value}", found.name),
                    _ => format!("{}.append({value})", found.name),
                };
                let _ = writeln!(text, "{:inner$}{line}", "");
            }
        }
        text
    }

    fn empty_collection(&self, found: &Collected) -> String {
        match (found.shape, &found.root) {
            (Shape::Map, Some(root)) => {
                let root = self.scope.print(&root.0, BODY, WIDTH, 0);
                format!(
                    "{}: dict[str, pulumi.Output[str]] = {{\"\": {root}}}",
                    found.name
                )
            }
            (Shape::Map, None) => format!("{}: dict[str, pulumi.Output[str]] = {{}}", found.name),
            (Shape::Resources, _) => format!("{}: list[pulumi.Resource] = []", found.name),
            _ => format!("{}: list[pulumi.Output[str]] = []", found.name),
        }
    }

    fn resource(&self, resource: &Resource, scope: &Scope<'_>, indent: usize) -> String {
        let mut text = String::new();
        if let Some(comment) = resource.comment {
            text.push_str(&literal::comment(comment, indent));
        }
        let used = self
            .wiring
            .is_used(&self.component.path, &resource.variable);
        let assignment = if used {
            format!("{} = ", resource.variable)
        } else {
            String::new()
        };
        let _ = writeln!(text, "{:indent$}{assignment}{}(", "", resource.kind);
        let inner = indent + 4;
        let _ = writeln!(text, "{:inner$}{},", "", scope.text(&resource.logical));
        for argument in &resource.arguments {
            if let Some(comment) = argument.comment {
                text.push_str(&literal::comment(comment, inner));
            }
            let head = format!("{:inner$}{}=", "", argument.name);
            let value = scope.print(&argument.value, inner, head.chars().count(), 1);
            let _ = writeln!(text, "{head}{value},");
        }
        text.push_str(&self.options(resource, scope, inner));
        let _ = writeln!(text, "{:indent$})", "");
        text
    }

    /// `opts=`: the shared options, or its own where edges are declared.
    fn options(&self, resource: &Resource, scope: &Scope<'_>, indent: usize) -> String {
        if resource.depends_on.is_empty() {
            let shared = if resource.delete_before_replace {
                "named"
            } else {
                "child"
            };
            return format!("{:indent$}opts={shared},\n", "");
        }
        let mut text = String::new();
        for reason in resource.depends_on.iter().filter_map(|(_, reason)| *reason) {
            text.push_str(&literal::comment(reason, indent));
        }
        let edges: Vec<&Target> = resource
            .depends_on
            .iter()
            .map(|(target, _)| target)
            .collect();
        let edges = self.edges(&edges, scope);
        let replace = if resource.delete_before_replace {
            ", delete_before_replace=True"
        } else {
            ""
        };
        let flat = format!(
            "{:indent$}opts=pulumi.ResourceOptions(parent=self, depends_on={edges}{replace}),",
            ""
        );
        if flat.chars().count() <= WIDTH {
            return format!("{text}{flat}\n");
        }
        let inner = indent + 4;
        let _ = writeln!(text, "{:indent$}opts=pulumi.ResourceOptions(", "");
        let _ = writeln!(text, "{:inner$}parent=self,", "");
        let line = format!("{:inner$}depends_on={edges},", "");
        if line.chars().count() <= WIDTH {
            let _ = writeln!(text, "{line}");
        } else {
            let _ = writeln!(text, "{:inner$}depends_on=[", "");
            for edge in edges.trim_matches(['[', ']']).split(", ") {
                let _ = writeln!(text, "{:indent$}{edge},", "", indent = inner + 4);
            }
            let _ = writeln!(text, "{:inner$}],", "");
        }
        if resource.delete_before_replace {
            let _ = writeln!(text, "{:inner$}delete_before_replace=True,", "");
        }
        let _ = writeln!(text, "{:indent$}),", "");
        text
    }

    /// `[policy, logs]`, or the name of a list of all members when that is the only edge.
    fn edges(&self, targets: &[&Target], scope: &Scope<'_>) -> String {
        let name = |target: &Target| {
            let plural = if target.members == Members::Each {
                "s"
            } else {
                ""
            };
            let place = if target.component == scope.component {
                ""
            } else {
                "args."
            };
            format!("{place}{}{plural}", target.variable)
        };
        match targets {
            [only] if only.members == Members::Each => name(only),
            targets => {
                let parts: Vec<String> = targets
                    .iter()
                    .map(|target| {
                        if target.members == Members::Each {
                            format!("*{}", name(target))
                        } else {
                            name(target)
                        }
                    })
                    .collect();
                format!("[{}]", parts.join(", "))
            }
        }
    }
}

/// The class of a family's rows.
pub fn row_class(family: &Family) -> String {
    let mut text = format!(
        "@dataclass(frozen=True, kw_only=True)\nclass {}:\n    \"\"\"{}\"\"\"\n\n",
        family.class, family.doc
    );
    for (column, kind) in &family.columns {
        let _ = writeln!(text, "    {column}: {kind}");
    }
    text
}

/// The literal table of a family: a row a member.
pub fn table(family: &Family, scope: &Scope<'_>) -> String {
    let mut text = family
        .comment
        .map(|comment| literal::comment(comment, 0))
        .unwrap_or_default();
    let rows: Vec<(String, String)> = family
        .rows
        .iter()
        .map(|row| {
            let cells = row
                .cells
                .iter()
                .map(|(column, value, _)| format!("{column}={}", scope.print(value, 8, 0, 0)));
            let flat = format!("{}({})", family.class, cells.collect::<Vec<_>>().join(", "));
            let broken = row.cells.iter().map(|(column, value, _)| {
                let head = format!("        {column}=");
                let value = scope.print(value, 8, head.chars().count(), 1);
                format!("{head}{value},\n")
            });
            let broken = format!("{}(\n{}    )", family.class, broken.collect::<String>());
            (flat, broken)
        })
        .collect();
    let one_line = match rows.as_slice() {
        [] => Some(format!(
            "{}: tuple[{}, ...] = ()",
            family.table, family.class
        )),
        [(only, _)] => Some(format!("{} = ({only},)", family.table)),
        _ => None,
    };
    if let Some(line) =
        one_line.filter(|line| line.chars().count() <= WIDTH && !line.contains('\n'))
    {
        return format!("{text}{line}\n");
    }
    let _ = writeln!(text, "{} = (", family.table);
    for (flat, broken) in rows {
        let fits = 4 + flat.chars().count() < WIDTH && !flat.contains('\n');
        let _ = writeln!(text, "    {},", if fits { flat } else { broken });
    }
    text.push_str(")\n");
    text
}
