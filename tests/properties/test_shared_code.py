"""A team's own function with what the built-in functions share: it runs as Lambda would start it, on the deployed Python too."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.built import ROOT, compiler
from properties.projects import TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = """\
from http import HTTPStatus

from payments.cards import redact
from payments.events import Reply, Request
from payments.telemetry import LOG, tracer


def main(event, context):
    request = Request.from_event(event)
    with tracer().work("refund"):
        LOG.info("asked for", body=request.body(1_000).decode())
    reply = Reply(status=HTTPStatus.OK, content={"note": redact(request.body(1_000).decode())})
    return reply.to_event(request, "1")
"""
FUNCTION = """
[functions.refund]
source = "refund"
handler = "app.main"
library = "payments"
schedule = "rate(1 day)"
"""
# The archive as the program packs it, and the layer.
UNPACK = """
import pathlib, shutil, sys, archives
folder = pathlib.Path(sys.argv[1])
archive = archives.function_code("functions/refund", "functions/payments")
for place, packed in (("task", archive), ("opt", archives.libraries_layer())):
    for name, asset in packed.assets.items():
        target = folder / place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(asset.path, target)
"""
CALL = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
print(json.dumps(app.main(json.loads(sys.argv[3]), None)))
"""
CARD = "4111 1111 1111 1111"
EVENT = {
    "httpMethod": "POST",
    "path": "/refunds",
    "headers": {},
    "body": f"refund {CARD}",
    "requestContext": {},
}
# The Python that is deployed, where `make test-service` has brought it.
DEPLOYED = ROOT / ".cache" / "functions-python" / "bin" / "python"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the committed spec with such a function, and unpack what it deploys."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(ROOT / "spec", folder / "spec")
    spec = folder / "spec" / "staging.toml"
    spec.write_text(spec.read_text("utf-8") + FUNCTION, "utf-8")
    (folder / "spec" / "refund").mkdir()
    (folder / "spec" / "refund" / "app.py").write_text(HANDLER, "utf-8")
    done = run(compiler(), "build", spec, *TODAY, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "unknown-module" not in done.stderr
    module = folder / "generated" / "components" / "functions" / "refund.py"
    packed = 'archives.function_code("functions/refund", "functions/payments")'
    assert packed in module.read_text("utf-8")
    done = run(sys.executable, "-c", UNPACK, folder, cwd=folder / "generated")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "python", [sys.executable, *([str(DEPLOYED)] if DEPLOYED.exists() else [])]
)
def test_it_runs_with_what_the_built_in_functions_share(unpacked: Path, python: str) -> None:
    """Its own code at the top, the package beside it; no card number in the answer or in the log."""
    places = (str(unpacked / "task"), str(unpacked / "opt" / "python"))
    done = subprocess.run(  # noqa: S603 - an interpreter, with arguments from above
        [python, "-I", "-S", "-c", CALL, *places, json.dumps(EVENT)],
        capture_output=True,
        check=False,
        env={"POWERTOOLS_SERVICE_NAME": "refund", "LOG_LEVEL": "INFO"},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *logged, answer = done.stdout.splitlines()
    assert json.loads(json.loads(answer)["body"]) == {
        "note": "refund [removed: looks like a card number]"
    }
    assert any("asked for" in line for line in logged), done.stdout
    assert CARD not in done.stdout + done.stderr
