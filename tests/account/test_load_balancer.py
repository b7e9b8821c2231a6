"""The load balancer: what a plain deployment does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError
from account.test_network import subnet, vpc
from cloud import tokens as t
from cloud.aws import as_map

if TYPE_CHECKING:
    from account.hands import Hands, Thing

ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
NOT_FOUND = {
    "type": "fixed-response",
    "fixedResponse": {"contentType": "text/plain", "statusCode": "404", "messageBody": "no"},
}
TO_HTTPS = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:pay"


@pytest.fixture
def balancer(hands: Hands) -> Thing:
    network = vpc(hands)
    zones = [subnet(hands, network, slot) for slot in (1, 2)]
    group = hands.make(t.SECURITY_GROUP, name="g", vpcId=network.id)
    return hands.make(
        t.LOAD_BALANCER,
        name="alb",
        internal=True,
        subnets=[zone.id for zone in zones],
        securityGroups=[group.id],
        dropInvalidHeaderFields=True,
        idleTimeout=120,
        tags={"Name": "alb"},
    )


def attributes(hands: Hands, thing: Thing) -> dict[str, str]:
    client = hands.aws.client("elbv2")
    found = client.describe_load_balancer_attributes(LoadBalancerArn=thing.id)
    return as_map(found["Attributes"])


def test_an_attribute_that_is_no_longer_said_is_aws_s_own_again(
    hands: Hands, balancer: Thing
) -> None:
    first = attributes(hands, balancer)
    assert first["idle_timeout.timeout_seconds"] == "120"
    assert first["routing.http.drop_invalid_header_fields.enabled"] == "true"
    logs = {"bucket": "logs", "enabled": True}
    hands.change(balancer, idleTimeout=None, accessLogs=logs, tags={"Owner": "o"})
    after = attributes(hands, balancer)
    assert after["idle_timeout.timeout_seconds"] == "60"
    assert (after["access_logs.s3.enabled"], after["access_logs.s3.bucket"]) == ("true", "logs")
    (found,) = hands.aws.client("elbv2").describe_tags(ResourceArns=[balancer.id])[
        "TagDescriptions"
    ]
    assert as_map(found["Tags"]) == {"Owner": "o", "project": "paystage"}


def test_a_balancer_says_where_it_is_reached(balancer: Thing) -> None:
    assert balancer.id.endswith(f":loadbalancer/{balancer['arnSuffix']}")
    assert balancer["dnsName"].endswith(".elb.amazonaws.com")


def target_group(hands: Hands) -> Thing:
    check = {"enabled": True, "path": "/health", "matcher": "200", "interval": 300, "timeout": 30}
    return hands.make(t.TARGET_GROUP, name="tg", targetType="lambda", healthCheck=check)


def test_a_health_check_and_a_target_follow_the_arguments(hands: Hands) -> None:
    group = target_group(hands)
    check = {"enabled": True, "path": "/ready", "matcher": "200", "interval": 60, "timeout": 20}
    group = hands.change(group, healthCheck=check)
    client = hands.aws.client("elbv2")
    (found,) = client.describe_target_groups(TargetGroupArns=[group.id])["TargetGroups"]
    assert (found["HealthCheckPath"], found["HealthCheckIntervalSeconds"]) == ("/ready", 60)
    assert found["HealthCheckEnabled"]
    target = hands.make(ATTACHMENT, targetGroupArn=group.id, targetId=FUNCTION)
    assert hands.read(target) is not None
    hands.delete(target)
    assert hands.read(target) is None
    hands.delete(group)
    assert hands.read(target) is None


def rules(hands: Hands, listener: Thing) -> list[dict[str, Any]]:
    found = hands.aws.client("elbv2").describe_rules(ListenerArn=listener.id)["Rules"]
    return [rule for rule in found if rule["Priority"] != "default"]


def listener_attributes(hands: Hands, listener: Thing) -> dict[str, str]:
    client = hands.aws.client("elbv2")
    return as_map(client.describe_listener_attributes(ListenerArn=listener.id)["Attributes"])


def test_listeners_and_rules_follow_the_arguments(hands: Hands, balancer: Thing) -> None:
    listener = hands.make(
        t.LISTENER,
        loadBalancerArn=balancer.id,
        port=80,
        protocol="HTTP",
        defaultActions=[TO_HTTPS],
    )
    client = hands.aws.client("elbv2")
    (found,) = client.describe_listeners(ListenerArns=[listener.id])["Listeners"]
    redirect = found["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"]) == ("HTTPS", "#{port}")

    listener = hands.change(listener, defaultActions=[NOT_FOUND])
    (found,) = client.describe_listeners(ListenerArns=[listener.id])["Listeners"]
    assert found["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"

    listener = hands.change(listener, routingHttpResponseServerEnabled=False)
    assert listener_attributes(hands, listener)["routing.http.response.server.enabled"] == "false"
    listener = hands.change(listener, routingHttpResponseServerEnabled=None)
    assert listener_attributes(hands, listener)["routing.http.response.server.enabled"] == "true"

    group = target_group(hands)
    forward = {"type": "forward", "targetGroupArn": group.id}
    rule = hands.make(
        t.LISTENER_RULE,
        listenerArn=listener.id,
        priority=7,
        conditions=[{"pathPattern": {"values": ["/a"]}}],
        actions=[forward],
    )
    rule = hands.change(rule, priority=8, conditions=[{"hostHeader": {"values": ["b.test"]}}])
    (seen,) = rules(hands, listener)
    assert seen["Priority"] == "8"
    assert seen["Conditions"][0]["HostHeaderConfig"] == {"Values": ["b.test"]}
    assert seen["Actions"][0]["TargetGroupArn"] == group.id
    with pytest.raises(AbortedError, match="in use"):
        hands.delete(group)
    for thing in (rule, group, listener, balancer):
        hands.delete(thing)
        assert hands.read(thing) is None
    hands.delete(rule)


def test_a_weighted_forward_with_stickiness(hands: Hands, balancer: Thing) -> None:
    group = target_group(hands)
    forward = {
        "targetGroups": [{"arn": group.id, "weight": 2}],
        "stickiness": {"enabled": True, "duration": 60},
    }
    listener = hands.make(
        t.LISTENER,
        loadBalancerArn=balancer.id,
        port=80,
        defaultActions=[{"type": "forward", "forward": forward}],
    )
    found = hands.aws.client("elbv2").describe_listeners(ListenerArns=[listener.id])["Listeners"][0]
    config = found["DefaultActions"][0]["ForwardConfig"]
    assert config["TargetGroups"] == [{"TargetGroupArn": group.id, "Weight": 2}]
    assert config["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 60}


def test_an_argument_that_no_call_takes_is_refused(hands: Hands) -> None:
    with pytest.raises(AbortedError, match=r"drops \['slowStart'\]"):
        hands.make(t.TARGET_GROUP, name="tg", targetType="lambda", slowStart=30)
    # Nothing stays, or the next attempt would be an update that has nothing to complain of.
    assert not hands.aws.client("elbv2").describe_target_groups()["TargetGroups"]
