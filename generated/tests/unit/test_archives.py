"""FN-1, XR-1: what is packaged for Lambda works there, and is the same from every machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pytest

import archives

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.resources import Recording

FUNCTIONS = archives.ROOT / "functions"
SHARED = "functions/payments"
# A team's own function shares nothing.
HANDLERS = sorted(
    path.parent.name
    for path in FUNCTIONS.glob("*/handler.py")
    if "from payments." in path.read_text(encoding="utf-8")
)
# What the Lambda runtime brings and the layer does not repeat.
RUNTIME = ("boto3", "botocore", "s3transfer", "urllib3")
START_UP = """
import sys
task, libraries, runtime = sys.argv[1:]
sys.path[:0] = [task, libraries, runtime]
import handler
assert callable(handler.handle)
import aws_lambda_powertools, botocore.client, pg8000.native
from payments.telemetry import tracer
for module, place in (
    (handler, task), (sys.modules["payments"], task), (pg8000, libraries),
    (aws_lambda_powertools, libraries), (botocore, runtime),
):
    assert (module.__file__ or module.__path__[0]).startswith(place), module
plain = botocore.client.BaseClient._make_api_call
with tracer().work("test"):
    pass
assert botocore.client.BaseClient._make_api_call is not plain, "AWS's SDK is not traced"
import wrapt
assert wrapt.__file__.startswith(libraries), wrapt.__file__
assert not any(name.endswith("_wrappers") for name in sys.modules), "a compiled part is used"
print("%d.%d" % sys.version_info[:2])
"""


def _assets(archive: pulumi.AssetArchive) -> list[pulumi.FileAsset]:
    assets: Mapping[str, object] = archive.assets
    files = [asset for asset in assets.values() if isinstance(asset, pulumi.FileAsset)]
    assert len(files) == len(assets)
    return files


def _paths(archive: pulumi.AssetArchive) -> dict[str, Path]:
    names: Mapping[str, object] = archive.assets
    return {
        name: archives.ROOT / str(asset.path)
        for name, asset in zip(names, _assets(archive), strict=True)
    }


def _unpack(paths: Mapping[str, Path], target: Path) -> None:
    for name, path in paths.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)


def _interpreter(version: str) -> str:
    """Return an interpreter of this version if the machine has one; else the one of the tests."""
    name = f"python{version}"
    homes = [Path(home) for home in os.environ.get("PATH", "").split(os.pathsep)]
    homes += sorted(Path.home().glob(f".pyenv/versions/{version}*/bin"))
    for home in homes:
        asked = [str(home / name), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if not os.access(asked[0], os.X_OK):
            continue
        # A shim may stand for a version that is not there.
        done = subprocess.run(asked, capture_output=True, check=False, text=True)  # noqa: S603 - an interpreter
        if done.returncode == 0 and done.stdout.strip() == version:
            return asked[0]
    return sys.executable


@pytest.fixture(name="layer", scope="module")
def _layer() -> dict[str, Path]:
    return _paths(archives.libraries_layer())


@pytest.fixture(name="lambda_", scope="module")
def _lambda(layer: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the layer's ``python`` and the ``runtime``, as Lambda has them."""
    folder = tmp_path_factory.mktemp("lambda")
    _unpack(layer, folder)
    (folder / "runtime").mkdir()
    for name in RUNTIME:
        found = util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        (folder / "runtime" / name).symlink_to(Path(found.origin).parent)
    return folder


@pytest.mark.parametrize("folder", HANDLERS)
def test_a_handler_starts_in_a_clean_interpreter(
    folder: str, lambda_: Path, recording: Recording, tmp_path: Path
) -> None:
    """FN-1, XR-1: with the archive, the layer and the runtime's SDK; AWS calls are traced."""
    versions = {
        function.text("runtime").removeprefix("python")
        for function in recording.of("lambda/function:Function")
    }
    assert versions
    _unpack(_paths(archives.function_code(f"functions/{folder}", SHARED)), tmp_path)
    # Versions that this machine does not have stand for the one that runs the tests.
    for interpreter in sorted({_interpreter(version) for version in versions}):
        done = subprocess.run(  # noqa: S603 - an interpreter, with arguments from above
            [
                interpreter,
                "-I",
                "-S",
                "-c",
                START_UP,
                str(tmp_path),
                f"{lambda_}/python",
                f"{lambda_}/runtime",
            ],
            capture_output=True,
            check=False,
            env={
                "AWS_REGION": "us-east-1",
                "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
                "LAMBDA_TASK_ROOT": "/var/task",
            },
            text=True,
        )
        assert done.returncode == 0, done.stderr


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
                assert plain.replace("_", "-") in {*archives.LIBRARIES, *RUNTIME}, requirement


def test_archives_name_their_files_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEL-1: the state tells nothing of the machine, wherever the virtual environment lies."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    for root in (archives.ROOT, tmp_path):
        monkeypatch.setattr(archives, "ROOT", root)
        paths = [str(asset.path) for asset in _assets(archives.libraries_layer())]
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


@pytest.mark.parametrize("folder", HANDLERS)
def test_a_function_is_packaged_whole(folder: str) -> None:
    """FN-1: every source file; its own at the top, where Lambda looks for the handler."""
    archive = _paths(archives.function_code(f"functions/{folder}", SHARED))
    own = {
        path.relative_to(FUNCTIONS / folder).as_posix()
        for path in (FUNCTIONS / folder).rglob("*")
        if path.suffix in {".py", ".sql"}
    }
    shared = {f"payments/{path.name}" for path in (archives.ROOT / SHARED).glob("*.py")}
    assert "handler.py" in own
    assert own | shared <= set(archive)
    assert "payments/certificates/rds-us-east-1.pem" in archive
    assert list(archive) == sorted(archive)
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
