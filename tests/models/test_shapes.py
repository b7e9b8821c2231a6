"""The judge of the models can fail: each kind of bound of botocore's refuses what is beyond it, and takes what is not."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from models.shapes import faults, unknown

SESSION = botocore.session.get_session()
WAF = {"Name": "a", "Scope": "REGIONAL", "DefaultAction": {}, "VisibilityConfig": {}}
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}


def said(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    """Say what a call has against its parameters."""
    shape = SESSION.get_service_model(service).operation_model(operation).input_shape
    assert shape is not None
    return list(faults(shape, parameters, operation))


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "told"),
    [
        ("iam", "CreateRole", {"RoleName": "r"}, "lacks AssumeRolePolicyDocument"),
        ("iam", "CreateRole", {**ROLE, "Colour": "red"}, "has no Colour"),
        ("iam", "CreateRole", {**ROLE, "RoleName": "r" * 65}, "64 are the most"),
        ("iam", "CreateRole", {**ROLE, "RoleName": "r r"}, "does not match"),
        ("iam", "CreateRole", {**ROLE, "PermissionsBoundary": "x"}, "20 are the least"),
        ("iam", "CreateRole", {**ROLE, "MaxSessionDuration": 43_201}, "43200 are the most"),
        ("iam", "CreateRole", {**ROLE, "RoleName": 5}, "is no text"),
        ("iam", "CreateRole", {**ROLE, "Tags": [{"Key": "k", "Value": "ⓐ"}]}, "does not match"),
        ("iam", "CreateRole", {**ROLE, "Tags": [{"Key": "k"}]}, "lacks Value"),
        ("logs", "PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 2**31}, "32 bits"),
        ("sqs", "CreateQueue", {"QueueName": "q", "Attributes": {"Colour": "red"}}, "is none of"),
        ("ec2", "CreateFlowLogs", {"ResourceIds": [], "ResourceType": "Moon"}, "is none of"),
    ],
)
def test_values_out_of_bounds_are_reported(
    service: str, operation: str, parameters: dict[str, Any], told: str
) -> None:
    """Required members, names, lengths, ranges, patterns, enumerations and whole numbers."""
    found = said(service, operation, parameters)
    assert any(told in fault for fault in found), found


def test_what_is_inside_is_taken() -> None:
    """Letters of all scripts in a tag, and what only AWS can say."""
    tags = [{"Key": "Owner", "Value": "Zahlungen é 支付 Ⅷ ½"}, {"Key": "k", "Value": ""}]
    parameters = {**ROLE, "PermissionsBoundary": unknown("arn"), "Tags": tags}
    assert said("iam", "CreateRole", parameters) == []
