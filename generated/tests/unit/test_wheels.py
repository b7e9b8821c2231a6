"""FN-1: packages that a team's function locks come into its archive, the same ones from every machine.

No test here asks a package index: pip finds the wheels that the tests write.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pytest

import archives
import wheels

if TYPE_CHECKING:
    from collections.abc import Mapping

ARM = "manylinux_2_34_aarch64"
FOR_ARM = {"listed": "packages/refund.txt", "python": "3.13", "platform": ARM}


def _wheel(
    folder: Path, name: str, *, tags: str = "py3-none-any", needs: tuple[str, ...] = ()
) -> Path:
    """Write a wheel with one module, a script, and what it needs."""
    notes = f"{name}-1.0.dist-info"
    needed = "".join(f"Requires-Dist: {one}\n" for one in needs)
    inside = {
        f"{name}/__init__.py": f"NAME = {name!r}\n",
        f"{name}/.typed": "",
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needed}",
        f"{notes}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n",
        f"{notes}/entry_points.txt": f"[console_scripts]\n{name} = {name}:NAME\n",
    }
    record = "".join(f"{path},,\n" for path in (*inside, f"{notes}/RECORD"))
    path = folder / f"{name}-1.0-{tags}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in (inside | {f"{notes}/RECORD": record}).items():
            archive.writestr(file, text)
    return path


@pytest.fixture(name="index")
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project with one function of the team's, and a folder in the place of an index."""
    project, index = tmp_path / "project", tmp_path / "index"
    (project / "functions" / "refund").mkdir(parents=True)
    (project / "functions" / "refund" / "app.py").write_text("import money\n")
    (project / "packages").mkdir()
    index.mkdir()
    monkeypatch.setattr(archives, "ROOT", project)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return index


def _list(*found: Path, hashed: bytes | None = None) -> None:
    lines: list[str] = []
    for path in found:
        digest = hashlib.sha256(hashed or path.read_bytes()).hexdigest()
        lines.append(f"{path.name.split('-')[0]}==1.0 \\\n    --hash=sha256:{digest}\n")
    (archives.ROOT / "packages" / "refund.txt").write_text("".join(lines))


def _packed() -> Mapping[str, Path]:
    return wheels.paths(wheels.function_code("functions/refund", **FOR_ARM))


def test_locked_wheels_come_into_the_archive(index: Path) -> None:
    """FN-1: modules and what libraries read of themselves; no script, no notes of the installer."""
    _list(_wheel(index, "money"))
    packed = _packed()
    assert list(packed) == [
        "app.py",
        "money-1.0.dist-info/METADATA",
        "money-1.0.dist-info/WHEEL",
        "money-1.0.dist-info/entry_points.txt",
        "money/.typed",
        "money/__init__.py",
    ]
    assert all(path.is_file() for path in packed.values())
    assert packed["money/__init__.py"].read_text() == "NAME = 'money'\n"
    archive = wheels.function_code("functions/refund", **FOR_ARM)
    assets: Mapping[str, object] = archive.assets
    paths = [asset.path for asset in assets.values() if isinstance(asset, pulumi.FileAsset)]
    assert len(paths) == len(packed)
    assert not any(Path(path).is_absolute() for path in paths), "the state tells of the machine"


def test_they_are_installed_once(index: Path) -> None:
    """DEL-1: later runs need no index, as long as the list is the same."""
    wheel = _wheel(index, "money")
    _list(wheel)
    first = _packed()
    wheel.unlink()
    assert _packed() == first
    assert len(list((archives.ROOT / ".packages").iterdir())) == 1
    with pytest.raises(pulumi.RunError):
        wheels.installed("packages/refund.txt", "3.12", ARM)


