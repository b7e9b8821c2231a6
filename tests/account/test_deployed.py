"""The code that Lambda was handed, as functions find it here."""

from __future__ import annotations

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from account.deployed import unpacked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CALLS = 4


def test_functions_that_are_called_at_once_find_the_whole_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("python/package.py", "A = 1\n")
    together = Barrier(CALLS)
    real = zipfile.ZipFile.extractall

    def slow(archive: zipfile.ZipFile, place: Path) -> None:
        place.mkdir()
        time.sleep(0.3)
        real(archive, place)

    monkeypatch.setattr(zipfile.ZipFile, "extractall", slow)

    def found(_: int) -> int:
        together.wait()
        return len(list(unpacked(written.getvalue(), tmp_path).rglob("*.py")))

    with ThreadPoolExecutor(CALLS) as pool:
        assert list(pool.map(found, range(CALLS))) == [1] * CALLS
