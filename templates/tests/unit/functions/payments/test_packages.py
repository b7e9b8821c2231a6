"""FN-1, XR-1: what is packaged of the built-in functions is whole, and starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import archives
from tests.unit import packaged

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
    return packaged.paths(archives.libraries_layer())


@pytest.fixture(name="lambda_", scope="module")
def _lambda(layer: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the layer's ``python`` and the ``runtime``, as Lambda has them."""
    folder = tmp_path_factory.mktemp("lambda")
    _unpack(layer, folder)
    (folder / "runtime").mkdir()
    for name in packaged.RUNTIME:
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
    _unpack(packaged.paths(archives.function_code(f"functions/{folder}", SHARED)), tmp_path)
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


@pytest.mark.parametrize("folder", HANDLERS)
def test_a_function_is_packaged_whole(folder: str) -> None:
    """FN-1: every source file; its own at the top, where Lambda looks for the handler."""
    archive = packaged.paths(archives.function_code(f"functions/{folder}", SHARED))
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
