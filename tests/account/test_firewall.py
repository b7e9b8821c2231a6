"""The firewall and the certificate: what a plain deployment does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError, Hands
from cloud import tokens as t
from cloud.kinds.tls import PrivateKey, SelfSignedCert

if TYPE_CHECKING:
    from account.hands import Thing

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
SEEN = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True}
RATE = {"rateBasedStatement": {"aggregateKeyType": "IP", "limit": 2000}}
STAGE = "arn:aws:apigateway:us-east-1::/restapis/a1/stages/v1"


def rule(name: str, priority: int, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "statement": statement,
        "visibilityConfig": SEEN,
        **(more or {"action": {"block": {}}}),
    }


def firewall(hands: Hands, *rules: dict[str, Any]) -> Thing:
    return hands.make(
        t.WEB_ACL,
        name="w",
        scope="REGIONAL",
        defaultAction={"allow": {}},
        visibilityConfig=SEEN,
        rules=list(rules),
        tags={"a": "b"},
    )


def test_rules_are_spelled_as_the_api_does(hands: Hands) -> None:
    addresses = {"ipSetReferenceStatement": {"arn": "arn:aws:wafv2:::ipset/x"}}
    common = {"managedRuleGroupStatement": {"vendorName": "AWS", "name": "Common"}}
    acl = firewall(
        hands,
        rule("rate", 0, RATE),
        rule("set", 1, addresses),
        rule("common", 2, common, overrideAction={"none": {}}),
    )
    client = hands.aws.client("wafv2")
    found = client.get_web_acl(Name="w", Scope="REGIONAL", Id=acl.id)["WebACL"]
    first, second, third = found["Rules"]
    assert first["Statement"] == {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 2000}}
    assert first["VisibilityConfig"]["CloudWatchMetricsEnabled"]
    assert second["Statement"]["IPSetReferenceStatement"]["ARN"].endswith("ipset/x")
    assert third["OverrideAction"] == {"None": {}}


def test_what_the_api_does_not_know_is_refused(hands: Hands) -> None:
    with pytest.raises(AbortedError, match="rateLimit"):
        firewall(hands, rule("rate", 0, {"rateBasedStatement": {"rateLimit": 1}}))


def test_a_firewall_changes_in_place_and_keeps_its_associations(hands: Hands) -> None:
    acl = firewall(hands, rule("rate", 0, RATE))
    association = hands.make(ASSOCIATION, webAclArn=acl["arn"], resourceArn=STAGE)
    logged = hands.make(
        LOGGING,
        resourceArn=acl["arn"],
        logDestinationConfigs=["arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-x"],
        redactedFields=[{"singleHeader": {"name": "x-api-key"}}],
    )
    lower = {"rateBasedStatement": {"aggregateKeyType": "IP", "limit": 100}}
    changed = hands.change(acl, rules=[rule("rate", 0, lower)], tags=None)
    assert changed["lockToken"] != acl["lockToken"]
    client = hands.aws.client("wafv2")
    found = client.get_web_acl_for_resource(ResourceArn=STAGE)["WebACL"]
    assert found["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] == 100
    info = client.list_tags_for_resource(ResourceARN=acl["arn"])["TagInfoForResource"]
    assert [tag["Key"] for tag in info["TagList"]] == ["project"]
    kept = client.get_logging_configuration(ResourceArn=acl["arn"])["LoggingConfiguration"]
    assert kept["RedactedFields"] == [{"SingleHeader": {"Name": "x-api-key"}}]
    for thing in (logged, association, changed):
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def signed(hands: Hands, name: str) -> dict[str, str]:
    """Return the arguments of a certificate."""
    key = PrivateKey()
    id_ = key.make(hands.aws, {"algorithm": "RSA"})
    private = hands.aws.kept[key.token, id_]["privateKeyPem"]
    certificate = SelfSignedCert()
    serial = certificate.make(
        hands.aws,
        {
            "privateKeyPem": private,
            "subject": {"commonName": name},
            "dnsNames": [name],
            "validityPeriodHours": 24,
            "allowedUses": ["server_auth"],
        },
    )
    body = hands.aws.kept[certificate.token, serial]["certPem"]
    return {"privateKey": private, "certificateBody": body}


def test_another_certificate_is_imported_under_the_same_arn(hands: Hands) -> None:
    made = hands.make(t.CERTIFICATE, **signed(hands, "a.test"), tags={"a": "b"})
    assert (made["domainName"], made["type"]) == ("a.test", "IMPORTED")
    again = hands.change(made, **signed(hands, "b.test"), tags={"c": "d"})
    assert (again.id, again["domainName"]) == (made.id, "b.test")
    tags = hands.aws.client("acm").list_tags_for_certificate(CertificateArn=made.id)["Tags"]
    assert {tag["Key"] for tag in tags} == {"c", "project"}
    hands.delete(again)
    assert hands.read(again) is None
