//! What teams ask of an environment: each wish is tried on the committed spec, and `docs/wishes.md` says what it takes and what it changes.
//! `UPDATE=1 cargo test --test cli wishes` writes the table anew; read its diff.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::project::{Project, stdout};

#[derive(Deserialize)]
struct Wishes {
    wish: Vec<Wish>,
    impossible: Vec<Impossible>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    what: String,
    key: String,
    /// The wish that has come true before.
    after: Option<String>,
    #[serde(default)]
    add: String,
    #[serde(default)]
    edits: Vec<(String, String)>,
    /// By path beside the spec, the name of a text below.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Impossible {
    what: String,
    why: String,
}

/// What a team's own files say.
fn file(name: &str) -> &'static str {
    match name {
        "FUNCTION" => {
            "\"\"\"Answers.\"\"\"\n\n\ndef handle(event, context):\n    \"\"\"Answer one call.\"\"\"\n    return {\"statusCode\": 200, \"body\": \"\"}\n"
        }
        "MAIN" => {
            "\"\"\"Answers.\"\"\"\n\n\ndef main(event, context):\n    \"\"\"Answer one call.\"\"\"\n    return {\"statusCode\": 200, \"body\": \"\"}\n"
        }
        "BATCH" => {
            "\"\"\"Works on a batch.\"\"\"\n\n\ndef handle(event, context):\n    \"\"\"Nothing fails.\"\"\"\n    return {\"batchItemFailures\": []}\n"
        }
        "LOCK" => {
            "idna==3.10 \\\n    --hash=sha256:946d195a0d259cbba61165e88e65941f16e9b36ea6ddb97f00452bae8b1287d3\n"
        }
        "EXTENSION" => include_str!("../properties/extension.py"),
        other => panic!("no file {other}"),
    }
}

/// One row of the table.
struct Row {
    what: String,
    key: String,
    spec: u64,
    program: u64,
    folder: u64,
    sum: String,
}

fn wish_for(project: &Project, wish: &Wish) {
    for (old, new) in &wish.edits {
        project.edit(old, new);
    }
    let spec = project.path("spec/staging.toml");
    let text = fs::read_to_string(&spec).unwrap();
    // A further key belongs to the last table; a table of its own is set off by a blank line.
    let add = match wish.add.trim_start().starts_with('[') {
        true => wish.add.as_str(),
        false => wish.add.trim_start(),
    };
    fs::write(&spec, text + add).unwrap();
    for (path, name) in &wish.files {
        let path = project.path("spec").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file(name)).unwrap();
    }
}

/// Lines that come and go, of paths that a condition picks.
fn changed(numstat: &str, is_counted: impl Fn(&str) -> bool) -> u64 {
    let rows = numstat.lines().map(|line| {
        let mut parts = line.split('\t');
        let [come, go, path] = [(); 3].map(|()| parts.next().unwrap());
        (come, go, path)
    });
    let counted = rows.filter(|(_, _, path)| is_counted(path));
    let number = |text: &str| text.parse::<u64>().unwrap();
    counted.map(|(come, go, _)| number(come) + number(go)).sum()
}

fn tried(project: &Project, wish: &Wish, all: &[Wish]) -> Row {
    if let Some(before) = &wish.after {
        wish_for(project, all.iter().find(|one| one.what == *before).unwrap());
        project.build().success();
        project.commit();
    }
    wish_for(project, wish);
    let said = stdout(&project.build().success());
    let sum = said
        .lines()
        .find_map(|line| line.strip_prefix("since HEAD: "));
    project.git(&["add", "--all"]);
    let numstat = project.git(&["diff", "--cached", "--numstat"]);
    let in_folder = |path: &str| path.starts_with("generated/") && !path.ends_with(".manifest");
    let is_program = |path: &str| {
        in_folder(path) && path.ends_with(".py") && !path.starts_with("generated/tests/")
    };
    let row = Row {
        what: wish.what.clone(),
        key: wish.key.clone(),
        spec: changed(&numstat, |path| path == "spec/staging.toml"),
        program: changed(&numstat, is_program),
        folder: changed(&numstat, in_folder),
        sum: sum.unwrap_or("no file changes").to_owned(),
    };
    project.git(&["reset", "--quiet", "--hard", "start"]);
    row
}

/// What it takes to say a whole environment.
fn environment(project: &Project, name: &str) -> String {
    let path = format!("spec/{name}.toml");
    let spec = project.read(&path);
    let lines = spec.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let said = stdout(&project.run(&["plan", &path]).success());
    let find = |needle: &str| {
        said.lines()
            .find_map(|line| Some(line.split_once(needle)?.0))
    };
    let resources = find(" resources in ").unwrap();
    let sum = find(" a month at ").unwrap();
    format!("| `{path}` | {} | {resources} | {sum} |\n", lines.count())
}

fn table(project: &Project, wishes: &Wishes, rows: &[Row]) -> String {
    let mut text = String::from(
        "# What teams ask of an environment\n\n\
         Each wish is an edit of the committed spec, `spec/staging.toml`, that a test makes \
         (`tests/cli/wishes.toml`). *Spec*: its lines that come or go. *Program*: lines of Python that are deployed, and *folder*: of all \
         that is written to `generated/`, with tests, documents and the deployer's policies, but for the manifest. *Change*: what `build` \
         says against the last commit.\n\n\
         | wish | key | spec | program | folder | change |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for row in rows {
        let Row {
            what,
            key,
            spec,
            program,
            folder,
            sum,
        } = row;
        text.push_str(&format!(
            "| {what} | `{key}` | {spec} | {program} | {folder} | {sum} |\n"
        ));
    }
    text.push_str(
        "\n## The environments\n\nThe way to production is a spec that says what differs. *Lines*: without comments and blank ones.\n\n\
         | spec | lines | resources | a month, before there is any traffic |\n| --- | ---: | ---: | --- |\n",
    );
    for name in ["staging", "production", "development"] {
        text.push_str(&environment(project, name));
    }
    text.push_str("\n## What stays impossible\n\n| wish | why |\n| --- | --- |\n");
    for Impossible { what, why } in &wishes.impossible {
        text.push_str(&format!("| {what} | {why} |\n"));
    }
    text
}

#[test]
fn every_wish_comes_true_as_the_table_says() {
    let wishes: Wishes = toml::from_str(include_str!("wishes.toml")).unwrap();
    let project = Project::built().committed();
    project.git(&["tag", "start"]);
    let rows = wishes.wish.iter();
    let rows: Vec<Row> = rows
        .map(|wish| tried(&project, wish, &wishes.wish))
        .collect();
    let found = table(&project, &wishes, &rows);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/wishes.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == found,
        "docs/wishes.md is stale: run `UPDATE=1 cargo test --test cli wishes`\n{found}"
    );
}
