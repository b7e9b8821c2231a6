"""Keys and certificates that the program makes itself; no API of AWS is asked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloud import tokens as t
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud.aws import Aws
    from cloud.store import Cloud

USES = {"digital_signature", "key_encipherment"}
PURPOSES = {
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
}


def _pem(label: str, record: Record) -> str:
    return f"-----BEGIN {label}-----\n{record.hex(64, label)}\n-----END {label}-----\n"


class Made(Kind):
    """What is made once and kept in the state alone."""

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Nothing is left to do."""

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Say what was made: the state's, or what was made just now."""
        names = self.computed
        return aws.kept.get((self.token, id_)) or {name: known[name] for name in names}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Forget it."""
        del known
        aws.kept.pop((self.token, id_), None)

    computed: ClassVar[tuple[str, ...]]


class PrivateKey(Made):
    """An RSA key."""

    token = "tls:index/privateKey:PrivateKey"  # noqa: S105 - a type
    computed = ("privateKeyPem", "publicKeyPem")

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return texts that look like keys."""
        del cloud
        return {
            "id": record.hex(40),
            "privateKeyPem": _pem("RSA PRIVATE KEY", record),
            "privateKeyPemPkcs8": _pem("PRIVATE KEY", record),
            "privateKeyOpenssh": _pem("OPENSSH PRIVATE KEY", record),
            "publicKeyPem": _pem("PUBLIC KEY", record),
            "publicKeyOpenssh": "",
            "publicKeyFingerprintMd5": record.hex(32),
            "publicKeyFingerprintSha256": record.hex(64),
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        assert new["algorithm"] == "RSA", new["algorithm"]
        key = rsa.generate_private_key(public_exponent=65537, key_size=new.get("rsaBits", 2048))
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - names the key, as the real provider does
        digest.update(public)
        id_ = digest.finalize().hex()
        aws.kept[self.token, id_] = {
            "privateKeyPem": private.decode(),
            "publicKeyPem": public.decode(),
        }
        return id_


class SelfSignedCert(Made):
    """A certificate that signs itself."""

    token = "tls:index/selfSignedCert:SelfSignedCert"  # noqa: S105 - a type
    # When it would be made anew is the provider's own affair, and no test lasts so long.
    unsaid = frozenset({"earlyRenewalHours"})
    computed = ("certPem",)
    refs = (Ref("privateKeyPem", (t.PRIVATE_KEY,), by="privateKeyPem"),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return a text that looks like a certificate."""
        del cloud
        return {
            "id": str(int(record.hex(20), 16)),
            "certPem": _pem("CERTIFICATE", record),
            "keyAlgorithm": "RSA",
            "readyForRenewal": False,
            "validityStartTime": "2026-12-01T00:00:00Z",
            "validityEndTime": "2027-12-01T00:00:00Z",
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        key = serialization.load_pem_private_key(new["privateKeyPem"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        subject = new["subject"]
        attributes = {
            NameOID.COMMON_NAME: subject.get("commonName"),
            NameOID.ORGANIZATION_NAME: subject.get("organization"),
        }
        name = x509.Name(
            [x509.NameAttribute(oid, value) for oid, value in attributes.items() if value]
        )
        now = dt.datetime.now(dt.UTC)
        names = [x509.DNSName(each) for each in new.get("dnsNames", [])]
        serial = x509.random_serial_number()
        uses = new["allowedUses"]
        purposes = [oid for use, oid in PURPOSES.items() if use in uses]
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(now)
            .not_valid_after(now + dt.timedelta(hours=new["validityPeriodHours"]))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_key_usage(uses), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        )
        public = key.public_key()
        if new.get("setSubjectKeyId"):
            subject_id = x509.SubjectKeyIdentifier.from_public_key(public)
            builder = builder.add_extension(subject_id, critical=False)
        if new.get("setAuthorityKeyId"):
            authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
            builder = builder.add_extension(authority_id, critical=False)
        certificate = builder.sign(key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        aws.kept[self.token, str(serial)] = {"certPem": pem}
        return str(serial)


def _key_usage(uses: Sequence[str]) -> x509.KeyUsage:
    unknown = set(uses) - USES - PURPOSES.keys()
    assert not unknown, f"allowedUses: {unknown}"
    return x509.KeyUsage(
        digital_signature="digital_signature" in uses,
        content_commitment=False,
        key_encipherment="key_encipherment" in uses,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


KINDS: tuple[Kind, ...] = (PrivateKey(), SelfSignedCert())
