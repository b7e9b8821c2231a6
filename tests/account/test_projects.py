"""The generated integration tests hold for any valid spec, on a stack that was deployed here.

``INTEGRATION_SEEDS="5 22"`` takes other specs than the usual one. Some cannot come up at this endpoint:
the test then fails at `up` and says why.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, cast

import pytest

from account import suite
from account.simulated import simulated
from account.world import world
from cloud import tokens as t
from cloud.kinds.apis import ACCOUNT_ID
from engine.project import Project
from properties.projects import TODAY, Case, written

if TYPE_CHECKING:
    from pathlib import Path

    from account.provider import Account
    from account.world import World

SEEDS = os.environ.get("INTEGRATION_SEEDS", "22").split()
# What moto lacks may not show with a spec that asks less of it.
NOT_MISSED = "[XPASS(strict)]"

ANOTHER_ROLE = "arn:aws:iam::123456789012:role/another-stack"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_deployed_stack_of_any_spec_is_what_it_should_be(seed: str, tmp_path: Path) -> None:
    """What the integration tests demand of a deployed stack, any valid spec gives them."""
    case = written(tmp_path / "cases", [seed])[seed]
    lacks = tmp_path / "lacks.json"
    lacks.write_text(json.dumps(_lacks(case)))
    project = Project(tmp_path / "team", case.spec, case.project, today=TODAY)
    # What the spec names may lie above it.
    for file in case.folder.glob("*.*"):
        shutil.copy(file, tmp_path / "team")
    with world(tmp_path / "world", project) as made:
        _as_another_stack_left_it(made)
        _as_owners_of_keys_left_them(made, project.folder)
        made.stack.up()
        with simulated(made) as (_, outputs):
            found = suite.run(outputs, made.aws.url, project=project.folder, lacks=lacks)
        failed = {test: why for test, why in found.failed.items() if not why.startswith(NOT_MISSED)}
        assert failed == {}, case.failure(str(found))
        made.stack.destroy()
    shutil.rmtree(tmp_path)


def _as_another_stack_left_it(made: World) -> None:
    """Give the account the role by which API Gateway logs: a spec may leave that to another stack."""
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": ANOTHER_ROLE}
    made.aws.client("apigateway").update_account(patchOperations=[role])
    account = cast("Account", made.engine.cloud)
    account.stands(t.API_ACCOUNT, id=ACCOUNT_ID, cloudwatchRoleArn=ANOTHER_ROLE)


def _as_owners_of_keys_left_them(made: World, folder: Path) -> None:
    """Make the keys that others own, with the statements of the document for them; ids are chosen by KMS, so that ours follow."""
    text = (folder / "tests" / "owners_keys.py").read_text()
    kms = made.aws.client("kms")
    for role, arn in re.findall(r'"(\w+)": "(arn:[^"]+)"', text):
        section = (folder / "docs" / "keys.md").read_text().partition(f"\n## {role}\n")[2]
        statements = json.loads(section.partition("```json\n")[2].partition("```")[0])
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        key = kms.create_key(Policy=policy)["KeyMetadata"]
        kms.enable_key_rotation(KeyId=key["KeyId"])
        cast("Account", made.engine.cloud).stands(
            t.KEY, id=key["KeyId"], arn=key["Arn"], policy=policy
        )
        for file in folder.rglob("*.*"):
            if file.suffix in {".py", ".md", ".json"} and arn in file.read_text():
                file.write_text(file.read_text().replace(arn, key["Arn"]))


def _lacks(case: Case) -> dict[str, dict[str, str]]:
    """Return what the endpoint lacks of the tests that this project has."""
    there = {path.name for path in (case.project / "tests" / "integration").glob("test_*.py")}
    listed = json.loads(suite.LACKS.read_text())
    return {test: lack for test, lack in listed.items() if test.partition("::")[0] in there}
