//! Resources, families and components: the nodes of the graph, with builders that keep each argument's origin.

use std::borrow::Cow;

use crate::origin::{Origin, Value};

use super::expr::{Expr, Members, Part, Row, Target, Text};

/// One argument of a resource.
#[derive(Debug, Clone)]
pub struct Argument {
    pub name: &'static str,
    pub value: Expr,
    pub origin: Origin,
    /// The reason, where a reader would ask for it; printed above the argument.
    pub comment: Option<Cow<'static, str>>,
}

/// How Pulumi keeps a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A deployment that would delete it, also to make it anew, is refused as a whole.
    Protected,
    /// Where it would be deleted, it leaves the state and stays in AWS.
    Retained,
}

impl Kept {
    /// The option of the program.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Protected => "protect",
            Self::Retained => "retain_on_delete",
        }
    }
}

/// A resource, or in a family the pattern of its members.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Class in the SDK, the key of the catalogue: `aws.ec2.Vpc`.
    pub kind: &'static str,
    /// Name of its variable, unique in the component.
    pub variable: String,
    /// Pulumi's logical name.
    pub logical: Text,
    /// Logical names that it had in earlier versions, as patterns too. A member whose name is one of them has none.
    pub aliases: Vec<Text>,
    pub arguments: Vec<Argument>,
    pub depends_on: Vec<(Target, Option<&'static str>)>,
    /// Whether the old one goes first when it is made anew; where nothing is said, the provider decides.
    pub delete_before_replace: Option<bool>,
    /// What keeps it from being deleted, if anything does.
    pub kept: Option<Kept>,
    /// Arguments that count when the resource is made and never after.
    pub ignore_changes: Vec<&'static str>,
    /// Outputs that are secret by nature, where neither SDK nor provider says so.
    pub secret_outputs: Vec<&'static str>,
    /// The reason for the resource, printed above it.
    pub comment: Option<&'static str>,
}

impl Resource {
    /// A resource whose logical name is its variable's name with hyphens.
    pub fn new(kind: &'static str, variable: &str) -> Self {
        Self {
            kind,
            variable: variable.to_owned(),
            logical: Text::from(variable.replace('_', "-").as_str()),
            aliases: Vec::new(),
            arguments: Vec::new(),
            depends_on: Vec::new(),
            delete_before_replace: None,
            kept: None,
            ignore_changes: Vec::new(),
            secret_outputs: Vec::new(),
            comment: None,
        }
    }

    /// Another logical name; in a family a pattern with columns: `private-{id}`.
    #[must_use]
    pub fn logical(mut self, pattern: &str) -> Self {
        self.logical = pattern.into();
        self
    }

    /// A logical name of earlier versions; in a family a pattern with columns.
    #[must_use]
    pub fn alias(mut self, pattern: &str) -> Self {
        self.aliases.push(pattern.into());
        self
    }

    fn push(mut self, name: &'static str, value: Expr, origin: Origin) -> Self {
        self.arguments.push(Argument {
            name,
            value,
            origin,
            comment: None,
        });
        self
    }

    /// An argument computed from other values of the graph.
    #[must_use]
    pub fn arg(self, name: &'static str, value: impl Into<Expr>) -> Self {
        let value = value.into();
        let origin = Origin::Derived(value.sources());
        self.push(name, value, origin)
    }

    /// An argument that is one value of the environment.
    #[must_use]
    pub fn set<'a, T>(self, name: &'static str, value: &'a Value<T>) -> Self
    where
        &'a T: Into<Expr>,
    {
        let origin = value.origin.clone();
        self.push(name, (&value.value).into(), origin)
    }

    /// An argument computed from one value of the environment, whose origin it keeps.
    #[must_use]
    pub fn from<T>(self, name: &'static str, value: &Value<T>, expr: impl Into<Expr>) -> Self {
        self.push(name, expr.into(), value.origin.clone())
    }