def test_a_function_has_its_own_files_and_the_shared_ones(index: Path) -> None:
    """FN-1: what stands in the folder is what the team wrote; it is not replaced."""
    _list(_wheel(index, "money"))
    for name in ("functions/refund/money/__init__.py", "functions/shared/__init__.py"):
        (archives.ROOT / name).parent.mkdir()
        (archives.ROOT / name).write_text("OWN = True\n")
    archive = wheels.function_code("functions/refund", "functions/shared", **FOR_ARM)
    packed = wheels.paths(archive)
    assert packed["money/__init__.py"].read_text() == "OWN = True\n"
    assert "shared/__init__.py" in packed
    assert list(packed) == sorted(packed)


def test_compiled_wheels_are_the_functions_own(index: Path) -> None:
    """FN-1: by its Python, its processor and its C library, whatever this machine has."""
    _list(
        _wheel(index, "a", tags="cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64"),
        _wheel(index, "b", tags="cp313-cp313-manylinux_2_34_aarch64"),
        _wheel(index, "c", tags="cp39-abi3-manylinux_2_28_aarch64"),
        _wheel(index, "d", tags="py3-none-manylinux2014_aarch64"),
    )
    assert {f"{name}/__init__.py" for name in "abcd"} <= set(_packed())


def test_wheels_of_others_are_refused_by_name(index: Path) -> None:
    """FN-1: before anything is deployed, with a way out; nothing half is left."""
    others = (
        "cp313-cp313-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux_2_35_aarch64",
        "cp312-cp312-manylinux_2_17_aarch64",
        "cp313-cp313-musllinux_1_2_aarch64",
    )
    _list(*[_wheel(index, "money", tags=tags) for tags in others][:1])
    with pytest.raises(pulumi.RunError) as refused:
        _packed()
    assert "packages/refund.txt: money==1.0 has no wheel" in str(refused.value)
    assert "pip install --no-deps --target FOLDER money==1.0" in str(refused.value)
    assert not list((archives.ROOT / ".packages").iterdir())


def test_no_package_is_built(index: Path) -> None:
    """FN-1: what a build makes differs from machine to machine."""
    source = index / "money-1.0.tar.gz"
    source.write_bytes(b"never opened")
    _list(source)
    with pytest.raises(pulumi.RunError, match=r"money==1\.0 has no wheel"):
        _packed()


def test_another_content_is_refused(index: Path) -> None:
    """FN-1: the hash is that of the file that was locked."""
    _list(_wheel(index, "money"), hashed=b"what was locked")
    with pytest.raises(pulumi.RunError) as refused:
        _packed()
    assert "packages/refund.txt: its packages cannot be installed" in str(refused.value)
    assert "DO NOT MATCH THE HASHES" in str(refused.value)


