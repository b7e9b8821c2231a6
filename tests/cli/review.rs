//! What people review after an edit of the spec: only the lines that follow from it.

use std::collections::BTreeMap;

use super::project::{Project, add_function};

/// What a change of the spec does to the files that people review: lines gone and lines new, by path. The manifest is left
/// out: it repeats, as a hash, that a file changed.
fn review(edit: impl Fn(&Project)) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let project = Project::built();
    let before = project.generated();
    edit(&project);
    project.build().code(0);
    let after = project.generated();
    let mut changes = BTreeMap::new();
    for path in before.keys().chain(after.keys()) {
        let (old, new) = (before.get(path), after.get(path));
        if old == new {
            continue;
        }
        let (old, new) = (
            old.map_or("", String::as_str),
            new.map_or("", String::as_str),
        );
        let diff = similar::TextDiff::from_lines(old, new);
        let lines = |tag| {
            diff.iter_all_changes()
                .filter(|change| change.tag() == tag)
                .map(|change| change.value().trim().to_owned())
                .collect()
        };
        changes.insert(
            path.clone(),
            (
                lines(similar::ChangeTag::Delete),
                lines(similar::ChangeTag::Insert),
            ),
        );
    }
    changes
}

#[test]
fn a_database_of_another_size_is_one_line() {
    let changes = review(|project| project.edit("storage_gib = 20", "storage_gib = 40"));
    let expected = (
        vec!["allocated_storage=20,".to_owned()],
        vec!["allocated_storage=40,".to_owned()],
    );
    assert_eq!(
        changes,
        [("components/database.py".to_owned(), expected)].into()
    );
}

#[test]
fn another_owner_is_one_line() {
    let changes = review(|project| {
        project.edit("owner = \"payments-platform\"", "owner = \"payments-core\"")
    });
    assert_eq!(changes.keys().collect::<Vec<_>>(), ["settings.py"]);
    let (old, new) = &changes["settings.py"];
    assert_eq!((old.len(), new.len()), (1, 1), "{changes:?}");
    assert!(
        old[0].replace("payments-platform", "payments-core") == new[0],
        "{changes:?}"
    );
}

#[test]
fn a_new_function_is_one_module_and_its_rows() {
    // Between the others, and after them: where it stands makes no difference.
    for before in ["[functions.health]", "[api]\n"] {
        let changes = review(|project| add_function(project, before));
        let is_new = |path: &str| {
            path == "components/functions/refund.py" || path.starts_with("functions/refund/")
        };
        for path in [
            "components/functions/refund.py",
            "functions/refund/handler.py",
        ] {
            assert!(changes.contains_key(path), "{changes:?}");
        }
        for (path, (gone, new)) in changes.iter().filter(|(path, _)| !is_new(path)) {
            assert!(new.len() < 40, "{path} gains {} lines", new.len());
            if path.starts_with("docs/") {
                // The documents count resources and list, in a row a requirement, what meets it.
                assert_eq!(gone.len(), new.len(), "{path} loses {gone:?}");
                continue;
            }
            assert!(gone.is_empty(), "{path} loses {gone:?}");
            assert!(
                new.iter().any(|line| line.contains("refund")),
                "{path} gains {new:?}"
            );
        }
    }
}
