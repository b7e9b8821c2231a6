"""Measures how long the functions take to start, and what of: `make cold-start`.

Each handler is imported by a fresh interpreter from its archive and the layer, unpacked as Lambda unpacks them; compiled files
are there from the second run on, as they are not at Lambda. The interpreter's own start does not count.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ROOT, milliseconds, table

if TYPE_CHECKING:
    import pulumi

RUNS = 15
GENERATED = ROOT / "generated"
SHARED = "functions/payments"
IMPORT = "import time; s = time.perf_counter(); import handler; print(time.perf_counter() - s)"
# What Lambda brings; it lies behind the function's own code and the layer.
RUNTIME = [path for path in sys.path if path.endswith("site-packages")]
GROUPS = {
    "the function and its package": ("handler", "payments"),
    "Powertools": ("aws_lambda_powertools",),
    "AWS's SDK": ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil"),
    "X-Ray's SDK": ("aws_xray_sdk", "wrapt"),
    "pg8000": ("pg8000", "scramp", "asn1crypto"),
}
REST = "Python's own modules"


def packed(archive: pulumi.AssetArchive) -> bytes:
    """Pack the files as they are uploaded."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, asset in archive.assets.items():
            made.write(GENERATED / asset.path, name)
    return content.getvalue()


def unpacked(content: bytes, folder: Path) -> Path:
    """Unpack an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def start(code: Path, layer: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a function."""
    return subprocess.run(
        [sys.executable, *options, "-c", IMPORT],
        capture_output=True,
        check=True,
        text=True,
        cwd=code,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(code), str(layer / "python"), *RUNTIME]),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            "AWS_REGION": "us-east-1",
            "LAMBDA_TASK_ROOT": str(code),
        },
    )


def shares(code: Path, layer: Path) -> Counter[str]:
    """Add up what each group of modules takes by itself, in microseconds."""
    found: Counter[str] = Counter()
    for line in start(code, layer, "-X", "importtime").stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if not own.strip().isdecimal():
            continue
        root = name.strip().partition(".")[0]
        group = next((group for group, roots in GROUPS.items() if root in roots), REST)
        found[group] += int(own)
    return found


def main() -> None:
    """Pack, start in turn, print."""
    os.chdir(GENERATED)
    sys.path.insert(0, str(GENERATED))
    import archives  # noqa: PLC0415 - the project has just come onto the path

    names = sorted(
        path.parent.name
        for path in (GENERATED / "functions").glob("*/handler.py")
        if "from payments." in path.read_text("utf-8")
    )
    with tempfile.TemporaryDirectory() as folder:
        libraries = packed(archives.libraries_layer())
        layer = unpacked(libraries, Path(folder) / "layer")
        archive = {
            name: packed(archives.function_code(f"functions/{name}", SHARED)) for name in names
        }
        code = {name: unpacked(archive[name], Path(folder) / name) for name in names}
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for run in range(-1, RUNS):
            for name in names:
                taken = float(start(code[name], layer).stdout)
                if run >= 0:
                    seconds[name].append(taken)
        groups = [*GROUPS, REST]
        rows: list[str] = []
        for name in names:
            parts = shares(code[name], layer)
            total = parts.total()
            cells = [f"{parts[group] / total:.0%}" for group in groups]
            median = milliseconds(statistics.median(seconds[name]))
            size = f"{len(archive[name]) / 1024:.0f}"
            rows.append(f"| `{name}` | {size} | {median} | {' | '.join(cells)} |")
    sys.stdout.write(f"The layer: {len(libraries) / 1024 / 1024:.1f} MiB, packed.\n\n")
    sys.stdout.write(table(["handler", "archive, KiB", "import, median ms", *groups], rows))


if __name__ == "__main__":
    main()
