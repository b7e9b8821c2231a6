//! A file of certificate authorities that the load balancer cannot use.

use crate::check::Rule;
use crate::diagnostic::{Code, Severity};

pub const RULE: Rule = Rule {
    code: Code::InvalidAuthority,
    severities: &[Severity::Error],
    what: "\
        The file of `load_balancer.clients` cannot be read, contains anything but certificates of authorities in \
        PEM, or contains some that a trust store does not take: other keys than RSA of 2,048 to 8,192 bits and ECDSA \
        on secp256r1, secp384r1 or secp521r1, signatures by older hashes than SHA256, more than 25.",
    why: "\
        The load balancer admits whoever shows a certificate that one of them issued. AWS refuses other \
        bundles while it deploys. A private key in the file could issue certificates to anybody, and would be \
        committed and uploaded.",
    wrong: "clients = \"certificates/ca.key\"",
    right: "clients = \"certificates/ca.pem\"",
    check: None,
};
