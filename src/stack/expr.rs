//! Expressions: what an argument of a resource may be. Nothing here knows Python; the printer and the
//! JSON view of the graph are two readers of the same tree.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::origin::Origin;

/// One part of a name's role, of a logical name or of a concatenation that is known when the program starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    /// A column of the family's row.
    Column(&'static str),
}

/// Text made of parts, for example `private-{zone.id}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text(pub Vec<Part>);

impl Text {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Columns whose cells are parts of the text.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Column(column) => Some(*column),
        })
    }

    /// The text for one row; a plain text needs none.
    pub fn resolve(&self, row: Option<&Row>) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Column(column) => row.map(|row| row.text(column)).unwrap_or_default(),
            })
            .collect()
    }
}

impl From<&str> for Text {
    /// `private-{id}`: a column's name in braces.
    fn from(pattern: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            parts.push(Part::Column(column(name)));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Text(parts)
    }
}

/// Columns are few and named in the compiler's own sources, so that a static name for each is cheap.
pub fn column(name: &str) -> &'static str {
    use std::sync::Mutex;
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let leaked: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(leaked);
    leaked
}

/// Which members of a resource an expression means.
#[derive(Debug, Clone, PartialEq)]
pub enum Members {
    /// The one resource, or the member of the same row.
    One,
    /// Every member of the family, in the order of its rows.
    Each,
    /// The member whose row has this key: the value of a column of the referring row.
    Keyed(&'static str),
    /// The member whose row has this key, wherever it is referred to.
    Named(String),
}

/// A resource of the graph, as another one refers to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Path of the component: `network`, or `functions/validate-payment`.
    pub component: String,
    /// Name of the resource's variable, unique in the component.
    pub variable: String,
    pub members: Members,
}

