//! Resources and families as statements of a component's `__init__`.

use std::fmt::Write as _;

use super::expr::Scope;
use super::{WIDTH, literal};
use crate::emit::trace::{Part, Place, Traced};
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
    /// The block with this number in the component.
    pub fn print(&self, number: usize, block: &Block) -> Traced {
        match block {
            Block::Resource(resource) => {
                let place = Place {
                    block: number,
                    resource: 0,
                };
                self.resource(place, resource, &self.scope, BODY)
            }
            Block::Family(family) => self.family(number, family),
            Block::Guarded(condition, resources) => self.guarded(number, *condition, resources),
        }
    }

    fn family(&self, number: usize, family: &Family) -> Traced {
        let scope = Scope {
            component: self.scope.component,
            row: Some(family.variable),
            constants: self.scope.constants,
        };
        let head = format!("for {} in {}:", family.variable, family.table);
        let key = format!("{}.{}", family.variable, family.key);
        self.nested(number, &head, &family.resources, &scope, &key)
    }

    fn guarded(&self, number: usize, condition: Condition, resources: &[Resource]) -> Traced {
        let head = match condition {
            Condition::ManagesAccount => "if naming.manages_account:",
        };
        self.nested(number, head, resources, &self.scope, "")
    }

    /// Resources under a statement, and the collections by which what stands after it refers to them.
    fn nested(
        &self,
        block: usize,
        head: &str,
        resources: &[Resource],
        scope: &Scope<'_>,
        key: &str,
    ) -> Traced {
        let inner = BODY + 4;
        let mut text = Traced::default();
        let of = |found: &Collected, resource: &Resource| found.variable == resource.variable;
        for found in &self.collected {
            if let Some(resource) = resources.iter().position(|resource| of(found, resource)) {
                let line = format!("{:BODY$}{}\n", "", self.empty_collection(found));
                text.mark(Part::Resource(Place { block, resource }), &line);
            }
        }
        text.mark(Part::Family { block }, &format!("{:BODY$}{head}\n", ""));
        for (number, resource) in resources.iter().enumerate() {
            let place = Place {
                block,
                resource: number,
            };
            text.append(self.resource(place, resource, scope, inner));
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
                text.mark(Part::Resource(place), &format!("{:inner$}{line}\n", ""));
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

    fn resource(
        &self,
        place: Place,
        resource: &Resource,
        scope: &Scope<'_>,
        indent: usize,
    ) -> Traced {
        let mut head = resource
            .comment
            .map(|comment| literal::comment(comment, indent))
            .unwrap_or_default();
        let used = self
            .wiring
            .is_used(&self.component.path, &resource.variable);
        let assignment = if used {
            format!("{} = ", resource.variable)
        } else {
            String::new()
        };
        let _ = writeln!(head, "{:indent$}{assignment}{}(", "", resource.kind);
        let inner = indent + 4;
        let _ = writeln!(head, "{:inner$}{},", "", scope.text(&resource.logical));
        let mut text = Traced::default();
        text.mark(Part::Resource(place), &head);
        for (number, argument) in resource.arguments.iter().enumerate() {
            let comment = argument
                .comment
                .map(|comment| literal::comment(comment, inner))
                .unwrap_or_default();
            let head = format!("{:inner$}{}=", "", argument.name);
            let value = scope.print(&argument.value, inner, head.chars().count(), 1);
            let lines = format!("{comment}{head}{value},\n");
            text.mark(Part::Argument(place, number), &lines);
        }
        let options = self.options(resource, scope, inner);
        text.mark(Part::Options(place), &options);
        text.mark(Part::Resource(place), &format!("{:indent$})\n", ""));
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

/// The literal table of a family: a row a member. `block` is the family's number in its component.
pub fn table(block: usize, family: &Family, scope: &Scope<'_>) -> Traced {
    let mut text = Traced::default();
    let head = family
        .comment
        .map(|comment| literal::comment(comment, 0))
        .unwrap_or_default();
    let rows: Vec<String> = family
        .rows
        .iter()
        .map(|row| {
            let cells = row
                .cells
                .iter()
                .map(|(column, value, _)| format!("{column}={}", scope.print(value, 8, 0, 0)));
            format!("{}({})", family.class, cells.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let one_line = match rows.as_slice() {
        [] => Some(format!(
            "{}: tuple[{}, ...] = ()",
            family.table, family.class
        )),
        [only] => Some(format!("{} = ({only},)", family.table)),
        _ => None,
    };
    if let Some(line) =
        one_line.filter(|line| line.chars().count() <= WIDTH && !line.contains('\n'))
    {
        let part = match rows.as_slice() {
            [] => Part::Family { block },
            _ => Part::Row { block, row: 0 },
        };
        text.mark(part, &format!("{head}{line}\n"));
        return text;
    }
    let head = format!("{head}{} = (\n", family.table);
    text.mark(Part::Family { block }, &head);
    for (number, (flat, row)) in rows.iter().zip(&family.rows).enumerate() {
        if 4 + flat.chars().count() < WIDTH && !flat.contains('\n') {
            let part = Part::Row { block, row: number };
            text.mark(part, &format!("    {flat},\n"));
            continue;
        }
        let part = Part::RowFrame { block, row: number };
        text.mark(part.clone(), &format!("    {}(\n", family.class));
        for (cell, (column, value, _)) in row.cells.iter().enumerate() {
            let head = format!("        {column}=");
            let value = scope.print(value, 8, head.chars().count(), 1);
            let row = number;
            text.mark(
                Part::Cell { block, row, cell },
                &format!("{head}{value},\n"),
            );
        }
        text.mark(part, "    ),\n");
    }
    text.mark(Part::Family { block }, ")\n");
    text
}
