"""Which arguments replace a resource, which names AWS takes: from the catalogue that the compiler itself is built with."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import sdk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CATALOGUE = Path(__file__).parents[2] / "src" / "catalogue" / "aws-resources.toml"

# Kinds that come from the newer provider framework: there the provider does not delete a named resource first by itself.
NEWER_FRAMEWORK = {
    "aws:cloudwatch/logDelivery:LogDelivery",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource",
}

# Of these the provider deletes the old one first although they have no name: the new one would stand in its place,
# and be deleted in its stead (pulumi-aws, provider/resources.go: DeleteBeforeReplace).
DELETED_FIRST = {"aws:apigateway/integration:Integration"}

FUNCTION = "aws:lambda/function:Function"
SOURCES_OF_RULE = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _source_kind(inputs: Mapping[str, Any]) -> list[str]:
    return [name for name in SOURCES_OF_RULE if name in inputs]


def _other_source_kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return _source_kind(old) != _source_kind(new)


def _is_not_interface(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return new.get("vpcEndpointType") != "Interface"


def _is_not_lambda(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return new.get("targetType") != "lambda"


def _service_part(inputs: Mapping[str, Any]) -> str:
    arn = inputs.get("deliveryDestinationConfiguration", {}).get("destinationResourceArn", "")
    return ":".join(arn.split(":")[:3]) if isinstance(arn, str) else ""


# The catalogue's `replace_if` in words, as code; what is not here changes in place.
CONDITIONS: dict[tuple[str, str], Callable[[Mapping[str, Any], Mapping[str, Any]], bool]] = {
    **{
        (f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule", name): _other_source_kind
        for way in ("Ingress", "Egress")
        for name in SOURCES_OF_RULE
    },
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled"): _is_not_interface,
    ("aws:ec2/vpc:Vpc", "instanceTenancy"): lambda _, new: new.get("instanceTenancy") != "default",
    ("aws:lambda/invocation:Invocation", "input"): lambda _, new: (
        new.get("lifecycleScope", "CREATE_ONLY") == "CREATE_ONLY"
    ),
    **{
        ("aws:lb/targetGroup:TargetGroup", name): _is_not_lambda
        for name in ("port", "protocol", "protocolVersion", "vpcId")
    },
    (
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "deliveryDestinationConfiguration",
    ): lambda old, new: _service_part(old) != _service_part(new),
    (
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "deliveryDestinationType",
    ): lambda _, __: True,
}


@cache
def _rows() -> dict[str, dict[str, Any]]:
    with CATALOGUE.open("rb") as file:
        return {row["token"]: row for row in tomllib.load(file)["kind"]}


def knows(token: str) -> bool:
    """Whether the catalogue has a row for this type."""
    return token in _rows()


def tokens() -> list[str]:
    """All types of the catalogue."""
    return list(_rows())


def is_replaced_by(token: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a change of the argument (by its name on the wire) makes the resource anew."""
    row = _rows()[token]
    wire_names = sdk.arguments_of(token).wire_names
    condition = CONDITIONS.get((token, name))
    if condition is not None:
        return condition(old, new)
    unconfirmed = row.get("unconfirmed", {})
    return any(wire_names[argument] == name for argument in row["replace"]) or any(
        # The catalogue says to take what nobody has confirmed as replacing.
        wire_names[argument] == name and "in place" not in said
        for argument, said in unconfirmed.items()
    )


def class_of(token: str) -> str:
    """The class of the SDK."""
    return _rows()[token]["class"]


def computed(token: str) -> set[str]:
    """What the provider computes, by the names on the wire."""
    return {_camel(name) for name in _rows()[token]["computed"]}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def is_deleted_first(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the provider itself deletes before it makes anew: mostly when an explicit name stays the same."""
    if token in NEWER_FRAMEWORK:
        return False
    if token in DELETED_FIRST:
        return True
    name = name_property(token)
    return name is not None and name in new and old.get(name) == new.get(name)


def name_property(token: str) -> str | None:
    """The argument (by its name on the wire) that is the physical name."""
    row = _rows()[token]
    if "name" not in row:
        return None
    wire_names = sdk.arguments_of(token).wire_names
    return wire_names.get(row["name"]["property"])


def name_mistakes(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What AWS would not take in the physical name, as (property, reason)."""
    name = name_property(token)
    if name is None or not isinstance(inputs.get(name), str):
        return
    value, rule = inputs[name], _rows()[token]["name"]
    if token == FUNCTION and value.startswith("arn:"):
        return
    for broken, reason in (
        (len(value) < rule.get("min", 1), f"is shorter than {rule.get('min', 1)}"),
        (len(value) > rule.get("max", len(value)), f"is longer than {rule.get('max')}"),
        (not re.search(rule.get("pattern", ""), value), f"does not match {rule.get('pattern')}"),
        (rule.get("case") == "lower" and value != value.lower(), "is not in lower case"),
        (value.startswith(rule.get("not_prefix", "\0")), "begins with a reserved prefix"),
        (value.endswith(rule.get("not_suffix", "\0")), "ends with a reserved suffix"),
        (rule.get("not_contains", "\0") in value, f"contains {rule.get('not_contains')}"),
    ):
        if broken:
            yield name, f"{value!r} {reason}"
