//! What one slip takes away from a spec: a table under a wrong name, functions without names, the beginning of the file. One error each,
//! and nothing that only follows from it.

use std::fs;

use paystagec::diagnostic::{Code, Diagnostic};

use crate::SPEC;
use crate::habits::errors;

fn committed() -> String {
    fs::read_to_string(SPEC).unwrap()
}

/// The only error of a text.
fn only(text: &str, name: &str) -> Diagnostic {
    let found = errors(text);
    let [error] = found.as_slice() else {
        panic!("{name}: {} errors {found:#?}", found.len());
    };
    error.clone()
}

#[test]
fn a_table_with_a_wrong_name_is_one_error_and_read_as_it_was_meant() {
    let spec = committed();
    let names = [
        ("[load_balancer]", "[loadbalancer]"),
        ("[load_balancer", "[loadbalancer"),
        ("[firewall]", "[fire_wall]"),
        ("[monitoring]", "[alarms]"),
        ("[payments]", "[payment]"),
        ("[payments", "[payment"),
        ("[state]", "[backend]"),
        ("[network]", "[vpc]"),
        ("[functions.", "[function."),
        ("[functions.health]", "[function.health]"),
        ("[api.routes.", "[api.route."),
        ("[api.plans.partner]", "[api.plan.partner]"),
    ];
    for (right, wrong) in names {
        assert!(spec.contains(right), "{right}");
        let text = spec.replace(right, wrong);
        let error = only(&text, wrong);
        assert_eq!(error.code, Code::UnknownKey, "{wrong}");
        let help = error.help.as_deref().unwrap_or_default();
        assert!(
            help.starts_with(&format!("did you mean `{right}")),
            "{wrong}: {help}"
        );
        let [suggestion] = error.suggestions.as_slice() else {
            panic!("{wrong}: {error:#?}");
        };
        assert_eq!(suggestion.apply(&text), spec, "{wrong}");
    }
}

#[test]
fn a_table_beside_the_right_one_is_not_read_as_it() {
    let text = committed() + "\n[loadbalancer]\ncertificate = \"self-signed\"\n";
    let error = only(&text, "loadbalancer");
    let help = error.help.as_deref();
    assert_eq!(
        help,
        Some("its keys belong to `load_balancer`, which is there")
    );
}

#[test]
fn functions_without_names_are_one_error() {
    let spec = committed();
    for header in ["[[functions]]", "[functions]"] {
        let lines = spec.lines().map(|line| {
            let is_function = line.starts_with("[functions.");
            format!("{}\n", if is_function { header } else { line })
        });
        let error = only(&lines.collect::<String>(), header);
        assert_eq!(error.secondary.len(), 5, "{error:#?}");
        assert_eq!(
            error.help.as_deref(),
            Some("give it a name: `[functions.<name>]`")
        );
    }
}

#[test]
fn a_file_without_its_beginning_is_one_error() {
    let spec = committed();
    let lines: Vec<&str> = spec.lines().collect();
    for count in [7, 9, 12, 14, 17, 20, 26, 30, 40, 55, 60, 70, 81] {
        let rest = format!("{}\n", lines[count..].join("\n"));
        let error = only(&rest, &format!("{count} lines"));
        assert_eq!(error.message, "the beginning of the spec is missing");
        assert_eq!(error.span, 0..0);
        let note = error.note.unwrap_or_default();
        let parts = "missing key `version`; missing table `[environment]`";
        assert!(note.starts_with(parts), "{note}");
    }
}

#[test]
fn what_a_function_of_the_compiler_uses_is_proposed_in_any_form() {
    let spec = committed();
    for (source, uses) in [
        ("migrate", "{ database = \"owner\" }"),
        (
            "validate-payment",
            "{ database = \"write\", audit = \"write\" }",
        ),
        ("payment-status", "{ database = \"read\" }"),
    ] {
        let table = spec
            .find(&format!("source = \"builtin:{source}\""))
            .unwrap();
        let line = table + spec[table..].find("uses = ").unwrap();
        let end = line + spec[line..].find('\n').unwrap();
        let text = format!("{}uses: database{}", &spec[..line], &spec[end..]);
        let error = only(&text, source);
        let help = error.help.as_deref();
        assert_eq!(help, Some(format!("write `uses = {uses}`").as_str()));
    }
}
