"""DEST-1: the script that says what is left after ``pulumi destroy``, on answers as AWS gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from residue import __main__ as command
from residue.findings import Copy, Finding, as_table
from residue.lists import LISTS
from residue.search import Search

MAIN = Copy(environment="staging", suffix="main")
TAGS = [{"Key": "Environment", "Value": "staging"}, {"Key": "Name", "Value": "x-staging-main"}]
ACCOUNT = "123456789012"
NUMBER = "0a1b2c3d-0000-1111-2222-333344445555"


class Client:
    """Answers with what it was given, by operation, and else with nothing."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def can_paginate(self, operation: str) -> bool:
        """Know no pages."""
        del operation
        return False

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - as boto3's clients
        """Return an operation."""
        answer = self._answers.get(operation, {})

        def answered(**arguments: object) -> Any:  # noqa: ANN401 - as AWS answers
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else answer

        return answered


def _search(answers: Mapping[str, Any], **more: Any) -> Search:  # noqa: ANN401 - of any type
    clients: dict[str, Client] = {}
    return Search(
        client=lambda service: clients.setdefault(service, Client(answers)), copy=MAIN, **more
    )


def _found(answers: Mapping[str, Any], **more: Any) -> list[Finding]:  # noqa: ANN401 - of any type
    return _search(answers, **more).findings()


@pytest.mark.parametrize(
    "name",
    [
        "rds-staging-main",
        "lambda-health-staging-main",
        f"s3-audit-staging-main-{ACCOUNT}",
        "/aws/rds/instance/rds-staging-main/postgresql",
        f"AWS Lambda VPC ENI-lambda-health-staging-main-{NUMBER}",
    ],
)
def test_names_of_the_copy_are_known(name: str) -> None:
    """DEST-1, NAME-1: the suffix at the end of a name, or before what AWS adds."""
    assert MAIN.owns(name)


@pytest.mark.parametrize(
    "name",
    [
        "rds-staging-main2",
        "rds-staging-other",
        "rds-staging-pr-main",
        "rds-production-main",
        "rds-staging-main-copy",
        "main",
        f"s3-audit-staging-main-two-{ACCOUNT}",
    ],
)
def test_names_of_others_are_not(name: str) -> None:
    """DEST-1: neither another suffix nor another environment is ours."""
    assert not MAIN.owns(name)


def test_an_empty_account_is_clean() -> None:
    """DEST-1: nothing is found, and everything was looked at."""
    search = _search({})
    assert search.findings() == []
    assert search.unseen == {}


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.kind)
def test_each_kind_is_found_and_foreign_ones_are_not(listed: Any) -> None:  # noqa: ANN401 - a row
    """DEST-1: by its name, or by its tags where it has none."""

    def row(name: str, tags: Sequence[Mapping[str, str]]) -> object:
        if not listed.id:
            return f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{name}"
        named = {listed.name: name} if listed.name else {"Tags": tags}
        return {listed.id: f"id-of-{name}", **named}

    foreign = [{**tag, "Value": tag["Value"].replace("main", "pr42")} for tag in TAGS]
    answers = {
        listed.operation: {
            listed.rows: [row("x-staging-main", TAGS), row("x-staging-pr42", foreign)]
        }
    }
    search = _search(
        # Of the other kinds that the same service lists, nothing is asked.
        answers,
        without=frozenset({one.service for one in LISTS} - {listed.service}),
    )
    found = [one for one in search.findings() if one.kind == listed.kind]
    assert [one.name for one in found] == ["x-staging-main"]
    assert found[0].harms


