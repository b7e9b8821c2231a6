"""Evaluates the expressions of ``paystagec plan --json`` as the program would: with the mocks' ids and outputs."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Json = Any
Address = tuple[str, str, str]


def address(item: Mapping[str, Json]) -> Address:
    """Give what tells a resource from all others: component, type, logical name."""
    kind = item.get("type", item.get("token"))
    # Components are named with hyphens in the program, with underscores in the graph.
    return str(item["component"]).replace("_", "-"), str(kind), str(item["name"])


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """Values for everything that an expression may name."""

    environment: str
    region: str
    account: str
    suffix: str
    common_tags: Mapping[str, str]
    # What the mocks answered, by resource: outputs under the SDK's names, with the id.
    outputs: Mapping[Address, Mapping[str, Json]]
    project: Path

    def name(self, kind: str, role: str) -> str:
        """Give `kind[-role]-environment-suffix`."""
        return "-".join(part for part in (kind, role, self.environment, self.suffix) if part)

    def value(self, expr: Json) -> Json:
        """Give the value of an expression."""
        if isinstance(expr, list):
            return [self.value(item) for item in expr]
        if not isinstance(expr, dict):
            return expr
        ((tag, content),) = cast("dict[str, Json]", expr).items()
        evaluate = self._forms().get(tag)
        assert evaluate is not None, f"unknown form of expression: {tag}"
        return evaluate(content)

    def _forms(self) -> dict[str, Callable[[Json], Json]]:
        return {
            "map": lambda entries: {key: self.value(item) for key, item in entries.items()},
            "output": self._output,
            "name": lambda name: self.name(name["kind"], name["role"]),
            "alphanumeric_name": lambda name: re.sub(
                "[^a-zA-Z0-9]", "", self.name(name["kind"], name["role"])
            ),
            "tags": lambda tags: {
                **self.common_tags,
                "Name": self.name(tags["kind"], tags["role"]),
            },
            "account_id": lambda _: self.account,
            "region": lambda _: self.region,
            "environment": lambda _: self.environment,
            "suffix": lambda _: self.suffix,
            "concat": lambda parts: "".join(str(self.value(part)) for part in parts),
            "json": lambda inner: json.dumps(self.value(inner)),
            "fingerprint": self._fingerprint,
            "archive": self._archive,
            "digest": self._digest,
            "file_text": self._file_text,
            "libraries_layer": lambda _: {"layer of": "aws-xray-sdk"},
        }

    def _output(self, reference: Mapping[str, Json]) -> Json:
        value: Json = self.outputs[address(reference)][reference["field"]]
        for index, key in re.findall(r"\[(\d+)\]|\.(\w+)", reference["path"]):
            value = value[int(index)] if index else value[key]
        return value

    def _fingerprint(self, inner: Json) -> str:
        text = json.dumps(self.value(inner), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _archive(self, packed: Mapping[str, Json]) -> Json:
        """Give the files of a folder and its packages as the program packs them."""
        folders = {"": packed["folder"]}
        folders |= {f"{package.rpartition('/')[2]}/": package for package in packed["packages"]}
        return {
            "archive": {
                target + name: {"asset": path.relative_to(self.project).as_posix()}
                for target, folder in folders.items()
                for name, path in self._files(folder)
            }
        }

    def _file_text(self, path: str) -> str:
        return (self.project / path).read_text(encoding="utf-8")

    def _digest(self, folder: str) -> str:
        whole = hashlib.sha256()
        for name, path in self._files(folder):
            content = path.read_bytes()
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        return whole.hexdigest()

    def _files(self, folder: str) -> list[tuple[str, Path]]:
        root = self.project / folder
        return sorted(
            (path.relative_to(root).as_posix(), path)
            for path in root.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        )


def references(expr: Json) -> set[Address]:
    """Give all resources that an expression refers to."""
    if isinstance(expr, list):
        return {found for item in expr for found in references(item)}
    if not isinstance(expr, dict):
        return set()
    entries = cast("dict[str, Json]", expr)
    if set(entries) == {"output"}:
        return {address(entries["output"])}
    return {found for item in entries.values() for found in references(item)}


def comparable(value: Json) -> Json:
    """Open documents in JSON, whose spacing means nothing, and the layer's archive, which holds what is installed."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return {"json": comparable(json.loads(value))}
        except ValueError:
            return value
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    files = value.get("archive")
    if isinstance(files, dict) and "python/aws_xray_sdk/__init__.py" in files:
        return {"layer of": "aws-xray-sdk"}
    return {key: comparable(item) for key, item in value.items()}
