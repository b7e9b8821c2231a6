"""ACM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.record import Ref
from cloud.rules import domains as of_domains
from cloud.rules import load_balancer as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.record import Record
    from cloud.store import Cloud

PART_OF_RECORD = ("Name", "Type", "Value")
PARTS = ("certificateBody", "certificateChain", "privateKey")


class Certificate(Kind):
    """A certificate that is imported, or that ACM issues once it finds its record."""

    token = "aws:acm/certificate:Certificate"  # noqa: S105 - a type
    lacks = (
        "moto forgets the listeners that use one when it is imported anew, deletes one in use, and issues what is "
        "requested without its record"
    )
    rules = (rule.is_pem, of_domains.is_requested_by_dns)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        arn = f"arn:aws:acm:{record.region}:{cloud.account}:certificate/{record.uuid()}"
        made = {"id": arn, "arn": arn}
        if "certificateBody" in record.inputs:
            return {**made, "status": "ISSUED", "type": "IMPORTED"}
        option = of_domains.option_of(cloud, record.inputs["domainName"])
        return {
            **made,
            "domainValidationOptions": [option],
            "status": "PENDING_VALIDATION",
            "type": "AMAZON_ISSUED",
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Import it, or request it."""
        if "certificateBody" not in new:
            requested = aws.client("acm").request_certificate(
                DomainName=new["domainName"],
                ValidationMethod=new["validationMethod"],
                KeyAlgorithm=new["keyAlgorithm"],
                **given(Tags=as_list(new["tagsAll"]) or None),
            )
            return requested["CertificateArn"]
        made = aws.client("acm").import_certificate(
            **self._parts(new), **given(Tags=as_list(new["tagsAll"]) or None)
        )
        return made["CertificateArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Import it again under its ARN when it is another; put tags."""
        client = aws.client("acm")
        if old and any(old.get(name) != new.get(name) for name in PARTS):
            client.import_certificate(CertificateArn=id_, **self._parts(new))
        gone = [{"Key": key} for key in dropped(old, new)]
        if gone:
            client.remove_tags_from_certificate(CertificateArn=id_, Tags=gone)
        if old and new["tagsAll"]:
            client.add_tags_to_certificate(CertificateArn=id_, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("ResourceNotFoundException"):
            found = aws.client("acm").describe_certificate(CertificateArn=id_)["Certificate"]
            return {
                "arn": found["CertificateArn"],
                "domainName": found["DomainName"],
                "keyAlgorithm": found["KeyAlgorithm"],
                "notAfter": found["NotAfter"].isoformat(),
                "notBefore": found["NotBefore"].isoformat(),
                "domainValidationOptions": [
                    {
                        "domainName": option["DomainName"],
                        **{
                            f"resourceRecord{name}": option["ResourceRecord"][name]
                            for name in PART_OF_RECORD
                        },
                    }
                    for option in found.get("DomainValidationOptions", [])
                ],
                "status": found["Status"],
                "subjectAlternativeNames": found.get("SubjectAlternativeNames", []),
                "type": found["Type"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("acm").delete_certificate(CertificateArn=id_)

    def _parts(self, new: Inputs) -> dict[str, bytes]:
        chain = new.get("certificateChain")
        return given(
            Certificate=new["certificateBody"].encode(),
            PrivateKey=new["privateKey"].encode(),
            CertificateChain=chain.encode() if chain else None,
        )


class Validation(Kind):
    """Not an object at AWS: the provider waits until a certificate is issued."""

    token = "aws:acm/certificateValidation:CertificateValidation"  # noqa: S105 - a type
    lacks = "moto issues a certificate a minute after the request, whatever is in the zone: nobody waits for it here"
    refs = (
        Ref("certificateArn", (t.CERTIFICATE,), by="arn"),
        Ref("validationRecordFqdns[]", (t.RECORD,), by="fqdn"),
    )
    rules = (of_domains.is_found,)
    # Only the provider's check of them reads the names.
    unsaid = frozenset({"validationRecordFqdns"})

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the time at which the certificate was issued, as the provider saw it before it waited."""
        del cloud, record
        return {"id": NEVER}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Ask for the certificate."""
        aws.client("acm").describe_certificate(CertificateArn=new["certificateArn"])
        return NEVER

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find the certificate."""
        del id_
        with absent("ResourceNotFoundException"):
            aws.client("acm").describe_certificate(CertificateArn=known["certificateArn"])
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Do nothing, as the provider."""


NEVER = "0001-01-01 00:00:00 +0000 UTC"
KINDS: tuple[Kind, ...] = (Certificate(), Validation())
