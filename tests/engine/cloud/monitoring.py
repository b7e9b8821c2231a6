"""Alarms, dashboards, tracing; and the TLS provider's keys, which live in the state only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.cloud import tokens as t
from engine.cloud.kind import Kind, Record, Ref, Refused

if TYPE_CHECKING:
    from engine.cloud.store import Cloud

ACTIONS = (t.TOPIC,)


def _alarm(cloud: Cloud, record: Record) -> dict[str, Any]:
    name = record.inputs["name"]
    arn = f"arn:aws:cloudwatch:{record.region}:{cloud.account}:alarm:{name}"
    return {"id": name, "arn": arn}


def _one_metric_or_many(_: Cloud, record: Record) -> None:
    if ("metricName" in record.inputs) == ("metricQueries" in record.inputs):
        message = f"ValidationError: {record.name}: needs a metric or metric queries"
        raise Refused(message)
    returning = [q for q in record.inputs.get("metricQueries", []) if q.get("returnData")]
    if "metricQueries" in record.inputs and len(returning) != 1:
        message = f"ValidationError: {record.name}: exactly one metric query must return data"
        raise Refused(message)


def _is_json(_: Cloud, record: Record) -> None:
    try:
        widgets = json.loads(record.inputs["dashboardBody"])["widgets"]
    except (ValueError, KeyError) as error:
        message = f"InvalidParameterInput: {record.name}: the dashboard has no widgets: {error}"
        raise Refused(message) from error
    if not all({"type", "properties"} <= widget.keys() for widget in widgets):
        message = f"InvalidParameterInput: {record.name}: a widget without type or properties"
        raise Refused(message)


def _xray(kind: str, name: str) -> Any:
    def outputs(cloud: Cloud, record: Record) -> dict[str, Any]:
        arn = f"arn:aws:xray:{record.region}:{cloud.account}:{kind}/{record.inputs[name]}"
        return {"id": record.inputs[name] if kind == "sampling-rule" else arn, "arn": arn}

    return outputs


def _pem(label: str, record: Record) -> str:
    return f"-----BEGIN {label}-----\n{record.hex(64, label)}\n-----END {label}-----\n"


KINDS = (
    Kind(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        _alarm,
        refs=(
            Ref("alarmActions[]", ACTIONS, by="arn"),
            Ref("okActions[]", ACTIONS, by="arn"),
            Ref("insufficientDataActions[]", ACTIONS, by="arn"),
        ),
        unique=(("name",),),
        create_rules=(_one_metric_or_many,),
    ),
    Kind(
        "aws:cloudwatch/dashboard:Dashboard",
        lambda c, r: {
            "id": r.inputs["dashboardName"],
            "dashboardArn": f"arn:aws:cloudwatch::{c.account}:dashboard/{r.inputs['dashboardName']}",
        },
        unique=(("dashboardName",),),
        create_rules=(_is_json,),
    ),
    Kind("aws:xray/group:Group", _xray("group", "groupName"), unique=(("groupName",),)),
    Kind(
        "aws:xray/samplingRule:SamplingRule",
        _xray("sampling-rule", "ruleName"),
        unique=(("ruleName",),),
    ),
    Kind(
        "tls:index/privateKey:PrivateKey",
        lambda _, r: {
            "id": r.hex(40),
            "privateKeyPem": _pem("RSA PRIVATE KEY", r),
            "privateKeyPemPkcs8": _pem("PRIVATE KEY", r),
            "privateKeyOpenssh": _pem("OPENSSH PRIVATE KEY", r),
            "publicKeyPem": _pem("PUBLIC KEY", r),
            "publicKeyOpenssh": "",
            "publicKeyFingerprintMd5": r.hex(32),
            "publicKeyFingerprintSha256": r.hex(64),
        },
    ),
    Kind(
        "tls:index/selfSignedCert:SelfSignedCert",
        lambda _, r: {
            "id": str(int(r.hex(20), 16)),
            "certPem": _pem("CERTIFICATE", r),
            "keyAlgorithm": "RSA",
            "readyForRenewal": False,
            "validityStartTime": "2026-12-01T00:00:00Z",
            "validityEndTime": "2027-12-01T00:00:00Z",
        },
        refs=(Ref("privateKeyPem", ("tls:index/privateKey:PrivateKey",), by="privateKeyPem"),),
    ),
)
