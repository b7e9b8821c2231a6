"""The generated README and the runbook, typed from a fresh account to one in which nothing is left.

The tests follow each other as a reader does: each goes on from where the one before it ended, and what one of them does not reach, the
later ones do not either.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
import stat
from typing import TYPE_CHECKING

import pytest

from account.census import Census, census, difference
from account.residue import WITHOUT
from account.suite import CALLER, shown
from documents.reader import Reader, reader
from engine.stack import AT_THE_END
from service.postgres import BY_TOKEN, OWNER, PASSWORD, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

README, RUNBOOK = "README.md", "docs/runbook.md"
# AWS's address of the API reaches nothing here: the address of the local entry point takes its place.
API_URL = "$(pulumi stack output api_url)"
FUNCTION = "<function>"
# A key that waits for its deletion stands in the account until then.
PENDING = "KMS keys pending deletion"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One reader for all tests of the module."""
    with reader(tmp_path_factory.mktemp("reader")) as made:
        yield made


@pytest.fixture(scope="module")
def empty(at: Reader) -> Census:
    """The account before anything is deployed."""
    return census(at.aws)


def test_a_fresh_account_is_deployed_to(at: Reader, empty: Census) -> None:
    install, login, init, deploy, test, payment = at.take(README, "Deploy to a fresh account")
    at.shell.type(install)
    at.shell.type(login)
    passphrase = at.home / ".paystage-passphrase"
    chosen = passphrase.read_text()
    assert len(chosen.strip()) >= 32
    assert stat.S_IMODE(passphrase.stat().st_mode) == 0o600
    # Typed again, it makes no other, with which the state could not be read.
    at.shell.type(login)
    assert passphrase.read_text() == chosen
    at.shell.type(init)
    printed = at.shell.type(deploy)
    assert "to create" in printed
    assert "created" in printed
    assert "errored" not in printed
    assert difference(empty, census(at.aws)) != {}
    with at.entry_points() as outputs:
        told = at.home / "outputs.json"
        told.write_text(json.dumps({k: v for k, v in outputs.items() if k != CALLER}))
        # README: "They take the outputs of the selected stack, or of a file", and a caller's certificate by two variables.
        variables = {"PAYSTAGE_OUTPUTS": told, **shown(outputs)}
        exported = "\n".join(f"export {name}={value}" for name, value in variables.items())
        assert " passed" in at.shell.type(f"{exported}\n{test}")
        found = r"`([\w-]+)`, a key of this merchant, .* `(aws apigateway get-api-keys .*?)`"
        ((name, listing),) = re.findall(found, at.text(README))
        keys = json.loads(at.shell.type(listing))["items"]
        (key,) = (one["value"] for one in keys if f"-{name}-" in one["name"])
        # The addresses of the file again, for the one who types by hand.
        assert payment.count(API_URL) == 1
        payment = payment.replace(API_URL, outputs["api_url"])
        answer = json.loads(at.shell.type(f"API_KEY={key}\n{payment}").strip())
    assert answer["decision"] == "accepted", answer


def test_commands_for_an_alarm(at: Reader) -> None:
    (variables,) = at.take(RUNBOOK, "Runbook")
    logs, traces = at.take(RUNBOOK, "When an alarm goes off")
    at.shell.type(variables)
    names = json.loads(at.shell.type("pulumi stack output function_names --json"))
    for key in names:
        found = json.loads(at.shell.type(logs.replace(FUNCTION, key)).split("\n}\n")[0] + "\n}")
        assert "events" in found
    # moto finds no traces; that it was asked for some shows that the command is one.
    asked, ls, records = traces.partition("aws s3 ls")
    assert "GetTraceSummaries operation" in at.shell.type(f"! {{ {asked}\n}} 2>&1")
    # The payment by hand has left its record.
    printed = at.shell.type(ls + records)
    assert "pay_00000001/" in printed


