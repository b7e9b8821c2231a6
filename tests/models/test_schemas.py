"""The generated tests say of a body's schema what the compiler says: both are held against the same table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TABLE = Path(__file__).with_name("schemas.json")
CASES = json.loads(TABLE.read_text("utf-8"))
# Only the compiler judges regular expressions.
OF_THE_COMPILER = {"regular expression"}
JUDGE = """
import json, sys
from tests.unit import draft_4
cases = json.load(sys.stdin)
print(json.dumps([draft_4.faults(json.dumps(case["schema"])) for case in cases]))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, list[str]]:
    """What the generated tests say of each schema of the table, in one process."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", JUDGE],
        cwd=ROOT / "generated",
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    faults = json.loads(done.stdout)
    return {case["name"]: found for case, found in zip(CASES, faults, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_generated_tests_judge_as_the_compiler_does(
    case: dict[str, str], said: dict[str, list[str]]
) -> None:
    """A schema that builds passes the tests of its project, and one that does not would fail them."""
    is_refused = bool(case["fault"]) and case["fault"] not in OF_THE_COMPILER
    assert bool(said[case["name"]]) == is_refused, said[case["name"]]
