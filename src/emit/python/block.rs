//! Resources and families as statements of a component's `__init__`.

use std::fmt::Write as _;

use super::expr::Scope;
use super::used::{Name, Used};
use super::{WIDTH, literal, pad, put};
use crate::emit::trace::{Part, Place, Traced};
use crate::emit::wiring::{Collected, Shape, Wiring};
use crate::stack::expr::{Members, Row, Target, Text};
use crate::stack::resource::{Block, Component, Condition, Family, Resource};

/// Statements of one component's resources.
pub struct BlockPrinter<'a> {
    pub component: &'a Component,
    pub wiring: &'a Wiring<'a>,
    pub scope: Scope<'a>,
    pub collected: Vec<Collected<'a>>,
    /// Indentation of a statement: 8 in `__init__`.
    pub indent: usize,
    /// The component as its children call it.
    pub parent: &'static str,
    /// Whether what has its own name goes before it is made anew, as an expression of Python.
    pub first: &'static str,
}

impl BlockPrinter<'_> {
    /// The block with this number in the component.
    pub fn print(&self, text: &mut Traced, number: usize, block: &Block) {
        match block {
            Block::Resource(resource) => {
                let place = Place {
                    block: number,
                    resource: 0,
                };
                self.resource(text, place, resource, &self.scope, self.indent);
            }
            Block::Family(family) => self.family(text, number, family),
            Block::Guarded(condition, resources) => {
                self.guarded(text, number, *condition, resources);
            }
        }
    }

    fn family(&self, text: &mut Traced, number: usize, family: &Family) {
        let scope = Scope {
            row: Some(family.variable),
            ..self.scope
        };
        let head = format!("for {} in {}:", family.variable, family.table);
        let key = format!("{}.{}", family.variable, family.key);
        self.nested(text, number, &head, &family.resources, &scope, &key);
    }

    fn guarded(
        &self,
        text: &mut Traced,
        number: usize,
        condition: Condition,
        resources: &[Resource],
    ) {
        let head = match condition {
            Condition::ManagesAccount => "if naming.manages_account:",
            Condition::Scheduled => "if args.schedule is not None:",
        };
        self.nested(text, number, head, resources, &self.scope, "");
    }

    /// Resources under a statement, and the collections by which what stands after it refers to them.
    fn nested(
        &self,
        text: &mut Traced,
        block: usize,
        head: &str,
        resources: &[Resource],
        scope: &Scope<'_>,
        key: &str,
    ) {
        let outer = self.indent;
        let inner = outer + 4;
        let of = |found: &Collected<'_>, resource: &Resource| found.variable == resource.variable;
        for found in &self.collected {
            if let Some(resource) = resources.iter().position(|resource| of(found, resource)) {
                let line = format!("{:outer$}{}\n", "", self.empty_collection(found));
                text.mark(Part::Resource(Place { block, resource }), &line);
            }
        }
        text.mark(Part::Family { block }, &format!("{:outer$}{head}\n", ""));
        for (number, resource) in resources.iter().enumerate() {
            let place = Place {
                block,
                resource: number,
            };
            self.resource(text, place, resource, scope, inner);
            for found in self.collected.iter().filter(|found| of(found, resource)) {
                let value = if found.field.is_empty() {
                    resource.variable.clone()
                } else {
                    format!("{}.{}{}", resource.variable, found.field, found.path)
                };
                let line = match found.shape {
                    Shape::Map => format!("{}[{key}] = {value}", found.name),
                    _ => format!("{}.append({value})", found.name),
                };
                text.mark(Part::Resource(place), &format!("{:inner$}{line}\n", ""));
            }
        }
    }

    fn empty_collection(&self, found: &Collected<'_>) -> String {
        match (found.shape, &found.root) {
            (Shape::Map, Some(root)) => {
                let root = self.scope.printed(root, self.indent, WIDTH, 0);
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
        text: &mut Traced,
        place: Place,
        resource: &Resource,
        scope: &Scope<'_>,
        indent: usize,
    ) {
        let inner = indent + 4;
        let used = self
            .wiring
            .is_used(&self.component.path, &resource.variable);
        text.print(Part::Resource(place), |out| {
            if let Some(comment) = resource.comment {
                literal::push_comment(out, comment, indent);
            }
            pad(out, indent);
            if used {
                put!(out, "{} = ", resource.variable);
            }
            scope.used.add_kind(resource.kind);
            put!(out, "{}(\n", resource.kind);
            pad(out, inner);
            scope.text(out, &resource.logical);
            out.push_str(",\n");
        });
        for (number, argument) in resource.arguments.iter().enumerate() {
            text.print(Part::Argument(place, number), |out| {
                if let Some(comment) = &argument.comment {
                    literal::push_comment(out, comment, inner);
                }
                pad(out, inner);
                put!(out, "{}=", argument.name);
                let used = inner + argument.name.len() + 1;
                scope.print(out, &argument.value, inner, used, 1);
                out.push_str(",\n");
            });
        }
        text.print(Part::Options(place), |out| {
            self.options(out, resource, scope, inner);
        });
        text.print(Part::Resource(place), |out| {
            pad(out, indent);
            out.push_str(")\n");
        });
    }

    /// `opts=`: the shared options, or its own where edges are declared.
    fn options(&self, out: &mut String, resource: &Resource, scope: &Scope<'_>, indent: usize) {
        // A function's module has no options that several share.
        let has_own = self.parent != "self"
            || !resource.depends_on.is_empty()
            || !resource.aliases.is_empty()
            || resource.kept.is_some()
            || !resource.ignore_changes.is_empty()
            || !resource.secret_outputs.is_empty()
            || resource.delete_before_replace == Some(false);
        if !has_own {
            let shared = if resource.delete_before_replace.is_some() {
                scope.used.name(Name::Named, "named")
            } else {
                scope.used.name(Name::Child, "child")
            };
            pad(out, indent);
            put!(out, "opts={shared},\n");
            return;
        }
        for reason in resource.depends_on.iter().filter_map(|(_, reason)| *reason) {
            literal::push_comment(out, reason, indent);
        }
        let edges: Vec<&Target> = resource
            .depends_on
            .iter()
            .map(|(target, _)| target)
            .collect();
        let edges = self.edges(&edges, scope);
        let edges_argument = match &edges {
            Edges::Each(edges) if edges.is_empty() => String::new(),
            Edges::Each(edges) => format!("depends_on=[{}]", edges.join(", ")),
            Edges::All(list) => format!("depends_on={list}"),
        };
        let mut more = Vec::new();
        if !resource.aliases.is_empty() {
            more.push(aliases_option(&resource.aliases, scope));
        }
        if let Some(first) = resource.delete_before_replace {
            let first = if first { self.first } else { "False" };
            more.push(format!("delete_before_replace={first}"));
        }
        if let Some(kept) = resource.kept {
            more.push(format!("{}=True", kept.option()));
        }
        for (option, names) in [
            ("ignore_changes", &resource.ignore_changes),
            ("additional_secret_outputs", &resource.secret_outputs),
        ] {
            if !names.is_empty() {
                more.push(names_option(option, names));
            }
        }
        let parent = format!("parent={}", self.parent);
        let all: Vec<&str> = [parent.as_str(), &edges_argument]
            .into_iter()
            .chain(more.iter().map(String::as_str))
            .filter(|argument| !argument.is_empty())
            .collect();
        let flat = format!(
            "{:indent$}opts=pulumi.ResourceOptions({}),\n",
            "",
            all.join(", ")
        );
        if flat.chars().count() <= WIDTH + 1 {
            out.push_str(&flat);
            return;
        }
        let inner = indent + 4;
        put!(out, "{:indent$}opts=pulumi.ResourceOptions(\n", "");
        put!(out, "{:inner$}{parent},\n", "");
        let line = format!("{:inner$}{edges_argument},\n", "");
        match edges {
            Edges::Each(edges) if edges.is_empty() => {}
            Edges::Each(edges) if line.chars().count() > WIDTH + 1 => {
                put!(out, "{:inner$}depends_on=[\n", "");
                for edge in edges {
                    put!(out, "{:indent$}{edge},\n", "", indent = inner + 4);
                }
                put!(out, "{:inner$}],\n", "");
            }
            // A name alone has no place to be broken.
            Edges::Each(_) | Edges::All(_) => out.push_str(&line),
        }
        for argument in more {
            put!(out, "{:inner$}{argument},\n", "");
        }
        put!(out, "{:indent$}),\n", "");
    }

    fn edges(&self, targets: &[&Target], scope: &Scope<'_>) -> Edges {
        let name = |target: &Target| {
            let plural = if target.members == Members::Each {
                "s"
            } else {
                ""
            };
            let place = if target.component == scope.component {
                ""
            } else {
                scope.args
            };
            format!("{place}{}{plural}", target.variable)
        };
        match targets {
            [only] if only.members == Members::Each => Edges::All(name(only)),
            targets => {
                let parts = targets.iter().map(|target| match target.members {
                    Members::Each => format!("*{}", name(target)),
                    Members::One | Members::Keyed(_) | Members::Named(_) => name(target),
                });
                Edges::Each(parts.collect())
            }
        }
    }
}

/// What a resource waits for.
enum Edges {
    /// Each by itself: `policy`, or `*associations` for all members of a family.
    Each(Vec<String>),
    /// The name of a list of all members, where that is the only one.
    All(String),
}

/// `aliases=[pulumi.Alias(name="former-name")]`.
fn aliases_option(aliases: &[Text], scope: &Scope<'_>) -> String {
    let mut text = "aliases=[".to_owned();
    for (index, alias) in aliases.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str("pulumi.Alias(name=");
        scope.text(&mut text, alias);
        text.push(')');
    }
    text + "]"
}

