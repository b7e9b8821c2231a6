"""What an editor says about a spec is what the compiler says.

A schema that underlines what builds would soon be ignored, so whatever it refuses, the compiler must refuse. What can be
seen in one value it must see.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema
import pytest

from graph.built import compiler
from schema.toml import read, seen, written
from schema.values import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec" / "staging.toml"
CASES = ROOT / "tests" / "diagnostics"
# The day on which the reports of the cases were made.
TODAY = "2026-06-01"
# Collections whose keys are names of the author's.
COLLECTIONS = {"functions", "routes", "plans"}

# Codes whose every mistake shows in one value, without knowing another.
VISIBLE = [
    "unknown-key",
    "missing-key",
    "wrong-type",
    "unsupported-version",
    "invalid-choice",
    "out-of-range",
    "invalid-cidr",
    "unknown-zone",
    "duplicate-zone",
    "unknown-engine-version",
    "unknown-instance-class",
    "unknown-runtime",
    "no-function",
    "no-route",
    "invalid-method",
    "nobody-allowed",
    "nobody-to-tell",
    "invalid-subscriber",
    "invalid-certificate",
    "invalid-parameter",
    "requirement-switched-off",
    "state-backend",
    "invalid-waiver",
]


def refusal(spec: dict[str, Any]) -> str | None:
    """Say what the schema has against a spec."""
    try:
        _validate(spec)
    except fastjsonschema.JsonSchemaValueException as error:
        return error.message
    return None


_validate: Callable[[dict[str, Any]], object] = fastjsonschema.compile(
    json.loads((SPEC.parent / "paystagec.schema.json").read_text())
)


@pytest.fixture
def errors(tmp_path: Path) -> Callable[[str], list[str]]:
    """Judge a spec with the compiler: the codes of its errors."""
    for named in ("schemas", "certificates"):
        shutil.copytree(SPEC.parent / named, tmp_path / named)

    def judge(text: str) -> list[str]:
        path = tmp_path / "spec.toml"
        path.write_text(text)
        return errors_of(path)

    return judge


def errors_of(path: Path) -> list[str]:
    """Give the codes of what the compiler has against a spec."""
    command = [compiler(), "check", path, "--message-format", "json", "--today", TODAY]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    assert done.returncode in {0, 1}, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [item["code"] for item in found if item.get("severity") == "error"]


def cases() -> Iterator[Path]:
    """Give every case that is TOML as Python reads it."""
    for path in sorted(CASES.glob("*/spec.toml")):
        try:
            tomllib.loads(path.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        yield path


@pytest.mark.parametrize("path", list(cases()), ids=lambda path: path.parent.name)
def test_what_it_refuses_the_compiler_refuses(path: Path) -> None:
    refused = refusal(read(path.read_text()))
    assert refused is None or errors_of(path), refused


@pytest.mark.parametrize("code", VISIBLE)
def test_it_sees_what_shows_in_one_value(code: str) -> None:
    spec = read((CASES / code / "spec.toml").read_text())
    assert refusal(spec) is not None


def test_the_spec_of_the_team_meets_it() -> None:
    assert refusal(read(SPEC.read_text())) is None


@pytest.mark.parametrize("name", ["production", "development"])
def test_a_spec_with_a_base_meets_it(name: str) -> None:
    """It says only what differs; whole it is with its base."""
    spec = read((SPEC.parent / f"{name}.toml").read_text())
    assert refusal(spec) is None
    del spec["base"]
    assert refusal(spec) is not None


def test_a_first_spec_meets_it(tmp_path: Path) -> None:
    answers = (
        "--owner=a",
        "--migration-date=2026-12-01",
        "--allow=192.0.2.0/24",
        "--notify=a@b.example",
    )
    command = [compiler(), "init", "spec.toml", "--yes", "--today", TODAY, *answers]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 - our own
    assert refusal(read((tmp_path / "spec.toml").read_text())) is None


def paths(table: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the path of every key, tables too."""
    for key, value in table.items():
        path = (*above, key)
        yield path
        if isinstance(value, dict):
            yield from paths(value, path)


def with_key(path: tuple[str, ...], name: str | None) -> dict[str, Any]:
    """Give the team's spec with one key renamed, or without it."""
    spec = tomllib.loads(SPEC.read_text())
    table = spec
    for key in path[:-1]:
        table = table[key]
    value = table.pop(path[-1])
    if name is not None:
        table[name] = value
    return spec


KEYS = list(paths(tomllib.loads(SPEC.read_text())))


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_key_that_is_left_out_is_missed_by_both_or_none(
    path: tuple[str, ...], errors: Callable[[str], list[str]]
) -> None:
    spec = with_key(path, None)
    refused = refusal(seen(spec))
    found = errors(written(spec))
    assert refused is None or found, refused
    assert "missing-key" not in found or refused is not None


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_key_that_is_renamed_is_unknown(
    path: tuple[str, ...], errors: Callable[[str], list[str]]
) -> None:
    spec = with_key(path, f"{path[-1]}_x")
    refused = refusal(seen(spec))
    assert refused is None or errors(written(spec)), refused
    is_name = len(path) > 1 and path[-2] in COLLECTIONS
    assert is_name or refused is not None


@pytest.mark.parametrize(("old", "new", "right"), VALUES, ids=[new for _, new, _ in VALUES])
def test_single_values_are_judged_as_the_compiler_judges_them(
    old: str, new: str, errors: Callable[[str], list[str]], *, right: bool
) -> None:
    text = SPEC.read_text()
    assert text.count(old) == 1
    text = text.replace(old, new)
    found = errors(text)
    assert (not found) == right, found
    refused = refusal(read(text))
    assert (refused is None) == right, refused


def test_every_key_of_the_schema_has_a_description() -> None:
    schema = json.loads((SPEC.parent / "paystagec.schema.json").read_text())
    found = list(properties(schema))
    assert len(found) > len(KEYS)
    for name, key in found:
        assert key["title"], name
        assert key["description"], name


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every key that a schema describes."""
    for name, key in schema.get("properties", {}).items():
        yield name, key
        for inner in (key, key.get("additionalProperties"), key.get("items")):
            if isinstance(inner, dict):
                yield from properties(inner)
