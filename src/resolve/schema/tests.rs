//! What API Gateway takes and refuses of schemas, with the place in the file. The table is held against the generated tests as well.

use super::{Fault, read};
use serde_json::{Value as Json, json};

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    schema: Json,
    /// What is said of it; nothing of one that is taken.
    fault: Option<String>,
}

const CASES: &str = include_str!("../../../tests/models/schemas.json");

fn told(text: &str) -> Vec<String> {
    let faults = read(text.as_bytes()).err().unwrap_or_default();
    faults.into_iter().map(|fault| fault.label).collect()
}

#[test]
fn schemas_are_taken_and_refused_as_the_table_says() {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    for Case {
        name,
        schema,
        fault,
    } in cases
    {
        let text = serde_json::to_string_pretty(&schema).unwrap();
        let faults = read(text.as_bytes()).err().unwrap_or_default();
        match fault {
            None => assert_eq!(faults, [], "{name}"),
            Some(part) => assert!(
                faults.iter().any(|fault| fault.label.contains(&part)),
                "{name}: {faults:?}"
            ),
        }
        for fault in faults {
            assert!(
                fault.place.is_some() && !fault.help.is_empty(),
                "{name}: {fault:?}"
            );
        }
    }
}

#[test]
fn a_fault_stands_at_its_line_and_column() {
    let text = "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a/b\": {\"enum\": [\"é\"], \"const\": 1}\n  }\n}";
    let faults = read(text.as_bytes()).unwrap_err();
    let [Fault { place, help, .. }] = faults.as_slice() else {
        panic!("{faults:?}");
    };
    assert_eq!(*place, Some((4, 28)));
    assert_eq!(help, "write \"enum\" with a list of the one value");
}

#[test]
fn a_byte_order_mark_is_skipped_and_other_encodings_are_reported() {
    assert_eq!(
        read(b"\xef\xbb\xbf{\"type\": \"object\"}"),
        Ok(json!({ "type": "object" }))
    );
    let utf16: Vec<u8> = "\u{feff}{\"type\": \"object\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let faults = read(&utf16).unwrap_err();
    assert_eq!(faults[0].label, "not UTF-8");
}

#[test]
fn a_duplicate_key_is_reported_at_its_second_place() {
    let text = "{\"type\": \"object\",\n \"required\": [\"a\"],\n \"required\": [\"b\"]}";
    let faults = read(text.as_bytes()).unwrap_err();
    assert_eq!(faults[0].label, "duplicate key `required`");
    assert_eq!(faults[0].place, Some((3, 2)));
}

#[test]
fn four_hundred_kilobytes_are_taken_as_they_are_sent() {
    let schema =
        |length: usize| json!({ "type": "object", "description": "x".repeat(length) }).to_string();
    let frame = r#"{"type": "object", "description": ""}"#.len();
    assert_eq!(told(&schema(400 * 1024 - frame)), Vec::<String>::new());
    assert!(told(&schema(400 * 1024 - frame + 1))[0].contains("at most 400 KB"));
    // An accent is six bytes where only ASCII is sent.
    let accents = json!({ "type": "object", "description": "é".repeat(70_000) });
    assert!(told(&accents.to_string())[0].contains("at most 400 KB"));
    assert!(told(&schema(900_000))[0].contains("at most 400 KB"));
}

#[test]
fn many_faults_are_counted() {
    let words: Vec<String> = (0..40).map(|n| format!("\"word{n}\": 1")).collect();
    let told = told(&format!("{{\"type\": \"object\", {}}}", words.join(", ")));
    assert_eq!(told.len(), 10);
    assert!(
        told[9].ends_with("; and 30 more faults in the file"),
        "{}",
        told[9]
    );
}

#[test]
fn depth_and_broken_text_end_in_words() {
    let deep = format!("{}{{}}{}", "{\"not\":".repeat(100_000), "}".repeat(100_000));
    assert!(told(&deep)[0].contains("recursion limit"));
    assert!(told("{\"type\": \"object\"")[0].contains("not valid JSON"));
    assert!(told("")[0].contains("not valid JSON"));
}
