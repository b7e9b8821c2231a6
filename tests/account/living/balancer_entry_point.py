"""The load balancer, asked at each request: rules, targets, and whether the client's packets get in."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from account.living.network import Network
from simulation.load_balancer import LoadBalancer
from simulation.routes import (
    Balancer,
    Fixed,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    TargetGroup,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address

    from account.living.functions import Functions
    from account.living.seen import Seen
    from simulation.routes import Action
    from simulation.web import Answer, Request

_GONE = ("LoadBalancerNotFound", "ListenerNotFound", "TargetGroupNotFound")
_REGISTERED = "healthy"


class NobodyListensError(ConnectionError):
    """No packet comes back: the client waits in vain."""


class BalancerEntryPoint:
    """Answers as the listener of a port does at that moment."""

    def __init__(
        self, seen: Seen, functions: Functions, *, arn: str, port: int, client: IPv4Address
    ) -> None:
        """Take a load balancer and its port; all requests come from the client's address."""
        self._seen, self._functions = seen, functions
        self._network = Network(seen)
        self._arn, self._port, self._client = arn, port, client
        # Whether it verifies its callers' certificates is said by who opens it: moto knows no mutual TLS.
        self.verifies = False
        self._lock = threading.Lock()
        self._version: int | None = None
        self._facts: tuple[Balancer, Listener] | None = None
        self._answering: LoadBalancer | None = None

    def __call__(self, request: Request) -> Answer:
        """Answer a request."""
        refusal = self._network.refuses_client(self._arn, self._client, self._port)
        if refusal:
            raise NobodyListensError(refusal)
        answering = self._current()
        if answering is None:
            message = f"no listener on port {self._port}"
            raise NobodyListensError(message)
        return answering(request)

    def _current(self) -> LoadBalancer | None:
        version = self._seen.version("elbv2")
        with self._lock:
            if version is not None and version == self._version:
                return self._answering
        facts = self._read()
        with self._lock:
            if facts != self._facts:
                self._facts = facts
                self._answering = facts and LoadBalancer(*facts, self._functions, lambda _: None)
            self._version = version
            return self._answering

    def _read(self) -> tuple[Balancer, Listener] | None:
        listed = self._seen.ask("elbv2", "describe_listeners", *_GONE, LoadBalancerArn=self._arn)
        found = [each for each in (listed or {}).get("Listeners", []) if each["Port"] == self._port]
        if not found:
            return None
        listener = self._listener(found[0])
        actions = [listener.default, *(rule.action for rule in listener.rules)]
        groups = {action.group for action in actions if isinstance(action, Forward)}
        attributes = self._attributes(
            "describe_load_balancer_attributes", LoadBalancerArn=self._arn
        )
        return (
            Balancer(
                name=self._arn.rsplit("/", 2)[-2],
                listeners=[listener],
                groups={arn: self._group(arn) for arn in groups},
                drops_invalid_headers=attributes.get(
                    "routing.http.drop_invalid_header_fields.enabled"
                )
                == "true",
            ),
            listener,
        )

    def _listener(self, found: Mapping[str, Any]) -> Listener:
        # ELB User Guide, "Listener rules": by priority, the lowest first; the default rule, which has no condition, is the last.
        listed = self._seen.ask("elbv2", "describe_rules", *_GONE, ListenerArn=found["ListenerArn"])
        rules = [
            Rule(
                priority=int(rule["Priority"]),
                patterns=_patterns(rule["Conditions"]),
                action=_action(rule["Actions"]),
            )
            for rule in (listed or {}).get("Rules", [])
            if not rule["IsDefault"]
        ]
        return Listener(
            port=found["Port"],
            protocol=found["Protocol"],
            rules=sorted(rules, key=lambda rule: rule.priority),
            default=_action(found["DefaultActions"]),
            verifies=self.verifies,
        )

    def _group(self, arn: str) -> TargetGroup:
        # ELB User Guide, "Troubleshoot your Application Load Balancers", HTTP 503: a group without a registered target. One whose
        # targets are all unwell, or not yet known to be well, is sent to nevertheless ("Health checks", fail open).
        health = self._seen.ask("elbv2", "describe_target_health", *_GONE, TargetGroupArn=arn)
        targets = [
            each["Target"]["Id"]
            for each in (health or {}).get("TargetHealthDescriptions", [])
            if each["TargetHealth"]["State"] == _REGISTERED
        ]
        described = self._seen.ask("elbv2", "describe_target_groups", *_GONE, TargetGroupArns=[arn])
        group = ((described or {}).get("TargetGroups") or [{}])[0]
        attributes = self._attributes("describe_target_group_attributes", TargetGroupArn=arn)
        return TargetGroup(
            name=group.get("TargetGroupName", ""),
            arn=arn,
            function=targets[0].rpartition(":function:")[2] if targets else None,
            multi_value=attributes.get("lambda.multi_value_headers.enabled") == "true",
            health=_check(group) if group.get("HealthCheckEnabled") else None,
        )

    def _attributes(self, operation: str, **place: str) -> dict[str, str]:
        found = self._seen.ask("elbv2", operation, *_GONE, **place)
        return {each["Key"]: each["Value"] for each in (found or {}).get("Attributes", [])}


def _check(group: Mapping[str, Any]) -> HealthCheck:
    return HealthCheck(
        path=group["HealthCheckPath"],
        matcher=group.get("Matcher", {}).get("HttpCode", "200"),
        interval=float(group["HealthCheckIntervalSeconds"]),
        timeout=float(group["HealthCheckTimeoutSeconds"]),
        healthy_threshold=group["HealthyThresholdCount"],
        unhealthy_threshold=group["UnhealthyThresholdCount"],
    )


def _patterns(conditions: list[Mapping[str, Any]]) -> list[str]:
    (condition,) = conditions
    assert condition["Field"] == "path-pattern", condition
    return condition["PathPatternConfig"]["Values"]


def _action(actions: list[Mapping[str, Any]]) -> Action:
    (action,) = actions
    match action["Type"]:
        case "forward":
            return Forward(group=action["TargetGroupArn"])
        case "fixed-response":
            fixed = action["FixedResponseConfig"]
            return Fixed(
                status=int(fixed["StatusCode"]),
                media_type=fixed["ContentType"],
                body=fixed.get("MessageBody") or "",
            )
        case "redirect":
            to = action["RedirectConfig"]
            return Redirect(
                status=int(to["StatusCode"].removeprefix("HTTP_")),
                protocol=to["Protocol"],
                host=to["Host"],
                port=to["Port"],
                path=to["Path"],
                query=to["Query"],
            )
        case other:
            message = f"an action that is not played: {other}"
            raise AssertionError(message)
