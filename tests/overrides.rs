//! What becomes of an override: in the code, in the evidence, in what `explain` answers. What is refused has its cases in
//! `tests/diagnostics`; that the generated tests hold is shown by `tests/graph`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use paystagec::compile::{Compilation, Output, compile};
use paystagec::diagnostic::Code;
use paystagec::load::Disk;
use paystagec::provenance::Atlas;

const SPEC: &str = "spec/staging.toml";

/// One of an argument that is there, with text that would break out of a comment or a table, and two of a family.
const OVERRIDES: &str = "
[overrides.\"database.instance\"]
argument = \"monitoring_interval\"
value = 30
replaces = 60
reason = \"a | <b>look</b> # noqa\"
owner = \"payments-platform\"
expires = 2027-01-31

[[overrides.\"network.private_subnet\"]]
argument = \"enable_resource_name_dns_a_record_on_launch\"
value = true
reason = \"names in the resolver's logs\"
owner = \"payments-platform\"
expires = 2027-01-31

[[overrides.\"network.private_subnet\"]]
argument = \"private_dns_hostname_type_on_launch\"
value = \"resource-name\"
reason = \"names in the resolver's logs\"
owner = \"payments-platform\"
expires = 2027-01-31
";

/// What differs beside the components that are overridden.
const ALONG: [&str; 5] = [
    "docs/requirements.md",
    "pyproject.toml",
    "tests/unit/conftest.py",
    "tests/unit/overrides.py",
    "tests/unit/test_overrides.py",
];

fn spec(more: &str) -> String {
    std::fs::read_to_string(SPEC).unwrap() + more
}

fn compiled(more: &str, today: &str) -> Compilation {
    let loader = Disk::beside(Path::new(SPEC));
    compile(&spec(more), SPEC, &loader, today.parse().unwrap()).unwrap()
}

fn output(more: &str, today: &str) -> Output {
    let compilation = compiled(more, today);
    let diagnostics = compilation.diagnostics;
    let output = compilation.output;
    output.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

fn file(output: &Output, path: &str) -> Option<String> {
    let found = output.files.iter().find(|file| file.path == path)?;
    Some(String::from_utf8(found.content.to_vec()).unwrap())
}

/// Number of the line that holds this text, from 1.
fn line(output: &Output, path: &str, text: &str) -> usize {
    let content = file(output, path).unwrap();
    content
        .lines()
        .position(|line| line.contains(text))
        .unwrap()
        + 1
}

#[test]
fn an_override_changes_its_argument_and_says_so_beside_it() {
    let with = output(OVERRIDES, "2026-12-01");
    let without = output("", "2026-12-01");
    let database = file(&with, "components/database.py").unwrap();
    let expected = "            \
            # Override in place of 60 until 2027-01-31, payments-platform: a | <b>look</b> \\x23 noqa\n            \
            monitoring_interval=30,\n";
    assert!(database.contains(expected), "{database}");
    let network = file(&with, "components/network.py").unwrap();
    let expected = "                # Override until 2027-01-31, payments-platform: names in the resolver's logs\n                enable_resource_name_dns_a_record_on_launch=True,\n";
    assert_eq!(network.matches(expected).count(), 1, "{network}");
    let differing: Vec<&str> = with
        .files
        .iter()
        .filter(|file| !without.files.contains(file))
        .map(|file| file.path.as_str())
        .collect();
    let mut expected = vec!["components/database.py", "components/network.py"];
    expected.extend(ALONG);
    assert_eq!(differing, expected);
}

#[test]
fn the_evidence_lists_overrides_and_nothing_breaks_out_of_its_cell() {
    let with = output(OVERRIDES, "2026-12-01");
    let text = file(&with, "docs/requirements.md").unwrap();
    let row = "| `database.instance` | `monitoring_interval` | 30 | 60 | a \\| &lt;b&gt;look&lt;/b&gt; # noqa | payments-platform | 2027-01-31 |\n";
    assert!(text.contains(row), "{text}");
    assert!(
        text.contains("| \"resource-name\" | AWS's own | "),
        "{text}"
    );
    let without = output("", "2026-12-01");
    let files = without.files.iter();
    let named: Vec<&str> = files
        .filter(|file| String::from_utf8_lossy(&file.content).contains("verride:"))
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(named, [""; 0]);
    assert_eq!(file(&without, "tests/unit/overrides.py"), None);
}

#[test]
fn explain_knows_the_override_behind_a_line_and_the_lines_of_an_override() {
    let output = output(OVERRIDES, "2026-12-01");
    let text = spec(OVERRIDES);
    let atlas = Atlas::new(&output, SPEC, &text, "generated");
    let path = "components/database.py";
    let number = line(&output, path, "monitoring_interval=30");
    let answer = atlas.explain_line(path, number);
    for part in [
        "value      30\n",
        "an override: spec/staging.toml:",
        ": value = 30 (`overrides.\"database.instance\".value`)",
        "because a | <b>look</b> # noqa",
        "decided by payments-platform, valid through 2027-01-31",
        "in place of 60, which came from",
        "RDS.6, a control of AWS Security Hub",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    let answer = atlas.explain_key("overrides.\"database.instance\"");
    let place = format!("generated/{path}:{}: `monitoring_interval`", number - 1);
    assert!(answer.contains(&place), "{answer}");
    let answer = atlas.explain_key("overrides.\"network.private_subnet\"[1].value");
    assert!(
        answer.contains("`private_dns_hostname_type_on_launch`"),
        "{answer}"
    );
    assert!(!answer.contains("a_record_on_launch"), "{answer}");
}

#[test]
fn the_day_decides_whether_there_is_output_and_not_what_it_is() {
    let early = output(OVERRIDES, "2026-01-01");
    let last = output(OVERRIDES, "2027-01-31");
    assert_eq!(early.files, last.files);
    let late = compiled(OVERRIDES, "2027-02-01");
    assert!(late.output.is_none());
    let expired = |code: Code| {
        late.diagnostics
            .iter()
            .filter(move |told| told.code == code)
    };
    assert_eq!(expired(Code::ExpiredOverride).count(), 3);
}

#[test]
fn one_table_and_a_list_of_one_are_the_same() {
    let one = OVERRIDES.split("\n[[").next().unwrap();
    let list = one.replacen(
        "[overrides.\"database.instance\"]",
        "[[overrides.\"database.instance\"]]",
        1,
    );
    assert_ne!(one, list);
    let (one, list) = (output(one, "2026-12-01"), output(&list, "2026-12-01"));
    assert_eq!(one.files, list.files);
}

/// A deployment of the API is a picture: what is not in its fingerprint is never served.
#[test]
fn an_override_inside_of_the_api_asks_for_another_deployment() {
    let inside = "
[overrides.\"api.integration\"]
argument = \"passthrough_behavior\"
value = \"NEVER\"
reason = \"refuse what no schema knows\"
owner = \"payments-platform\"
expires = 2027-01-31
";
    let with = output(inside, "2026-12-01");
    let program = file(&with, "components/api.py").unwrap();
    let entry = "\"integration.passthrough_behavior\": \"NEVER\",\n";
    assert_eq!(program.matches(entry).count(), 1, "{program}");
    let text = spec(inside);
    let atlas = Atlas::new(&with, SPEC, &text, "generated");
    let answer = atlas.explain_key("overrides.\"api.integration\".value");
    assert!(
        answer.contains("`triggers` of aws.apigateway.Deployment"),
        "{answer}"
    );
    let outside = inside.replace("api.integration", "api.deployment");
    let outside = outside.replace("passthrough_behavior", "description");
    let with = output(&outside, "2026-12-01");
    assert!(
        !file(&with, "components/api.py")
            .unwrap()
            .contains("\"deployment.description\"")
    );
}

/// What a module imports, and the options that it makes.
fn used(output: &Output, path: &str) -> Vec<String> {
    let text = file(output, path).unwrap();
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        ["import ", "from ", "child = ", "named = "]
            .iter()
            .any(|head| line.starts_with(head))
    });
    lines.map(str::to_owned).collect()
}

#[test]
fn words_of_the_spec_import_nothing() {
    const WORDS: &str =
        "archives. json.dumps( asdict( @dataclass( tls. aws. fingerprint( opts=child, opts=named,";
    let plain = output("", "2026-06-01");
    let mut spec = String::new();
    let mut modules = Vec::new();
    for component in &plain.stack.components {
        for (resource, _) in component.resources() {
            let takes_words = ["aws.iam.Role", "aws.kms.Key", "aws.apigateway.RestApi"]
                .contains(&resource.kind)
                && !resource
                    .arguments
                    .iter()
                    .any(|argument| argument.name == "description");
            if takes_words {
                spec += &format!(
                    "[overrides.\"{}.{}\"]\nargument = \"description\"\nvalue = \"{WORDS}\"\n\
                     reason = \"{WORDS}\"\nowner = \"payments-platform\"\nexpires = 2027-01-31\n",
                    component.path, resource.variable
                );
                modules.push(format!(
                    "components/{}.py",
                    component.path.replace('-', "_")
                ));
            }
        }
    }
    modules.dedup();
    assert!(modules.len() > 5, "{modules:?}");
    let worded = output(&spec, "2026-06-01");
    for module in modules {
        assert_ne!(file(&worded, &module), file(&plain, &module), "{module}");
        assert_eq!(used(&worded, &module), used(&plain, &module), "{module}");
    }
}

/// What all functions share is printed once; where one of them differs, each says its own, and what the others do not have is left out.
#[test]
fn an_override_of_one_function_leaves_the_others_what_they_are() {
    let set = |argument: &str, value: &str| {
        format!(
            "\n[[overrides.\"functions/health.dead_letters\"]]\nargument = \"{argument}\"\nvalue = {value}\n\
             reason = \"as asked\"\nowner = \"payments-platform\"\nexpires = 2027-01-31\n"
        )
    };
    let more =
        set("message_retention_seconds", "604800\nreplaces = 1209600") + &set("delay_seconds", "5");
    let (output, plain) = (output(&more, "2026-12-01"), output("", "2026-12-01"));
    let read = |path: &str| file(&output, path).unwrap();
    let shared = read("components/lambda_function.py");
    for line in [
        "    dead_letters_message_retention_seconds: int = 1209600\n",
        "    dead_letters_delay_seconds: int | None = None\n",
        "            message_retention_seconds=args.dead_letters_message_retention_seconds,\n",
        "            delay_seconds=args.dead_letters_delay_seconds,\n",
    ] {
        assert!(shared.contains(line), "{line}{shared}");
    }
    let health = read("components/functions/health.py");
    let comment = "            # Override until 2027-01-31, payments-platform: as asked\n";
    let own = format!("{comment}            dead_letters_delay_seconds=5,\n");
    assert!(health.contains(&own), "{health}");
    assert!(health.contains("            dead_letters_message_retention_seconds=604800,\n"));
    let components: Vec<&str> = output
        .files
        .iter()
        .filter(|file| file.path.starts_with("components/") && !plain.files.contains(file))
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        components,
        [
            "components/functions/health.py",
            "components/lambda_function.py"
        ]
    );
    // The default is what the others have, the line below the call what each has.
    let text = spec(&more);
    let atlas = Atlas::new(&output, SPEC, &text, "generated");
    let path = "components/lambda_function.py";
    for line_of in [
        "retention_seconds: int = 1209600",
        "args.dead_letters_message_retention_seconds",
    ] {
        let answer = atlas.explain_line(path, line(&output, path, line_of));
        for part in [
            "\nargument   `message_retention_seconds`\n",
            "\nfor        health-dead-letters\nvalue      604800\nfrom       an override: ",
            "audit-relay-dead-letters, deep-health-dead-letters\nvalue      1209600\nfrom       CKV_AWS_116",
        ] {
            assert!(answer.contains(part), "{part}\n{answer}");
        }
    }
}
