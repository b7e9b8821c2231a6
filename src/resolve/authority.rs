//! A bundle of certificates whose holders may issue certificates to callers: the bytes of a file in, what it holds or every reason why
//! a trust store of the load balancer would not take it out. Must not touch the disk, nor ask what day it is.
//!
//! What a trust store takes: ELB User Guide, "Mutual authentication with TLS in Application Load Balancer", certificate requirements
//! (X.509v3; RSA 2K to 8K, secp256r1, secp384r1, secp521r1; SHA-256, 384 or 512 with RSA, ECDSA or RSASSA-PSS), and "Quotas for your
//! Application Load Balancers", certificates (`catalogue/quotas.toml`). That an issuer is a CA and may sign certificates: RFC 5280, 4.2.1.3
//! and 4.2.1.9; a trust store could verify nobody by another one.

mod algorithms;

use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use crate::catalogue::{Quota, quotas};
use crate::date::Date;
use crate::resolve::distinguished_name::printed;
use algorithms::{is_strong, weak_key};

/// An authority, as the spec's readers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// `CN=payments clients,O=Example`, as `openssl x509 -nameopt RFC2253` prints it.
    pub subject: String,
    /// The first and the last day of its certificate, in UTC.
    pub begins: Date,
    pub ends: Date,
    /// SHA-256 of the certificate, in hexadecimal digits: what `openssl x509 -fingerprint -sha256` shows.
    pub fingerprint: String,
    /// SHA-256 of its public key: a renewed certificate of the same key and subject verifies what the one before issued.
    pub key: String,
    /// It may issue certificates of further authorities, in any name: no `pathlen:0` in its own (RFC 5280, 4.2.1.9).
    pub issues_authorities: bool,
}

/// One reason, with the line of the file where there is one.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: Option<usize>,
    pub label: String,
    pub help: String,
}

/// What one trust store takes.
struct Most {
    certificates: usize,
    /// Bytes of one certificate, as it stands in the file.
    bytes: usize,
    /// Bytes of all subjects together.
    subjects: usize,
}

impl Most {
    fn of_a_trust_store() -> Self {
        let quotas = quotas();
        let of = |quota: &Quota| usize::try_from(quota.value).unwrap_or(usize::MAX);
        Self {
            certificates: of(&quotas.trust_store_certificates),
            bytes: of(&quotas.trust_store_certificate_bytes),
            subjects: of(&quotas.trust_store_subject_bytes),
        }
    }
}

/// More than any bundle that a trust store takes: no more of a file is looked at.
pub const LARGEST_FILE: usize = 1 << 20;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// What a person mends at once.
const MOST_FAULTS: usize = 10;

/// The authorities of a file, in its order.
pub fn read(bytes: &[u8]) -> Result<Vec<Authority>, Vec<Fault>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(vec![fault(
            None,
            "it contains bytes that are not text",
            "save the certificates as PEM: `openssl x509 -inform der -in ca.der`",
        )]);
    };
    let blocks = blocks(text)?;
    if blocks.is_empty() {
        return Err(vec![fault(
            None,
            "it contains no certificate",
            "a bundle is certificates in PEM, one after the other: `-----BEGIN CERTIFICATE-----`",
        )]);
    }
    let most = Most::of_a_trust_store();
    let mut found: Vec<Authority> = Vec::new();
    let mut faults = Vec::new();
    let mut subjects = 0;
    for block in &blocks {
        match authority(block, &most) {
            Ok((authority, subject)) => {
                subjects += subject;
                let mut known = found.iter();
                if known.any(|other| other.fingerprint == authority.fingerprint) {
                    let label = format!("`{}` stands there twice", authority.subject);
                    faults.push(fault(Some(block.line), label, "remove one of them"));
                }
                found.push(authority);
            }
            Err(of_this) => faults.extend(of_this),
        }
    }
    faults.extend(too_many(blocks.len(), subjects, &most));
    if faults.is_empty() {
        return Ok(found);
    }
    let more = faults.len().saturating_sub(MOST_FAULTS);
    faults.truncate(MOST_FAULTS);
    if let Some(last) = faults.last_mut().filter(|_| more > 0) {
        last.label = format!("{}; and {more} more faults in the file", last.label);
    }
    Err(faults)
}

/// What is too much of all of them together.
fn too_many(certificates: usize, subjects: usize, most: &Most) -> Vec<Fault> {
    let counted = [
        (certificates, most.certificates, "certificates"),
        (subjects, most.subjects, "bytes of subjects"),
    ];
    let above = counted
        .into_iter()
        .filter(|(number, most, _)| number > most);
    above
        .map(|(number, most, of)| {
            let label = format!("{number} {of}, and a trust store takes {most}");
            fault(None, label, "keep those that issue certificates to callers")
        })
        .collect()
}

fn fault(line: Option<usize>, label: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault {
        line,
        label: label.into(),
        help: help.into(),
    }
}

/// A certificate in the file.
struct Block<'t> {
    /// Line of its first words, from 1.
    line: usize,
    /// With both of its boundaries.
    text: &'t str,
}

