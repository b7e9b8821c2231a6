"""Archives for Lambda, made when the program runs: the same files on any machine.

Not named ``packaging``: Pulumi imports a package of that name.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pulumi

ROOT = Path(__file__).parent
# What tracing needs. The Lambda runtime brings botocore, which the X-Ray SDK needs too.
TRACING_DISTRIBUTIONS = ("aws-xray-sdk", "wrapt")
# Compiled parts fit one machine only; wrapt, the one that has any, does without them.
COMPILED = frozenset({".c", ".dylib", ".pyc", ".pyd", ".so"})


def function_code(folder: str) -> pulumi.AssetArchive:
    """Archive of one function's folder, given relative to this project, without leftovers."""
    files = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())
    return pulumi.AssetArchive(
        {
            path.relative_to(ROOT / folder).as_posix(): pulumi.FileAsset(
                # Relative, so that the state tells nothing of the machine.
                path.relative_to(ROOT).as_posix()
            )
            for path in files
            if _belongs(path.relative_to(ROOT / folder))
        }
    )


def tracing_layer() -> pulumi.AssetArchive:
    """Archive of a layer with the X-Ray SDK, from the files installed with this program."""
    files: dict[str, pulumi.Asset | pulumi.Archive] = {}
    for name in TRACING_DISTRIBUTIONS:
        for file in metadata.files(name) or []:
            if _belongs(Path(file)) and not _is_installers(Path(file)):
                files[f"python/{file.as_posix()}"] = pulumi.FileAsset(str(file.locate()))
    return pulumi.AssetArchive(dict(sorted(files.items())))


def _belongs(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts and path.suffix not in COMPILED


def _is_installers(path: Path) -> bool:
    # Of what installers write, only the licences are the same everywhere, and must go along.
    top = path.parts[0]
    licence = path.name.startswith(("LICENSE", "NOTICE")) or "licenses" in path.parts
    return top.endswith(".dist-info") and not licence
