"""ACM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.rules import load_balancer as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.record import Record
    from cloud.store import Cloud

PARTS = ("certificateBody", "certificateChain", "privateKey")


class Certificate(Kind):
    """A certificate that is imported."""

    token = "aws:acm/certificate:Certificate"  # noqa: S105 - a type
    lacks = (
        "moto forgets the listeners that use one when it is imported anew, and deletes one in use"
    )
    rules = (rule.is_pem,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        arn = f"arn:aws:acm:{record.region}:{cloud.account}:certificate/{record.uuid()}"
        return {"id": arn, "arn": arn, "status": "ISSUED", "type": "IMPORTED"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Import it."""
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


KINDS: tuple[Kind, ...] = (Certificate(),)
