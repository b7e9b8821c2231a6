"""Between the engine's protobuf values and plain Python: secrets are opened, unknown values are marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.rpc import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


class Unknown:
    """A value that the engine will only know when it deploys."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN_VALUE = Unknown()


class Asset(dict[str, Any]):
    """A file or an archive, with its hash; equal when the content is."""

    def __init__(self, fields: Mapping[str, Any], *, archive: bool) -> None:
        super().__init__(fields)
        self.archive = archive


def decode(struct: Struct) -> dict[str, Any]:
    """Plain values of a message, without nulls."""
    opened = _open(json_format.MessageToDict(struct))
    assert isinstance(opened, dict)
    return opened


def _open(value: Any) -> Any:
    if isinstance(value, dict):
        match value.get(SIGNATURE):
            case None:
                return {key: _open(item) for key, item in value.items() if item is not None}
            case s if s == SECRET:
                return _open(value["value"])
            case s if s == OUTPUT:
                return _open(value["value"]) if "value" in value else UNKNOWN_VALUE
            case s if s in (ASSET, ARCHIVE):
                kept = {key: item for key, item in value.items() if item}
                return Asset(kept, archive=s == ARCHIVE)
            case other:
                message = f"a value of an unexpected kind came over the wire: {other}"
                raise ValueError(message)
    if isinstance(value, list):
        return [_open(item) for item in value]
    if value == UNKNOWN:
        return UNKNOWN_VALUE
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def encode(values: Mapping[str, Any]) -> Struct:
    """A message of plain values."""
    return json_format.ParseDict({key: _close(item) for key, item in values.items()}, Struct())


def _close(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _close(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_close(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether anything inside is not known yet."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return False


def decode_configuration(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a provider, whose nested values travel as JSON text."""
    decoded: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, str):
            try:
                decoded[key] = json.loads(value)
            except ValueError:
                decoded[key] = value
        else:
            decoded[key] = value
    return decoded
