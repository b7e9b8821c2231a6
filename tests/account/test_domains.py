"""Names: what a plain deployment does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError, Hands
from cloud import tokens as t

if TYPE_CHECKING:
    from account.hands import Thing

NAME = "api.example.com"


@pytest.fixture(name="zone")
def _zone(hands: Hands) -> str:
    made = hands.aws.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
    return made["HostedZone"]["Id"].removeprefix("/hostedzone/")


def requested(hands: Hands) -> Thing:
    """Return a certificate that ACM issues by DNS."""
    return hands.make(
        t.CERTIFICATE,
        domainName=NAME,
        validationMethod="DNS",
        keyAlgorithm="RSA_2048",
        tags={"a": "b"},
    )


def proof(hands: Hands, zone: str, certificate: Thing) -> Thing:
    """Return the record that ACM looks for."""
    (option,) = certificate["domainValidationOptions"]
    return hands.make(
        t.RECORD,
        zoneId=zone,
        name=option["resourceRecordName"],
        type=option["resourceRecordType"],
        records=[option["resourceRecordValue"]],
        ttl=300,
        allowOverwrite=True,
    )


def records(hands: Hands, zone: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what stands in the zone, beside what each zone has."""
    found = hands.aws.client("route53").list_resource_record_sets(HostedZoneId=zone)
    return {
        (each["Name"], each["Type"]): each
        for each in found["ResourceRecordSets"]
        if each["Type"] not in {"NS", "SOA"}
    }


def test_a_certificate_is_requested_and_proven(hands: Hands, zone: str) -> None:
    certificate = requested(hands)
    assert (certificate["domainName"], certificate["type"]) == (NAME, "AMAZON_ISSUED")
    tags = hands.aws.client("acm").list_tags_for_certificate(CertificateArn=certificate.id)["Tags"]
    assert {tag["Key"] for tag in tags} == {"a", "project"}
    record = proof(hands, zone, certificate)
    (standing,) = records(hands, zone).values()
    assert standing["TTL"] == 300
    assert standing["ResourceRecords"][0]["Value"].endswith(".acm-validations.aws.")
    # Another certificate of the name has the same proof.
    assert proof(hands, zone, certificate).id == record.id
    waiting = hands.make(
        t.VALIDATION, certificateArn=certificate.id, validationRecordFqdns=[record["fqdn"]]
    )
    assert hands.read(waiting) is not None
    hands.delete(waiting)
    hands.delete(record)
    assert hands.read(record) is None
    assert not records(hands, zone)
    hands.delete(certificate)
    assert hands.read(waiting) is None


def test_an_alias_takes_no_name_away_and_changes_in_place(hands: Hands, zone: str) -> None:
    target = {
        "name": "one.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
        "evaluateTargetHealth": False,
    }
    place = {"zoneId": zone, "name": NAME, "type": "A"}
    made = hands.make(t.RECORD, **place, aliases=[target])
    assert (made.id, made["fqdn"]) == (f"{zone}_{NAME}_A", NAME)
    moved = hands.change(made, aliases=[{**target, "name": "two.elb.amazonaws.com"}])
    standing = records(hands, zone)[f"{NAME}.", "A"]
    assert standing["AliasTarget"]["DNSName"].startswith("two.elb")
    hands.delete(moved)
    assert hands.read(moved) is None
    with pytest.raises(AbortedError, match="NoSuchHostedZone"):
        hands.make(t.RECORD, **{**place, "zoneId": "Z0"}, aliases=[target])


def test_a_domain_leads_to_another_stage_in_place(hands: Hands) -> None:
    client = hands.aws.client("apigateway")
    api = client.create_rest_api(name="a")["id"]
    resource = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(
        restApiId=api, resourceId=resource, httpMethod="GET", authorizationType="NONE"
    )
    client.put_integration(restApiId=api, resourceId=resource, httpMethod="GET", type="MOCK")
    for stage in ("one", "two"):
        client.create_deployment(restApiId=api, stageName=stage)
    domain = hands.make(
        t.API_DOMAIN,
        domainName=NAME,
        regionalCertificateArn=requested(hands)["arn"],
        endpointConfiguration={"types": "REGIONAL"},
        securityPolicy="SecurityPolicy_TLS13_1_3_2025_09",
        endpointAccessMode="STRICT",
    )
    mapping = hands.make(t.BASE_PATH, domainName=NAME, restApi=api, stageName="one")
    assert mapping.id == f"{NAME}/"
    other = hands.change(domain, securityPolicy="SecurityPolicy_TLS13_1_2_2021_06")
    assert client.get_domain_name(domainName=NAME)["securityPolicy"].endswith("2021_06")
    changed = hands.change(mapping, stageName="two")
    (found,) = client.get_base_path_mappings(domainName=NAME)["items"]
    assert (found["basePath"], found["stage"]) == ("(none)", "two")
    hands.delete(changed)
    assert hands.read(changed) is None
    hands.delete(other)
    assert hands.read(other) is None