def test_settings_of_the_machine_do_not_matter(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEL-1: not even those that pip would refuse together with ours."""
    monkeypatch.setenv("PIP_USER", "1")
    _list(_wheel(index, "money"))
    assert "money/__init__.py" in _packed()


def test_a_python_without_pip_is_named(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEL-4: some tools make environments without it."""
    _list(_wheel(index, "money"))
    (index / "pip.py").write_text("raise ModuleNotFoundError('No module named pip')\n")
    monkeypatch.setenv("PYTHONPATH", str(index))
    with pytest.raises(pulumi.RunError, match="-m ensurepip"):
        _packed()


def test_what_packages_need_has_to_be_locked_too(index: Path) -> None:
    """FN-1: for the function's Python; what its folder or Lambda bring needs no lock."""
    needs = (
        "rates>=2",
        "boto3",
        "typing-extensions",
        "tomli; python_version < '3.11'",
        "colorama; sys_platform == 'win32'",
        "fast; platform_machine == 'aarch64'",
        "slow; platform_machine == 'x86_64'",
        "colours; extra == 'all'",
    )
    money = _wheel(index, "money", needs=needs)
    _list(money)
    with pytest.raises(pulumi.RunError) as refused:
        _packed()
    assert "functions/refund: its lock leaves out fast (for money), rates (for money)." in str(
        refused.value
    )
    _list(money, _wheel(index, "rates"))
    (archives.ROOT / "functions" / "refund" / "fast.py").write_text("")
    assert "rates/__init__.py" in _packed()
    (archives.ROOT / "functions" / "refund" / "fast.py").unlink()
    (archives.ROOT / "functions" / "refund" / "Fast-2.0.dist-info").mkdir()
    (archives.ROOT / "functions" / "refund" / "Fast-2.0.dist-info" / "METADATA").write_text("")
    assert "rates/__init__.py" in _packed()


def test_what_the_code_imports_has_to_be_there(index: Path) -> None:
    """FN-1: by the names of modules, which are not always those of packages."""
    _list(_wheel(index, "money"))
    (archives.ROOT / "functions" / "refund" / "rates.py").write_text("")
    wheels.function_code("functions/refund", **FOR_ARM, modules=["money"])
    with pytest.raises(pulumi.RunError) as refused:
        wheels.function_code("functions/refund", **FOR_ARM, modules=["cash", "money", "coins"])
    assert "functions/refund: no package that is locked brings cash, coins, which" in str(
        refused.value
    )


def test_conditions_are_answered_for_the_function() -> None:
    """FN-1: a machine with another Python or processor gets the same archive."""
    told = wheels.environment("3.12", "manylinux_2_26_x86_64")
    assert told["python_version"] == "3.12"
    assert told["python_full_version"] == told["implementation_version"] == "3.12.99"
    assert told["platform_machine"] == "x86_64"
    assert (told["os_name"], told["sys_platform"], told["platform_system"]) == (
        "posix",
        "linux",
        "Linux",
    )
    assert (told["implementation_name"], told["platform_python_implementation"]) == (
        "cpython",
        "CPython",
    )
    assert told["extra"] == ""


def test_a_platform_has_what_older_ones_have() -> None:
    """FN-1: down to the oldest that wheels are made for."""
    told = wheels.options("3.13", ARM)
    platforms = [told[at + 1] for at, word in enumerate(told) if word == "--platform"]
    assert platforms[0] == ARM
    assert platforms[-2:] == ["manylinux_2_5_aarch64", "manylinux2014_aarch64"]
    assert len(platforms) == len(set(platforms)) == 31
    assert told[:6] == ["--implementation", "cp", "--python-version", "3.13", "--abi", "cp313"]
    with pytest.raises(ValueError, match="not a platform"):
        wheels.options("3.13", "macosx_11_0_arm64")


def test_what_lambda_would_refuse_is_refused_before(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FN-1: packed and unpacked, with what takes most of it."""
    assert (wheels.MOST_PACKED, wheels.MOST_UNPACKED) == (52_428_800, 262_144_000)
    _list(_wheel(index, "money"))
    large = archives.ROOT / "functions" / "refund" / "rates.bin"
    monkeypatch.setattr(wheels, "MOST_PACKED", 2**20)
    monkeypatch.setattr(wheels, "MOST_UNPACKED", 6 * 2**20)
    layer = sum(path.stat().st_size for path in wheels.paths(archives.libraries_layer()).values())
    small = sum(path.stat().st_size for path in _packed().values())

    large.write_bytes(bytes(6 * 2**20 - layer - small))
    assert "rates.bin" in _packed()
    large.write_bytes(bytes(6 * 2**20 - layer - small + 1))
    with pytest.raises(pulumi.RunError, match="6 MiB unpacked; Lambda takes 1 MiB and 6 MiB"):
        _packed()

    monkeypatch.setattr(wheels, "MOST_UNPACKED", 2**30)
    large.write_bytes(os.urandom(2**20 - 4_096))
    assert "rates.bin" in _packed()
    large.write_bytes(os.urandom(2**20))
    with pytest.raises(pulumi.RunError, match=r"refund: its archive has 1 MiB packed .*rates\.bin"):
        _packed()
