//! Outputs that follow from a resource's arguments.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Sure;
use crate::tables::compiled_in;

/// What one output is made of.
#[derive(Debug)]
pub struct DerivedOutput {
    /// `aws.sqs.Queue`.
    pub class: &'static str,
    /// In the SDK's spelling.
    pub output: &'static str,
    /// `arn:aws:sqs:{region}:{account}:{name}`: `region` and `account` are those of the deployment, all else are arguments.
    pub value: &'static str,
    pub sure: Sure,
    pub source: &'static str,
}

struct OutputFile {
    output: &'static [DerivedOutput],
}

static FILE: OutputFile = compiled_in!("outputs");

/// What is known of an output that follows from the arguments; none if AWS chooses a part of it.
pub fn derived_output(class: &str, output: &str) -> Option<&'static DerivedOutput> {
    type Key = (&'static str, &'static str);
    static BY_NAME: OnceLock<HashMap<Key, &DerivedOutput>> = OnceLock::new();
    let rows = BY_NAME.get_or_init(|| {
        let rows = FILE.output.iter();
        rows.map(|row| ((row.class, row.output), row)).collect()
    });
    rows.get(&(class, output)).copied()
}

#[cfg(test)]
mod tests {
    use super::{FILE, derived_output};
    use crate::catalogue::kind;

    #[test]
    fn rows_name_outputs_and_arguments_that_there_are_once() {
        for row in FILE.output {
            let known = kind(row.class).unwrap_or_else(|| panic!("{}", row.class));
            let is_output = row.output == "id" || known.computed.contains(&row.output);
            assert!(is_output, "{} has no {}", row.class, row.output);
            for part in row.value.split('{').skip(1) {
                let (name, _) = part.split_once('}').unwrap();
                let is_known =
                    ["region", "account"].contains(&name) || known.change(name).is_some();
                assert!(is_known, "{} has no {name}", row.class);
            }
            let mut same = FILE.output.iter();
            let same = same.position(|other| {
                (other.class, other.output) == (row.class, row.output) && !std::ptr::eq(other, row)
            });
            assert_eq!(same, None, "{} {}", row.class, row.output);
            assert!(!row.source.is_empty());
        }
    }

    #[test]
    fn an_arn_is_made_of_the_name() {
        let arn = derived_output("aws.sqs.Queue", "arn").unwrap();
        assert_eq!(arn.value, "arn:aws:sqs:{region}:{account}:{name}");
        assert!(derived_output("aws.ec2.Vpc", "id").is_none());
    }
}
