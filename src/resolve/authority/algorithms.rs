//! The keys and signatures that a trust store takes, by their object identifiers (RFC 3279, 5480, 4055, 5758). ELB names them in "Mutual
//! authentication with TLS in Application Load Balancer", certificate requirements.

use x509_cert::der::asn1::{ContextSpecific, ObjectIdentifier, UintRef};
use x509_cert::der::{Any, Decode, Encode, Reader, SliceReader, TagNumber};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const CURVES: [ObjectIdentifier; 3] = [
    // secp256r1, secp384r1, secp521r1
    ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    ObjectIdentifier::new_unwrap("1.3.132.0.35"),
];
const SIGNATURES: [ObjectIdentifier; 6] = [
    // sha256, sha384 and sha512 with RSA; then with ECDSA
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
];
const PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const HASHES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
];

/// What is wrong with a key, if anything.
pub fn weak_key(key: &SubjectPublicKeyInfoOwned) -> Option<String> {
    if key.algorithm.oid == RSA {
        let bits = rsa_bits(key.subject_public_key.raw_bytes());
        return match bits {
            Some(2_048..=8_192) => None,
            Some(bits) => Some(format!("of {bits} bits")),
            None => Some("that cannot be read".to_owned()),
        };
    }
    let parameters = key.algorithm.parameters.as_ref();
    let curve = parameters.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
    let is_known = key.algorithm.oid == ECDSA && curve.is_some_and(|curve| CURVES.contains(&curve));
    (!is_known).then(|| "of another algorithm or curve".to_owned())
}

/// Bits of the modulus of `RSAPublicKey` (RFC 8017, A.1.1).
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(der).ok()?;
    let modulus = reader
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            UintRef::decode(inner)?;
            Ok(modulus)
        })
        .ok()?;
    let bytes = modulus.as_bytes();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// Whether a signature is by a hash that a trust store takes.
pub fn is_strong(algorithm: &AlgorithmIdentifierOwned) -> bool {
    if algorithm.oid != PSS {
        return SIGNATURES.contains(&algorithm.oid);
    }
    // RSASSA-PSS-params (RFC 4055): its hash stands in the first field; left out, it is SHA-1.
    let hash = || {
        let parameters = algorithm.parameters.as_ref()?.to_der().ok()?;
        let mut reader = SliceReader::new(&parameters).ok()?;
        reader
            .sequence(|fields| {
                let hash = ContextSpecific::<AlgorithmIdentifierOwned>::decode_explicit(
                    fields,
                    TagNumber::N0,
                )?;
                while !fields.is_finished() {
                    Any::decode(fields)?;
                }
                Ok(hash.map(|hash| hash.value.oid))
            })
            .ok()?
    };
    hash().is_some_and(|hash| HASHES.contains(&hash))
}