    /// An argument computed from several values of the environment, and from what else its expression names.
    #[must_use]
    pub fn from_all<'a>(
        self,
        name: &'static str,
        origins: impl IntoIterator<Item = &'a Origin>,
        expr: impl Into<Expr>,
    ) -> Self {
        let expr = expr.into();
        let named = Origin::Derived(expr.sources());
        // Each for as long as what is named lives.
        let decided = origins.into_iter().map(|origin| -> &Origin { origin });
        let origin = Origin::derived_from(decided.chain([&named]));
        self.push(name, expr, origin)
    }

    /// Values of the environment that decide what is in an argument which names none of them.
    #[must_use]
    pub fn decided_by<'a>(
        mut self,
        name: &str,
        origins: impl IntoIterator<Item = &'a Origin>,
    ) -> Self {
        let mut arguments = self.arguments.iter_mut();
        if let Some(argument) = arguments.find(|argument| argument.name == name) {
            let decided = Origin::derived_from(origins);
            argument.origin = Origin::derived_from([&argument.origin, &decided]);
        }
        self
    }

    /// A value of the environment that decides, where there is one, what is in an argument that a requirement fixes otherwise.
    #[must_use]
    pub fn decided_too(self, name: &str, origin: Option<&Origin>) -> Self {
        match origin {
            Some(origin) => self.decided_by(name, [origin]),
            None => self,
        }
    }

    /// An argument that leaves no choice, with the requirement or control ids that fix it.
    #[must_use]
    pub fn fixed(self, name: &'static str, value: impl Into<Expr>, because: &'static str) -> Self {
        self.push(name, value.into(), Origin::Fixed(because))
    }

    /// The tags that every taggable resource carries (TAG-1, NAME-1).
    #[must_use]
    pub fn tags(self, kind: &'static str, role: &str) -> Self {
        self.arg(
            "tags",
            Expr::Tags {
                kind,
                role: role.into(),
            },
        )
    }

    /// The reason for the argument that was added last.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        if let Some(argument) = self.arguments.last_mut() {
            argument.comment = Some(reason.into());
        }
        self
    }

    /// An edge that no argument shows.
    #[must_use]
    pub fn after(mut self, handle: &Handle) -> Self {
        self.depends_on.push((handle.target(), None));
        self
    }

    /// The same, with its reason.
    #[must_use]
    pub fn after_because(mut self, handle: &Handle, reason: &'static str) -> Self {
        self.depends_on.push((handle.target(), Some(reason)));
        self
    }

    #[must_use]
    pub fn delete_before_replace(mut self) -> Self {
        self.delete_before_replace = Some(true);
        self
    }

    /// An argument that counts when the resource is made and never after: a change of it is no change.
    #[must_use]
    pub fn ignore_changes(mut self, argument: &'static str) -> Self {
        self.ignore_changes.push(argument);
        self
    }

    #[must_use]
    pub fn comment(mut self, reason: &'static str) -> Self {
        self.comment = Some(reason);
        self
    }

    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

/// How other resources refer to one that is in the graph already.
#[derive(Debug, Clone)]
pub struct Handle {
    pub component: String,
    pub variable: String,
    pub members: Members,
}

impl Handle {
    pub fn target(&self) -> Target {
        Target {
            component: self.component.clone(),
            variable: self.variable.clone(),
            members: self.members.clone(),
        }
    }

    /// An output, for example `vpc.out("id")`.
    pub fn out(&self, field: &'static str) -> Expr {
        let plural = match self.members {
            Members::One => "",
            Members::Each | Members::Keyed(_) | Members::Named(_) => "s",
        };
        self.named(field, "", format!("{}_{field}{plural}", self.variable))
    }

    /// An output that is handed on under another name, or a part of one: `path` is `[0].secret_arn`.
    pub fn named(
        &self,
        field: &'static str,
        path: &'static str,
        export: impl Into<String>,
    ) -> Expr {
        Expr::Output {
            target: self.target(),
            field,
            path,
            export: export.into(),
        }
    }

    /// The member of a family whose key stands in this column of the referring row.
    #[must_use]
    pub fn keyed(&self, column: &'static str) -> Self {
        Self {
            members: Members::Keyed(column),
            ..self.clone()
        }
    }

    /// The member of a family with this key.
    #[must_use]
    pub fn member(&self, key: &str) -> Self {
        Self {
            members: Members::Named(key.to_owned()),
            ..self.clone()
        }
    }

    /// All members of a family.
    #[must_use]
    pub fn each(&self) -> Self {
        Self {
            members: Members::Each,
            ..self.clone()
        }
    }
}

/// Members that differ only in data: a literal table and the resources of each row.
#[derive(Debug, Clone)]
pub struct Family {
    /// Name of the table: `ZONES`.
    pub table: &'static str,
    /// Class of a row: `Zone`.
    pub class: &'static str,
    /// Docstring of that class.
    pub doc: &'static str,
    /// Why the table is as it is; printed above it.
    pub comment: Option<&'static str>,
    /// Loop variable: `zone`.
    pub variable: &'static str,
    /// Column that tells the rows apart.
    pub key: &'static str,
    /// Columns with the Python type of each.
    pub columns: Vec<(&'static str, &'static str)>,
    pub rows: Vec<Row>,
    pub resources: Vec<Resource>,
}

/// Column with the name that a row had in earlier versions.
const FORMER: &str = "former";

