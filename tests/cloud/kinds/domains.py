"""Names: the domain of an API with its mapping, and records of Route 53."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import absent, given
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import domains as rule

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud

GONE = "NotFoundException"
# Of regional APIs in us-east-1: AWS General Reference, API Gateway endpoints.
ZONE_OF_APIS = "Z1UJRXOUMOOFQ8"
ROOT = "(none)"


class Domain(Kind):
    """A name of an API."""

    token = "aws:apigateway/domainName:DomainName"  # noqa: S105 - a type
    lacks = "forgets the access mode; no UpdateDomainName: a changed one is made anew, with the mapping that it had"
    refs = (
        Ref("regionalCertificateArn", (t.CERTIFICATE,), by="arn", in_use="ResourceInUseException"),
    )
    unique = (Unique(("domainName",), "ConflictException"),)
    rules = (rule.serves_by_an_issued_one,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and where its records lead."""
        del cloud
        name = record.inputs["domainName"]
        return {
            "id": name,
            "arn": f"arn:aws:apigateway:{record.region}::/domainnames/{name}",
            "regionalDomainName": f"d-{record.hex(10)}.execute-api.{record.region}.amazonaws.com",
            "regionalZoneId": ZONE_OF_APIS,
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        aws.client("apigateway").create_domain_name(
            domainName=new["domainName"],
            regionalCertificateArn=new["regionalCertificateArn"],
            endpointConfiguration={"types": [new["endpointConfiguration"]["types"]]},
            tags=dict(new["tagsAll"]),
            **given(
                endpointAccessMode=new.get("endpointAccessMode"),
                securityPolicy=new.get("securityPolicy"),
            ),
        )
        return new["domainName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Make it anew when it is another."""
        if old and old != new:
            aws.client("apigateway").delete_domain_name(domainName=id_)
            self.make(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("apigateway").get_domain_name(domainName=id_)
            return {
                "arn": f"arn:aws:apigateway:{aws.region}::/domainnames/{id_}",
                "regionalDomainName": found["regionalDomainName"],
                "regionalZoneId": found["regionalHostedZoneId"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("apigateway").delete_domain_name(domainName=id_)


class Mapping(Kind):
    """Which stage answers by a domain."""

    token = "aws:apigateway/basePathMapping:BasePathMapping"  # noqa: S105 - a type
    refs = (
        Ref("domainName", (t.API_DOMAIN,), by="domainName"),
        Ref("restApi", (t.REST_API,), in_use="BadRequestException"),
    )
    unique = (Unique(("domainName", "basePath"), "ConflictException"),)
    rules = (rule.is_mapped_to_a_stage,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes of domain and path."""
        del cloud
        return {"id": f"{record.inputs['domainName']}/{record.inputs.get('basePath', '')}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        aws.client("apigateway").create_base_path_mapping(
            domainName=new["domainName"],
            restApiId=new["restApi"],
            stage=new["stageName"],
            **given(basePath=new.get("basePath")),
        )
        return f"{new['domainName']}/{new.get('basePath', '')}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Lead to another stage."""
        if old:
            domain, _, path = id_.partition("/")
            wanted = {"/restapiId": new["restApi"], "/stage": new["stageName"]}
            wanted["/basePath"] = new.get("basePath") or ROOT
            aws.client("apigateway").update_base_path_mapping(
                domainName=domain,
                basePath=path or ROOT,
                patchOperations=[
                    {"op": "replace", "path": place, "value": value}
                    for place, value in wanted.items()
                ],
            )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        domain, _, path = id_.partition("/")
        with absent(GONE):
            aws.client("apigateway").get_base_path_mapping(domainName=domain, basePath=path or ROOT)
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        domain, _, path = id_.partition("/")
        aws.client("apigateway").delete_base_path_mapping(domainName=domain, basePath=path or ROOT)


class DnsRecord(Kind):
    """A record in a zone that was there before."""

    token = "aws:route53/record:Record"  # noqa: S105 - a type
    everywhere = True
    rules = (rule.is_alias_or_values,)
    creation_rules = (rule.is_not_there_yet,)
    lacks = "moto overwrites a record that is created a second time"

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes of its place."""
        del cloud
        return {"id": _id(record.inputs), "fqdn": _name(record.inputs)}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._change(aws, "UPSERT" if new.get("allowOverwrite") else "CREATE", new)
        return _id(new)

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._change(aws, "UPSERT", new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        with absent("NoSuchHostedZone"):
            client = aws.client("route53")
            client.get_hosted_zone(Id=known["zoneId"])
            found = client.list_resource_record_sets(
                HostedZoneId=known["zoneId"],
                StartRecordName=_name(known),
                StartRecordType=known["type"],
                MaxItems="1",
            )["ResourceRecordSets"]
            wanted = (f"{_name(known)}.", known["type"])
            if [(each["Name"], each["Type"]) for each in found] == [wanted]:
                return {"fqdn": _name(known)}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        self._change(aws, "DELETE", known)

    def _change(self, aws: Aws, action: str, new: Inputs) -> None:
        target = next(iter(new.get("aliases", [])), None)
        alias = target and {
            "DNSName": target["name"],
            "EvaluateTargetHealth": target["evaluateTargetHealth"],
            "HostedZoneId": target["zoneId"],
        }
        values = [{"Value": value} for value in new.get("records", [])]
        aws.client("route53").change_resource_record_sets(
            HostedZoneId=new["zoneId"],
            ChangeBatch={
                "Changes": [
                    {
                        "Action": action,
                        "ResourceRecordSet": {
                            "Name": _name(new),
                            "Type": new["type"],
                            **given(
                                AliasTarget=alias,
                                ResourceRecords=values or None,
                                TTL=int(new["ttl"]) if "ttl" in new else None,
                            ),
                        },
                    }
                ]
            },
        )


def _name(new: Inputs) -> str:
    return str(new["name"]).removesuffix(".").lower()


def _id(new: Inputs) -> str:
    return f"{new['zoneId']}_{_name(new)}_{new['type']}"


KINDS: tuple[Kind, ...] = (Domain(), Mapping(), DnsRecord())