def _key(state: str) -> Mapping[str, Any]:
    def tags(**arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as AWS takes them
        assert arguments == {"KeyId": "k1"}
        return {"Tags": [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in TAGS]}

    return {
        "list_keys": {"Keys": [{"KeyId": "k1"}]},
        "describe_key": {
            "KeyMetadata": {
                "KeyManager": "CUSTOMER",
                "KeyState": state,
                "DeletionDate": datetime(2026, 12, 24, tzinfo=UTC),
            }
        },
        "list_resource_tags": tags,
    }


def test_a_key_that_waits_for_its_deletion_harms_nothing() -> None:
    """DEST-1, SEC-1: it is listed with its date; a key that does not wait is billed."""
    (waiting,) = _found(_key("PendingDeletion"))
    assert (waiting.until, waiting.harms) == ("2026-12-24", False)
    (enabled,) = _found(_key("Enabled"))
    assert enabled.harms
    assert "USD" in enabled.bills


def test_the_secret_of_a_database_is_known_by_its_tag() -> None:
    """DEST-1: RDS gives it a name without the suffix."""
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:rds-staging-main"
    row = {
        "ARN": "secret-1",
        "Name": "rds!db-1",
        "Tags": [{"Key": "aws:rds:primaryDBInstanceArn", "Value": arn}],
    }
    (kept,) = _found({"list_secrets": {"SecretList": [row]}})
    assert kept.bills
    gone = {**row, "DeletedDate": datetime(2026, 12, 1, tzinfo=UTC)}
    (waiting,) = _found({"list_secrets": {"SecretList": [gone]}})
    assert (waiting.until, waiting.bills, waiting.blocks) == ("2026-12-01", "", "")


def test_interfaces_of_lambda_are_reported_with_their_delay() -> None:
    """DEST-1: by the function's name, also when the VPC's tags are gone."""
    row = {
        "NetworkInterfaceId": "eni-1",
        "VpcId": "vpc-1",
        "Description": f"AWS Lambda VPC ENI-lambda-health-staging-main-{NUMBER}",
    }
    other = {**row, "NetworkInterfaceId": "eni-2", "Description": "ELB app/other/1"}
    (found,) = _found({"describe_network_interfaces": {"NetworkInterfaces": [row, other]}})
    assert found.id == "eni-1"
    assert found.blocks
    assert "45 minutes" in found.until


@pytest.mark.parametrize(("state", "count"), [("available", 1), ("deleting", 1), ("deleted", 0)])
def test_a_deleted_gateway_is_not_left(state: str, count: int) -> None:
    """DEST-1: AWS lists it for an hour."""
    row = {"NatGatewayId": "nat-1", "State": state, "Tags": TAGS}
    found = _found({"describe_nat_gateways": {"NatGateways": [row]}})
    assert len(found) == count
    assert all(one.harms for one in found)


def test_backups_bill() -> None:
    """DEST-1, DB-3: snapshots and retained backups outlive the database."""
    snapshot = {
        "DBInstanceIdentifier": "rds-staging-main",
        "DBSnapshotArn": "s1",
        "DBSnapshotIdentifier": "before",
    }
    backup = {
        "DBInstanceIdentifier": "rds-staging-main",
        "DbiResourceId": "db-1",
        "BackupRetentionPeriod": 7,
        "Status": "retained",
    }
    # That of an instance that runs.
    active = {**backup, "DbiResourceId": "db-2", "Status": "active"}
    found = _found(
        {
            "describe_db_snapshots": {"DBSnapshots": [snapshot]},
            "describe_db_instance_automated_backups": {
                "DBInstanceAutomatedBackups": [backup, active]
            },
        }
    )
    assert [(one.kind, one.id) for one in found] == [
        ("DB snapshot", "s1"),
        ("automated backup", "db-1"),
    ]
    assert all(one.bills for one in found)


def test_the_log_group_of_the_api_is_found_by_its_id() -> None:
    """DEST-1: its name has no suffix."""
    name = "API-Gateway-Execution-Logs_abc123/staging"

    def groups(**arguments: str) -> Mapping[str, Any]:
        start = arguments.get("logGroupNamePrefix", "")
        return {"logGroups": [{"logGroupName": name}] if name.startswith(start) else []}

    assert _found({"describe_log_groups": groups}) == []
    (found,) = _found({"describe_log_groups": groups}, api_id="abc123")
    assert found.bills
    assert _found({"describe_log_groups": groups}, api_id="other") == []


@pytest.mark.parametrize("export", ["postgresql", "upgrade", "iam-db-auth-error"])
def test_a_log_group_that_rds_made_again_blocks(export: str) -> None:
    """DEST-1, MON-1: the last lines come late, and the next `up` would find the name taken."""
    name = f"/aws/rds/instance/rds-staging-main/{export}"
    others = "/aws/rds/instance/rds-staging-other/postgresql"
    rows = [{"logGroupName": name}, {"logGroupName": others}]
    (found,) = _found({"describe_log_groups": {"logGroups": rows}})
    assert found.name == name
    assert found.harms
    assert found.blocks
    assert "RDS" in found.why


def test_what_no_list_knows_is_found_by_its_tags() -> None:
    """DEST-1, TAG-1: whatever else carries them, and nothing twice."""
    start = f"arn:aws:glue:us-east-1:{ACCOUNT}:job"
    rows = [
        {"ResourceARN": f"{start}/ours", "Tags": TAGS},
        {"ResourceARN": f"{start}/others", "Tags": [TAGS[0]]},
        # Deleted a moment ago; its own list knows better than the index.
        {"ResourceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-1", "Tags": TAGS},
    ]
    (found,) = _found({"get_resources": {"ResourceTagMappingList": rows}})
    assert (found.kind, found.id) == ("glue:job", f"{start}/ours")


def _main(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any], *arguments: str) -> int:
    def clients(region: str | None) -> Callable[[str], Any]:
        assert region is None
        return lambda _service: Client(answers)

    monkeypatch.setattr(command, "_clients", clients)
    return command.main(["--environment", "staging", "--suffix", "main", *arguments])


