"""Other programs that turn a description into data: CUE and Jsonnet export the same resources.

Both get the resources as plain data, as `paystagec plan --json` prints them: JSON is CUE, and it is
Jsonnet. What a spec in their language would compute comes on top.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from harness import ROOT, Case, output_of

if TYPE_CHECKING:
    from pathlib import Path

PEERS = {
    "cue": ("cuelang.org/go/cmd/cue@v0.17.1", ["export", "--out", "json"]),
    "jsonnet": ("github.com/google/go-jsonnet/cmd/jsonnet@v0.22.0", []),
}


def cases(compiler: Path, spec: Path, work: Path) -> list[Case]:
    """Set the peers up as far as they can be had, and give each the resources of a spec."""
    graph = json.loads(output_of([compiler, "plan", spec, "--json"]))
    resources = {
        f"{row['component']}/{row['type']}/{row['name']}": row["arguments"]
        for row in graph["resources"]
    }
    found = []
    for name, (module, options) in PEERS.items():
        program = _program(name, module)
        if program is None:
            print(f"Not measured: `{name}` is not on the path, and Go could not build it.\n")
            continue
        source = work / f"{spec.stem}.{name}"
        source.write_text(json.dumps(resources, indent=2))
        command = [program, *options, source]
        found.append(
            Case(
                name=f"`{name}`, the same {len(resources)} resources as data",
                prepare=lambda _, command=command: command,
            )
        )
    return found


def _program(name: str, module: str) -> Path | None:
    """Find the program on the path, or build it from its Go module, once."""
    on_path = shutil.which(name)
    if on_path:
        return ROOT / on_path
    folder = ROOT / ".cache" / "bin"
    if not (folder / name).exists() and shutil.which("go"):
        environment = os.environ | {"GOBIN": str(folder)}
        subprocess.run(["go", "install", module], check=False, capture_output=True, env=environment)
    return folder / name if (folder / name).exists() else None
