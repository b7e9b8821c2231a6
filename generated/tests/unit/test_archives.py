"""FN-1, XR-1: what is packaged for Lambda works there, and is the same from every machine."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pytest

import archives
from tests.unit import packaged

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture(name="layer", scope="module")
def _layer() -> dict[str, Path]:
    return packaged.paths(archives.libraries_layer())


def test_the_layer_holds_the_same_files_on_every_machine(layer: dict[str, Path]) -> None:
    """DEL-1: nothing compiled, cached or written by an installer, and a fixed order."""
    assert list(layer) == sorted(layer)
    for name in layer:
        assert name.startswith("python/")
        assert ".." not in name
        assert not name.endswith((".so", ".pyd", ".pyc", ".c", "RECORD", "INSTALLER", "WHEEL"))


def test_the_layer_holds_what_its_libraries_need() -> None:
    """FN-1: everything that they name, but for what the runtime brings."""
    for name in archives.LIBRARIES:
        for requirement in metadata.requires(name) or []:
            needed, _, condition = requirement.partition(";")
            if "extra" not in condition:
                plain = needed.split("[")[0].strip(" ()<>=!.,0123456789").lower()
                assert plain.replace("_", "-") in {*archives.LIBRARIES, *packaged.RUNTIME}, (
                    requirement
                )


def test_archives_name_their_files_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEL-1: the state tells nothing of the machine, wherever the virtual environment lies."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    for root in (archives.ROOT, tmp_path):
        monkeypatch.setattr(archives, "ROOT", root)
        paths = [str(asset.path) for asset in packaged.assets(archives.libraries_layer())]
        assert paths
        assert not any(Path(path).is_absolute() for path in paths)
        assert all((root / path).is_file() for path in paths)
    assert all(path.startswith(".venv/") for path in paths)


def test_the_layer_carries_the_licences(layer: dict[str, Path]) -> None:
    """DEL-1: whoever passes a package on passes its licence on."""
    licensed = {
        name.split("/")[1] for name in layer if "LICENSE" in name.upper() and ".dist-info" in name
    }
    assert len(licensed) == len(archives.LIBRARIES), licensed


def test_the_layer_fits(layer: dict[str, Path]) -> None:
    """FN-1: Lambda unpacks at most 250 MB of code and layers."""
    assert sum(path.stat().st_size for path in layer.values()) < 10_000_000


def test_leftovers_are_not_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FN-1: running the tests must not change what is deployed."""
    monkeypatch.setattr(archives, "ROOT", tmp_path)
    for name in (
        "functions/x/handler.py",
        "functions/x/data/limits.json",
        "functions/x/__pycache__/handler.cpython-313.pyc",
        "functions/x/.pytest_cache/README.md",
        "functions/x/.DS_Store",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    archive = archives.function_code("functions/x")
    assets: Mapping[str, object] = archive.assets
    assert list(assets) == ["data/limits.json", "handler.py"]
    paths = [asset.path for asset in assets.values() if isinstance(asset, pulumi.FileAsset)]
    assert paths == ["functions/x/data/limits.json", "functions/x/handler.py"]