impl Family {
    /// Adds a row: one cell for each column, with its origin.
    pub fn row(&mut self, cells: Vec<(&'static str, Expr, Origin)>) {
        let columns = self.columns.iter().map(|(name, _)| *name);
        assert!(
            cells.iter().map(|(name, ..)| *name).eq(columns),
            "a row of {} has other columns than its table",
            self.table
        );
        self.rows.push(Row { cells });
    }

    /// Names that the rows had in earlier versions, in a column beside the key, and with them aliases of every resource that is
    /// named for it. A family of which no row was renamed needs neither.
    pub fn formerly(&mut self, names: Vec<String>) {
        let key = self.key;
        if !self.insert_former(key, names) {
            return;
        }
        for resource in &mut self.resources {
            // What had another pattern then had the row's former name in that.
            if resource.aliases.is_empty() {
                resource.aliases.push(former(&resource.logical, key));
            } else {
                let aliases = resource.aliases.iter();
                resource.aliases = aliases.map(|alias| former(alias, key)).collect();
            }
        }
    }

    /// The same for a column by which every resource is named, beside the aliases that they have.
    pub fn with_former(&mut self, column: &'static str, names: Vec<String>) {
        if self.insert_former(column, names) {
            for resource in &mut self.resources {
                resource.aliases.push(former(&resource.logical, column));
            }
        }
    }

    /// A column behind another one, with what each row had there. Nothing where that is what they have.
    fn insert_former(&mut self, column: &str, names: Vec<String>) -> bool {
        let renamed = |(row, name): (&Row, &String)| row.text(column) != *name;
        if !self.rows.iter().zip(&names).any(renamed) {
            return false;
        }
        let columns = self.columns.iter();
        let place = columns.take_while(|(known, _)| *known != column).count() + 1;
        self.columns.insert(place, (FORMER, "str"));
        for (row, name) in self.rows.iter_mut().zip(names) {
            let origin = row.origin(column).cloned();
            let origin = origin.unwrap_or(Origin::Derived(Vec::new()));
            row.cells.insert(place, (FORMER, name.into(), origin));
        }
        true
    }
}

/// A name with the former text of a column in the place of the present one.
fn former(name: &Text, column: &str) -> Text {
    let parts = name.0.iter().map(|part| match part {
        Part::Column(known) if *known == column => Part::Column(FORMER),
        other => other.clone(),
    });
    Text(parts.collect())
}

/// Whether resources are there is asked when the program runs, as the copies of an environment differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// This copy sets what an account has only once in a region.
    ManagesAccount,
    /// The function is called on a schedule. Only the printer knows it, who has all functions in one text.
    Scheduled,
}

#[derive(Debug, Clone)]
pub enum Block {
    Resource(Resource),
    Family(Family),
    Guarded(Condition, Vec<Resource>),
}

impl Block {
    pub fn resources(&self) -> &[Resource] {
        match self {
            Block::Resource(resource) => std::slice::from_ref(resource),
            Block::Family(family) => &family.resources,
            Block::Guarded(_, resources) => resources,
        }
    }

    pub fn resources_mut(&mut self) -> &mut [Resource] {
        match self {
            Block::Resource(resource) => std::slice::from_mut(resource),
            Block::Family(family) => &mut family.resources,
            Block::Guarded(_, resources) => resources,
        }
    }
}

/// A place in a component: `block` in its blocks, `resource` in those of the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub block: usize,
    pub resource: usize,
}

/// A layer of the environment, or one function: a Pulumi component.
#[derive(Debug, Clone)]
pub struct Component {
    /// Path: `network`, or `functions/validate-payment`.
    pub path: String,
    /// First line of the module's docstring.
    pub title: String,
    /// Docstring of the class.
    pub doc: String,
    pub requirements: Vec<&'static str>,
    /// Lines after the title in the module's docstring.
    pub notes: Vec<String>,
    /// The name by which stacks may still know it. What it holds has other physical names now, and is made before the old goes.
    pub renamed_from: Option<Value<String>>,
    pub blocks: Vec<Block>,
}

impl Component {
    pub fn new(
        path: impl Into<String>,
        title: impl Into<String>,
        doc: impl Into<String>,
        requirements: &[&'static str],
    ) -> Self {
        Self {
            path: path.into(),
            title: title.into(),
            doc: doc.into(),
            requirements: requirements.to_vec(),
            notes: Vec::new(),
            renamed_from: None,
            blocks: Vec::new(),
        }
    }

    /// Adds a resource and gives the handle by which others refer to it.
    pub fn add(&mut self, mut resource: Resource) -> Handle {
        let handle = self.handle(&resource.variable);
        // It is complete, and there may be tens of thousands.
        resource.arguments.shrink_to_fit();
        self.blocks.push(Block::Resource(resource));
        handle
    }

    /// Adds a family; handles of its members come from [`Component::handle`].
    pub fn add_family(&mut self, family: Family) {
        self.blocks.push(Block::Family(family));
    }

    /// Adds resources that are only there under a condition; others wait for them by [`Handle::each`].
    pub fn add_guarded(&mut self, condition: Condition, resources: Vec<Resource>) {
        self.blocks.push(Block::Guarded(condition, resources));
    }

    /// The handle of a resource of this component. Inside its family it means the member of the same row.
    pub fn handle(&self, variable: &str) -> Handle {
        Handle {
            component: self.path.clone(),
            variable: variable.to_owned(),
            members: Members::One,
        }
    }

    /// `network`, or `validate-payment` for `functions/validate-payment`.
    pub fn key(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The key of the function that the component is.
    pub fn function(&self) -> Option<&str> {
        self.path.strip_prefix("functions/")
    }

    pub fn resources(&self) -> impl Iterator<Item = (&Resource, Option<&Family>)> {
        self.blocks.iter().flat_map(|block| {
            let family = match block {
                Block::Family(family) => Some(family),
                Block::Resource(_) | Block::Guarded(..) => None,
            };
            block
                .resources()
                .iter()
                .map(move |resource| (resource, family))
        })
    }
}
