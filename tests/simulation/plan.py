"""The graph of resources, as ``paystagec plan --json`` prints it, with values in place of symbols."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from graph.built import compiler
from graph.evaluate import Address, Evaluator, Json, address

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
FORMAT = 1
# Of resources whose ARNs the functions receive.
_ARNS = {
    "aws.lambda_.Function": "lambda:function:NAME",
    "aws.cloudwatch.EventRule": "events:rule/NAME",
    "aws.lb.TargetGroup": "elasticloadbalancing:targetgroup/NAME/0123456789abcdef",
    "aws.lb.TrustStore": "elasticloadbalancing:truststore/NAME/0123456789abcdef",
}
# A class and a logical name.
Named = tuple[str, str]


class PlanError(ValueError):
    """The graph holds what cannot be played here; the message says what."""


@dataclass(frozen=True)
class Resource:
    """One resource, its arguments evaluated."""

    kind: str
    name: str
    address: Address
    arguments: Mapping[str, Json]

    def get(self, argument: str, default: Json = None) -> Json:
        """Return the value of an argument; left out, the default."""
        value = self.arguments.get(argument)
        return default if value is None else value


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The graph, and what its symbols stand for."""

    document: Mapping[str, Json]
    # The folder that the program was written to, which archives are relative to.
    project: Path
    environment: str
    suffix: str
    region: str
    account: str = ACCOUNT
    # Outputs that are only known once something was made, by class and logical name.
    made: Mapping[Named, Mapping[str, Json]] = field(
        default_factory=dict[Named, Mapping[str, Json]]
    )

    def __post_init__(self) -> None:
        """Refuse a form that is not understood."""
        found = self.document.get("format_version")
        if found != FORMAT:
            message = f"format_version {found} of the plan is not {FORMAT}"
            raise PlanError(message)

    def value(self, expression: Json) -> Json:
        """Evaluate an expression."""
        return self._evaluator.value(expression)

    def all(self, kind: str) -> list[Resource]:
        """Return all resources of a class, in the order of the program."""
        return [self._resource(raw) for raw in self._raw if raw["class"] == kind]

    def one(self, kind: str, name: str | None = None) -> Resource:
        """Return the only resource of a class, or the one of this name."""
        found = [one for one in self.all(kind) if name in (None, one.name)]
        if len(found) != 1:
            message = f"{len(found)} resources {kind} {name or ''}, not one"
            raise PlanError(message)
        return found[0]

    @cached_property
    def by_address(self) -> Mapping[Address, Mapping[str, Json]]:
        """Resources as they are printed, by their addresses."""
        return {address(raw): raw for raw in self._raw}

    def output(self, resource: Resource, name: str) -> Json:
        """Return an output of a resource."""
        return _Outputs(self)[resource.address][name]

    def _resource(self, raw: Mapping[str, Json]) -> Resource:
        return Resource(
            kind=raw["class"],
            name=raw["name"],
            address=address(raw),
            arguments={key: self.value(item) for key, item in raw["arguments"].items()},
        )

    @property
    def _raw(self) -> list[Mapping[str, Json]]:
        return self.document["resources"]

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator(
            environment=self.environment,
            region=self.region,
            account=self.account,
            suffix=self.suffix,
            common_tags={},
            outputs=_Outputs(self),
            project=self.project,
        )


class _Outputs(Mapping[Address, Mapping[str, Any]]):
    """Outputs of every resource, found when they are asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __getitem__(self, key: Address) -> Mapping[str, Json]:
        return _OutputsOf(self._plan, self._plan.by_address[key])

    def __iter__(self) -> Iterator[Address]:
        return iter(self._plan.by_address)

    def __len__(self) -> int:
        return len(self._plan.by_address)


class _OutputsOf(Mapping[str, Any]):
    """Outputs of one: what was made, what its arguments fix, and ids that tell it from others."""

    def __init__(self, plan: Plan, raw: Mapping[str, Json]) -> None:
        self._plan = plan
        self._raw = raw

    def __getitem__(self, name: str) -> Json:
        made = self._plan.made.get((self._raw["class"], self._raw["name"]), {})
        if name in made:
            return made[name]
        if name in self._raw["arguments"]:
            return self._plan.value(self._raw["arguments"][name])
        if name == "arn":
            return self._arn()
        return _Unmade(f"{self._raw['type']} {self._raw['name']} {name}")

    def _arn(self) -> str:
        kind, arguments = self._raw["class"], self._raw["arguments"]
        form = _ARNS.get(kind, f"{kind.removeprefix('aws.').replace('.', ':')}/NAME")
        service, _, rest = form.partition(":")
        name = self._plan.value(arguments["name"]) if "name" in arguments else self._raw["name"]
        where = f"{self._plan.region}:{self._plan.account}"
        return f"arn:aws:{service}:{where}:{rest.replace('NAME', name)}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw["arguments"])

    def __len__(self) -> int:
        return len(self._raw["arguments"])


class _Unmade(str):
    """An output that only AWS knows: something in its place, which tells it from others."""

    __slots__ = ()

    def __new__(cls, what: str) -> Self:
        # As long as API Gateway's ids.
        return super().__new__(cls, hashlib.sha256(what.encode()).hexdigest()[:10])

    def __getitem__(self, _: object) -> _Unmade:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # In another process it must be the same, not a digest of itself.
        return str, (str(self),)


def compile_spec(spec: Path, project: Path) -> Plan:
    """Write the program of a spec into a folder, and read its graph."""
    program = str(compiler())
    _run(program, "build", str(spec), "--out", str(project))
    document = json.loads(_run(program, "plan", str(spec), "--json"))
    return read(document, project)


def read(
    document: Mapping[str, Json], project: Path, *, suffix: str | None = None, **fields: Any
) -> Plan:
    """Take the names that the graph leaves open from the program that was written with it."""
    constants = _constants(project / "settings.py")
    environment = cast("str", constants["ENVIRONMENT"])
    if suffix is None:
        stack = (project / f"Pulumi.{environment}.yaml").read_text("utf-8")
        suffix = stack.partition("environmentSuffix:")[2].split()[0].strip("\"'")
    return Plan(
        document=document,
        project=project,
        environment=environment,
        suffix=suffix,
        region=cast("str", constants["REGION"]),
        **fields,
    )


def _constants(module: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for statement in ast.parse(module.read_text("utf-8")).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                found[name] = value
            case _:
                pass
    return found


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"{' '.join(command)}\n{done.stderr}"
        raise PlanError(message)
    return done.stdout
