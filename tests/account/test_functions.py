"""Functions and layers: what a plain deployment does not show."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from account.hands import AbortedError
from cloud import tokens as t
from cloud.archive import packed
from cloud.aws import FunctionError
from cloud.kinds.functions import digest
from engine.wire import ARCHIVE, ASSET, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from account.hands import Hands, Thing

INVOCATION = "aws:lambda/invocation:Invocation"
EVENTS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"


def archive(**files: str) -> dict[str, Any]:
    return {
        SIGNATURE: ARCHIVE,
        "assets": {name: {SIGNATURE: ASSET, "text": text} for name, text in files.items()},
    }


def function(hands: Hands, **more: Any) -> Thing:
    role = hands.make(t.ROLE, name="r", assumeRolePolicy=TRUST)
    return hands.make(
        t.FUNCTION,
        name="f",
        role=role["arn"],
        runtime="python3.13",
        handler="handler.handle",
        architectures=["arm64"],
        code=archive(handler="1"),
        **more,
    )


def configuration(hands: Hands) -> Mapping[str, Any]:
    return hands.aws.client("lambda").get_function_configuration(FunctionName="f")


def test_an_archive_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    file = {
        SIGNATURE: ASSET,
        "path": "a.py",
        "hash": hashlib.sha256(b"1").hexdigest(),
    }
    inner = archive(z="3")
    one = {SIGNATURE: ARCHIVE, "assets": {"b": inner, "a.py": file}}
    two = {SIGNATURE: ARCHIVE, "assets": {"a.py": file, "b": inner}}
    content = packed(one, tmp_path)
    assert content == packed(two, tmp_path)
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert {name: found.read(name) for name in found.namelist()} == {"a.py": b"1", "b/z": b"3"}
    (tmp_path / "a.py").write_text("2")
    with pytest.raises(AssertionError, match="not what the engine has seen"):
        packed(one, tmp_path)


def test_an_archive_that_the_state_keeps_without_its_files_is_the_same(hands: Hands) -> None:
    """A creation that broke off is updated with what it said: of archives, the state has the hash alone."""
    code = {**archive(a="1"), "hash": "1"}
    layer = hands.make(t.LAYER, layerName="l", code=code)
    layer.inputs = {**layer.inputs, "code": {SIGNATURE: ARCHIVE, "hash": "1"}}
    assert hands.change(layer, code=code)["version"] == "1"
    with pytest.raises(AbortedError, match="drops"):
        hands.change(layer, code={**archive(a="2"), "hash": "2"})


def test_a_function_is_changed_in_place_and_back(hands: Hands) -> None:
    client = hands.aws.client("lambda")
    network = {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    made = function(
        hands,
        environment={"variables": {"A": "1"}},
        vpcConfig=network,
        deadLetterConfig={"targetArn": QUEUE},
        loggingConfig={"logFormat": "JSON", "logGroup": "/f"},
        tracingConfig={"mode": "Active"},
        reservedConcurrentExecutions=5,
        memorySize=512,
        tags={"Name": "f"},
    )
    found = configuration(hands)
    assert found["Environment"]["Variables"] == {"A": "1"}
    assert found["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert found["TracingConfig"] == {"Mode": "Active"}
    concurrency = client.get_function_concurrency(FunctionName="f")
    assert concurrency["ReservedConcurrentExecutions"] == 5
    assert made["codeSha256"] == found["CodeSha256"] == digest(packed(archive(handler="1"), None))

    changed = hands.change(
        made,
        code=archive(handler="2"),
        environment=None,
        vpcConfig=None,
        reservedConcurrentExecutions=None,
        memorySize=None,
        timeout=7,
        tags={"Owner": "payments"},
    )
    found = configuration(hands)
    assert "Environment" not in found
    assert not found["VpcConfig"]["SubnetIds"]
    assert (found["MemorySize"], found["Timeout"]) == (128, 7)
    assert found["Architectures"] == ["arm64"]
    assert changed["codeSha256"] == digest(packed(archive(handler="2"), None))
    whole = client.get_function(FunctionName="f")
    assert whole["Tags"] == {"Owner": "payments", "project": "paystage"}
    assert "Concurrency" not in whole


def test_code_that_is_the_same_is_not_sent_again(hands: Hands) -> None:
    made = function(hands)
    hands.change(made, timeout=7)
    assert "UpdateFunctionCode" not in {call.operation for call in hands.aws.calls}


def test_a_function_leaves_its_groups_before_it_goes(hands: Hands) -> None:
    made = function(
        hands,
        vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        replaceSecurityGroupsOnDestroy=True,
        replacementSecurityGroupIds=["sg-2"],
    )
    hands.delete(made)
    (update,) = [c for c in hands.aws.calls if c.operation == "UpdateFunctionConfiguration"]
    assert update.parameters["VpcConfig"]["SecurityGroupIds"] == ["sg-2"]
    assert hands.read(made) is None
    hands.delete(made)


def test_a_function_needs_its_role_and_its_layers(hands: Hands) -> None:
    with pytest.raises(AbortedError, match="cannot be assumed by Lambda"):
        hands.make(
            t.FUNCTION,
            name="f",
            role="arn:aws:iam::123456789012:role/nobody",
            runtime="python3.13",
            handler="handler.handle",
            code=archive(handler="1"),
        )
    with pytest.raises(AbortedError, match="LayerVersion does not exist"):
        function(hands, layers=["arn:aws:lambda:us-east-1:123456789012:layer:l:1"])


def test_a_layer_gets_a_version_each_time(hands: Hands) -> None:
    said = {"layerName": "l", "compatibleRuntimes": ["python3.13"]}
    one = hands.make(t.LAYER, code=archive(a="1"), **said)
    two = hands.make(t.LAYER, code=archive(a="2"), **said)
    assert (one["version"], two["version"]) == ("1", "2")
    assert two.id == f"{two['layerArn']}:2"
    hands.delete(one)
    assert hands.read(one) is None
    assert hands.read(two) is not None


def test_permissions_come_and_go_one_by_one(hands: Hands) -> None:
    made = function(hands)
    said = {"action": "lambda:InvokeFunction", "function": "f", "principal": "sns.amazonaws.com"}
    source = "arn:aws:sns:us-east-1:123456789012:t"
    one, two = (
        hands.make(t.PERMISSION, statementId=name, sourceArn=source, **said) for name in "ab"
    )
    policy = json.loads(hands.aws.client("lambda").get_policy(FunctionName="f")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["a", "b"]
    assert policy["Statement"][0]["Condition"] == {"ArnLike": {"AWS:SourceArn": source}}
    hands.delete(one)
    assert hands.read(one) is None
    assert hands.read(two) is not None
    hands.delete(made)
    assert hands.read(two) is None
    hands.delete(two)
    with pytest.raises(AbortedError, match="ResourceNotFound"):
        hands.make(t.PERMISSION, statementId="c", sourceArn=source, **said)


def test_a_call_needs_somebody_who_runs_functions(hands: Hands) -> None:
    with pytest.raises(AbortedError, match="nobody runs functions here"):
        hands.make(INVOCATION, functionName="f", input="{}")


def test_the_answer_of_a_call_is_kept_and_its_failure_is_reported(hands: Hands) -> None:
    def invoke(name: str, event: Mapping[str, Any]) -> Any:
        if "fail" in event:
            raise FunctionError(event["fail"])
        return {"name": name, **event}

    hands.aws.invoke = invoke
    made = hands.make(INVOCATION, functionName="f", input='{"a": 1}', triggers={"code": "1"})
    assert json.loads(made["result"]) == {"name": "f", "a": 1}
    seen = hands.read(made)
    assert seen is not None
    assert seen["result"] == made["result"]
    hands.delete(made)
    with pytest.raises(AbortedError, match="no such table"):
        hands.make(INVOCATION, functionName="f", input='{"fail": "no such table"}')


def test_what_becomes_of_failed_events_changes_and_goes(hands: Hands) -> None:
    function(hands)
    events = hands.make(EVENTS, functionName="f", maximumRetryAttempts=1)
    events = hands.change(events, maximumRetryAttempts=0)
    found = hands.aws.client("lambda").get_function_event_invoke_config(FunctionName="f")
    assert found["MaximumRetryAttempts"] == 0
    hands.delete(events)
    assert hands.read(events) is None
