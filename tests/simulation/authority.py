"""Certificates that are made on the spot: an authority, servers and callers. No key outlives its folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates to servers and callers."""

    def __init__(self, folder: Path, name: str = "authority of the tests") -> None:
        """Make its own certificate, ``authority.pem`` in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._issued = 0
        self.pem = folder / "authority.pem"
        self.pem.write_bytes(self._certificate(self._name))

    def also_called(self, names: Iterable[str]) -> Authority:
        """Have certificates under further names, as RFC 4514 writes them: one key plays all authorities of a spec."""
        for name in names:
            with self.pem.open("ab") as bundle:
                bundle.write(self._certificate(x509.Name.from_rfc4514_string(name)))
        return self

    def _certificate(self, name: x509.Name) -> bytes:
        key_id = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        begins = dt.datetime.now(dt.UTC) - _HOUR
        certificate = (
            self._begun(name, name, self._key, begins, 2 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(key_id, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(_PEM)

    def server(self, host: str = "localhost") -> Identity:
        """Issue the certificate of a server."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        return self._issue(name, ExtendedKeyUsageOID.SERVER_AUTH, host=host)

    def caller(self, subject: str, *, issuer: str | None = None, ended: bool = False) -> Identity:
        """Issue the certificate of a caller: its subject as RFC 4514 writes it, ``CN=shop,O=Acme``."""
        name = x509.Name.from_rfc4514_string(subject)
        by = x509.Name.from_rfc4514_string(issuer) if issuer else None
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, by=by, ended=ended)

    def _issue(
        self,
        name: x509.Name,
        purpose: x509.ObjectIdentifier,
        *,
        host: str = "",
        by: x509.Name | None = None,
        ended: bool = False,
    ) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        begins = dt.datetime.now(dt.UTC) - (2 * _DAY if ended else _HOUR)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            self._begun(name, by or self._name, key, begins, _DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        self._issued += 1
        made = Identity(
            certificate=self._folder / f"{self._issued}.pem",
            key=self._folder / f"{self._issued}.key",
        )
        made.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(_PEM))
        made.key.touch(mode=0o600)
        made.key.write_bytes(
            key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return made

    def _begun(
        self,
        name: x509.Name,
        issuer: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        begins: dt.datetime,
        lasts: dt.timedelta,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + lasts)
        )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
