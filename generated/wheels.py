"""Packages of the team's own functions: wheels, installed when the program runs.

``packages/`` has a list for each function whose folder locks any: their versions and hashes, for
the Python and the processor that it runs on. Whatever machine deploys, the list gives the same files.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import pulumi
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import archives

# Beside the project, for the next run; nothing there is kept in git.
INSTALLED = ".packages"
# What installers write, and differently on each machine.
OF_INSTALLERS = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})
# What Lambda's runtime brings; the layer of all functions has the rest.
RUNTIME = ("boto3", "botocore", "s3transfer", "urllib3")
# What Lambda takes with the call, and unpacks of code and layers.
MOST_PACKED = 50 * 2**20
MOST_UNPACKED = 250 * 2**20
# Of a file in an archive, beside its content and twice its name.
OVERHEAD = 100


def function_code(
    folder: str,
    *packages: str,
    listed: str,
    python: str,
    platform: str,
    modules: Sequence[str] = (),
) -> pulumi.AssetArchive:
    """Archive of one function's folder with what is listed for it; its own files come first.

    ``modules`` are what the function imports and nothing else brings.
    """
    own: Mapping[str, pulumi.Asset | pulumi.Archive] = archives.function_code(
        folder, *packages
    ).assets
    site = installed(listed, python, platform)
    found = {name: f"{INSTALLED}/{site.name}/{name}" for name in files(site)}
    _refuse_gaps(folder, site, own, environment(python, platform))
    wheels = {name: pulumi.FileAsset(path) for name, path in found.items()}
    whole = pulumi.AssetArchive(dict(sorted({**wheels, **own}.items())))
    _refuse_unknown(folder, modules, found)
    _refuse_size(folder, paths(whole))
    return whole


def installed(listed: str, python: str, platform: str) -> Path:
    """Give the folder with the packages of a list; they are installed once."""
    path = archives.ROOT / listed
    arguments = options(python, platform)
    told = hashlib.sha256(path.read_bytes() + "\0".join(arguments).encode())
    home = archives.ROOT / INSTALLED
    target = home / told.hexdigest()[:16]
    if not target.is_dir():
        home.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            whole = Path(scratch) / "whole"
            whole.mkdir()
            _install(path, whole, arguments)
            # Another run may have been faster.
            if not target.is_dir():
                whole.rename(target)
    return target


def options(python: str, platform: str) -> list[str]:
    """Tell pip what the function runs on: `manylinux_2_34_aarch64` has all that older ones have."""
    found = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", platform)
    if found is None:
        message = f"{platform}: not a platform such as manylinux_2_34_aarch64"
        raise ValueError(message)
    newest, machine = int(found[1]), found[2]
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 4, -1)]
    platforms.append(f"manylinux2014_{machine}")
    return [
        *("--implementation", "cp", "--python-version", python),
        *("--abi", f"cp{python.replace('.', '')}"),
        *(word for name in platforms for word in ("--platform", name)),
    ]


def environment(python: str, platform: str) -> dict[str, str]:
    """Answer the conditions of packages for the function, not for this machine."""
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "implementation_name": "cpython",
        "implementation_version": f"{python}.99",
        "os_name": "posix",
        "platform_machine": platform.split("_", 3)[3],
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.99",
        "python_version": python,
        "sys_platform": "linux",
        "extra": "",
    }


def files(site: Path) -> Iterator[str]:
    """Name the files that the wheels brought, and none that an installer wrote."""
    for distribution in metadata.distributions(path=[str(site)]):
        for file in distribution.files or []:
            is_cache = "__pycache__" in file.parts or file.suffix == ".pyc"
            is_note = file.parts[0].endswith(".dist-info") and file.name in OF_INSTALLERS
            # Scripts stand outside, with the path of this machine's Python.
            if file.parts[0] != ".." and not is_cache and not is_note:
                yield file.as_posix()


def gaps(
    site: Path, own: Mapping[str, object], conditions: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Find packages that others need where the function runs, and that nobody brings."""
    distributions = list(metadata.distributions(path=[str(site)]))
    there = {canonicalize_name(one.name) for one in distributions}
    there |= {canonicalize_name(name) for name in (*archives.LIBRARIES, *RUNTIME)}
    # Copied into the function's folder: with its notes, or as a module of that name.
    first = {name.split("/")[0] for name in own}
    there |= {canonicalize_name(name.removesuffix(".py")) for name in first}
    noted = {name.removesuffix(".dist-info") for name in first if name.endswith(".dist-info")}
    there |= {canonicalize_name(name.rpartition("-")[0]) for name in noted}
    for one in distributions:
        for text in one.requires or []:
            needed = Requirement(text)
            is_needed = needed.marker is None or needed.marker.evaluate(dict(conditions))
            if is_needed and canonicalize_name(needed.name) not in there:
                yield one.name, needed.name


