"""What a load balancer says of a caller's certificate, in headers that it alone sets.

ELB User Guide, "Mutual authentication with TLS in Application Load Balancer", HTTP headers: in verify mode serial number (hexadecimal),
issuer and subject (RFC 2253), validity (ISO 8601) and the leaf (PEM, URL-encoded with ``+=/`` as safe characters).
"""

from __future__ import annotations

from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import serialization

PREFIX = "x-amzn-mtls-"
_CLIENT = f"{PREFIX}clientcert-"


def headers(certificate: bytes) -> dict[str, str]:
    """Return the headers for a certificate in DER."""
    leaf = x509.load_der_x509_certificate(certificate)
    serial = f"{leaf.serial_number:X}"
    begins, ends = (
        when.strftime("%Y-%m-%dT%H:%M:%SZ")
        for when in (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    )
    pem = leaf.public_bytes(serialization.Encoding.PEM).decode()
    return {
        f"{_CLIENT}serial-number": serial.zfill(len(serial) + len(serial) % 2),
        f"{_CLIENT}issuer": leaf.issuer.rfc4514_string(),
        f"{_CLIENT}subject": leaf.subject.rfc4514_string(),
        f"{_CLIENT}validity": f"NotBefore={begins};NotAfter={ends}",
        f"{_CLIENT}leaf": quote(pem, safe="+=/"),
    }
