"""Archives as they come over the wire, made into the ZIP files that Lambda takes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

from engine.wire import ARCHIVE, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# What the real provider writes into each entry, so that the same files make the same archive.
MOMENT = (1990, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16


def packed(archive: Mapping[str, Any], project: Path | None) -> bytes:
    """Return an archive as a ZIP file; paths in it are relative to the project, as for the real provider."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in sorted(_files(archive, project, "")):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = READABLE
            target.writestr(entry, text)
    return content.getvalue()


def _files(
    archive: Mapping[str, Any], project: Path | None, prefix: str
) -> Iterator[tuple[str, bytes]]:
    # The program makes all its archives of single assets: no folder, no ZIP file, no URL.
    assert "assets" in archive, f"an archive of {sorted(archive)} is not made by the program"
    for name, asset in archive["assets"].items():
        if asset[SIGNATURE] == ARCHIVE:
            yield from _files(asset, project, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", _content(asset, project)


def _content(asset: Mapping[str, Any], project: Path | None) -> bytes:
    if "path" not in asset:
        assert "uri" not in asset, f"an asset from {asset['uri']} is not made by the program"
        return asset.get("text", "").encode()
    assert project is not None, "whoever makes the stack has to say where the project is"
    content = (project / asset["path"]).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert digest == asset["hash"], f"{asset['path']} is not what the engine has seen"
    return content