impl Target {
    /// The member whose key stands in this column of the referring row.
    #[must_use]
    pub fn keyed(&self, column: &'static str) -> Self {
        Self {
            members: Members::Keyed(column),
            ..self.clone()
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Expr>),
    /// Keys in the order in which they are printed.
    Map(Vec<(String, Expr)>),
    /// An entry with the reason that stands above it in the printed source.
    Noted(&'static str, Box<Expr>),
    /// An output of a resource. `field` is the attribute, `path` what follows it (`[0].secret_arn`),
    /// `export` the name under which a component hands it on.
    Output {
        target: Target,
        field: &'static str,
        path: &'static str,
        export: String,
    },
    /// The output of one function's resource for each function key: `{"validate-payment": …}[route.function]`.
    ByFunction {
        column: &'static str,
        variable: &'static str,
        field: &'static str,
        export: String,
    },
    /// Output of the member of the same family whose key stands in `column`, or of `root` where the column is empty.
    Parent {
        column: &'static str,
        target: Target,
        field: &'static str,
        root: Box<Expr>,
        export: String,
    },
    /// The physical name `kind[-role]-environment-suffix`.
    Name {
        kind: &'static str,
        role: Text,
    },
    /// The same without separators, for names that may only hold letters and digits.
    AlphanumericName {
        kind: &'static str,
        role: Text,
    },
    /// A column that maps keys to roles, with the name of each role in its place.
    AlphanumericNames {
        kind: &'static str,
        column: &'static str,
    },
    Tags {
        kind: &'static str,
        role: Text,
    },
    AccountId,
    Region,
    EnvironmentName,
    /// The stack's suffix.
    Suffix,
    /// Parts joined without a separator.
    Concat(Vec<Expr>),
    /// A JSON document as text.
    Json(Box<Expr>),
    /// A column of the row.
    Column(&'static str),
    /// A module constant, printed by name and defined once in the file that uses it.
    Constant {
        name: Cow<'static, str>,
        comment: &'static str,
        value: Box<Expr>,
    },
    /// All rows of a family's table of the same component.
    Rows(&'static str),
    /// SHA-256 over the JSON of a value, so that a change of the value is a change of the argument.
    Fingerprint(Box<Expr>),
    /// A folder of the generated project as an archive, with packages beside its files.
    Archive {
        folder: String,
        packages: Vec<&'static str>,
        /// What is installed beside them.
        wheels: Option<Wheels>,
    },
    /// SHA-256 over the files of a folder of the generated project.
    Digest(String),
    /// A file of the generated project, as text.
    FileText(String),
    /// The archive of the libraries' layer, collected from installed distributions.
    LibrariesLayer,
}

/// Packages that a file of the generated project locks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wheels {
    pub list: String,
    /// `3.13`.
    pub python: String,
    /// The newest that its wheels may ask for, `manylinux_2_34_aarch64`.
    pub platform: String,
    /// Modules that the function imports and that these packages have to bring.
    pub modules: Vec<String>,
}

impl Expr {
    pub fn text(value: impl Into<String>) -> Self {
        Expr::Text(value.into())
    }

    pub fn map<const N: usize>(entries: [(&str, Expr); N]) -> Self {
        Expr::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    pub fn list(items: impl IntoIterator<Item = impl Into<Expr>>) -> Self {
        Expr::List(items.into_iter().map(Into::into).collect())
    }

    pub fn concat(parts: impl IntoIterator<Item = Expr>) -> Self {
        Expr::Concat(parts.into_iter().collect())
    }

    pub fn json(value: Expr) -> Self {
        Expr::Json(Box::new(value))
    }

    pub fn name(kind: &'static str, role: &str) -> Self {
        Expr::Name {
            kind,
            role: role.into(),
        }
    }

    /// The same value under a comment that gives the reason.
    #[must_use]
    pub fn noted(self, reason: &'static str) -> Self {
        Expr::Noted(reason, Box::new(self))
    }

    /// Calls `visit` on this expression and on everything inside it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match self {
            Expr::List(items) | Expr::Concat(items) => {
                items.iter().for_each(|item| item.walk(visit))
            }
            Expr::Map(entries) => entries.iter().for_each(|(_, value)| value.walk(visit)),
            Expr::Noted(_, value)
            | Expr::Json(value)
            | Expr::Fingerprint(value)
            | Expr::Constant { value, .. } => {
                value.walk(visit);
            }
            Expr::Parent { root, .. } => root.walk(visit),
            Expr::Text(_)
            | Expr::Integer(_)
            | Expr::Float(_)
            | Expr::Bool(_)
            | Expr::Output { .. }
            | Expr::ByFunction { .. }
            | Expr::Name { .. }
            | Expr::AlphanumericName { .. }
            | Expr::AlphanumericNames { .. }
            | Expr::Tags { .. }
            | Expr::AccountId
            | Expr::Region
            | Expr::EnvironmentName
            | Expr::Suffix
            | Expr::Column(_)
            | Expr::Rows(_)
            | Expr::Archive { .. }
            | Expr::Digest(_)
            | Expr::FileText(_)
            | Expr::LibrariesLayer => {}
        }
    }

    /// True when the value is known only while Pulumi runs.
    pub fn is_output(&self) -> bool {
        let mut found = false;
        self.walk(&mut |expr| {
            found |= matches!(
                expr,
                Expr::Output { .. }
                    | Expr::ByFunction { .. }
                    | Expr::Parent { .. }
                    | Expr::AccountId
                    | Expr::Fingerprint(_)
            );
        });
        found
    }

    /// What the value is computed from, for its origin.
    pub fn sources(&self) -> Vec<String> {
        let mut sources = BTreeSet::new();
        self.walk(&mut |expr| {
            match expr {
                Expr::Output { target, field, .. } | Expr::Parent { target, field, .. } => {
                    sources.insert(format!("{}.{}.{field}", target.component, target.variable));
                }
                Expr::ByFunction {
                    variable, field, ..
                } => {
                    sources.insert(format!("functions.{variable}.{field}"));
                }
                Expr::Name { .. }
                | Expr::AlphanumericName { .. }
                | Expr::AlphanumericNames { .. } => {
                    sources.insert("environment.name".to_owned());
                    sources.insert("environment.suffix".to_owned());
                }
                Expr::Tags { .. } => {
                    for key in [
                        "environment.name",
                        "environment.suffix",
                        "environment.migration_date",
                        "environment.owner",
                    ] {
                        sources.insert(key.to_owned());
                    }
                }
                Expr::AccountId => {
                    sources.insert("account".to_owned());
                }
                Expr::Region => {
                    sources.insert("environment.region".to_owned());
                }
                Expr::EnvironmentName => {
                    sources.insert("environment.name".to_owned());
                }
                _ => {}
            };
        });
        sources.into_iter().collect()
    }
}

/// No number of a spec is larger.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

macro_rules! expr_from {
    ($($from:ty => $variant:ident($convert:expr)),* $(,)?) => {
        $(impl From<$from> for Expr {
            fn from(value: $from) -> Self {
                Expr::$variant($convert(value))
            }
        })*
    };
}

expr_from! {
    &str => Text(str::to_owned),
    String => Text(std::convert::identity),
    &String => Text(String::clone),
    i32 => Integer(i64::from),
    u64 => Integer(whole),
    &u64 => Integer(|value: &u64| whole(*value)),
    i64 => Integer(std::convert::identity),
    f64 => Float(std::convert::identity),
    bool => Bool(std::convert::identity),
    &bool => Bool(|value: &bool| *value),
    &ipnet::Ipv4Net => Text(ToString::to_string),
}

impl From<&serde_json::Value> for Expr {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Expr::Text(String::new()),
            Json::Bool(value) => Expr::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Expr::Integer(integer),
                None => Expr::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Expr::Text(text.clone()),
            Json::Array(items) => Expr::List(items.iter().map(Expr::from).collect()),
            Json::Object(entries) => Expr::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.into()))
                    .collect(),
            ),
        }
    }
}

/// One row of a family's table: the literal values of one member.
#[derive(Debug, Clone)]
pub struct Row {
    pub cells: Vec<(&'static str, Expr, Origin)>,
}

impl Row {
    pub fn cell(&self, column: &str) -> Option<&Expr> {
        self.cells
            .iter()
            .find(|(name, ..)| *name == column)
            .map(|(_, value, _)| value)
    }

    pub fn origin(&self, column: &str) -> Option<&Origin> {
        self.cells
            .iter()
            .find(|(name, ..)| *name == column)
            .map(|(.., origin)| origin)
    }

    /// A cell as text; cells that name things are always text.
    pub fn text(&self, column: &str) -> String {
        match self.cell(column) {
            Some(Expr::Text(text)) => text.clone(),
            Some(Expr::Integer(value)) => value.to_string(),
            _ => String::new(),
        }
    }
}
