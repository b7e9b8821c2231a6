"""The calls that make a stack, without AWS: each resource goes through the mapping of ``cloud/kinds``, and nothing is sent.

An answer has every member of its shape, with a mark in place of what only AWS can say.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from cloud.aws import Aws
from cloud.kinds import KINDS, functions
from graph.evaluate import Evaluator, address
from models.shapes import faults, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "123456789012"
# Calls that find nothing, with the error that says so.
ABSENT = {"HeadBucket": "404", "DescribeDBSubnetGroups": "DBSubnetGroupNotFoundFault"}
# What an answer must not leave to a mark: lists of failures, and a document.
SAID: Mapping[str, Mapping[str, Any]] = {
    "CreateFlowLogs": {"Unsuccessful": []},
    "GetSecretValue": {"SecretString": '{"username": "unknown"}'},
    "PutDashboard": {"DashboardValidationMessages": []},
}
# Deeper than any answer that a mapping looks into.
DEEPEST = 6


class NoWaitingError(Exception):
    """A mapping waits for AWS, which is not there."""


class Silent(Aws):
    """Clients that judge what they are given and send nothing."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.faults: list[str] = []
        self.count = 0

    def _made(self, service: str) -> Any:
        client = super()._made(service)
        client.meta.events.register_first("before-parameter-build", self._judge)
        client.meta.events.register_first("before-call", self._answer)
        return client

    def _judge(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        self.count += 1
        if model.input_shape is not None:
            where = f"{model.service_model.service_name} {model.name}"
            self.faults += faults(model.input_shape, params, where)

    def _answer(self, model: Any, **_: object) -> Any:
        if code := ABSENT.get(model.name):
            # What is made first is looked for first.
            return mock.Mock(status_code=404), {"Error": {"Code": code}, "ResponseMetadata": {}}
        shape = model.output_shape
        answer = {} if shape is None else answered(shape, model.name)
        answer |= SAID.get(model.name, {})
        answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0}
        return mock.Mock(status_code=200), answer


def answered(shape: Shape, what: str, depth: int = 0) -> Any:
    """Give an answer of this shape."""
    if isinstance(shape, StructureShape):
        if depth > DEEPEST:
            return {}
        # A token would ask for the next page for ever.
        return {
            name: answered(inner, name, depth + 1)
            for name, inner in shape.members.items()
            if "token" not in name.lower()
            and name.lower() not in {"nextmarker", "marker", "position"}
        }
    if isinstance(shape, ListShape):
        return [] if depth > DEEPEST else [answered(shape.member, what, depth + 1)]
    if isinstance(shape, MapShape):
        return {}
    if isinstance(shape, StringShape):
        # What waiters wait for.
        good = [
            word for word in shape.enum if word.lower() in {"active", "available", "successful"}
        ]
        return good[0] if good else unknown(what)
    plain: dict[str, Any] = {
        "boolean": False,
        "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "blob": b"",
        "float": 0.0,
        "double": 0.0,
    }
    return plain.get(shape.type_name, 0)


class Outputs(Mapping[Any, Any]):
    """Outputs of resources that nobody has made: what is an argument too is known, else a mark stands for it."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.resources = {address(resource): resource for resource in plan["resources"]}
        self.evaluator: Evaluator | None = None

    def __getitem__(self, key: Any) -> Any:
        return Made(self, key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)


@dataclass(frozen=True)
class Made:
    """One resource's outputs."""

    outputs: Outputs
    key: Any

    def __getitem__(self, field: str) -> Any:
        resource = self.outputs.resources[self.key]
        said = resource["arguments"]
        # A bucket is known by its name.
        name = "bucket" if (field, resource["class"]) == ("id", "aws.s3.Bucket") else field
        assert self.outputs.evaluator is not None
        if said.get(name) is not None:
            return self.outputs.evaluator.value(said[name])
        return Inner(unknown(f"{'/'.join(self.key)}.{field}"))


class Inner(str):
    """An output, whose parts are marks too."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        """Give the same mark for any part."""
        return self


def inputs(resource: Mapping[str, Any], evaluator: Evaluator) -> dict[str, Any]:
    """Give the arguments of a resource as the engine hands them to a provider."""
    arguments = {
        name: evaluator.value(value)
        for name, value in resource["arguments"].items()
        if value is not None
    }
    found = {camel(name): nested(value, name) for name, value in arguments.items()}
    if "tags" in found:
        found["tagsAll"] = {**evaluator.common_tags, **found["tags"]}
    return found


# Maps whose keys are the team's or AWS's words, not names of arguments.
WORDS = {
    "attributes",
    "dimensions",
    "pairs",
    "request_models",
    "request_parameters",
    "request_templates",
    "response_parameters",
    "response_templates",
    "tags",
    "triggers",
    "variables",
}


def camel(name: str) -> str:
    """Give a name as it is on the wire."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def nested(value: Any, name: str) -> Any:
    """Give a block with the names on the wire; a map of the team's words stays."""
    if isinstance(value, list):
        return [nested(item, name) for item in value]
    if isinstance(value, dict) and name not in WORDS:
        return {camel(key): nested(item, key) for key, item in value.items()}
    return value