/// `ignore_changes=["snapshot_identifier"]`.
fn names_option(option: &str, names: &[&str]) -> String {
    let mut text = format!("{option}=[");
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        literal::push_string(&mut text, name);
    }
    text + "]"
}

/// The class of a family's rows.
pub fn row_class(family: &Family, used: &Used) -> String {
    used.add(Name::Dataclass);
    let mut text = format!(
        "@dataclass(frozen=True, kw_only=True)\nclass {}:\n    \"\"\"{}\"\"\"\n\n",
        family.class, family.doc
    );
    for (column, kind) in &family.columns {
        let _ = writeln!(text, "    {column}: {kind}");
    }
    text
}

/// Prints the literal table of a family: a row a member. `block` is the family's number in its component.
pub fn table(text: &mut Traced, block: usize, family: &Family, scope: &Scope<'_>) {
    let head = family
        .comment
        .map(|comment| literal::comment(comment, 0))
        .unwrap_or_default();
    let name = family.table;
    if let [] | [_] = family.rows.as_slice() {
        let (part, line) = match family.rows.first() {
            None => (
                Part::Family { block },
                format!("{name}: tuple[{}, ...] = ()", family.class),
            ),
            Some(only) => {
                let mut line = format!("{name} = (");
                flat_row(&mut line, family, only, scope);
                line.push_str(",)");
                (Part::Row { block, row: 0 }, line)
            }
        };
        if line.chars().count() <= WIDTH && !line.contains('\n') {
            text.mark(part, &format!("{head}{line}\n"));
            return;
        }
    }
    text.mark(Part::Family { block }, &format!("{head}{name} = (\n"));
    let mut flat = String::new();
    for (number, row) in family.rows.iter().enumerate() {
        flat.clear();
        flat_row(&mut flat, family, row, scope);
        if 4 + flat.chars().count() < WIDTH && !flat.contains('\n') {
            let part = Part::Row { block, row: number };
            text.print(part, |out| put!(out, "    {flat},\n"));
            continue;
        }
        let part = Part::RowFrame { block, row: number };
        text.mark(part.clone(), &format!("    {}(\n", family.class));
        for (cell, (column, value, _)) in row.cells.iter().enumerate() {
            let row = number;
            text.print(Part::Cell { block, row, cell }, |out| {
                put!(out, "        {column}=");
                scope.print(out, value, 8, 9 + column.len(), 1);
                out.push_str(",\n");
            });
        }
        text.mark(part, "    ),\n");
    }
    text.mark(Part::Family { block }, ")\n");
}

/// A row as a call on one line, if all its cells stand on one.
fn flat_row(out: &mut String, family: &Family, row: &Row, scope: &Scope<'_>) {
    put!(out, "{}(", family.class);
    for (index, (column, value, _)) in row.cells.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        put!(out, "{column}=");
        scope.print(out, value, 8, 0, 0);
    }
    out.push(')');
}
