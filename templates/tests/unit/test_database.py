"""The database: version, place, failover, backups, encryption, access and settings."""

from __future__ import annotations

import re

from tests.environment_class import CLASS, STANDBY
from tests.unit.kinds import DATABASE, PARAMETER_GROUP, ROLE, SNAPSHOT, SUBNET_GROUP
from tests.unit.network_model import SUBNET, private_subnets
from tests.unit.resources import Recording
from tests.unit.values import as_text

# What the spec says: the version of DB-1, or a newer one under a waiver of it.
VERSION = {{ version }}
REQUIRED = "14"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    assert int(hours) < 24
    assert int(minutes) < 60
    return int(hours) * 60 + int(minutes)


def _maintenance(window: str) -> tuple[int, int]:
    """Give begin and length in minutes of the week: ``sun:08:30-sun:09:30``."""
    begin, end = (part.split(":", 1) for part in window.split("-"))
    first = DAYS.index(begin[0]) * MINUTES_A_DAY + _minutes(begin[1])
    last = DAYS.index(end[0]) * MINUTES_A_DAY + _minutes(end[1])
    return first, (last - first) % (7 * MINUTES_A_DAY)


def _backup(window: str) -> tuple[int, int]:
    """Give begin and length in minutes of the day: ``07:00-08:00``."""
    begin, end = (_minutes(part) for part in window.split("-"))
    return begin, (end - begin) % MINUTES_A_DAY


def test_engine_is_the_postgresql_of_the_spec(recording: Recording) -> None:
    """DB-1: PostgreSQL of the spec's version, which follows minor versions unless one is named."""
    database = recording.one(DATABASE)
    assert database.text("engine") == "postgres"
    assert database.text("engine_version") == VERSION
    assert database.get("auto_minor_version_upgrade") is ("." not in VERSION)


def test_an_upgrade_is_allowed_where_the_spec_names_one(recording: Recording) -> None:
    """DB-1: another major version is allowed where the spec names one, and nowhere else."""
    allowed = recording.one(DATABASE).get("allow_major_version_upgrade")
    assert (allowed is True) == (not f"{VERSION}.".startswith(f"{REQUIRED}."))


def test_database_is_not_public(recording: Recording) -> None:
    """DB-1, NET-8: no public address, private subnets only."""
    database = recording.one(DATABASE)
    assert database.is_false("publicly_accessible")
    group = recording.target(database.get("db_subnet_group_name"), SUBNET_GROUP)
    private = {subnet.urn for subnet in private_subnets(recording)}
    homes = {recording.target(subnet, SUBNET).urn for subnet in group.texts("subnet_ids")}
    assert homes
    assert homes <= private


def test_database_fails_over_where_its_class_asks(recording: Recording) -> None:
    """DB-2: a standby in another zone takes over by itself; without the requirement there is none."""
    assert recording.one(DATABASE).get("multi_az") is STANDBY


def test_backups_are_kept_and_have_a_window(recording: Recording) -> None:
    """DB-3: backups every day, kept for at least a week, production's for 35 days, in a window of their own."""
    database = recording.one(DATABASE)
    least = 35 if CLASS == "production" else 7
    assert least <= database.number("backup_retention_period") <= 35
    begin, length = _backup(database.text("backup_window"))
    assert length >= 30
    first, maintenance = _maintenance(database.text("maintenance_window"))
    assert maintenance >= 30
    backup = {(begin + minute) % MINUTES_A_DAY for minute in range(length)}
    assert not backup & {(first + minute) % MINUTES_A_DAY for minute in range(maintenance)}


def test_storage_and_secret_are_encrypted_with_our_key(recording: Recording) -> None:
    """DB-4: storage, master secret and performance data lie under one customer-managed key."""
    database = recording.one(DATABASE)
    assert database.is_true("storage_encrypted")
    arguments = ("kms_key_id", "master_user_secret_kms_key_id", "performance_insights_kms_key_id")
    assert len({recording.key_of(database.get(name), "database") for name in arguments}) == 1


def test_subnet_group_spans_all_zones(recording: Recording) -> None:
    """DB-5: the subnet group has a subnet in each zone."""
    group = recording.one(SUBNET_GROUP)
    zones = [
        recording.target(subnet, SUBNET).text("availability_zone_id")
        for subnet in group.texts("subnet_ids")
    ]
    assert len(zones) == len(set(zones))
    assert set(zones) == {subnet.text("availability_zone_id") for subnet in recording.of(SUBNET)}
    assert group.text("description").strip()


def test_storage_grows_by_itself(recording: Recording) -> None:
    """DB-1: general-purpose storage of the current kind, with room to grow and a ceiling."""
    database = recording.one(DATABASE)
    assert database.text("storage_type") == "gp3"
    allocated = database.number("allocated_storage")
    assert allocated >= 20
    # RDS asks for at least a tenth more.
    assert allocated * 1.1 <= database.number("max_allocated_storage") <= 65536
    assert re.fullmatch(r"db\.[a-z0-9]+\.[a-z0-9]+", database.text("instance_class"))


