"""What a version of the project registered: written down once, and deployed again from there.

A line of `registered.jsonl` is a resource: the end of its URN (types and logical name), its parent, its inputs as they went over the
wire, and what it waited for beside what its inputs name. In the inputs, `@<data-key:kms.Key.arn>` is an output of another resource,
`{"$json": …}` a document that the program wrote as text, and `{"$archive": …}` the hash of an archive's content. Ids, keys and
paths of the machine are not in it.
"""

from __future__ import annotations

import contextlib
import graphlib
import hashlib
import importlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cloud import Record

REGISTERED = Path(__file__).with_name("registered.jsonl")
STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"
# What the engine or the SDK adds to the inputs of a provider.
OF_THE_ENGINE = ("__internal", "version")
REFERENCE = re.compile(r"@<([^<>]+:\w+\.\w+)\.([^<>]+)>")
# Within a longer text: what is shorter may be there by chance.
SHORTEST_WITHIN = 6
JSON, ARCHIVE = "$json", "$archive"


@dataclass(frozen=True)
class Registered:
    """One resource, as a version of the project registered it."""

    # `paystage:index:Keys$aws:kms/key:Key::data-key`.
    urn: str
    parent: str = ""
    # `None` for a component.
    inputs: dict[str, Any] | None = None
    after: list[str] = field(default_factory=list[str])
    # Of the SDK, where the engine chose the provider by it.
    version: str = ""

    @property
    def type(self) -> str:
        """The resource type."""
        return self.urn.rsplit("::", 1)[0].split("$")[-1]

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def key(self) -> str:
        """What others call it by: `data-key:kms.Key`."""
        _, module, name = self.type.split(":")
        return f"{self.name}:{module.split('/')[0]}.{name}"


def end_of(urn: str) -> str:
    """What tells a resource from the others of its stack."""
    return urn.split("::", 2)[-1]


def read(file: Path = REGISTERED) -> list[Registered]:
    """The resources of a fixture, in an order in which they can be made."""
    return [Registered(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def write(resources: Iterable[Registered], file: Path = REGISTERED) -> None:
    """Writes a fixture, a line a resource."""
    lines = [
        json.dumps({key: value for key, value in vars(one).items() if value or value == {}})
        for one in resources
    ]
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


# From a stack that is up.


def record(state: Sequence[dict[str, Any]], records: Iterable[Record]) -> list[Registered]:
    """What a stack's program registered, from the engine's state and the account."""
    made = {one.urn: one for one in records}
    kept = {
        one["urn"]: one for one in state if one["type"] != STACK and not _is_default_provider(one)
    }
    keys = {urn: Registered(end_of(urn)).key for urn in kept}
    assert len(set(keys.values())) == len(keys), "two resources have one type and name"
    found: dict[str, Registered] = {}
    for urn, one in kept.items():
        inputs = _inputs(one, keys, made)
        waited_for = {keys[other] for other in one.get("dependencies") or ()}
        found[urn] = Registered(
            end_of(urn),
            parent=keys.get(one.get("parent", ""), ""),
            inputs=inputs,
            after=sorted(waited_for - {key for key, _ in _named_in(inputs)}),
            version=_version(one, state),
        )
    before = {
        urn: {one.get("parent"), *(one.get("dependencies") or ())} & kept.keys()
        for urn, one in kept.items()
    }
    return [found[urn] for urn in _in_order(before)]


def _in_order(before: Mapping[str, set[str]]) -> Iterator[str]:
    """Always the same order, whichever the engine was faster with."""
    sorter = graphlib.TopologicalSorter(before)
    sorter.prepare()
    while sorter:
        ready = sorted(sorter.get_ready(), key=end_of)
        yield from ready
        sorter.done(*ready)


def _is_default_provider(one: Mapping[str, Any]) -> bool:
    return one["type"].startswith(PROVIDER) and "::default" in one["urn"]


def _version(one: Mapping[str, Any], state: Sequence[dict[str, Any]]) -> str:
    used = one.get("provider", "").rsplit("::", 1)[0]
    found = (other for other in state if other["urn"] == used and _is_default_provider(other))
    return next((other["inputs"]["version"] for other in found), "")


def _inputs(
    one: Mapping[str, Any], keys: Mapping[str, str], made: Mapping[str, Record]
) -> dict[str, Any] | None:
    if not one.get("custom"):
        return None
    # A provider is nothing in the account.
    given = made[one["urn"]].inputs if one["urn"] in made else one["inputs"]
    named = one.get("propertyDependencies", {})
    return {
        # A message keeps no order of keys.
        name: _written(
            json.loads(json.dumps(value, sort_keys=True)),
            [(keys[urn], made[urn]) for urn in named.get(name) or ()],
        )
        for name, value in sorted(given.items())
        if not (one["type"].startswith(PROVIDER) and name in OF_THE_ENGINE)
    }


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}".removeprefix("."))


def _written(value: Any, named: Sequence[tuple[str, Record]]) -> Any:
    if isinstance(value, dict):
        if "assets" in value:
            return {ARCHIVE: _digest({key: one["hash"] for key, one in value["assets"].items()})}
        return {key: _written(item, named) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item, named) for item in value]
    if not isinstance(value, str):
        return value
    assert "@<" not in value, "the mark of a reference stands in a value"
    with contextlib.suppress(ValueError):
        if json.dumps(document := json.loads(value)) == value and isinstance(document, dict | list):
            return {JSON: _written(document, named)}
    return _with_references(value, named)


