"""The call that migrates the database, and the payment rules that the functions get."""

from __future__ import annotations

import json
import re
from hashlib import sha256

from tests.unit.kinds import (
    ALARM,
    API_KEY,
    DATABASE,
    FUNCTION,
    INVOCATION,
)
from tests.unit.recording import PROJECT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_number, as_text


def _variables(function: Resource) -> dict[str, str]:
    variables = as_map(function.get("environment.variables"))
    return {name: as_text(value) for name, value in variables.items()}


def _digest(folder: str) -> str:
    whole = sha256()
    for path in sorted((PROJECT / folder).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            name, content = path.relative_to(PROJECT / folder).as_posix(), path.read_bytes()
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _fingerprint(texts: list[str]) -> str:
    return sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _code(function: Resource) -> str:
    """Give the handler's source: what it asks its surroundings for stands there in quotes."""
    folder = PROJECT / "functions" / function.name.replace("-", "_")
    return (folder / "handler.py").read_text("utf-8")


def test_who_migrates_is_called(recording: Recording) -> None:
    """MIG-1: a function that brings migrations along is called by the deployment."""
    called = [item.get("function_name") for item in recording.of(INVOCATION)]
    for function in recording.of(FUNCTION):
        folder = PROJECT / "functions" / function.name.replace("-", "_")
        if (folder / "migrations").is_dir():
            assert function.text("name") in called, function


def test_migrations_run_when_they_change(recording: Recording) -> None:
    """MIG-1: other code, SQL or input replaces the call, and it goes to the function that may migrate."""
    for call in recording.of(INVOCATION):
        function = recording.target(call.get("function_name"), FUNCTION)
        assert "DATABASE_SECRET_ARN" in _variables(function), call
        folder = f"functions/{function.name.replace('-', '_')}"
        modules = [
            (PROJECT / "functions" / "payments" / f"{name}.py").read_text("utf-8")
            for name in ("arriving", "migrating", "migrations")
        ]
        assert as_map(call.get("triggers")) == {
            "code": _digest(folder),
            "modules": _fingerprint(modules),
        }


def test_migrations_make_the_users_that_functions_log_in_as(recording: Recording) -> None:
    """SEC-2: the call names the user for whom it makes the roles."""
    for call in recording.of(INVOCATION):
        event = as_map(json.loads(call.text("input")))
        if "callers" in event:
            continue
        assert set(event) == {"application_user", "merchants"}
        user = as_text(event.get("application_user"))
        users = {_variables(function).get("DATABASE_USER") for function in recording.of(FUNCTION)}
        assert users - {None} <= {user, f"{user}_read", f"{user}_relay"}
        assert user != recording.one(DATABASE).text("username")
        statuses = {as_text(status) for status in as_map(event.get("merchants")).values()}
        assert statuses <= {"active", "suspended", "closed"}


def test_callers_are_known_by_what_the_entry_points_verify(recording: Recording) -> None:
    """API-4, LB-2: each API key of the stack, and each subject, with merchants of the reference data."""
    events = [as_map(json.loads(call.text("input"))) for call in recording.of(INVOCATION)]
    merchants = {name for event in events for name in as_map(event.get("merchants", {}))}
    # Who knows merchants is told of their callers.
    counted = ("merchants", "callers")
    assert len({sum(key in event for event in events) for key in counted}) == 1
    for event in events:
        if "callers" not in event:
            continue
        callers = as_map(event.get("callers"))
        assert set(event) == {"callers"}
        assert set(callers) == {"api", "load-balancer"}
        keys = as_list(as_map(callers["api"])["credentials"])
        every = sorted(item.id for item in recording.of(API_KEY))
        # None where all are nobody's.
        assert sorted(map(str, keys)) in ([], every)
        for channel in callers.values():
            credentials, of_each = (
                as_list(as_map(channel)[key]) for key in ("credentials", "merchants")
            )
            assert len(set(map(str, credentials))) == len(credentials) == len(of_each)
            for own in of_each:
                assert {as_text(merchant) for merchant in as_list(own)} <= merchants


def test_rules_of_payments_can_be_read(recording: Recording) -> None:
    """FN-1: the function gets the rules in the form that its code reads."""
    for function in recording.of(FUNCTION):
        assert ("PAYMENT_RULES" in _variables(function)) == ('"PAYMENT_RULES"' in _code(function))
    told = [_variables(function).get("PAYMENT_RULES") for function in recording.of(FUNCTION)]
    for text in filter(None, told):
        rules = as_map(json.loads(text))
        assert set(rules) == {"currencies", "velocity", "idempotency_hours"}
        payments, seconds = as_list(rules.get("velocity"))
        assert as_number(payments) >= 1
        assert 1 <= as_number(seconds) <= 3600
        assert 1 <= as_number(rules.get("idempotency_hours")) <= 168
        currencies = as_map(rules.get("currencies"))
        assert currencies
        for code, limits in currencies.items():
            assert re.fullmatch(r"[A-Z]{3}", code)
            minimum, maximum = as_list(limits)
            assert 1 <= as_number(minimum) <= as_number(maximum), code


def test_functions_measure_under_their_own_names(recording: Recording) -> None:
    """MON-5: one namespace for this copy of the environment, one service a function."""
    namespaces = set[str]()
    for function in recording.of(FUNCTION):
        variables = _variables(function)
        assert variables.get("POWERTOOLS_SERVICE_NAME") == function.name
        namespaces.add(variables.get("POWERTOOLS_METRICS_NAMESPACE", ""))
    (namespace,) = namespaces
    assert namespace.startswith("payments-")
    assert namespace.endswith(f"-{recording.suffix}")


def test_alarms_of_payments_report_too_many(recording: Recording) -> None:
    """MON-5: rejections and waiting records are counted up to a limit, not down to one."""
    watched = [
        item
        for item in recording.of(ALARM)
        if item.has("dimensions.service") and not item.has("dimensions.secret")
    ]
    for alarm in watched:
        assert alarm.text("comparison_operator") == "GreaterThanThreshold", alarm
        # Of differences not one is taken for usual.
        least = 0 if alarm.text("metric_name") == "AuditDifference" else 1
        assert alarm.number("threshold") >= least, alarm
        if not least:
            assert alarm.number("threshold") == 0, alarm
            assert alarm.number("evaluation_periods") == 1, alarm
        most = 100 if alarm.text("metric_name") == "RejectionRate" else 86_400
        assert alarm.number("threshold") <= most, alarm
        by_metric = {
            "RejectionRate": "Average",
            "OutboxAge": "Maximum",
            "AuditDifference": "Maximum",
        }
        assert alarm.text("statistic") == by_metric[alarm.text("metric_name")], alarm


def test_what_payments_measure_is_watched(recording: Recording) -> None:
    """MON-5: a rate or an age that a function measures has an alarm."""
    watched = {
        (item.get("dimensions.service"), item.get("metric_name")) for item in recording.of(ALARM)
    }
    for function in recording.of(FUNCTION):
        for metric in ("RejectionRate", "OutboxAge", "AuditDifference"):
            if f'"{metric}"' in _code(function):
                assert (function.name, metric) in watched, function
