"""The functions of the release before, whose code `before.tar.xz` holds.

After a release, keep its functions for the next one, by the release's tag or commit:

    PYTHONPATH=tests:templates/functions python -m service.before v0.1.0
"""

from __future__ import annotations

import io
import lzma
import subprocess
import sys
import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).with_name("before.tar.xz")
FOLDER = "templates/functions"


def unpack(to: Path) -> Path:
    """Unpack them, and return the folder that holds them."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(to, filter="data")
    return to / FOLDER


def keep(commit: str) -> None:
    """Write the archive anew."""
    packed = subprocess.run(
        ["git", "archive", commit, FOLDER],  # noqa: S607 - the one on the path
        cwd=ARCHIVE.parents[2],
        check=True,
        capture_output=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        print(f"{len(archive.getnames())} files of {commit}")
    ARCHIVE.write_bytes(lzma.compress(packed, preset=9))


if __name__ == "__main__":
    keep(sys.argv[1])