def _with_references(value: str, named: Sequence[tuple[str, Record]]) -> str:
    """The same text with outputs in the place of what they gave: first what was computed, then what was only handed on."""
    texts = [
        (text, f"@<{key}.{path}>", path.split(".")[0] in record.inputs)
        for key, record in named
        for path, text in _texts(record.outputs)
    ]
    # The longest first; of equal ones that which people would name.
    for text, name, handed_on in sorted(texts, key=lambda t: (t[2], -len(t[0]), len(t[1]), t[1])):
        if value == text:
            return name
        if not handed_on and len(text) >= SHORTEST_WITHIN:
            # What was found already is no text any more.
            parts = re.split("(@<[^<>]*>)", value)
            parts[::2] = [part.replace(text, name) for part in parts[::2]]
            value = "".join(parts)
    return value


def _digest(hashes: Mapping[str, str]) -> str:
    text = "".join(f"{name}\0{hashes[name]}\n" for name in sorted(hashes))
    return hashlib.sha256(text.encode()).hexdigest()


# Back to a stack.


class Replay:
    """A program that registers what was written down."""

    def __init__(self, resources: Sequence[Registered], folder: Path) -> None:
        self._resources = resources
        # Of the present project, for the archives that did not change.
        self._folder = folder
        self._named: dict[str, set[str]] = {}
        for one in resources:
            for key, path in _named_in(one.inputs):
                self._named.setdefault(key, set()).add(re.split(r"[.\[]", path)[0])

    def __call__(self) -> None:
        """Registers them."""
        made: dict[str, pulumi.Resource] = {}
        with contextlib.chdir(self._folder):
            for one in self._resources:
                made[one.key] = self._register(one, made)

    def _register(self, one: Registered, made: Mapping[str, pulumi.Resource]) -> pulumi.Resource:
        opts = pulumi.ResourceOptions(
            parent=made.get(one.parent), depends_on=[made[key] for key in one.after]
        )
        if one.inputs is None:
            return pulumi.ComponentResource(one.type, one.name, None, opts)
        known = dict.fromkeys(self._named.get(one.key, set()) - {"id"})
        props = {**known, **{name: self._value(v, made) for name, v in one.inputs.items()}}
        if one.type.startswith(PROVIDER):
            package = one.type.removeprefix(PROVIDER)
            return pulumi.ProviderResource(package, one.name, props, opts)
        if one.version:
            opts.version = one.version
        else:
            (opts.provider,) = (r for r in made.values() if isinstance(r, pulumi.ProviderResource))
        return pulumi.CustomResource(one.type, one.name, props, opts)

    def _value(self, value: Any, made: Mapping[str, pulumi.Resource]) -> Any:
        if isinstance(value, list):
            return [self._value(item, made) for item in value]
        if isinstance(value, dict):
            if JSON in value:
                return pulumi.Output.json_dumps(self._value(value[JSON], made))
            if ARCHIVE in value:
                return self._archive(value[ARCHIVE])
            return {key: self._value(item, made) for key, item in value.items()}
        if not isinstance(value, str):
            return value
        found = [_output(made[key], path) for key, path in REFERENCE.findall(value)]
        return pulumi.Output.concat(*_mixed(REFERENCE.sub("\0", value), found)) if found else value

    def _archive(self, digest: str) -> pulumi.Archive:
        """The present libraries where they are the same, else something that differs from any archive."""
        if digest == self._libraries:
            return self._archives.libraries_layer()
        return pulumi.AssetArchive({"of": pulumi.StringAsset(digest)})

    @cached_property
    def _archives(self) -> Any:
        """The module of the present project that makes archives."""
        return importlib.import_module("archives")

    @cached_property
    def _libraries(self) -> str:
        assets: dict[str, pulumi.FileAsset] = self._archives.libraries_layer().assets
        return _digest(
            {
                name: hashlib.sha256(Path(asset.path).read_bytes()).hexdigest()
                for name, asset in assets.items()
            }
        )


def _named_in(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
    elif isinstance(value, list | dict):
        for item in value if isinstance(value, list) else value.values():
            yield from _named_in(item)


def _mixed(text: str, found: Sequence[pulumi.Output[Any]]) -> Iterator[pulumi.Input[Any]]:
    first, *rest = text.split("\0")
    yield first
    for output, after in zip(found, rest, strict=True):
        yield output
        yield after


def _output(resource: pulumi.Resource, path: str) -> pulumi.Output[Any]:
    root, *steps = re.findall(r"\w+", path)
    output: pulumi.Output[Any] = getattr(resource, root)
    for step in steps:
        output = output[int(step) if step.isdecimal() else step]
    return output