@contextmanager
def nothing_waits() -> Iterator[None]:
    """No mapping waits, and none packs a folder."""

    def refuse(_seconds: float) -> None:
        raise NoWaitingError

    with mock.patch.object(time, "sleep", refuse), mock.patch.object(functions, "packed", packed):
        yield


def packed(*_: object) -> bytes:
    """Give an archive that nobody looks into."""
    return b"PK"


# Kinds that are kept beside moto, so that no mapping calls AWS: the call that would make each.
UNCALLED = {
    "aws:backup/plan:Plan": ("backup", "CreateBackupPlan"),
    "aws:backup/selection:Selection": ("backup", "CreateBackupSelection"),
    "aws:cloudwatch/logDelivery:LogDelivery": ("logs", "CreateDelivery"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": ("logs", "PutDeliverySource"),
    "aws:lambda/invocation:Invocation": ("lambda", "Invoke"),
    "aws:xray/group:Group": ("xray", "CreateGroup"),
    "aws:xray/samplingRule:SamplingRule": ("xray", "CreateSamplingRule"),
}
# Members in which such a call holds the others, and what the provider calls `name` of them.
HOLDERS = {
    "samplingrule": "",
    "backupplan": "backupplanname",
    "backupselection": "selectionname",
}
# Mappings that look into what AWS would have answered, after the call that makes the resource.
LOOKS_BACK = {"aws:ec2/networkAcl:NetworkAcl": "which list its subnets had before"}


def of_uncalled(aws: Aws, token: str, new: Mapping[str, Any]) -> list[str]:
    """Hold the arguments of a kind that nobody calls AWS for against the members of the same name."""
    service, operation = UNCALLED[token]
    shape = aws.client(service).meta.service_model.operation_model(operation).input_shape
    members = {name.lower(): inner for name, inner in shape.members.items()}
    for holder, named in HOLDERS.items():
        if holder in members:
            members |= {name.lower(): inner for name, inner in members[holder].members.items()}
            members |= {"name": members[named]} if named else {}
    return [
        fault
        for name, value in new.items()
        if name.lower() in members and not _is_nested(value)
        for fault in faults(members[name.lower()], value, f"{service} {operation}.{name}")
    ]


def _is_nested(value: Any) -> bool:
    """Whether its members have the provider's names, which the models do not know."""
    inner = value if isinstance(value, list) else [value]
    return any(isinstance(item, Mapping) for item in inner)


@dataclass
class Judged:
    """What was held against the models of one graph."""

    calls: int = 0
    literals: int = 0
    faults: list[str] = field(default_factory=list)
    # Types of which no call was made, and what ended a mapping before its last call.
    silent: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)


def literals(value: Any) -> int:
    """Count the plain values inside a value."""
    if isinstance(value, Mapping):
        return sum(map(literals, value.values()))
    if isinstance(value, list):
        return sum(map(literals, value))
    return 1


def judged(
    aws: Silent, plan: Mapping[str, Any], settings: Mapping[str, Any], suffix: str, project: Path
) -> Judged:
    """Hold every call that makes the graph against the models, with this suffix in all names."""
    outputs = Outputs(plan)
    evaluator = Evaluator(
        environment=settings["name"],
        region="us-east-1",
        account=ACCOUNT,
        suffix=suffix,
        common_tags={
            "Environment": settings["name"],
            "MigrationDate": str(settings["migration_date"]),
            "Owner": settings["owner"],
            **settings["tags"],
            "EnvironmentSuffix": suffix,
        },
        outputs=outputs,
        project=project,
    )
    outputs.evaluator = evaluator
    aws.kept.clear()
    aws.invoke = lambda _name, _event: {}
    found = Judged()
    with nothing_waits():
        for resource in plan["resources"]:
            new = inputs(resource, evaluator)
            if resource["type"].startswith("tls:"):
                # Made here, and no call of AWS's.
                continue
            found.literals += literals(new)
            kind = KINDS[resource["type"]]
            before = aws.count
            where = f"{resource['component']} {resource['name']}"
            try:
                kind.settle(aws, kind.make(aws, new), {}, new)
            except Exception as error:  # noqa: BLE001 - judged below: a mapping looks into what AWS would have answered
                found.ended[resource["type"]] = f"{where}: {type(error).__name__} {error}"
            if aws.count == before:
                found.silent.add(resource["type"])
                aws.faults += of_uncalled(aws, resource["type"], new)
            found.calls += aws.count - before
            found.faults += [f"{where}: {fault}" for fault in aws.faults]
            aws.faults.clear()
    return found