def test_daily_work(at: Reader) -> None:
    route, fail_over, restore, found, issue, reconcile = at.take(RUNBOOK, "Daily work")
    printed = at.shell.type(route)
    assert "deployment" in printed
    assert "errored" not in printed
    database = json.loads(at.shell.type(fail_over))["DBInstance"]
    assert database["MultiAZ"] is True
    copy = json.loads(at.shell.type(restore))["DBInstance"]
    assert copy["PubliclyAccessible"] is False
    # "The last line prints its subject as the functions get it".
    at.shell.type(found)
    assert at.shell.type(issue).strip().endswith("subject=CN=shop,O=Acme")
    assert "shop.pem: OK" in at.shell.type(
        "openssl verify -purpose sslclient -CAfile ca.pem shop.pem"
    )
    # The packages are here already, and the database is reached by its socket.
    _, compare = reconcile.replace("~/reconcile/bin/python", ".venv/bin/python").splitlines()
    days = [dt.datetime.now(dt.UTC).date() + dt.timedelta(days=number) for number in (-1, 1)]
    compare = re.sub("--from .* --to .*", f"--from {days[0]} --to {days[1]}", compare)
    address = f"host={at.server.folder} port={at.server.port} user=postgres dbname=payments"
    told = at.shell.type(
        f"BUCKET=\"$(pulumi stack output audit_bucket)\" CONNECTION='{address}'\n{compare}"
    )
    # Those of the integration tests, too.
    assert re.match(r"([1-9]\d*) payments, \1 objects, ", told), told
    assert "nothing is missing, double or different" in told
    # "Delete it afterwards".
    name = copy["DBInstanceIdentifier"]
    at.shell.type(
        f"aws rds delete-db-instance --skip-final-snapshot --db-instance-identifier {name}"
    )


def test_before_and_after_an_upgrade(at: Reader) -> None:
    before, after = at.take(RUNBOOK, "A newer major version of PostgreSQL")
    at.shell.type(before)
    (snapshot,) = at.aws.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    name = snapshot["DBSnapshotIdentifier"]
    assert name.startswith("before-upgrade-staging-")
    version, status, *_ = at.shell.type(after).split()
    assert (version.split(".")[0], status) == ("14", "available")
    # "Delete the snapshot when nobody needs it".
    at.shell.type(f"aws rds delete-db-snapshot --db-snapshot-identifier {name}")


def test_a_shell_beside_the_database(at: Reader) -> None:
    (connect,) = at.take(RUNBOOK, "A shell beside the database")
    suffix = at.shell.type("pulumi stack output suffix").strip()
    # AWS's certificates and its network are not here: these two say what they were asked.
    asked = at.shell.type(
        'curl() { echo "curl $*"; }\npsql() { echo "psql $* as $PGPASSWORD"; }\n'
        + connect.replace("<suffix>", suffix)
        + "\nunset -f curl psql"
    )
    (bundle,) = (line for line in asked.splitlines() if line.startswith("curl "))
    (login,) = (line for line in asked.splitlines() if line.startswith("psql "))
    assert bundle.endswith("/us-east-1-bundle.pem")
    described = at.aws.client("rds").describe_db_instances()["DBInstances"][0]
    assert f"host={described['Endpoint']['Address']} dbname={described['DBName']} " in login
    assert f" user={described['MasterUsername']} sslmode=verify-full " in login
    assert not login.endswith(" as ")
    assert not login.endswith(" as null")


