//! The order of the rooms of `src/`, which `ARCHITECTURE.md` draws: no room depends on a later one, and no two files of one
//! room depend on each other in a circle. Tests inside a room may use anything.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// From what knows nothing to what knows all. Rooms of one line may not know each other either, apart from the first line.
const ORDER: &[&str] = &[
    "tables",
    "visible",
    "whole",
    "date",
    "number",
    "parallel",
    "project_path",
    "git",
    "catalogue",
    "requirements",
    "answers",
    "overridable",
    "origin",
    "diagnostic",
    "format",
    "load",
    "packages",
    "spec",
    "resolve",
    "check",
    "stack",
    "judge",
    "deployer",
    "emit",
    "compile",
    "compare",
    "write",
    "provenance",
    "schema",
    "cli",
];

#[test]
fn no_room_depends_on_a_later_one() {
    let files = Files::read();
    let rank = |room: &str| {
        let found = ORDER.iter().position(|known| *known == room);
        found.unwrap_or_else(|| panic!("`{room}` has no place in the order"))
    };
    let mut wrong = Vec::new();
    for (from, imports) in &files.imports {
        for (to, path) in imports {
            let (here, there) = (files.room(from), files.room(to));
            if rank(&here) < rank(&there) {
                wrong.push(format!("{}: {path}", from.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "a room imports a later one");
    let rooms: BTreeSet<String> = files.imports.keys().map(|file| files.room(file)).collect();
    let listed: BTreeSet<String> = ORDER.iter().map(|room| (*room).to_owned()).collect();
    assert_eq!(rooms, listed, "the order names the rooms that there are");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = Files::read();
    let mut circles = BTreeSet::new();
    for start in files.imports.keys() {
        let reached = files.reached_from(start);
        let circle: Vec<String> = reached
            .iter()
            .filter(|file| files.reached_from(file).contains(start))
            .map(|file| file.display().to_string())
            .collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    assert_eq!(circles, BTreeSet::new(), "files import each other");
}

/// The files below `src/`, and what each imports.
struct Files {
    /// By path below `src/`: each file that it imports, with the path as it is written.
    imports: BTreeMap<PathBuf, BTreeSet<(PathBuf, String)>>,
}

impl Files {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut modules = BTreeMap::new();
        collect(&root, &root, &mut modules);
        let parsed: BTreeMap<Vec<String>, (PathBuf, syn::File)> = modules
            .into_iter()
            .map(|(module, file)| {
                let text = fs::read_to_string(root.join(&file)).unwrap();
                let parsed = syn::parse_file(&text).unwrap();
                (module, (file, parsed))
            })
            .collect();
        let reexports = parsed
            .iter()
            .map(|(module, (_, file))| (module.clone(), reexports(module, file)))
            .collect();
        let modules = Modules { parsed, reexports };
        let mut imports = BTreeMap::new();
        for (module, (file, parsed)) in &modules.parsed {
            // The crate's root lists the rooms, and belongs to none.
            if matches!(file.to_str(), Some("lib.rs" | "main.rs")) || is_for_tests(module, &modules)
            {
                continue;
            }
            let mut paths = Paths {
                module,
                found: BTreeSet::new(),
            };
            paths.visit_file(parsed);
            let found = paths.found.into_iter().filter_map(|path| {
                let to = modules.file_of(&path)?;
                Some((to, path.join("::")))
            });
            imports.insert(file.clone(), found.filter(|(to, _)| to != file).collect());
        }
        Self { imports }
    }

    /// The files that one depends on, directly or through others.
    fn reached_from<'f>(&'f self, start: &'f PathBuf) -> BTreeSet<&'f PathBuf> {
        let mut reached = BTreeSet::new();
        let mut left = vec![start];
        while let Some(file) = left.pop() {
            let imports = self.imports.get(file).into_iter().flatten();
            left.extend(imports.map(|(to, _)| to).filter(|to| reached.insert(*to)));
        }
        reached
    }

    fn room(&self, file: &Path) -> String {
        let first = file.components().next().unwrap();
        let first = Path::new(first.as_os_str());
        first.file_stem().unwrap().to_str().unwrap().to_owned()
    }
}

/// Whether a module, or one around it, is declared for tests alone.
fn is_for_tests(module: &[String], modules: &Modules) -> bool {
    (1..=module.len()).any(|length| {
        let (name, parent) = module[..length].split_last().unwrap();
        let Some((_, file)) = modules.parsed.get(parent) else {
            return false;
        };
        file.items.iter().any(|item| match item {
            Item::Mod(item) => item.ident == name && is_test(&item.attrs),
            _ => false,
        })
    })
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

/// The path of each module, with its file.
fn collect(root: &Path, folder: &Path, modules: &mut BTreeMap<Vec<String>, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, modules);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let file = path.strip_prefix(root).unwrap().to_path_buf();
            let mut module: Vec<String> = file
                .with_extension("")
                .components()
                .map(|part| part.as_os_str().to_str().unwrap().to_owned())
                .collect();
            let last = module.last().unwrap();
            if matches!(last.as_str(), "mod" | "lib") {
                module.pop();
            }
            modules.insert(module, file);
        }
    }
}

struct Modules {
    parsed: BTreeMap<Vec<String>, (PathBuf, syn::File)>,
    /// What a module passes on: where each of its names comes from.
    reexports: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>>,
}

impl Modules {
    /// The file that holds what a path leads to, through what modules pass on.
    fn file_of(&self, path: &[String]) -> Option<PathBuf> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (0..=path.len())
                .rev()
                .find(|length| self.parsed.contains_key(&path[..*length]))?;
            let passed = path
                .get(length)
                .and_then(|name| self.reexports.get(&path[..length])?.get(name));
            match passed {
                Some(origin) => path = origin.iter().chain(&path[length + 1..]).cloned().collect(),
                None if length == 0 => return None,
                None => {
                    return self
                        .parsed
                        .get(&path[..length])
                        .map(|(file, _)| file.clone());
                }
            }
        }
        None
    }
}

