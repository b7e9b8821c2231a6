"""Log groups, their keys, and the deliveries that fill them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from engine.cloud import policy
from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

RETENTIONS = {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192}
RESOURCE_POLICY_CHARACTERS = 5_120
CONTEXT = "kms:EncryptionContext:aws:logs:arn"


def _log_group(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    return {"id": name, "arn": f"arn:aws:logs:{record.region}:{cloud.account}:log-group:{name}"}


def _key_may_encrypt(_: Cloud, record: Record) -> None:
    """CloudWatch Logs tries the key when a group is made."""
    service = f"logs.{record.region}.amazonaws.com"
    for ref, key in record.refers:
        if ref.path != "kmsKeyId":
            continue
        for statement in policy.statements(key.inputs["policy"]):
            patterns = [
                pattern
                for operator, keys in statement.conditions.items()
                for pattern in ([keys[CONTEXT]] if CONTEXT in keys else [])
                if operator.startswith("Arn")
            ]
            if ("Service", service) not in statement.principals:
                continue
            if statement.allows("kms:GenerateDataKey") and all(
                fnmatchcase(record.get("arn"), pattern) for pattern in patterns
            ):
                return
        message = (
            f"{record.name}: the key {key.name} is not allowed to be used with {record.get('arn')}"
        )
        raise Refused(message)


def _retention_exists(_: Cloud, record: Record) -> None:
    if record.inputs.get("retentionInDays", 0) not in RETENTIONS:
        message = f"InvalidParameter: {record.name}: no retention of {record.inputs['retentionInDays']} days"
        raise Refused(message)


def _delivery_source(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    return {
        "id": name,
        "arn": f"arn:aws:logs:{record.region}:{cloud.account}:delivery-source:{name}",
        "service": record.inputs["resourceArn"].split(":")[2],
    }


def _delivery_destination(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    return {
        "id": name,
        "arn": f"arn:aws:logs:{record.region}:{cloud.account}:delivery-destination:{name}",
        "deliveryDestinationType": record.inputs.get("deliveryDestinationType", "CWL"),
    }


def _delivery(cloud: Cloud, record: Record) -> dict[str, Any]:
    id_ = record.hex(16)
    return {"id": id_, "arn": f"arn:aws:logs:{record.region}:{cloud.account}:delivery:{id_}"}


def _policy_fits(_: Cloud, record: Record) -> None:
    text = record.inputs["policyDocument"]
    if len(text) > RESOURCE_POLICY_CHARACTERS or not json.loads(text):
        message = f"LimitExceeded: {record.name}: has {len(text)} characters"
        raise Refused(message)


# What may stand behind a delivery source; for the stack only the load balancer.
LOGGED = (t.LOAD_BALANCER, t.WEB_ACL, t.REST_API)

KINDS = (
    Kind(
        t.LOG_GROUP,
        _log_group,
        refs=(Ref("kmsKeyId", (t.KEY,), by="arn"),),
        unique=(("name",),),
        create_rules=(_key_may_encrypt, _retention_exists),
    ),
    Kind(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        lambda _, r: {"id": r.inputs["policyName"]},
        unique=(("policyName",),),
        policies=(("policyDocument", "resource"),),
        create_rules=(_policy_fits,),
    ),
    Kind(
        t.DELIVERY_SOURCE,
        _delivery_source,
        refs=(Ref("resourceArn", LOGGED, by="arn"),),
        unique=(("name",), ("resourceArn", "logType")),
    ),
    Kind(
        t.DELIVERY_DESTINATION,
        _delivery_destination,
        refs=(
            Ref(
                "deliveryDestinationConfiguration.destinationResourceArn",
                (t.LOG_GROUP, t.BUCKET),
                by="arn",
            ),
        ),
        unique=(("name",),),
    ),
    Kind(
        "aws:cloudwatch/logDelivery:LogDelivery",
        _delivery,
        refs=(
            Ref("deliverySourceName", (t.DELIVERY_SOURCE,), by="name"),
            Ref("deliveryDestinationArn", (t.DELIVERY_DESTINATION,), by="arn"),
        ),
        unique=(("deliverySourceName", "deliveryDestinationArn"),),
        exclusive=True,
    ),
)