def test_development_is_moved(at: Reader) -> None:
    """`tests/service/test_move.py` does it with a database such as teams have."""
    scrub, dump, load = at.take(RUNBOOK, "Moving from development (MIG-1)")
    # The copy is an instance of its own: its logins are dropped.
    copy = Server(settings={"fsync": "off"})
    try:
        for server, name in ((copy, "development"), (at.server, "loaded")):
            server.new_database(name)
        # Of the tests' own servers, and of a superuser's: the owner of the tables cannot take it away.
        copy.superuser(f"ALTER ROLE {BY_TOKEN} NOLOGIN PASSWORD NULL")
        addresses = [
            f"host={server.folder} port={server.port} user={user} dbname={name}"
            # The deployment has given the owner of the environment's database another password.
            for server, user, name in (
                (copy, OWNER, "development"),
                (at.server, "postgres", "loaded"),
            )
        ]
        at.shell.type(
            f"COPY='{addresses[0]}' CONNECTION='{addresses[1]}'; export PGPASSWORD={shlex.quote(PASSWORD)}"
        )
        at.shell.type(
            'psql "$COPY" --set ON_ERROR_STOP=1 --command "CREATE TABLE countries (code text PRIMARY KEY, note text);'
            "INSERT INTO countries VALUES ('CH', 'card 4111 1111 1111 1111')\""
        )
        told = at.shell.type(scrub)
        assert "public.countries.note: 1 rows cleaned" in told
        assert "done: no card number is left" in told
        at.shell.type(dump)
        at.shell.type(load)
        found = at.shell.type('psql "$CONNECTION" --command "SELECT code, note FROM countries"')
        assert "CH   | card [removed]" in found
        at.shell.type("rm development.sql; unset PGPASSWORD")
    finally:
        copy.remove()


def test_without_a_cloud(at: Reader) -> None:
    (commands,) = at.take(README, "Test it without a cloud")
    # The whole suite is `make test-unit`; that it starts as the README says is what counts here.
    printed = at.shell.type(
        f"export PYTEST_ADDOPTS='-k deployer'\n{commands}\nunset PYTEST_ADDOPTS"
    )
    assert " passed" in printed
    assert "0 errors, 0 warnings" in printed


def test_a_second_copy_comes(at: Reader) -> None:
    (commands,) = at.take(README, "A second copy beside the first")
    # So far the state was written after each step, as it is for a reader, which takes most of a run's time; from here on at its end.
    at.shell.type("\n".join(f"export {name}={value}" for name, value in AT_THE_END.items()))
    before = census(at.aws)
    printed = at.shell.type(commands)
    assert "errored" not in printed
    found = difference(before, census(at.aws))
    assert all(not change.went and not change.changed for change in found.values()), found


def test_both_are_destroyed_and_nothing_is_left(at: Reader, empty: Census) -> None:
    commands, delete = at.take(README, "Destroy it")
    destroy, marker, rest = commands.partition(".venv/bin/python -m residue")
    residue, _, remove = rest.partition("\n")
    arguments = " ".join(WITHOUT)
    for stack in ("pr42", "staging"):
        at.shell.type(f"pulumi stack select {stack}")
        at.shell.type(destroy)
        # One service that moto lacks is left out; moto keeps a network's own ACL, and keys wait for their deletion.
        told = at.shell.type(f"{marker}{residue} {arguments} || echo ended with $?")
        table = told.partition("not looked at")[0].splitlines()[1:]
        assert table, told
        assert all(row.startswith(("network ACL ", "KMS key ")) for row in table), told
        # RDS sends its last lines late.
        late = f"/aws/rds/instance/rds-staging-{at.shell.type('echo $SUFFIX').strip()}/postgresql"
        at.aws.client("logs").create_log_group(logGroupName=late)
        told = at.shell.type(f"{marker}{residue} {arguments} || echo ended with $?")
        assert "ended with 1" in told
        (row,) = (line for line in told.splitlines() if line.startswith("log group "))
        assert late in row
        assert "its name is taken" in row
        at.shell.type(delete)
        at.shell.type(remove)
    assert json.loads(at.shell.type("pulumi stack ls --json")) == []
    found = difference(empty, census(at.aws))
    found.pop(PENDING, None)
    # A key of AWS's own, made for the account when a service first needed one.
    kms = at.aws.client("kms")
    keys = found.pop("KMS keys", None)
    for key in keys.came if keys else ():
        aliases = kms.list_aliases(KeyId=key)["Aliases"]
        assert aliases, kms.describe_key(KeyId=key)
        assert all(each["AliasName"].startswith("alias/aws/") for each in aliases), aliases
    assert found == {}, found
    assert (at.folder / "Pulumi.staging.yaml").is_file()


@pytest.mark.parametrize("document", [README, RUNBOOK])
def test_every_documented_command_was_run(at: Reader, document: str) -> None:
    assert at.left(document) == []
