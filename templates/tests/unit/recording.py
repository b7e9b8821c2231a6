"""Runs the whole program once on mocks and keeps every raw registration request.

The raw requests show what the mocked resources do not: protection, aliases, parents, edges,
providers. The program runs inside ``pulumi.runtime.test``, which waits for everything that it
started and raises what went wrong in it.

``python -m tests.unit.recording`` prints the recording as JSON.
"""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import json
import runpy
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pulumi
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource
from typing_extensions import override

import wheels
from settings import ENVIRONMENT
from tests.unit.mock_aws import CALLS, computed, make_id
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text, snake

PROJECT = Path(__file__).absolute().parents[2]
PROJECT_NAME = "paystage"
# The environment's own: another one may not have the spec's suffix.
STACK = ENVIRONMENT
SUFFIX = "pr42"

# The marks of the wire format, see `pulumi.runtime.rpc`.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
ASSET = "c44067f5952c0a294b673a41bacd8c17"


def plain(value: object) -> object:
    """Turn a value of the wire format into what the program wrote."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in as_list(cast("object", value))]
    if isinstance(value, dict):
        return _plain_map(as_map(cast("object", value)))
    return value


def _plain_map(entries: Mapping[str, object]) -> object:
    """Open secrets and archives; give the keys of the rest in snake case."""
    match entries.get(SIGNATURE):
        case sign if sign == SECRET:
            return plain(entries.get("value"))
        case sign if sign == ARCHIVE:
            files = as_map(entries.get("assets"))
            inside = {name: plain(file) for name, file in files.items()}
            return {"archive": entries.get("path") or inside}
        case sign if sign == ASSET:
            return {"asset": entries.get("path")}
        case _:
            return {snake(key): plain(item) for key, item in entries.items()}


class Calls(mocks.Mocks):
    """Answers the few questions that the program may ask; any other is a fault of the program."""

    @override
    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return dict(CALLS[args.token]), []

    @override
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        message = f"{args.name}: the recorder registers resources, the mocks do not"
        raise RuntimeError(message)


class Recorder(mocks.MockMonitor):
    """Stands in for the engine: answers each registration as AWS would, and keeps the request."""

    def __init__(self, *, preview: bool) -> None:
        """Start with nothing registered."""
        super().__init__(Calls())
        self.preview: bool = preview
        # Requests come from a pool of threads.
        self.lock: threading.Lock = threading.Lock()
        self.paths: dict[str, str] = {}
        self.components: list[Resource] = []
        self.providers: list[Resource] = []
        self.registered: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, ANN401 - the protocol's
        """Record one request and answer it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        above = self.paths.get(request.parent, "")
        inputs = as_map(plain(json_format.MessageToDict(request.object)))
        identifier = make_id(request.type, above, request.name) if request.custom else ""
        outputs = computed(request.type, identifier, request.name, inputs)
        resource = Resource(
            token=request.type,
            name=request.name,
            component=above,
            urn=urn,
            id=identifier,
            inputs=inputs,
            outputs={"name": inputs.get("name", request.name)} | dict(inputs) | outputs,
            dependencies=frozenset(request.dependencies),
            property_dependencies={
                snake(key): frozenset(value.urns)
                for key, value in request.propertyDependencies.items()
            },
            provider=request.provider,
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace
            if request.deleteBeforeReplaceDefined
            else None,
            ignore_changes=tuple(snake(str(name)) for name in request.ignoreChanges),
            secret_outputs=tuple(snake(str(name)) for name in request.additionalSecretOutputs),
            aliases=tuple(one.spec.name for one in request.aliases if one.spec.name),
        )
        with self.lock:
            if not request.custom:
                self.paths[urn] = f"{above}/{request.name}" if above else request.name
            self._keep(resource, custom=request.custom)
        return self._answer(request, resource)

    def _keep(self, resource: Resource, *, custom: bool) -> None:
        if not custom:
            self.components.append(resource)
        elif resource.token.startswith("pulumi:providers:"):
            self.providers.append(resource)
        else:
            self.registered.append(resource)

    def _answer(self, request: Any, resource: Resource) -> Any:  # noqa: ANN401 - the protocol's
        answer = resource_pb2.RegisterResourceResponse(urn=resource.urn, id=resource.id)
        answer.object.CopyFrom(request.object)
        if self.preview and not resource.token.startswith("pulumi:providers:"):
            # A preview knows the arguments and nothing of what AWS will make of them.
            answer.id = ""
            return answer
        outputs = computed(resource.token, resource.id, resource.name, resource.inputs)
        made = json_format.ParseDict(_on_the_wire(outputs), Struct())
        answer.object.MergeFrom(made)
        if "name" not in resource.inputs:
            answer.object.update({"name": resource.name})
        return answer


def _on_the_wire(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, Mapping):
        entries = as_map(cast("object", value))
        return {camel(key): _on_the_wire(entry) for key, entry in entries.items()}
    if isinstance(value, list):
        return [_on_the_wire(entry) for entry in as_list(cast("object", value))]
    return value


def camel(name: str) -> str:
    """Give the property's name in the wire format: ``cidr_block``, ``cidrBlock``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def record(*, suffix: str = SUFFIX, preview: bool = False, stack: str = STACK) -> Recording:
    """Run the program in its own context: a context can hold only one root stack."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        context = contextvars.Context()
        run = pool.submit(context.run, _record, suffix=suffix, preview=preview, stack=stack)
        return run.result()


def _record(*, suffix: str, preview: bool, stack: str) -> Recording:
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder(preview=preview)
    exports: dict[str, object] = {}
    mocks.set_mocks(
        recorder.mocks, project=PROJECT_NAME, stack=stack, preview=preview, monitor=recorder
    )
    pulumi.runtime.set_all_config({f"{PROJECT_NAME}:environmentSuffix": suffix})

    @pulumi.runtime.test  # pyright: ignore[reportUnknownMemberType]
    def run() -> pulumi.Output[None]:
        runpy.run_path(str(PROJECT / "__main__.py"), run_name="__main__")
        stack = get_root_resource()
        outputs = as_map(getattr(stack, "outputs", None))
        return pulumi.Output.all(**outputs).apply(exports.update)

    # What packages weigh is judged when they are installed: no test of resources waits for an index.
    with mock.patch.object(wheels, "installed", return_value=PROJECT / "not installed"):
        run()
    return Recording(
        sorted(recorder.registered, key=lambda item: (item.component, item.token, item.name)),
        suffix=suffix,
        exports=exports,
        components=sorted(recorder.components, key=lambda item: item.urn),
        providers=recorder.providers,
    )


def as_json(recording: Recording) -> str:
    """Give the recording as JSON, for tools."""
    return json.dumps(
        {
            "suffix": recording.suffix,
            "exports": recording.exports,
            "components": [_row(component) for component in recording.components],
            "providers": [_row(provider) for provider in recording.providers],
            "resources": [_row(resource) for resource in recording.resources],
        },
        indent=2,
    )


def _row(resource: Resource) -> Mapping[str, object]:
    row = dataclasses.asdict(resource)
    row["dependencies"] = sorted(resource.dependencies)
    row["property_dependencies"] = {
        key: sorted(urns) for key, urns in resource.property_dependencies.items()
    }
    return row


if __name__ == "__main__":
    sys.stdout.write(as_json(record(suffix=as_text(dict(enumerate(sys.argv)).get(1)) or SUFFIX)))
