"""FN-1, XR-1: what is packaged for Lambda works there, and is the same from every machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pytest

import archives

if TYPE_CHECKING:
    from collections.abc import Mapping

# Only what the SDK imports of botocore, which the Lambda runtime brings.
BOTOCORE = {
    "__init__.py": "UNSIGNED = object()\n",
    "client.py": "class Config: ...\nclass BaseClient:\n    def _make_api_call(self): ...\n",
    "endpoint.py": "class Endpoint:\n    def prepare_request(self): ...\n",
    "session.py": "",
    "exceptions.py": "class ClientError(Exception): ...\n",
}
START_UP = """
import sys
sys.path[:0] = sys.argv[1:]
from aws_xray_sdk.core import patch, xray_recorder
import botocore.client, wrapt
plain = botocore.client.BaseClient._make_api_call
patch(("botocore",))
assert botocore.client.BaseClient._make_api_call is not plain, "botocore is not traced"
assert wrapt.__file__.startswith(sys.argv[1]), wrapt.__file__
assert not any(name.endswith("_wrappers") for name in sys.modules), "a compiled part is used"
"""


def _paths(archive: pulumi.AssetArchive) -> dict[str, Path]:
    assets: Mapping[str, object] = archive.assets
    paths: dict[str, Path] = {}
    for name, asset in assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        paths[name] = archives.ROOT / str(asset.path)
    return paths


@pytest.fixture(name="layer", scope="module")
def _layer() -> dict[str, Path]:
    return _paths(archives.tracing_layer())


def test_the_layer_starts_in_a_clean_interpreter(layer: dict[str, Path], tmp_path: Path) -> None:
    """XR-1: with nothing but the layer and the runtime's botocore, AWS calls are traced."""
    for name, path in layer.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tmp_path / name)
    runtime = tmp_path / "runtime"
    (runtime / "botocore").mkdir(parents=True)
    for name, text in BOTOCORE.items():
        (runtime / "botocore" / name).write_text(text)
    done = subprocess.run(  # noqa: S603 - this interpreter, with arguments from above
        [sys.executable, "-I", "-S", "-c", START_UP, f"{tmp_path}/python", str(runtime)],
        capture_output=True,
        check=False,
        env={"LAMBDA_TASK_ROOT": "/var/task"},
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_layer_holds_the_same_files_on_every_machine(layer: dict[str, Path]) -> None:
    """DEL-1: nothing compiled, cached or written by an installer, and a fixed order."""
    assert list(layer) == sorted(layer)
    assert {name.split("/")[1].split("-")[0] for name in layer} == {"aws_xray_sdk", "wrapt"}
    for name in layer:
        assert ".." not in name
        assert not name.endswith((".so", ".pyd", ".pyc", ".c", "RECORD", "INSTALLER", "WHEEL"))


def test_the_layer_carries_the_licences(layer: dict[str, Path]) -> None:
    """DEL-1: whoever passes a package on passes its licence on."""
    licences = [name for name in layer if "LICENSE" in name]
    assert len(licences) >= len(archives.TRACING_DISTRIBUTIONS)


def test_the_layer_fits(layer: dict[str, Path]) -> None:
    """FN-1: Lambda unpacks at most 250 MB of code and layers."""
    assert sum(path.stat().st_size for path in layer.values()) < 10_000_000


@pytest.mark.parametrize(
    "folder",
    sorted(path.name for path in (archives.ROOT / "functions").iterdir() if path.is_dir()),
)
def test_a_function_is_packaged_whole(folder: str) -> None:
    """FN-1: every source file, at the top of the archive, where Lambda looks for the handler."""
    archive = _paths(archives.function_code(f"functions/{folder}"))
    assert "handler.py" in archive
    sources = {path.name for path in (archives.ROOT / "functions" / folder).glob("*.py")}
    assert sources <= set(archive)
    assert all(path.is_file() for path in archive.values())


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
