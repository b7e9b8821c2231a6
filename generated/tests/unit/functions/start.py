"""A function's start as Lambda does it: its own folder on the path, in an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

FUNCTIONS = Path(__file__).parents[3] / "functions"
IN_LAMBDA = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
}
DATABASE = frozenset({"pg8000.native", "botocore.auth"})
AUDIT = frozenset({"botocore.client"})
TRACING = frozenset({"aws_xray_sdk.core"})
_SCRIPT = """
import json, sys
sys.path[:0] = sys.argv[1:]
import handler
print(json.dumps(sorted(sys.modules)))
"""


def modules_read(handler: ModuleType, **variables: str) -> frozenset[str]:
    """Give the modules that a start reads with these variables."""
    folder = Path(str(handler.__file__)).parent
    done = subprocess.run(  # noqa: S603 - this interpreter, with the text above
        [sys.executable, "-c", _SCRIPT, str(folder), str(FUNCTIONS)],
        capture_output=True,
        check=True,
        env={**os.environ, **variables},
        text=True,
    )
    return frozenset(json.loads(done.stdout))
