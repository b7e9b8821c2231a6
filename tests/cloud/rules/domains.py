"""Certificates that ACM issues, the API's domain, and records."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cloud import tokens as t
from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud

# Of a certificate's common name.
LONGEST_NAME = 64


def option_of(cloud: Cloud, domain: str) -> dict[str, str]:
    """Return the record by which ACM knows whose a domain is: the same for each certificate of it in an account."""
    digest = hashlib.sha256(f"{cloud.account}/{domain}".encode()).hexdigest()
    return {
        "domainName": domain,
        "resourceRecordName": f"_{digest[:32]}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest[32:]}.acm-validations.aws.",
    }


def is_requested_by_dns(_: Cloud, record: Record) -> None:
    """A certificate that is requested is for a name that fits, and is validated by a record."""
    if "certificateBody" in record.inputs:
        return
    domain = record.inputs.get("domainName", "")
    if not 1 <= len(domain) <= LONGEST_NAME or record.inputs.get("validationMethod") != "DNS":
        message = f"InvalidParameterException: {record.name}: {domain!r} cannot be validated by DNS"
        raise Refused(message)


def is_found(cloud: Cloud, record: Record) -> None:
    """ACM issues a certificate when its record is in the zone; without it the provider waits in vain."""
    certificate = cloud.one(t.CERTIFICATE, arn=record.inputs["certificateArn"])
    options = certificate.get("domainValidationOptions") if certificate else None
    if not options:
        message = f"{record.name}: the certificate needs no validation"
        raise Refused(message)
    for option in options:
        found = cloud.needed(record, t.RECORD, fqdn=option["resourceRecordName"].removesuffix("."))
        if found is None or option["resourceRecordValue"] not in found.inputs.get("records", []):
            message = f"{record.name}: ACM does not find {option['resourceRecordName']}"
            raise Refused(message)


def _is_issued(cloud: Cloud, record: Record, arn: str) -> bool:
    certificate = cloud.one(t.CERTIFICATE, arn=arn)
    if certificate is None or certificate.get("type") != "AMAZON_ISSUED":
        return True
    return cloud.needed(record, t.VALIDATION, certificateArn=arn) is not None


def shows_an_issued_one(cloud: Cloud, record: Record) -> None:
    """A listener takes certificates that are issued."""
    arn = record.inputs.get("certificateArn")
    if arn is not None and not _is_issued(cloud, record, arn):
        message = f"UnsupportedCertificate: {record.name}: {arn} is not issued yet"
        raise Refused(message)


def serves_by_an_issued_one(cloud: Cloud, record: Record) -> None:
    """A regional domain needs a certificate that is issued; a policy of the newer family says how strictly it is kept."""
    arn = record.inputs.get("regionalCertificateArn")
    if arn is None or not _is_issued(cloud, record, arn):
        message = f"BadRequestException: {record.name}: the certificate is not issued yet"
        raise Refused(message)
    policy = record.inputs.get("securityPolicy", "")
    if policy.startswith("SecurityPolicy_") and not record.inputs.get("endpointAccessMode"):
        message = f"BadRequestException: {record.name}: {policy} needs an endpoint access mode"
        raise Refused(message)


def is_mapped_to_a_stage(cloud: Cloud, record: Record) -> None:
    """The stage of a mapping is one of its API's."""
    stage = record.inputs.get("stageName")
    known = cloud.needed(record, t.STAGE, restApi=record.inputs["restApi"], stageName=stage)
    if stage is not None and known is None:
        message = f"BadRequestException: {record.name}: there is no stage {stage}"
        raise Refused(message)


def is_alias_or_values(_: Cloud, record: Record) -> None:
    """A record has a target or values, and a time to live only with the latter."""
    given = record.inputs
    if ("aliases" in given) == ("records" in given) or ("ttl" in given) != ("records" in given):
        message = f"InvalidInput: {record.name}: neither an alias nor values with a time to live"
        raise Refused(message)


def is_not_there_yet(cloud: Cloud, record: Record) -> None:
    """Who does not overwrite is refused where a record stands already."""
    if record.inputs.get("allowOverwrite"):
        return
    if cloud.one(t.RECORD, id=record.id) is not None:
        message = f"InvalidChangeBatch: {record.name}: {record.id} already exists"
        raise Refused(message)
