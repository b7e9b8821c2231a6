"""Listeners of load balancers, and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import as_list, given, pascal
from cloud.kinds.balancers import Part, retag, text
from cloud.record import Record, Ref, Unique
from cloud.rules import load_balancer as rule
from cloud.rules.domains import shows_an_issued_one

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.kind import Inputs, Kind
    from cloud.store import Cloud

# What a listener says in each answer by itself, by argument, with AWS's own defaults.
HEADERS: dict[str, tuple[str, Any]] = {
    "routingHttpResponseServerEnabled": ("routing.http.response.server.enabled", True),
    "routingHttpResponseContentSecurityPolicyHeaderValue": (
        "routing.http.response.content_security_policy.header_value",
        "",
    ),
    "routingHttpResponseStrictTransportSecurityHeaderValue": (
        "routing.http.response.strict_transport_security.header_value",
        "",
    ),
    "routingHttpResponseXContentTypeOptionsHeaderValue": (
        "routing.http.response.x_content_type_options.header_value",
        "",
    ),
    "routingHttpResponseXFrameOptionsHeaderValue": (
        "routing.http.response.x_frame_options.header_value",
        "",
    ),
}
# What a redirection keeps of the request when it does not say otherwise.
KEPT = {
    "host": "#{host}",
    "path": "/#{path}",
    "port": "#{port}",
    "protocol": "#{protocol}",
    "query": "#{query}",
}


def _action(action: Inputs) -> dict[str, Any]:
    made = given(
        Type=action["type"],
        Order=action.get("order"),
        TargetGroupArn=action.get("targetGroupArn"),
    )
    if action.get("fixedResponse"):
        made["FixedResponseConfig"] = pascal(action["fixedResponse"])
    if action.get("redirect"):
        made["RedirectConfig"] = pascal({**KEPT, **action["redirect"]})
    forward = action.get("forward")
    if forward:
        config: dict[str, Any] = {
            "TargetGroups": [
                {"TargetGroupArn": group["arn"], **given(Weight=group.get("weight"))}
                for group in forward["targetGroups"]
            ]
        }
        if forward.get("stickiness"):
            stickiness = forward["stickiness"]
            config["TargetGroupStickinessConfig"] = given(
                Enabled=stickiness.get("enabled", False),
                DurationSeconds=stickiness["duration"],
            )
        made["ForwardConfig"] = config
    return made


def _settings(new: Inputs) -> dict[str, Any]:
    certificate = new.get("certificateArn")
    return given(
        Port=new["port"],
        Protocol=new.get("protocol", "HTTP"),
        SslPolicy=new.get("sslPolicy"),
        Certificates=[{"CertificateArn": certificate}] if certificate else None,
        DefaultActions=[_action(action) for action in new["defaultActions"]],
        MutualAuthentication=_asked(new.get("mutualAuthentication")),
    )


def _asked(said: Inputs | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return given(
        Mode=said["mode"],
        TrustStoreArn=said.get("trustStoreArn"),
        IgnoreClientCertificateExpiry=said.get("ignoreClientCertificateExpiry"),
        AdvertiseTrustStoreCaNames=said.get("advertiseTrustStoreCaNames"),
    )


def targets(actions: str) -> tuple[Ref, ...]:
    """Return where actions name target groups."""
    return tuple(
        Ref(f"{actions}[].{place}", (t.TARGET_GROUP,), by="arn", in_use="ResourceInUse")
        for place in ("targetGroupArn", "forward.targetGroups[].arn")
    )


class Listener(Part):
    """A port of a load balancer."""

    token = "aws:lb/listener:Listener"  # noqa: S105 - a type
    found_by = ("describe_listeners", "ListenerArns", "Listeners", "ListenerNotFound")
    refs = (
        Ref("loadBalancerArn", (t.LOAD_BALANCER,), by="arn"),
        Ref("certificateArn", (t.CERTIFICATE,), by="arn", in_use="ResourceInUseException"),
        Ref(
            "mutualAuthentication.trustStoreArn",
            (t.TRUST_STORE,),
            by="arn",
            in_use="TrustStoreInUse",
        ),
        *targets("defaultActions"),
    )
    unique = (Unique(("port", "loadBalancerArn"), "DuplicateListener"),)
    rules = (rule.https_is_whole, rule.verifies_by_a_store, shows_an_issued_one)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an ARN that begins as the load balancer's."""
        del cloud
        above = record.inputs["loadBalancerArn"].replace(":loadbalancer/", ":listener/")
        arn = f"{above}/{record.hex(16)}"
        return {"id": arn, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("elbv2").create_listener(
            LoadBalancerArn=new["loadBalancerArn"], Tags=as_list(new["tagsAll"]), **_settings(new)
        )
        return made["Listeners"][0]["ListenerArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all that changes; it was made whole but for its attributes."""
        client = aws.client("elbv2")
        if old:
            client.modify_listener(ListenerArn=id_, **_settings(new))
            retag(aws, id_, old, new)
        # Not every protocol has them, so they are said only when the arguments speak of them.
        attributes = [
            {"Key": key, "Value": text(new.get(name, usual))}
            for name, (key, usual) in HEADERS.items()
            if name in new or name in old
        ]
        if attributes:
            client.modify_listener_attributes(ListenerArn=id_, Attributes=attributes)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("elbv2").delete_listener(ListenerArn=id_)


CONDITIONS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _condition(condition: Inputs) -> dict[str, Any]:
    if condition.get("queryStrings"):
        values = {"Values": pascal(condition["queryStrings"])}
        return {"Field": "query-string", "QueryStringConfig": values}
    ((name, (kind, config)),) = [
        (name, api) for name, api in CONDITIONS.items() if condition.get(name)
    ]
    return {"Field": kind, config: pascal(condition[name])}


class ListenerRule(Part):
    """Which requests go elsewhere than by default."""

    token = "aws:lb/listenerRule:ListenerRule"  # noqa: S105 - a type
    found_by = ("describe_rules", "RuleArns", "Rules", "RuleNotFound")
    refs = (
        Ref("listenerArn", (t.LISTENER,), by="arn"),
        *targets("actions"),
    )
    unique = (Unique(("priority", "listenerArn"), "PriorityInUse"),)
    rules = (rule.conditions_fit,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an ARN that begins as the listener's."""
        del cloud
        above = record.inputs["listenerArn"].replace(":listener/", ":listener-rule/")
        arn = f"{above}/{record.hex(16)}"
        return {"id": arn, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("elbv2").create_rule(
            ListenerArn=new["listenerArn"],
            Priority=new["priority"],
            Tags=as_list(new["tagsAll"]),
            **self._rule(new),
        )
        return made["Rules"][0]["RuleArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all that changes; it was made whole."""
        if not old:
            return
        client = aws.client("elbv2")
        client.modify_rule(RuleArn=id_, **self._rule(new))
        if old["priority"] != new["priority"]:
            order = {"RuleArn": id_, "Priority": new["priority"]}
            client.set_rule_priorities(RulePriorities=[order])
        retag(aws, id_, old, new)

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("elbv2").delete_rule(RuleArn=id_)

    def _rule(self, new: Inputs) -> dict[str, Any]:
        return {
            "Conditions": [_condition(condition) for condition in new["conditions"]],
            "Actions": [_action(action) for action in new["actions"]],
        }


KINDS: tuple[Kind, ...] = (Listener(), ListenerRule())
