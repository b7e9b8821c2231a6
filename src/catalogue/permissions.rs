//! IAM: what the provider may call for each kind of resource, and what each of these actions can be limited to.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::tables::{Map, compiled_in};

/// What the provider may call for one kind. An action is `service:Name`, with a second word where one action stands for
/// many calls: the key of its scope.
#[derive(Debug)]
pub struct Permissions {
    /// `aws.ec2.Vpc`.
    pub class: &'static str,
    pub create: &'static [&'static str],
    pub read: &'static [&'static str],
    pub update: &'static [&'static str],
    pub delete: &'static [&'static str],
    /// More to create it, where this argument is set.
    pub with: Map<&'static [&'static str]>,
    /// More to remove it, where this argument is set.
    pub delete_with: Map<&'static [&'static str]>,
    /// The service that gets one of the environment's roles.
    pub passes: Option<&'static str>,
    /// The service whose own role AWS makes at first use.
    pub linked: Option<&'static str>,
    /// Services that use a key of the environment in the deployer's name.
    pub through: &'static [&'static str],
    /// Why no call removes it.
    pub keeps: Option<&'static str>,
    /// Actions that no source names.
    pub memory: &'static [&'static str],
    pub source: &'static str,
}

impl Permissions {
    /// Every action of the row.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        self.create
            .iter()
            .chain(self.read)
            .chain(self.update)
            .chain(self.delete)
            .chain(self.with.values().copied().flatten())
            .chain(self.delete_with.values().copied().flatten())
            .copied()
    }
}

/// A type of resource in the sense of IAM.
#[derive(Debug)]
pub struct ResourceType {
    /// `ec2:vpc`.
    pub name: &'static str,
    /// With `{region}`, `{account}` and `{name}`.
    pub arn: &'static str,
    /// Kinds whose names stand for `{name}`.
    pub named: &'static [&'static str],
    /// It counts only where the graph has one of these kinds.
    pub kinds: &'static [&'static str],
    /// Whether conditions on its tags count.
    pub tagged: bool,
    /// Whether reading it gives a secret away, so that it has to be ours beyond doubt.
    pub secret: bool,
    /// Whether its names are fewer than those of another type with the same ARNs, so that its actions stand alone.
    pub alone: bool,
    /// Why neither names nor tags limit it.
    pub open: Option<&'static str>,
}

impl ResourceType {
    /// Its service and its name there.
    pub fn parts(&self) -> (&str, &str) {
        self.name.split_once(':').unwrap_or(("", self.name))
    }
}

/// What some actions of a service can be limited to: types of resources, without the service.
#[derive(Debug)]
pub struct Scope {
    pub service: &'static str,
    pub actions: &'static [&'static str],
    /// New resources, judged by the tags in the request.
    pub makes: &'static [&'static str],
    /// Resources that exist.
    pub uses: &'static [&'static str],
    /// Resources that exist and may have no tags yet.
    pub adopts: &'static [&'static str],
    /// Resources that get tags.
    pub tags: &'static [&'static str],
    /// Resources that get tags by the call that makes them.
    pub while_making: &'static [&'static str],
    /// Why there is no resource to name.
    pub any: Option<&'static str>,
    /// Whether such a call is judged by the tags in its request.
    pub requests: bool,
}

struct KindFile {
    kind: &'static [Permissions],
}

struct ScopeFile {
    resource: &'static [ResourceType],
    scope: &'static [Scope],
}

fn scope_file() -> &'static ScopeFile {
    static TABLE: ScopeFile = compiled_in!("scopes");
    &TABLE
}

/// Every row, in the order of the file.
pub fn permissions() -> &'static [Permissions] {
    static FILE: KindFile = compiled_in!("permissions");
    FILE.kind
}

/// The row of this class.
pub fn permissions_of(class: &str) -> Option<&'static Permissions> {
    permissions().iter().find(|row| row.class == class)
}

pub fn resource_types() -> &'static [ResourceType] {
    scope_file().resource
}

/// The type of a service: `ec2`, `vpc`.
pub fn resource_type(service: &str, name: &str) -> Option<&'static ResourceType> {
    type Names = HashMap<&'static str, &'static ResourceType>;
    static BY_SERVICE: OnceLock<HashMap<&'static str, Names>> = OnceLock::new();
    let by_service = BY_SERVICE.get_or_init(|| {
        let mut services: HashMap<&str, Names> = HashMap::new();
        for row in resource_types() {
            let (service, name) = row.parts();
            services.entry(service).or_default().insert(name, row);
        }
        services
    });
    by_service.get(service)?.get(name).copied()
}