def paths(archive: pulumi.AssetArchive) -> dict[str, Path]:
    """Return the files of an archive on this machine, by their names within it."""
    found: Mapping[str, object] = archive.assets
    return {
        name: archives.ROOT / str(asset.path)
        for name, asset in found.items()
        if isinstance(asset, pulumi.FileAsset)
    }


def _install(listed: Path, target: Path, arguments: list[str]) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-input", "--no-deps", "--no-compile", "--only-binary", ":all:"),
        *("--require-hashes", "--target", str(target), *arguments, "--requirement", str(listed)),
    ]
    # Settings of this machine choose the index; they do not change what is installed.
    done = subprocess.run(  # noqa: S603 - this Python's own pip
        command,
        capture_output=True,
        check=False,
        env={**os.environ, "PIP_USER": "0"},
        text=True,
    )
    if done.returncode == 0:
        return
    name = f"{listed.parent.name}/{listed.name}"
    without = re.search(r"No matching distribution found for (\S+)", done.stderr)
    if without is not None:
        message = (
            f"{name}: {without[1]} has no wheel for this function's Python and processor, or the "
            "package index does not have it. Take a version that has one, or another package; if "
            "it is pure Python, put it into the function's folder: "
            f"pip install --no-deps --target FOLDER {without[1]}"
        )
    elif "No module named pip" in done.stderr:
        message = f"{name}: {sys.executable} has no pip: {sys.executable} -m ensurepip"
    else:
        message = f"{name}: its packages cannot be installed.\n{done.stderr.strip()}"
    raise pulumi.RunError(message)


def _refuse_gaps(
    folder: str, site: Path, own: Mapping[str, object], conditions: Mapping[str, str]
) -> None:
    missing = sorted(set(gaps(site, own, conditions)))
    if missing:
        needed = ", ".join(f"{name} (for {package})" for package, name in missing)
        message = (
            f"{folder}: its lock leaves out {needed}. Lock it again with what the packages need: "
            "uv pip compile --universal --generate-hashes requirements.in -o requirements.txt"
        )
        raise pulumi.RunError(message)


def _refuse_unknown(folder: str, modules: Sequence[str], contents: Iterable[str]) -> None:
    # `yaml/__init__.py`, `six.py`, `_cffi_backend.cpython-313-aarch64-linux-gnu.so`.
    there = {name.split("/")[0].split(".")[0] for name in contents}
    missing = ", ".join(module for module in modules if module not in there)
    if missing:
        message = (
            f"{folder}: no package that is locked brings {missing}, which its code imports. Lock "
            "the package, or remove the import; one in a function or a `try` is not looked at"
        )
        raise pulumi.RunError(message)


def _refuse_size(folder: str, contents: Mapping[str, Path]) -> None:
    """Judge what Lambda would refuse in the middle of a deployment."""
    sizes = {name: path.stat().st_size for name, path in contents.items()}
    layer = paths(archives.libraries_layer()).values()
    unpacked = sum(sizes.values()) + sum(path.stat().st_size for path in layer)
    packed = 0
    if unpacked > MOST_PACKED:
        packed = sum(
            len(zlib.compress(path.read_bytes())) + 2 * len(name) + OVERHEAD
            for name, path in contents.items()
        )
    if unpacked > MOST_UNPACKED or packed > MOST_PACKED:
        by_first: Counter[str] = Counter()
        for name, size in sizes.items():
            by_first[name.split("/")[0]] += size
        largest = ", ".join(f"{name} {_mib(size)}" for name, size in by_first.most_common(3))
        message = (
            f"{folder}: its archive has {_mib(packed)} packed and, with the layer, "
            f"{_mib(unpacked)} unpacked; Lambda takes {_mib(MOST_PACKED)} and "
            f"{_mib(MOST_UNPACKED)}. Most of it: {largest}"
        )
        raise pulumi.RunError(message)


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
