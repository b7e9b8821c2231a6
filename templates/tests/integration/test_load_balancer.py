"""LB-1 to LB-3: the load balancer as it stands, and as it answers."""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.environment_class import DISPOSABLE, ENDING
from tests.integration.policies import statements

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef, LoadBalancerTypeDef, TargetGroupTypeDef
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs
    from tests.integration.topology import Topology
    from tests.integration.web import EntryPoint

    Functions = dict[str, FunctionConfigurationResponseTypeDef]

# The authorities that issue callers' certificates, where the spec has any.
CLIENTS = Path(__file__).parents[2] / "certificates" / "clients.pem"
# Paths that a spec hardly has a rule for; one with `/*` has one for all.
UNKNOWN = ("/nothing-is-here", "/payments/1/2/3/nothing-is-here", "/")


@pytest.fixture(name="load_balancer", scope="module")
def _load_balancer(cloud: Cloud, outputs: Outputs) -> LoadBalancerTypeDef:
    (found,) = cloud.elbv2.describe_load_balancers(LoadBalancerArns=[outputs.load_balancer_arn])[
        "LoadBalancers"
    ]
    return found


@pytest.fixture(name="listeners", scope="module")
def _listeners(cloud: Cloud, outputs: Outputs) -> dict[int, ListenerTypeDef]:
    found = cloud.elbv2.describe_listeners(LoadBalancerArn=outputs.load_balancer_arn)["Listeners"]
    return {listener["Port"]: listener for listener in found}


@pytest.fixture(name="groups", scope="module")
def _groups(cloud: Cloud, outputs: Outputs) -> list[TargetGroupTypeDef]:
    arn = outputs.load_balancer_arn
    return cloud.elbv2.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]


def test_it_stands_in_the_public_subnets(
    load_balancer: LoadBalancerTypeDef, topology: Topology
) -> None:
    """LB-1: an application load balancer, facing the internet, in every zone."""
    assert load_balancer["Type"] == "application"
    assert load_balancer["Scheme"] == "internet-facing"
    assert load_balancer["State"]["Code"] == "active"
    subnets = {zone["SubnetId"] for zone in load_balancer["AvailabilityZones"]}
    assert subnets == {subnet.id for subnet in topology.public}


def test_it_is_hardened_and_logged(cloud: Cloud, outputs: Outputs) -> None:
    """LB-1, MON-1, DEST-1, KEEP-1: malformed requests are dropped, all are logged; protected or not."""
    attributes = {
        attribute["Key"]: attribute["Value"]
        for attribute in cloud.elbv2.describe_load_balancer_attributes(
            LoadBalancerArn=outputs.load_balancer_arn
        )["Attributes"]
    }
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] in {"defensive", "strictest"}
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == outputs.log_bucket
    is_protected = attributes["deletion_protection.enabled"] == "true"
    assert is_protected is not (DISPOSABLE or ENDING)


def test_it_speaks_tls_only(listeners: dict[int, ListenerTypeDef]) -> None:
    """LB-2: HTTPS with a current policy; plain HTTP only redirects."""
    assert set(listeners) == {80, 443}
    assert listeners[443]["Protocol"] == "HTTPS"
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-")
    (action,) = listeners[80]["DefaultActions"]
    assert action["Type"] == "redirect"
    assert action["RedirectConfig"]["Protocol"] == "HTTPS"
    (action,) = listeners[443]["DefaultActions"]
    assert action["Type"] == "fixed-response", "an unknown path would reach a function"


def test_callers_show_certificates(
    cloud: Cloud, outputs: Outputs, listeners: dict[int, ListenerTypeDef]
) -> None:
    """LB-2: where the project has authorities, the listener verifies callers by them, and only by them."""
    asked = listeners[443].get("MutualAuthentication", {"Mode": "off"})
    if not CLIENTS.exists():
        assert asked.get("Mode") == "off"
        return
    assert asked.get("Mode") == "verify"
    assert asked.get("IgnoreClientCertificateExpiry", False) is False
    (store,) = cloud.elbv2.describe_trust_stores(TrustStoreArns=[asked.get("TrustStoreArn", "")])[
        "TrustStores"
    ]
    assert store.get("Status") == "ACTIVE"
    assert store.get("NumberOfCaCertificates") == CLIENTS.read_text().count("-----BEGIN")
    assert store.get("Name", "").endswith(outputs.tail)


def test_nobody_gets_in_without_a_certificate(balancer: EntryPoint) -> None:
    """LB-2: where the project has authorities, a connection without a certificate is refused."""
    anonymous = ssl.create_default_context()
    anonymous.check_hostname = False
    anonymous.verify_mode = ssl.CERT_NONE
    stranger = replace(balancer, tls=anonymous)
    if not CLIENTS.exists():
        assert stranger.get("/nothing-is-here").status in range(200, 500)
        return
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        stranger.get("/nothing-is-here")