def test_the_exit_code_is_for_pipelines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DEST-1: clean, going by itself, left, and not allowed to look are four things."""
    role = {"list_roles": {"Roles": [{"Arn": "r", "RoleName": "role-x-staging-main"}]}}
    assert _main(monkeypatch, TRACE) == 0
    assert "nothing is left of staging-main" in capsys.readouterr().out
    assert _main(monkeypatch, _key("PendingDeletion")) == 0
    assert _main(monkeypatch, _key("PendingDeletion"), "--strict") == 1
    assert _main(monkeypatch, role) == 1
    denied = {"list_roles": ClientError({"Error": {"Code": "AccessDenied"}}, "ListRoles")}
    assert _main(monkeypatch, denied) == 2
    assert "not looked at: role" in capsys.readouterr().out


# Somebody deleted the database of the copy.
TRACE = {"lookup_events": {"Events": [{"EventName": "DeleteDBInstance", "ReadOnly": "false"}]}}


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"lookup_events": {"Events": [{"EventName": "DescribeDBInstances", "ReadOnly": "true"}]}},
        {"lookup_events": ClientError({"Error": {"Code": "AccessDenied"}}, "LookupEvents")},
    ],
    ids=["no events", "only looked at", "not allowed"],
)
def test_a_copy_that_never_stood_is_not_said_to_be_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Mapping[str, Any]
) -> None:
    """DEST-1: a mistyped suffix, or another account, is not taken for a destroyed copy."""
    assert _main(monkeypatch, answers) == command.NO_TRACE
    told = capsys.readouterr().out
    assert "no trace" in told
    assert "--suffix" in told
    assert "nothing is left" not in told
    assert ("CloudTrail: " in told) is (answers != {} and "Error" in str(answers))
    assert _main(monkeypatch, answers, "--json") == command.NO_TRACE
    assert json.loads(capsys.readouterr().out)["stood"] is False
    assert _main(monkeypatch, TRACE, "--without", "cloudtrail") == command.NO_TRACE


@pytest.mark.parametrize(
    "name", ["", " ", "main ", "*", "Main", "a--b", "-a", "staging/main", "$S"]
)
@pytest.mark.parametrize("option", ["--suffix", "--environment"])
def test_a_name_that_none_can_have_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    """DEST-1, NAME-2: above all an empty one, of a variable that was not set."""
    with pytest.raises(SystemExit) as refused:
        _main(monkeypatch, TRACE, f"{option}={name}")
    assert refused.value.code == 2
    assert "pulumi stack output suffix" in capsys.readouterr().err


def test_suffixes_of_the_folder_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """DEST-1: beside a name that nothing knows stand those that the folder's stacks have."""
    settings = "config:\n  paystage:environmentSuffix: pr42\n"
    (tmp_path / "Pulumi.pr42.yaml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert _main(monkeypatch, {}) == command.NO_TRACE
    assert "configured with: pr42" in capsys.readouterr().out


def test_tools_get_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DEST-1: with what people get to read."""
    role = {"list_roles": {"Roles": [{"Arn": "r", "RoleName": "role-x-staging-main"}]}}
    assert _main(monkeypatch, role, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["stood"] is True
    assert told["unseen"] == {}
    (finding,) = told["findings"]
    assert finding["name"] == "role-x-staging-main"
    assert finding["harms"] is True


def test_the_table_says_it_all() -> None:
    """DEST-1: kind, name, reason, and what it means, in columns."""
    one = Finding(kind="key", id="k1", name="kms-x", why="waits", until="2026-12-24")
    head, row = as_table([one]).splitlines()
    assert head.split() == ["kind", "name", "why", "it", "is", "there", "blocks", "bills", "until"]
    assert row.split() == ["key", "kms-x", "(k1)", "waits", "no", "no", "2026-12-24"]
