//! Tables that come with the compiler: TOML in the repository, JSON in the binary (`build.rs`).

use serde::de::DeserializeOwned;

/// Reads the table of this name. The types say what its rows are.
macro_rules! compiled_in {
    ($name:literal) => {
        $crate::tables::parse(
            $name,
            include_str!(concat!(env!("OUT_DIR"), "/", $name, ".json")),
        )
    };
}
pub(crate) use compiled_in;

/// The tables are part of the program and each is parsed by a test, so that a failure here is a defect of the build, not of
/// the input.
#[expect(clippy::panic, reason = "compiled-in data, parsed by a test")]
pub fn parse<T: DeserializeOwned>(name: &str, json: &str) -> T {
    match serde_json::from_str(json) {
        Ok(rows) => rows,
        Err(error) => panic!("{name}.toml: {error}"),
    }
}