def test_rules_distribute_to_functions(
    cloud: Cloud, listeners: dict[int, ListenerTypeDef], groups: list[TargetGroupTypeDef]
) -> None:
    """LB-2: every rule forwards a path to a target group, and no group is left out."""
    rules = cloud.elbv2.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"]
    forwarded: set[str] = set()
    for rule in rules:
        if rule["IsDefault"]:
            continue
        assert [condition["Field"] for condition in rule["Conditions"]] == ["path-pattern"]
        (action,) = rule["Actions"]
        assert action["Type"] == "forward", rule["RuleArn"]
        forwarded.add(action["TargetGroupArn"])
    assert forwarded == {group["TargetGroupArn"] for group in groups}


def test_targets_are_functions_of_this_stack(
    cloud: Cloud, groups: list[TargetGroupTypeDef], functions: Functions
) -> None:
    """LB-2: each target group holds one function."""
    arns = {function["FunctionArn"] for function in functions.values()}
    assert groups
    for group in groups:
        assert group["TargetType"] == "lambda"
        health = cloud.elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        (target,) = health["TargetHealthDescriptions"]
        assert target["Target"]["Id"] in arns


def test_targets_are_healthy(cloud: Cloud, groups: list[TargetGroupTypeDef]) -> None:
    """LB-3: health checks are on, and every function answers them: built in, or the team's own."""
    for group in groups:
        name = group["TargetGroupName"]
        assert group["HealthCheckEnabled"] is True, name
        assert group["HealthCheckPath"] == "/health", name
        health = cloud.elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        for target in health["TargetHealthDescriptions"]:
            assert target["TargetHealth"]["State"] == "healthy", (name, target["TargetHealth"])


def test_functions_are_called_by_their_sources_only(
    cloud: Cloud, outputs: Outputs, functions: Functions, groups: list[TargetGroupTypeDef]
) -> None:
    """FN-4, LB-2: each permission names a target group, a method of the API or a schedule of ours."""
    targets = {group["TargetGroupArn"] for group in groups}
    api = f"arn:aws:execute-api:{outputs.region}:{outputs.account_id}:{outputs.api_id}/"
    rules = f"arn:aws:events:{outputs.region}:{outputs.account_id}:rule/"
    called: set[str] = set()
    for key, function in functions.items():
        try:
            policy = cloud.lambda_.get_policy(FunctionName=function["FunctionArn"])["Policy"]
        except cloud.lambda_.exceptions.ResourceNotFoundException:
            # No entry point: the deployment calls it, with permissions of its own.
            continue
        for statement in statements(policy):
            (service,) = statement.principals
            source: str = statement.condition["ArnLike"]["AWS:SourceArn"]
            assert (statement.effect, statement.actions) == ("Allow", {"lambda:InvokeFunction"})
            match service.removesuffix(".amazonaws.com"):
                case "elasticloadbalancing":
                    assert source in targets, (key, source)
                    called.add(source)
                case "apigateway":
                    # A parameter of the path is a star, which stands for one part of it.
                    assert source.startswith(f"{api}{outputs.api_stage}/"), (key, source)
                case "events":
                    assert source.startswith(rules), (key, source)
                    assert source.endswith(outputs.tail), (key, source)
                case other:
                    pytest.fail(f"{key}: {other} may call it")
    assert called == targets, "a target group may not call its function"


def test_plain_http_is_redirected(outputs: Outputs) -> None:
    """LB-2: a client that forgets TLS is sent to it."""
    host = urlsplit(outputs.load_balancer_url).hostname or ""
    connection = http.client.HTTPConnection(host, 80, timeout=10)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        assert answer.status == 301
        assert answer.headers["location"].startswith("https://")
    except TimeoutError:
        pytest.fail("no answer: run this from an address in the spec's load_balancer.allowed_cidrs")
    finally:
        connection.close()


def test_an_unknown_path_reaches_no_function(
    cloud: Cloud, balancer: EntryPoint, listeners: dict[int, ListenerTypeDef]
) -> None:
    """LB-2: what no rule is for, the load balancer answers itself."""
    rules = cloud.elbv2.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"]
    patterns = {
        pattern
        for rule in rules
        for condition in rule["Conditions"]
        for pattern in condition["PathPatternConfig"]["Values"]
    }
    assert patterns
    unknown = [path for path in UNKNOWN if not any(_fits(path, one) for one in patterns)]
    assert {path: balancer.get(path).status for path in unknown} == dict.fromkeys(unknown, 404)


def _fits(path: str, pattern: str) -> bool:
    """Tell whether a rule with this pattern takes the path: `*` is any text, `?` one character."""
    words = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(words), path) is not None