fn reexports(module: &[String], file: &syn::File) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for item in &file.items {
        let Item::Use(item) = item else { continue };
        if matches!(item.vis, Visibility::Inherited) || is_test(&item.attrs) {
            continue;
        }
        let mut leaves = Vec::new();
        leaves_of(&item.tree, &mut Vec::new(), &mut leaves);
        for (path, name) in leaves {
            let declared = file.items.iter().any(|item| match item {
                Item::Mod(item) => path.first().is_some_and(|first| item.ident == first),
                _ => false,
            });
            if declared {
                names.insert(name, module.iter().chain(&path).cloned().collect());
            } else if let Some(path) = absolute(module, &path) {
                names.insert(name, path);
            }
        }
    }
    names
}

/// Each name of a `use`: its path and the name that it gets.
fn leaves_of(tree: &UseTree, above: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    let leaf = |above: &[String], name: &syn::Ident, own: String| {
        let mut path = above.to_vec();
        if name != "self" {
            path.push(name.to_string());
        }
        (path, own)
    };
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            leaves_of(&path.tree, above, leaves);
            above.pop();
        }
        UseTree::Name(name) => leaves.push(leaf(above, &name.ident, name.ident.to_string())),
        UseTree::Rename(name) => leaves.push(leaf(above, &name.ident, name.rename.to_string())),
        UseTree::Glob(_) => leaves.push((above.clone(), "*".to_owned())),
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves_of(tree, above, leaves);
            }
        }
    }
}

/// A path from the crate's root; none if it leads out of the crate, or to a neighbour that is known by its name alone.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let first = path.first()?;
    match first.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some(module.iter().chain(&path[1..]).cloned().collect()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let base = module.get(..module.len().checked_sub(ups)?)?;
            Some(base.iter().chain(&path[ups..]).cloned().collect())
        }
        _ => None,
    }
}

/// The paths in a file that lead to other files of the crate, without what is for tests.
struct Paths<'m> {
    module: &'m [String],
    found: BTreeSet<Vec<String>>,
}

impl Paths<'_> {
    fn note(&mut self, path: &[String]) {
        self.found.extend(absolute(self.module, path));
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // What is only passed on is no use of it.
        if is_test(&item.attrs) || !matches!(item.vis, Visibility::Inherited) {
            return;
        }
        let mut leaves = Vec::new();
        leaves_of(&item.tree, &mut Vec::new(), &mut leaves);
        for (path, _) in leaves {
            // `use child::Item` of a module that the file declares.
            let child: Vec<String> = self.module.iter().chain(&path).cloned().collect();
            self.note(&path);
            self.found.insert(child);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        if parts.len() > 1 {
            let child: Vec<String> = self.module.iter().chain(&parts).cloned().collect();
            self.note(&parts);
            self.found.insert(child);
        }
        visit::visit_path(self, path);
    }
}
