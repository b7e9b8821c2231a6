"""The project's own integration tests on a stack that was deployed here."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from account import suite
from engine.stack import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from account.conftest import Deployed
    from account.endpoint import Endpoint

ID = re.compile(r"\b[A-Z][A-Z0-9]*-\d+\b")
# The program, its unit tests and its documents do not show on a stack.
NOT_DEPLOYED = {"DEL-1", "DEL-2", "DEL-4"}


def test_the_deployed_stack_is_what_it_should_be(deployed: Deployed) -> None:
    found = suite.run(deployed.outputs, deployed.aws.url)
    assert found.failed == {}, found
    # Whatever the endpoint lacks is listed, and nothing else is left out.
    assert found.lacking.keys() == json.loads(suite.LACKS.read_text()).keys()
    proven = {id_ for test in found.passed for id_ in _requirements()[test.partition("[")[0]]}
    listed = tomllib.loads((ROOT / "src" / "requirements.toml").read_text())["requirement"]
    assert {each["id"] for each in listed} - proven == NOT_DEPLOYED


@cache
def _requirements() -> dict[str, set[str]]:
    """Return the ids that the docstrings of the tests name."""
    return {
        f"{file.name}::{function.name}": set(ID.findall(ast.get_docstring(function) or ""))
        for file in (suite.GENERATED / "tests" / "integration").glob("test_*.py")
        for function in ast.parse(file.read_text()).body
        if isinstance(function, ast.FunctionDef)
    }


def test_a_gap_that_is_none_fails_the_run(deployed: Deployed, tmp_path: Path) -> None:
    lacks = tmp_path / "lacks.json"
    lacks.write_text(
        json.dumps({"test_keys.py::test_keys_rotate": {"why": "not so", "failure": "E"}})
    )
    found = suite.run(deployed.outputs, deployed.aws.url, ("test_keys.py",), lacks=lacks)
    assert found.failed.keys() == {"test_keys.py::test_keys_rotate"}


def test_a_failure_that_is_not_the_expected_one_fails_the_run(
    deployed: Deployed, tmp_path: Path
) -> None:
    name, lack = next(iter(json.loads(suite.LACKS.read_text()).items()))
    lacks = tmp_path / "lacks.json"
    for failure, key in ((lack["failure"], "lacking"), ("another failure", "failed")):
        lacks.write_text(json.dumps({name: {**lack, "failure": failure}}))
        found = suite.run(deployed.outputs, deployed.aws.url, (name,), lacks=lacks)
        assert getattr(found, key).keys() == {name}


@pytest.mark.parametrize(
    "listed",
    [
        '{"test_keys.py::test_no_such_test": {"why": "so", "failure": "it"}}',
        '{"test_keys.py::test_keys_rotate": {"why": "so", "failure": ""}}',
        '{"test_keys.py::test_keys_rotate": {"why": "so"}}',
        '{"test_keys.py::test_keys_rotate": "so"}',
        "[]",
    ],
)
def test_a_list_of_gaps_has_to_be_right(deployed: Deployed, tmp_path: Path, listed: str) -> None:
    lacks = tmp_path / "lacks.json"
    lacks.write_text(listed)
    with pytest.raises(suite.SuiteError, match="PAYSTAGE_ENDPOINT_LACKS"):
        suite.run(deployed.outputs, deployed.aws.url, ("test_keys.py",), lacks=lacks)


def _as_if(account: str) -> dict[str, Any]:
    """Give outputs of a stack that is not there."""
    text = (suite.GENERATED / "tests" / "integration" / "outputs.py").read_text()
    names = re.findall(r"^    (\w+): (?:str|float|int|Mapping)", text, re.MULTILINE)
    return {**dict.fromkeys(names, "x"), "region": "us-east-1", "account_id": account}


def test_without_credentials_it_ends_at_once() -> None:
    with pytest.raises(suite.SuiteError, match="AWS does not know who asks") as raised:
        suite.run(_as_if("123456789012"), "http://127.0.0.1:9", key="")
    # Once, and not in every test.
    assert str(raised.value).count("AWS does not know who asks") == 1


def test_with_credentials_of_another_account_it_ends_at_once(server: Endpoint) -> None:
    with pytest.raises(suite.SuiteError, match="in account 999999999999, the credentials are of"):
        suite.run(_as_if("999999999999"), server.url)


def test_without_a_stack_it_says_what_it_needs(deployed: Deployed) -> None:
    with pytest.raises(suite.SuiteError, match="the stack has no output"):
        suite.run({}, deployed.aws.url, ("test_keys.py",))
