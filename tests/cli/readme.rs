//! The README's first change, typed as a newcomer types it: what it shows is what the command prints, and what it names is what changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::project::{MANIFEST, Project, stderr, stdout};

/// What a reader types in front of the arguments, from the sources.
const COMMAND: &str = "cargo run --release -- ";

/// The section of the README with this heading.
fn section(heading: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(readme).unwrap();
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The blocks of a language, without their fences, in their order.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = section.split(&fence).skip(1);
    let block = |part: &str| part.split_once("```").unwrap().0.to_owned();
    parts.map(block).collect()
}

/// Lines of a diff that begin with this sign, without it.
fn lines(diff: &str, sign: char) -> String {
    let marked = diff.lines().filter_map(|line| line.strip_prefix(sign));
    marked.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_first_change_is_as_in_the_readme() {
    let told = section("Your first change");
    let diffs = blocks(&told, "diff");
    let [edit, shown] = diffs.as_slice() else {
        panic!("{diffs:?}");
    };
    let project = Project::built();
    let before = project.generated();
    project.edit(&lines(edit, '-'), &lines(edit, '+'));

    let commands = blocks(&told, "sh");
    let [check] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    let arguments = check.trim().strip_prefix(COMMAND).unwrap();
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let run = project.run(&arguments).code(1);
    assert_eq!(&stdout(&run), shown);
    // All of the other output too: the warning, which the second output shows, and the block below the diff.
    let outputs = blocks(&told, "text");
    let [stale, slip] = outputs.as_slice() else {
        panic!("{outputs:?}");
    };
    let (warning, _) = slip.split_once("\n\n").unwrap();
    // The copy is in no repository, as a reader's is.
    let error = stderr(&run);
    let said = error
        .lines()
        .filter(|line| !line.starts_with("unstated-loss did not run: "));
    let said: String = said.map(|line| format!("{line}\n")).collect();
    assert_eq!(said, format!("{warning}\n\n{stale}"));

    // "Build without `--check`, commit …": every file that it names, and no other.
    project.build().code(0);
    let after = project.generated();
    let changed = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(*text));
    let mut expected: BTreeSet<String> = changed
        .map(|(path, _)| format!("generated/{path}"))
        .collect();
    expected.insert("spec/staging.toml".to_owned());
    expected.insert(format!("generated/{MANIFEST}"));
    let commit = told.lines().find(|line| line.contains("commit ")).unwrap();
    let named: BTreeSet<String> = commit
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/'))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn the_first_slip_is_reported_as_the_readme_shows_it() {
    let told = section("Your first change");
    let edit = blocks(&told, "diff").remove(0);
    let typed = told.split_once("Now type the key wrongly, `").unwrap().1;
    let typed = typed.split_once('`').unwrap().0;
    let project = Project::built();
    project.edit(&lines(&edit, '-'), &format!("{typed}\n"));
    let shown = blocks(&told, "text").remove(1);
    let run = project.build().code(1);
    assert_eq!(stdout(&run), "");
    assert_eq!(stderr(&run), shown);
}

#[test]
fn a_function_of_ones_own_is_added_as_in_the_readme() {
    let told = section("A function of your own");
    let (codes, keys) = (blocks(&told, "python"), blocks(&told, "toml"));
    let ([code], [keys]) = (codes.as_slice(), keys.as_slice()) else {
        panic!("{codes:?}, {keys:?}");
    };
    let project = Project::new();
    let (folder, _) = told.split_once("/app.py`").unwrap();
    let (_, folder) = folder.rsplit_once('`').unwrap();
    fs::create_dir_all(project.path(folder)).unwrap();
    fs::write(project.path(&format!("{folder}/app.py")), code).unwrap();
    let spec = project.path("spec/staging.toml");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, format!("{text}\n{keys}")).unwrap();
    project.build().code(0);

    let module = project.read("generated/components/functions/refund.py");
    assert!(module.contains("\"PROCESSOR_URL\": \"https://processor.example/v2\""));
    assert!(module.contains("handler=\"app.main\""));
    assert!(
        project
            .read("generated/settings.py")
            .contains("\"CostCentre\": \"4711\"")
    );
    assert_eq!(&project.read("generated/functions/refund/app.py"), code);
}

#[test]
fn secrets_and_queues_are_added_as_in_the_readme() {
    let told = section("Secrets and queues");
    let (codes, keys) = (blocks(&told, "python"), blocks(&told, "toml"));
    let ([code], [keys]) = (codes.as_slice(), keys.as_slice()) else {
        panic!("{codes:?}, {keys:?}");
    };
    let project = Project::new();
    let folder = "spec/functions/settle";
    assert!(told.contains(&format!("`{folder}/handler.py`")));
    fs::create_dir_all(project.path(folder)).unwrap();
    fs::write(project.path(&format!("{folder}/handler.py")), code).unwrap();
    let spec = project.path("spec/staging.toml");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, format!("{text}\n{keys}")).unwrap();
    let run = project.build().code(0);
    // Nothing of it calls for a warning.
    assert!(!stderr(&run).contains("unused"), "{}", stderr(&run));
    assert!(!stderr(&run).contains("unwatched"), "{}", stderr(&run));

    let module = project.read("generated/components/functions/settle.py");
    assert!(module.contains("event_source_arn=args.queue_arns[\"settlements\"]"));
    assert!(
        module
            .contains("\"PROCESSOR_API_KEY_SECRET_ARN\": args.secret_arns[\"processor-api-key\"]")
    );
    let sender = project.read("generated/components/functions/collect.py");
    assert!(sender.contains("\"SETTLEMENTS_QUEUE_URL\": args.queue_urls[\"settlements\"]"));
    let alarms = project.read("generated/components/secret_alarms.py");
    assert!(alarms.contains("SecretAlarm(name=\"processor-api-key\", days=60)"));
}
