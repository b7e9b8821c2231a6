//! Text that is no IPv4 range. Found while resolving.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidCidr,
    severities: &[Severity::Error],
    what: "The value is not an IPv4 address range in CIDR notation.",
    why: "\
        Ranges are written as an address, a slash and the number of fixed bits; one address is `/32`. A \
        number with a leading zero is an error, because some programs read it as octal.",
    wrong: "allowed_cidrs = [\"203.0.113.7\"]",
    right: "allowed_cidrs = [\"203.0.113.7/32\"]",
    check: None,
};
