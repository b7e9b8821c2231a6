"""Looks through a stack's state, secrets still encrypted, for what must not stand there: secrets in clear, the machine's paths."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from engine import sdk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cloud import Cloud

# Shorter ones are no secrets, and stand in other texts by chance.
SHORTEST = 8


def secrets_of(cloud: Cloud) -> dict[str, str]:
    """Values in the cloud that the SDK calls secret, each with where it was found."""
    return {
        str(value): f"{record.token} {record.name}: {name}"
        for record in cloud.records
        for name in sdk.secret_outputs(record.token)
        if (value := record.get(name))
    }


def in_clear(text: str, secrets: Iterable[str]) -> list[str]:
    """Places of a JSON text where one of the secrets stands: plain, encoded, within a longer text, or by a part of it."""
    forms = {form: secret for secret in secrets for form in _forms(secret)}
    assert forms, "there are no secrets to look for"
    return [
        place
        for place, found in _texts(json.loads(text), "")
        if any(form in found for form in forms)
    ]


def machine_paths(text: str, folder: Path) -> list[str]:
    """Places of a JSON text that tell where on this machine the project or its packages lie.

    But for Pulumi's own traces, `project:///...`: they are relative too, and lead out of the project only because the tests
    load the SDK from elsewhere.
    """
    paths = {folder, Path(sys.prefix), Path(pulumi.__file__).parents[1]}
    names = {str(path) for each in paths for path in (each, each.resolve())}
    # A way up and down again tells the same as an absolute path.
    return [
        place
        for place, found in _texts(json.loads(text), "")
        if not place.endswith("/sourcePosition")
        and (any(name in found for name in names) or found.startswith("../"))
    ]


def _forms(secret: str) -> Iterator[str]:
    assert len(secret) >= SHORTEST, secret
    yield secret
    yield base64.b64encode(secret.encode()).decode()
    # Of a key of many lines, each line that is not a frame.
    lines = [line for line in secret.splitlines() if not line.startswith("-----")]
    yield from (line for line in lines if len(line) >= 2 * SHORTEST)


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """All texts, keys of objects too, with their places."""
    if isinstance(value, dict):
        where = value.get("urn", place)
        for key, item in value.items():
            yield f"{where} (key)", str(key)
            yield from _texts(item, f"{where}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}/{index}")
    elif isinstance(value, str):
        yield place, value