/// The certificates of a file that holds nothing else. What else it holds is never repeated: it may be secret.
fn blocks(text: &str) -> Result<Vec<Block<'_>>, Vec<Fault>> {
    // First, wherever they stand: nothing else of such a file matters.
    let keys = lines(text).filter(|(_, _, line)| is_private(line));
    let keys: Vec<Fault> = keys
        .map(|(number, _, _)| {
            fault(
                Some(number),
                "a private key",
                "remove it from the file and from the repository's history, and make a new one: whoever reads it can \
                 issue certificates to callers. A trust store needs certificates only",
            )
        })
        .collect();
    if !keys.is_empty() {
        return Err(keys);
    }
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (number, start, line) in lines(text) {
        let words = line.trim();
        let label = words
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(DASHES));
        let end = words == "-----END CERTIFICATE-----";
        match (open, label) {
            (None, Some("CERTIFICATE")) => open = Some((number, start)),
            (None, None) if words.is_empty() => {}
            (Some((first, from)), None) if end => {
                let to = start + line.len();
                found.push(Block {
                    line: first,
                    text: text.get(from..to).unwrap_or_default(),
                });
                open = None;
            }
            (Some(_), None) => {}
            (_, Some(_)) => {
                faults.push(fault(
                    Some(number),
                    "it is no certificate, or the one before it has no end",
                    "a bundle contains whole certificates only",
                ));
                return Err(faults);
            }
            (None, None) => {
                faults.push(fault(
                    Some(number),
                    "text outside of a certificate",
                    "remove it: AWS describes bundles of certificates without anything between them",
                ));
                return Err(faults);
            }
        }
    }
    match open {
        Some((first, _)) => Err(vec![fault(
            Some(first),
            "the certificate has no end",
            "copy it with its last line, `-----END CERTIFICATE-----`",
        )]),
        None => Ok(found),
    }
}

/// Lines with their number, from 1, and their place.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n')
        .enumerate()
        .map(move |(index, line)| {
            let from = start;
            start += line.len();
            (index + 1, from, line.trim_end_matches(['\n', '\r']))
        })
}

/// `-----BEGIN EC PRIVATE KEY-----`, of any form, whatever stands before it.
fn is_private(line: &str) -> bool {
    let mut labels = line.split(BEGIN).skip(1);
    labels.any(|label| label.contains("PRIVATE KEY"))
}

/// The authority of a block, with the bytes that its subject takes.
fn authority(block: &Block<'_>, most: &Most) -> Result<(Authority, usize), Vec<Fault>> {
    let at = Some(block.line);
    let whole = "export it again: `openssl x509 -in ca.pem -out whole.pem`";
    let broken = |_| {
        vec![fault(
            at,
            "not a certificate: its content cannot be read",
            whole,
        )]
    };
    let (_, der) = x509_cert::der::pem::decode_vec(block.text.as_bytes()).map_err(|_| {
        vec![fault(
            at,
            "not a certificate: its text is not base64",
            whole,
        )]
    })?;
    let certificate = Certificate::from_der(&der).map_err(broken)?;
    let inner = &certificate.tbs_certificate;
    let subject = printed(&inner.subject.to_string());
    let size = inner.subject.to_der().map_err(broken)?.len();
    let mut faults = Vec::new();
    let mut tell = |label: String, help: &str| faults.push(fault(at, label, help));
    if block.text.len() > most.bytes {
        let label = format!(
            "`{subject}` has {} bytes, and a trust store takes {}",
            block.text.len(),
            most.bytes
        );
        tell(label, "issue a shorter one");
    }
    if inner.version != Version::V3 {
        tell(
            format!("`{subject}` is not of X.509 version 3"),
            "a trust store takes no earlier versions",
        );
    }
    if let Some(reason) = no_issuer(&certificate) {
        let label = format!("`{subject}` {reason}");
        tell(
            label,
            "name the certificate of the authority that issues the callers' certificates, not a caller's",
        );
    }
    if let Some(key) = weak_key(&inner.subject_public_key_info) {
        let label = format!("`{subject}` has a key {key}");
        tell(
            label,
            "a trust store takes RSA of 2,048 to 8,192 bits, and ECDSA on secp256r1, secp384r1 or secp521r1",
        );
    }
    if !is_strong(&certificate.signature_algorithm) {
        let label = format!("`{subject}` is signed by another algorithm than a trust store takes");
        tell(
            label,
            "sign it with SHA256, SHA384 or SHA512, by RSA, RSASSA-PSS or ECDSA",
        );
    }
    let day = |time: &x509_cert::time::Time| Date::of_seconds(time.to_unix_duration().as_secs());
    let (begins, ends) = match (
        day(&inner.validity.not_before),
        day(&inner.validity.not_after),
    ) {
        (Some(begins), Some(ends)) => (begins, ends),
        _ => return Err(vec![fault(at, "its days cannot be read", whole)]),
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let fingerprint = digest(&der);
    let key = digest(&inner.subject_public_key_info.to_der().map_err(broken)?);
    let authority = Authority {
        subject,
        begins,
        ends,
        fingerprint,
        key,
        issues_authorities: issues_authorities(&certificate),
    };
    Ok((authority, size))
}

/// SHA-256, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let bytes = Sha256::digest(bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a certificate's holder may issue none.
fn no_issuer(certificate: &Certificate) -> Option<&'static str> {
    let inner = &certificate.tbs_certificate;
    match inner.get::<BasicConstraints>() {
        Ok(Some((_, constraints))) if constraints.ca => {}
        Err(_) => return Some("has extensions that cannot be read"),
        _ => return Some("is no certificate authority"),
    }
    match inner.get::<KeyUsage>() {
        Ok(Some((_, usage))) if !usage.key_cert_sign() => Some("may not sign certificates"),
        Err(_) => Some("has extensions that cannot be read"),
        _ => None,
    }
}

