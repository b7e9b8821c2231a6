//! What the command gives to editors, shells and readers of manuals.

use std::fs;
use std::path::Path;

use super::project::{Project, spec, stdout};

#[test]
fn the_committed_schema_is_current_and_the_spec_names_it() {
    let spec = spec();
    let schema = spec.with_file_name(paystagec::schema::FILE_NAME);
    let committed = fs::read_to_string(schema).unwrap_or_default();
    let printed = stdout(&Project::new().run(&["schema"]).code(0));
    assert!(
        committed == printed,
        "spec/paystagec.schema.json is stale: run `make generate`"
    );
    let text = fs::read_to_string(&spec).unwrap();
    let named = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("#:schema "));
    let named = spec.with_file_name("").join(named.unwrap_or_default());
    assert!(Path::new(&named).is_file(), "{}", named.display());
}
