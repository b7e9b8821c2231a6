"""The commands of `generated/deployer/README.md`, run with a stand-in for AWS's command line; moto's IAM takes what they hand over."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from deployer.evaluate import DEPLOYER, policies

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
# Says what it was asked, one word a line; knows who calls.
STAND_IN = f"""
aws() {{
  if [[ "$*" == "sts get-caller-identity --query Account --output text" ]]; then echo {ACCOUNT}; return; fi
  printf '%s\\n' "$@" --- >> "$LOG"
}}
"""


def _blocks() -> list[str]:
    readme = (DEPLOYER / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)


def _run(script: str, folder: Path, tmp: Path) -> list[list[str]]:
    """Run a part of the README in a folder, and give what it asked of AWS."""
    log = tmp / "log"
    log.unlink(missing_ok=True)
    subprocess.run(  # noqa: S603 - text of this repository
        ["bash", "-euo", "pipefail", "-c", STAND_IN + script.replace("/tmp/", f"{tmp}/")],  # noqa: S607, S108
        cwd=folder,
        env={"LOG": str(log), "PATH": "/usr/bin:/bin"},
        check=True,
    )
    calls = log.read_text(encoding="utf-8").split("---\n") if log.exists() else []
    return [call.splitlines() for call in calls if call]


def _after(call: list[str], option: str) -> str:
    return call[call.index(option) + 1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "deployer"
    shutil.copytree(DEPLOYER, copied)
    return copied


def test_roles_get_what_their_sets_say(folder: Path, tmp_path: Path) -> None:
    blocks = [block for block in _blocks() if "aws " in block]
    calls = _run("\n".join(blocks), folder, tmp_path)
    made = {_after(call, "--policy-name") for call in calls if "create-policy" in call}
    copy = made.pop().rpartition("-staging-")[2]
    coverage = json.loads((DEPLOYER / "coverage.json").read_text(encoding="utf-8"))
    assert coverage["tail"] == f"-staging-{copy}"
    attached: dict[str, set[str]] = {}
    for call in calls:
        if "attach-role-policy" in call:
            attached.setdefault(_after(call, "--role-name"), set()).add(
                _after(call, "--policy-arn")
            )
    for name in ("preview", "change", "destroy"):
        assert attached.pop(f"deployer-{name}{coverage['tail']}") == {
            f"arn:aws:iam::{ACCOUNT}:policy/deployer-{file}{coverage['tail']}"
            for file in coverage["sets"][name]
        }
    assert not attached


@mock_aws
def test_iam_takes_policies_and_trusts(folder: Path, tmp_path: Path) -> None:
    iam = boto3.client("iam", "us-east-1")
    files = [file for file in sorted(folder.glob("*.json")) if file.stem != "coverage"]
    arns: dict[str, str] = {}
    for file in files:
        document = file.read_text(encoding="utf-8")
        policy = iam.create_policy(PolicyName=file.stem, PolicyDocument=document)["Policy"]
        arns[file.stem] = policy.get("Arn", "")
    assert len(arns) > 3
    trusts = [block for block in _blocks() if "trust.json <<END" in block]
    assert len(trusts) == 2
    for number, trust in enumerate(trusts):
        _run(f"account={ACCOUNT}\n{trust}", folder, tmp_path)
        document = (tmp_path / "trust.json").read_text(encoding="utf-8")
        role = f"deployer-{number}"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)
        for arn in arns.values():
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def test_another_suffix_takes_the_same_policies(folder: Path, tmp_path: Path) -> None:
    (block,) = [block for block in _blocks() if "sed " in block]
    _run(block, folder, tmp_path)
    other = tmp_path / "deployer-pr42"
    for name in ("preview", "up", "change", "destroy"):
        assert policies(name, folder=other) == policies(name, suffix="pr42")
    text = "".join(file.read_text(encoding="utf-8") for file in other.iterdir())
    assert "-staging-main" not in text
    assert text.count("-staging-pr42") > 100