fn issues_authorities(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate.get::<BasicConstraints>();
    constraints
        .ok()
        .flatten()
        .is_none_or(|(_, constraints)| constraints.path_len_constraint != Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &str = include_str!("../../spec/certificates/ca.pem");
    const TWO: &str = include_str!("../../tests/properties/authorities.pem");

    fn faults(text: &str) -> Vec<(Option<usize>, String)> {
        let faults = read(text.as_bytes()).unwrap_err();
        faults.into_iter().map(|of| (of.line, of.label)).collect()
    }

    #[test]
    fn authorities_are_read_in_the_order_of_the_file() {
        let found = read(format!("{CA}\n\n{TWO}").as_bytes()).unwrap();
        let subjects: Vec<&str> = found.iter().map(|issuer| &*issuer.subject).collect();
        assert_eq!(
            subjects,
            [
                "CN=payments staging clients,O=Example Payments",
                // RSA, once signed by PKCS #1 v1.5, once by RSASSA-PSS.
                "CN=rsa,O=Example Payments",
                "CN=pss,O=Example Payments"
            ]
        );
        // One key under two names.
        assert_eq!(found[1].key, found[2].key);
        assert_ne!(found[0].key, found[1].key);
        assert_eq!(found[0].begins.to_string(), "2026-01-01");
        assert_eq!(found[0].ends.to_string(), "2036-12-31");
        assert_eq!(found[0].fingerprint.len(), 64);
        let issues: Vec<bool> = found.iter().map(|one| one.issues_authorities).collect();
        assert_eq!(issues, [true; 3]);
    }

    #[test]
    fn a_name_is_what_openssl_prints() {
        const PRINTED: &str = r#"street=s,DC=d,UID=u,CN=\#1 ca\<\>\;\\\ ,emailAddress=a@b.de,OU=a,O=M\C3\BCller\, S\C3\B6hne \"x\",L=Seattle,ST=Washington,C=US"#;
        let odd = include_bytes!("../../tests/properties/odd-authority.pem");
        let [authority] = &*read(odd).unwrap() else {
            panic!("one");
        };
        assert_eq!(authority.subject, PRINTED);
        assert!(!authority.issues_authorities);
    }

    #[test]
    fn line_ends_of_any_system_are_taken() {
        let found = read(CA.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(found, read(CA.as_bytes()).unwrap());
    }

    #[test]
    fn a_private_key_is_told_and_never_shown() {
        for label in ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            for before in ["", "  ", "key: "] {
                let text = format!("{CA}{before}-----BEGIN {label}-----\nc2VjcmV0\n");
                let told = read(text.as_bytes()).unwrap_err();
                assert_eq!(told.len(), 1);
                assert_eq!(told[0].line, Some(CA.lines().count() + 1));
                assert!(!format!("{told:?}").contains("c2VjcmV0"));
            }
        }
    }

    #[test]
    fn whatever_is_no_certificate_is_told() {
        let lines = CA.lines().count();
        let cut = &CA[..CA.len() / 2];
        for (text, line, label) in [
            (String::new(), None, "no certificate"),
            (format!("our CA\n{CA}"), Some(1), "text outside"),
            (format!("{CA}# the end\n"), Some(lines + 1), "text outside"),
            (cut.to_owned(), Some(1), "has no end"),
            (format!("{cut}\n{CA}"), None, "has no end"),
            (CA.replace("MII", "M?!"), Some(1), "not base64"),
            (
                CA.replace("CERTIFICATE", "X509 CRL"),
                Some(1),
                "no certificate",
            ),
            (format!("{CA}{CA}"), Some(lines + 1), "twice"),
        ] {
            let told = faults(&text);
            assert!(told[0].1.contains(label), "{told:?}");
            assert!(line.is_none() || told[0].0 == line, "{told:?}");
        }
        assert!(read(&[0x30, 0x82, 0xff]).is_err());
    }

    #[test]
    fn a_trust_store_has_limits() {
        let most = Most::of_a_trust_store();
        let above = too_many(most.certificates + 1, most.subjects + 1, &most);
        assert_eq!(above.len(), 2);
        assert!(above[0].label.starts_with("26 certificates"));
        assert!(too_many(most.certificates, most.subjects, &most).is_empty());
    }
}
