//! Texts that are too large, too deep, or no text.

use crate::{check, staging, with};

const MIB: usize = 1 << 20;
const TOO_LARGE: &str = "error[too-large]: the file is too large for a spec";
const NO_TOML: &str = "error[toml-syntax]";

#[test]
fn ten_megabytes_of_anything_are_no_spec() {
    let owner = "owner = \"payments-platform\"";
    for text in [
        format!("{}\n# {}", staging(), "x".repeat(10 * MIB)),
        format!("{}\n{}", staging(), "# a line\n".repeat(MIB)),
        with(owner, &format!("owner = \"{}\"", "x".repeat(10 * MIB))),
        with(owner, &format!("owner = '{}'", "\"".repeat(10 * MIB))),
        (0..MIB).map(|n| format!("k{n} = 1\n")).collect(),
        format!("{} = 1", "k".repeat(10 * MIB)),
        format!("a = {}", "[".repeat(10 * MIB)),
        "\0".repeat(10 * MIB),
        "\u{1f4b3}".repeat(3 * MIB),
    ] {
        check(text).refused(TOO_LARGE);
    }
}

#[test]
fn the_largest_file_is_still_judged() {
    let most = 4 * MIB;
    let rest = most - staging().len() - 2;
    check(format!("{}\n#{}", staging(), "x".repeat(rest))).accepted();
    check(format!("{}\n#{}", staging(), "x".repeat(rest + 1))).refused(TOO_LARGE);
    let owner = "x".repeat(most - staging().len() - 30);
    check(with("payments-platform", &owner)).refused("error[invalid-name]");
    let name = "x".repeat(most - staging().len() - 30);
    check(with("name = \"staging\"", &format!("name = \"{name}\""))).refused("error[invalid-name]");
    let key = "k".repeat(most / 2);
    check(format!("{}\n{key} = 1", staging())).refused("error[unknown-key]");
    let keys: String = (0..MIB / 20).map(|n| format!("k{n} = 1\n")).collect();
    check(keys).refused("more of the same file");
    let broken: String = (0..MIB / 20).map(|n| format!("k{n} = = 1\n")).collect();
    check(broken).refused(NO_TOML);
}

#[test]
fn no_nesting_is_too_deep_for_an_answer() {
    let depth = 500_000;
    for text in [
        format!("a = {}1{}", "[".repeat(depth), "]".repeat(depth)),
        format!("a = {}1{}", "{a = ".repeat(depth), "}".repeat(depth)),
        format!("a = {}", "[{a = ".repeat(depth)),
        format!("{}a = 1", "a.".repeat(depth)),
        format!("[{}a]\nb = 1", "a.".repeat(depth)),
        format!("[[{}a]]\nb = 1", "a.".repeat(depth)),
    ] {
        check(text).refused(NO_TOML);
    }
    // As deep as the parser goes, many times.
    let path = "a.".repeat(60);
    let wide: String = (0..20_000).map(|n| format!("{path}b{n} = 1\n")).collect();
    check(format!("{}\n[x]\n{wide}", staging())).refused("error[unknown-key]");
}

#[test]
fn what_is_no_text_or_odd_text_is_named() {
    check(b"\xff\xfe v\0e\0r\0s\0".as_slice()).refused("the file is not UTF-8 text");
    check(b"owner = \"\xc3\"".as_slice()).refused("the file is not UTF-8 text");
    check("").refused("error[missing-key]");
    check("\0").refused(NO_TOML);
    check("\r").refused(NO_TOML);
    check("\u{2028}").refused(NO_TOML);
    check("\u{202e}version = 1").refused(NO_TOML);
    check(with("payments-platform", "pay\u{0}ments")).refused(NO_TOML);
    check(with("payments-platform", "pay\\u0000ments")).refused("error[invalid-name]");
    check(with("payments-platform", "pay\\u202ements")).refused("error[invalid-name]");
    check(with("payments-platform", "\\U0001F4B3")).refused("error[invalid-name]");
    check(with("payments-platform", "Zahlungen für Ærø, 支付")).refused("error[invalid-name]");
    // Letters of any script are a tag's.
    check(with("payments-platform", "支付 платежи תשלומים")).accepted();
}

#[test]
fn line_ends_and_a_mark_at_the_start_do_not_matter() {
    check(format!("\u{feff}{}", staging())).accepted();
    check(staging().replace('\n', "\r\n")).accepted();
    check(staging().trim_end()).accepted();
    check(staging().replace('\n', "\r")).refused(NO_TOML);
}

#[test]
fn numbers_and_dates_beyond_every_type_are_refused() {
    let numbers = [
        "4294967296",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "0xffffffffffffffffffffffffffffffff",
        "1e400",
        "1.5",
        "nan",
        "-inf",
        "07:00:00",
        "1979-05-27",
    ];
    let long = "9".repeat(1_000_000);
    for number in numbers.into_iter().chain([long.as_str()]) {
        let text = with("storage_gib = 20", &format!("storage_gib = {number}"));
        check(text).refused("error[");
    }
    for date in [
        "2026-13-01",
        "2026-02-30",
        "0000-00-00",
        "99999-01-01",
        "12:00:00",
    ] {
        let text = with(
            "migration_date = 2026-12-01",
            &format!("migration_date = {date}"),
        );
        check(text).refused("error[");
    }
    for date in ["2026-12-01T00:00:00Z", "\"2026-12-01\"", "20261201"] {
        let text = with(
            "migration_date = 2026-12-01",
            &format!("migration_date = {date}"),
        );
        check(text).refused("error[wrong-type]");
    }
}