/// The scope of an action, with the second word that it may have.
pub fn scope(action: &str) -> Option<&'static Scope> {
    static BY_ACTION: OnceLock<HashMap<String, &'static Scope>> = OnceLock::new();
    BY_ACTION
        .get_or_init(|| {
            let scopes = scope_file().scope.iter();
            scopes
                .flat_map(|scope| {
                    let key = move |action| (format!("{}:{action}", scope.service), scope);
                    scope.actions.iter().map(key)
                })
                .collect()
        })
        .get(action)
        .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::kinds;

    #[test]
    fn every_kind_has_its_permissions_and_every_row_a_kind() {
        let known: BTreeSet<&str> = kinds().iter().map(|kind| kind.class).collect();
        let rows: BTreeSet<&str> = permissions().iter().map(|row| row.class).collect();
        assert_eq!(known, rows);
        assert_eq!(rows.len(), permissions().len(), "a kind stands twice");
    }

    #[test]
    fn every_row_says_where_it_was_read_and_how_its_kind_goes() {
        for row in permissions() {
            assert!(!row.source.is_empty(), "{}", row.class);
            assert_ne!(
                row.delete.is_empty(),
                row.keeps.is_none(),
                "{}: it is removed, or something says why not",
                row.class
            );
            let of_aws = row.class.starts_with("aws.");
            assert_ne!(of_aws, row.create.is_empty(), "{}", row.class);
            let actions: Vec<&str> = row.actions().collect();
            for action in row.memory {
                assert!(actions.contains(action), "{}: {action}", row.class);
            }
        }
    }

    #[test]
    fn only_reading_stands_under_reading() {
        for action in permissions().iter().flat_map(|row| row.read) {
            let name = action.split(':').nth(1).unwrap();
            assert!(
                ["Describe", "Get", "List", "GET "]
                    .iter()
                    .any(|verb| name.starts_with(verb)),
                "{action}"
            );
        }
    }

    #[test]
    fn every_action_has_one_scope_and_every_scope_an_action() {
        let mut needed: BTreeSet<&str> = permissions()
            .iter()
            .flat_map(Permissions::actions)
            .collect();
        needed.extend(crate::deployer::THROUGH);
        let scopes = scope_file().scope;
        let scoped: Vec<String> = scopes
            .iter()
            .flat_map(|scope| {
                let actions = scope.actions.iter();
                actions.map(|action| format!("{}:{action}", scope.service))
            })
            .collect();
        let unique: BTreeSet<&str> = scoped.iter().map(String::as_str).collect();
        assert_eq!(unique.len(), scoped.len(), "an action stands twice");
        assert_eq!(needed, unique);
    }

    #[test]
    fn every_scope_names_known_types_or_a_reason_and_every_type_is_used() {
        let mut used = BTreeSet::new();
        for scope in scope_file().scope {
            let types = [
                scope.makes,
                scope.uses,
                scope.adopts,
                scope.tags,
                scope.while_making,
            ];
            let types: Vec<&&str> = types.into_iter().flatten().collect();
            assert_ne!(types.is_empty(), scope.any.is_none(), "{scope:?}");
            for name in types {
                assert!(resource_type(scope.service, name).is_some(), "{name}");
                used.insert(format!("{}:{name}", scope.service));
            }
        }
        let known: BTreeSet<String> = resource_types()
            .iter()
            .map(|row| row.name.to_owned())
            .collect();
        assert_eq!(used, known);
    }

    #[test]
    fn types_are_named_after_kinds_that_exist_or_say_why_they_are_open() {
        for row in resource_types() {
            let placeholder = row.arn.contains("{name}");
            assert_eq!(placeholder, !row.named.is_empty(), "{}", row.name);
            let limited = row.tagged || (placeholder && row.arn != "{name}");
            // What the spec names by another argument than that of a name of ours says so too.
            let of_others = limited && row.named.iter().all(|one| one.split('.').count() == 4);
            let is_open = row.open.is_some() && !of_others;
            assert_eq!(limited, !is_open, "{}", row.name);
            for named in row.named.iter().chain(row.kinds) {
                let class: Vec<&str> = named.split('.').take(3).collect();
                let kind = crate::catalogue::kind(&class.join(".")).unwrap();
                let argument = named.split('.').nth(3);
                assert!(
                    row.kinds.contains(named) || argument.is_some() || kind.name.is_some(),
                    "{named}"
                );
            }
        }
    }
}
