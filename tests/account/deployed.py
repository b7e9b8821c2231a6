"""The functions as AWS has them: their settings as its API says them, their code as it was handed over.

What runs here so is what was packed for Lambda, archive and layer, with the variables that Lambda would set.
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cloud.aws import Aws, Call

# Where an archive comes in: the operation, and the argument below which its bytes are.
HANDED_OVER = {"CreateFunction": "Code", "UpdateFunctionCode": "", "PublishLayerVersion": "Content"}
# Below this folder of a layer, Lambda looks for Python's packages.
LAYER_PACKAGES = "python"
_UNPACKING = threading.Lock()


@dataclass(frozen=True)
class Deployed:
    """One function."""

    name: str
    # Folders that Python looks for modules in, the function's own first.
    paths: tuple[Path, ...]
    handler: str
    environment: Mapping[str, str]
    timeout_seconds: int
    memory_mib: int


def function(aws: Aws, name: str, folder: Path, calls: Iterable[Call]) -> Deployed:
    """Return a function of this name, with its code unpacked below the folder; one of the calls handed it over."""
    client = aws.client("lambda")
    found = client.get_function_configuration(FunctionName=name)
    layers = [
        client.get_layer_version(LayerName=layer, VersionNumber=int(version))["Content"][
            "CodeSha256"
        ]
        for layer, _, version in (each["Arn"].rpartition(":") for each in found.get("Layers", []))
    ]
    archives = dict(_archives(calls))
    return Deployed(
        name=name,
        paths=(
            unpacked(archives[found["CodeSha256"]], folder),
            *(unpacked(archives[layer], folder) / LAYER_PACKAGES for layer in layers),
        ),
        handler=found["Handler"],
        environment=found.get("Environment", {}).get("Variables", {}),
        timeout_seconds=found["Timeout"],
        memory_mib=found["MemorySize"],
    )


def _archives(calls: Iterable[Call]) -> Iterator[tuple[str, bytes]]:
    """Yield every archive that AWS was handed, by the digest that Lambda calls it by."""
    for call in list(calls):
        if call.service == "lambda" and call.operation in HANDED_OVER:
            within = HANDED_OVER[call.operation]
            parameters: Mapping[str, Any] = call.parameters[within] if within else call.parameters
            if "ZipFile" in parameters:
                content = parameters["ZipFile"]
                yield base64.b64encode(hashlib.sha256(content).digest()).decode(), content


def unpacked(content: bytes, folder: Path) -> Path:
    """Return the folder that holds what is in an archive."""
    place = folder / hashlib.sha256(content).hexdigest()
    # Two functions may be called at once: what the other one finds is whole.
    with _UNPACKING:
        if not place.exists():
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(place)
    return place