def test_nobody_knows_the_master_password(recording: Recording) -> None:
    """FN-2, DB-4: RDS makes and rotates the password; the program never sees it."""
    database = recording.one(DATABASE)
    assert database.is_true("manage_master_user_password")
    assert not database.has("password")
    assert not database.has("password_wo")
    # Names that PostgreSQL reserves or that everybody tries first.
    username = database.text("username")
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,15}", username)
    assert username not in {"postgres", "admin", "administrator", "root", "rdsadmin", "user"}
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", database.text("db_name"))


def test_functions_can_log_in_by_role(recording: Recording) -> None:
    """FN-4: IAM authentication is on, so that functions need no password."""
    assert recording.one(DATABASE).is_true("iam_database_authentication_enabled")


def _parameters(recording: Recording) -> dict[str, str]:
    database = recording.one(DATABASE)
    group = recording.target(database.get("parameter_group_name"), PARAMETER_GROUP)
    parameters = group.maps("parameters")
    values = {as_text(item.get("name")): as_text(item.get("value")) for item in parameters}
    assert len(values) == len(parameters)
    return values


def test_parameter_group_fits_the_engine(recording: Recording) -> None:
    """DB-1: the parameter group is of the engine's major version, and says what it is for."""
    group = recording.one(PARAMETER_GROUP)
    major = recording.one(DATABASE).text("engine_version").split(".")[0]
    assert group.text("family") == f"postgres{major}"
    assert group.text("description").strip()


def test_database_takes_tls_only(recording: Recording) -> None:
    """DB-1: connections without TLS are refused; clients can check the authority."""
    assert _parameters(recording)["rds.force_ssl"] == "1"
    methods = {
        item.get("name"): item.get("apply_method")
        for item in recording.one(PARAMETER_GROUP).maps("parameters")
    }
    # A static parameter: RDS refuses to apply it at once.
    assert methods["rds.force_ssl"] == "pending-reboot"
    assert recording.one(DATABASE).text("ca_cert_identifier") == "rds-ca-rsa2048-g1"


def test_logs_hold_no_card_data(recording: Recording) -> None:
    """MON-1: schema changes, slow statements and logins are logged; values of statements never."""
    parameters = _parameters(recording)
    assert parameters["log_statement"] == "ddl"
    assert 0 < int(parameters["log_min_duration_statement"]) <= 5000
    assert parameters["log_parameter_max_length"] == "0"
    # CloudTrail does not record logins to the database.
    assert parameters["log_connections"] == "1"
    assert parameters["log_disconnections"] == "1"


def test_logs_leave_the_instance(recording: Recording) -> None:
    """MON-1: what PostgreSQL, its upgrades and IAM logins write is sent to CloudWatch."""
    exports = set(recording.one(DATABASE).texts("enabled_cloudwatch_logs_exports"))
    assert exports == {"postgresql", "upgrade", "iam-db-auth-error"}


def test_database_is_watched_from_inside(recording: Recording) -> None:
    """MON-2: enhanced monitoring through a role, Performance Insights as long as it is free."""
    database = recording.one(DATABASE)
    assert database.number("monitoring_interval") in {1, 5, 10, 15, 30, 60}
    recording.target(database.get("monitoring_role_arn"), ROLE)
    assert database.is_true("performance_insights_enabled")
    assert database.number("performance_insights_retention_period") == 7
    assert database.text("database_insights_mode") == "standard"


def test_tags_reach_the_snapshots(recording: Recording) -> None:
    """TAG-1: automated snapshots carry the instance's tags."""
    assert recording.one(DATABASE).is_true("copy_tags_to_snapshot")


def test_extended_support_is_a_decision(recording: Recording) -> None:
    """DB-1: whether the version's life is extended for money is said; AWS would say yes."""
    support = recording.one(DATABASE).text("engine_lifecycle_support")
    assert support in {
        "open-source-rds-extended-support",
        "open-source-rds-extended-support-disabled",
    }


def test_a_snapshot_comes_under_the_own_key(recording: Recording) -> None:
    """MIG-1, DB-4: a restored database keeps its snapshot's key, so a copy under ours is made."""
    database = recording.one(DATABASE)
    copies = recording.of(SNAPSHOT)
    assert database.has("snapshot_identifier") == bool(copies)
    for copy in copies:
        assert recording.target(database.get("snapshot_identifier"), SNAPSHOT) is copy
        assert copy.text("kms_key_id") == database.text("kms_key_id")
    # Another snapshot, or none any more, would replace the database: it counts once.
    assert database.ignore_changes == ("snapshot_identifier",)
