use super::{Merged, is_path, merge};

const RENDERED: &str = "\
# Settings of the stack.
config:
  aws:region: us-east-1
  paystage:environmentSuffix: main
  pulumi:disable-default-providers:
    - aws
";

fn merged(rendered: &str, found: &str) -> Merged {
    let known = merge(
        rendered.replace("us-east-1", "us-west-2").as_bytes(),
        None,
        |_| false,
    )
    .unwrap()
    .owned;
    merge(rendered.as_bytes(), Some(found.as_bytes()), |owned| {
        owned == known
    })
    .unwrap()
}

fn text(rendered: &str, found: &str) -> String {
    String::from_utf8(merged(rendered, found).content).unwrap()
}

#[test]
fn only_stack_settings_are_merged() {
    assert!(is_path("Pulumi.staging.yaml"));
    for path in [
        "Pulumi.yaml",
        "Pulumi..yaml",
        "docs/Pulumi.staging.yaml",
        "Pulumi.staging.json",
    ] {
        assert!(!is_path(path), "{path}");
    }
}

#[test]
fn a_new_file_is_what_was_rendered() {
    let merged = merge(RENDERED.as_bytes(), None, |_| false).unwrap();
    assert_eq!(merged.content, RENDERED.as_bytes());
    assert!(!merged.overrides_user);
}

#[test]
fn what_the_command_line_keeps_there_stays() {
    let found = "\
# our staging stack
secretsprovider: awskms://alias/pulumi # do not change
encryptedkey: AQICAHi=
config:
    aws:region: us-west-2   # moved in May
    # the bank's test host
    paystage:bank: bank.example.com
    paystage:environmentSuffix: \"main\"
    paystage:token:
        secure: v1:abc/def+gh==
    pulumi:disable-default-providers:
        - aws
    list:
    - one # first

    - two
environment:
  - shared
";
    assert_eq!(
        text(RENDERED, found),
        found.replace("us-west-2   # moved", "us-east-1 # moved")
    );
}

#[test]
fn a_file_rewritten_by_the_command_line_is_equal() {
    let found = "encryptionsalt: v1:salt\nconfig:\n  aws:region: us-east-1\n  paystage:environmentSuffix: \"main\"\n  \
                 pulumi:disable-default-providers:\n    - \"aws\"\n";
    assert_eq!(text(RENDERED, found), found);
    let flow = "config:\n  aws:region: us-east-1\n  paystage:environmentSuffix: main\n  \
                pulumi:disable-default-providers: [aws]\n";
    assert_eq!(text(RENDERED, flow), flow);
    assert_eq!(text(RENDERED, flow.trim_end()), flow.trim_end());
}

#[test]
fn missing_settings_are_added() {
    for found in [
        "encryptionsalt: v1:salt\n",
        "encryptionsalt: v1:salt",
        "encryptionsalt: v1:salt\nconfig: {}\n",
    ] {
        let expected = RENDERED.replace("# Settings of the stack.", "encryptionsalt: v1:salt");
        assert_eq!(text(RENDERED, found), expected);
        assert!(!merged(RENDERED, found).overrides_user);
    }
    assert_eq!(
        text(
            "config:\n  a:b: c\n",
            "config:\n    x:y: z\n\n# end\nother: 1\n"
        ),
        "config:\n    x:y: z\n    a:b: c\n\n# end\nother: 1\n"
    );
    assert_eq!(text("config:\n  a:b: c\n", ""), "config:\n  a:b: c\n");
}

#[test]
fn a_list_is_replaced_as_a_whole() {
    let found =
        "config:\n  pulumi:disable-default-providers:\n  - tls\n  # why\n  - gcp\n  last: 1\n";
    assert_eq!(
        text(
            "config:\n  pulumi:disable-default-providers:\n    - aws\n",
            found
        ),
        "config:\n  pulumi:disable-default-providers:\n    - aws\n  last: 1\n"
    );
}

#[test]
fn a_secrets_provider_is_never_exchanged() {
    let rendered = "secretsprovider: awskms://alias/new\nconfig:\n  a:b: c\n";
    for found in [
        "secretsprovider: awskms://alias/old\nconfig:\n  a:b: c\n",
        "encryptionsalt: v1:s\nconfig:\n  a:b: c\n",
    ] {
        assert_eq!(text(rendered, found), found);
    }
    assert!(
        text(rendered, "config:\n  a:b: c\n").ends_with("secretsprovider: awskms://alias/new\n")
    );
}

#[test]
fn a_value_that_was_encrypted_stays_encrypted() {
    let found = "config:\n  aws:region:\n    secure: v1:xyz\n";
    assert_eq!(text("config:\n  aws:region: us-east-1\n", found), found);
}

