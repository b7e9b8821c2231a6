"""Literals held against CloudFormation's schemas, as cfn-lint carries them: what botocore leaves open is often said there."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMAS = files("cfnlint").joinpath("data", "schemas")
# CloudFormation's names where the SDK has others.
SERVICES = {
    "acm": "CertificateManager",
    "alb": "ElasticLoadBalancingV2",
    "lb": "ElasticLoadBalancingV2",
    "vpc": "EC2",
}
RESOURCES = {
    "Instance": "DBInstance",
    "ParameterGroup": "DBParameterGroup",
    "SubnetGroup": "DBSubnetGroup",
    "MetricAlarm": "Alarm",
    "EventRule": "Rule",
    "LogGroup": "LogGroup",
    "Response": "GatewayResponse",
    "Eip": "EIP",
    "Vpc": "VPC",
    "VpcEndpoint": "VPCEndpoint",
    "WebAcl": "WebACL",
    "RestApi": "RestApi",
}
# The same words with another meaning: CloudFormation wants its own form, the provider another.
OTHERWISE: set[tuple[str, str]] = set()


def flat(name: str) -> str:
    """Give a name as all notations of it have it."""
    return name.replace("_", "").lower()


@cache
def index() -> dict[str, str]:
    """Give the files of all types, by the flat name of the type."""
    found: Mapping[str, str] = json.loads(
        SCHEMAS.joinpath("providers", "us-east-1.json").read_text("utf-8")
    )
    return {flat(type_): file for type_, file in found.items()}


@cache
def schema(token: str) -> dict[str, Any]:
    """Give the properties of the type that is a resource of the SDK, by flat name."""
    _, path, name = token.split(":")
    service = path.split("/")[0]
    candidates = [
        f"AWS::{SERVICES.get(one, one)}::{RESOURCES.get(name, name)}"
        for one in (
            service,
            {"cloudwatch": "logs"}.get(service, service),
            {"cloudwatch": "events"}.get(service, service),
        )
    ]
    for candidate in candidates:
        if file := index().get(flat(candidate)):
            text = SCHEMAS.joinpath("resources", f"{file}.json").read_text("utf-8")
            properties = json.loads(text).get("properties", {})
            return {flat(key): value for key, value in properties.items()}
    return {}


def faults(plan: Mapping[str, Any]) -> tuple[list[str], int]:
    """Say which literals of a graph a schema refuses, and how many were looked at."""
    found: list[str] = []
    count = 0
    for resource in plan["resources"]:
        properties = schema(resource["type"]) if resource["type"].startswith("aws:") else {}
        for name, value in resource["arguments"].items():
            asked = properties.get(flat(name))
            if asked is None or (resource["type"], name) in OTHERWISE:
                continue
            values = value if isinstance(value, list) else [value]
            asked = asked.get("items", asked)
            for literal in values:
                if isinstance(literal, (str, int, float)) and not isinstance(literal, bool):
                    count += 1
                    where = f"{resource['component']} {resource['name']}.{name}"
                    found += [f"{where}: {fault}" for fault in of_literal(asked, literal)]
    return found, count


def of_literal(asked: Mapping[str, Any], literal: float | str) -> list[str]:
    """Say what a schema has against a literal."""
    size: float = len(literal) if isinstance(literal, str) else literal
    low, high = ("minLength", "maxLength") if isinstance(literal, str) else ("minimum", "maximum")
    found = []
    if "enum" in asked and literal not in asked["enum"]:
        found.append(f"{literal!r} is none of {asked['enum']}")
    if low in asked and size < asked[low]:
        found.append(f"{literal!r}: {low} is {asked[low]}")
    if high in asked and size > asked[high]:
        found.append(f"{literal!r}: {high} is {asked[high]}")
    if isinstance(literal, str) and "pattern" in asked and not re.search(asked["pattern"], literal):
        found.append(f"{literal!r} does not match {asked['pattern']}")
    return found
