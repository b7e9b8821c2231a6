"""Archives for Lambda, made when the program runs: the same files on any machine.

Not named ``packaging``: Pulumi imports a package of that name.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib import metadata
from pathlib import Path

import pulumi

ROOT = Path(__file__).parent
# What the functions import beside their own code, and what that needs. The Lambda runtime brings
# boto3 with botocore, jmespath, dateutil and six; its own copies are older or newer than ours, and
# pg8000 needs two of them, so these come along. All are pure Python: one archive fits anywhere.
LIBRARIES = (
    "asn1crypto",
    "aws-lambda-powertools",
    "aws-xray-sdk",
    "jmespath",
    "pg8000",
    "python-dateutil",
    "scramp",
    "six",
    "typing-extensions",
    "wrapt",
)
# Compiled parts fit one machine only; wrapt, the one that has any, does without them.
COMPILED = frozenset({".c", ".dylib", ".pyc", ".pyd", ".so"})


def function_code(folder: str, *packages: str) -> pulumi.AssetArchive:
    """Archive of one function's folder and the packages that it imports, without leftovers.

    Folders are given relative to this project. The function's own files are at the top, where
    Lambda looks for the handler; a package keeps its name.
    """
    files = _files(folder, "")
    for package in packages:
        files |= _files(package, f"{Path(package).name}/")
    return pulumi.AssetArchive(dict(sorted(files.items())))


def libraries_layer() -> pulumi.AssetArchive:
    """Archive of a layer with the libraries, from the files installed with this program.

    Those are what the locked requirements say, by hash: nothing is resolved or downloaded here.
    """
    files: dict[str, pulumi.Asset | pulumi.Archive] = {}
    for name in LIBRARIES:
        for file in metadata.files(name) or []:
            if _belongs(Path(file)) and not _is_installers(Path(file)):
                source = _from_here(Path(file.locate()))
                files[f"python/{file.as_posix()}"] = pulumi.FileAsset(source)
    return pulumi.AssetArchive(dict(sorted(files.items())))


def text(path: str) -> str:
    """Content of a file, given relative to this project."""
    return (ROOT / path).read_text(encoding="utf-8")


def digest(folder: str) -> str:
    """SHA-256 over the names and contents of a folder's files, in hexadecimal digits."""
    whole = hashlib.sha256()
    files = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in files:
        name = path.relative_to(ROOT / folder)
        if _belongs(name):
            content = path.read_bytes()
            whole.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _files(folder: str, target: str) -> dict[str, pulumi.Asset | pulumi.Archive]:
    files = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {
        target + path.relative_to(ROOT / folder).as_posix(): pulumi.FileAsset(_from_here(path))
        for path in files
        if _belongs(path.relative_to(ROOT / folder))
    }


def _from_here(file: Path) -> str:
    """Give the path from the project's folder: the state tells nothing of the machine."""
    environment, ours = Path(sys.prefix), ROOT / ".venv"
    if file.is_relative_to(environment) and ours.exists() and ours.samefile(environment):
        # However it is reached: `.venv` may be a link to where it lies.
        return (Path(ours.name) / file.relative_to(environment)).as_posix()
    return Path(os.path.relpath(file, ROOT)).as_posix()


def _belongs(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts and path.suffix not in COMPILED


def _is_installers(path: Path) -> bool:
    # Of what installers write, only the licences are the same everywhere, and must go along.
    top = path.parts[0]
    licence = path.name.startswith(("LICENSE", "NOTICE")) or "licenses" in path.parts
    return top.endswith(".dist-info") and not licence