#[test]
fn a_change_of_the_spec_is_distinguished_from_a_manual_change() {
    let by_spec = RENDERED.replace("us-east-1", "us-west-2");
    assert!(!merged(RENDERED, &by_spec).overrides_user);
    let by_hand = RENDERED.replace("us-east-1", "eu-west-1");
    assert!(merged(RENDERED, &by_hand).overrides_user);
    assert_eq!(text(RENDERED, &by_hand), RENDERED);
}

#[test]
fn line_ends_stay() {
    let found = "config:\r\n  aws:region: us-west-2\r\n";
    assert_eq!(
        text("config:\n  aws:region: us-east-1\n", found),
        "config:\r\n  aws:region: us-east-1\r\n"
    );
}

#[test]
fn what_is_not_plain_is_not_guessed_at() {
    let cases = [
        "config: {aws:region: us-east-1}\n",
        "config: &anchor\n  a: b\n",
        "config:\n\ta: b\n",
        "- a\n",
        "config:\n  a: b\n c: d\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\na: 2\n",
        "config:\n  a: b\nconfig:\n  c: d\n",
        "config:\n  {a: b}\n",
        "just text\n",
        // Several documents, or content behind their marks.
        "--- config:\n  a: b\n",
        "---\tconfig:\n  a: b\n",
        "a: 1\n...\nconfig:\n  b: c\n",
        "%YAML 1.2\n---\nconfig:\n  a: b\n",
        "--- # ours\nconfig:\n  a: b\n",
        // Keys in another form.
        "? config\n: a: b\n",
        "\"con\\x66ig\":\n  a: b\n",
        "&x config:\n  a: b\n",
        "!!str config:\n  a: b\n",
        "config :\n  a: b\nconfig:\n  c: d\n",
        "\"config\":\n  a: b\n'config' :\n  c: d\n",
        "config:\n  aws:region : x\n  \"aws:region\": y\n",
        // Values in another form.
        "config:\n  <<: *base\n",
        "config: ~\n",
        "config: !!map\n  a: b\n",
        "config:\t# ours\n  a: b\n",
        // Texts and lists of several lines, in which a line looks like a key.
        "a: \"one\nconfig:\n  b: c\"\n",
        "a: 'one\nconfig:\n  b: c'\n",
        "a:\n  - \"one\nconfig:\n  b: c\"\n",
        "a:\n  b: {c: 'one\nconfig:\n  b: c'}\n",
        "a: [one,\nconfig:\n  b]\n",
        // Characters that end a line for YAML.
        "a: 1\rconfig:\r  b: c\r",
        "a: 1\u{85}config:\u{85}  b: c\n",
        "a: 1\u{2028}config:\u{2028}  b: c\n",
        "a: 1\n\u{feff}config:\n  b: c\n",
        "\u{a0}\nconfig:\n  b: c\n",
    ];
    for found in cases {
        assert_eq!(
            merge(RENDERED.as_bytes(), Some(found.as_bytes()), |_| true),
            None,
            "{found}"
        );
    }
    assert_eq!(merge(RENDERED.as_bytes(), Some(b"\xff"), |_| true), None);
}

#[test]
fn a_second_config_is_never_made() {
    let rendered = "config:\n  aws:region: us-east-1\n  c:d: e\n";
    let cases = [
        "config :\n  aws:region : us-west-2\n",
        "config\t:\n  aws:region: us-west-2\n",
        "\"config\" :\n  \"aws:region\": us-west-2\n",
        "'config':\n  'aws:region' : us-west-2\n",
        "config: # ours\n  # a comment\n\n  aws:region: us-west-2 # moved\n",
        "\u{feff}config:\n  aws:region: us-west-2\n",
        "\u{feff}config:\r\n  aws:region: us-west-2\r\n",
        "---\nconfig:\n  aws:region: us-west-2\n",
    ];
    for found in cases {
        let text = text(rendered, found);
        let end = if found.contains('\r') { "\r\n" } else { "\n" };
        let mut expected = found.replace("us-west-2", "us-east-1");
        for (old, new) in [
            ("aws:region : us", "aws:region: us"),
            ("\"aws:region\":", "aws:region:"),
            ("'aws:region' :", "aws:region:"),
        ] {
            expected = expected.replace(old, new);
        }
        assert_eq!(text, format!("{expected}  c:d: e{end}"), "{found:?}");
    }
}

#[test]
fn each_line_keeps_its_own_end() {
    let found = "a: 1\r\n# ours\nconfig:\r\n  x:y: z\n";
    assert_eq!(
        text("config:\n  b:c: d\n", found),
        format!("{found}  b:c: d\r\n")
    );
}

#[test]
fn quotes_in_a_comment_are_no_part_of_a_value() {
    let found = "config:\n  aws:region: \"us-west-2\" # the \"old\" one\n  a:b: 'it''s # 1' # x\n  l: [\"a\", 'b]'] # y\n";
    assert_eq!(
        text("config:\n  aws:region: us-east-1\n", found),
        found.replace("\"us-west-2\"", "us-east-1")
    );
}
