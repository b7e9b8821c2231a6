"""No argument is dropped in silence."""

from __future__ import annotations

import json

from account.watched import Watched
from cloud.aws import pascal


def test_unused_values_are_reported_with_their_place() -> None:
    new = Watched({"name": "a", "days": 1, "routes": [{"to": "b", "by": "c"}], "log": {"on": True}})
    assert new["name"] == "a"
    assert [route["to"] for route in new["routes"]] == ["b"]
    assert new.get("log")
    assert new.unread() == ["days", "routes[0].by", "log.on"]


def test_whoever_takes_all_has_seen_all() -> None:
    given = {"a": {"b": [{"c": 1}]}, "d": 2}
    for take in (dict, pascal, json.dumps, lambda new: {**new}):
        new = Watched(given)
        take(new["a"])
        assert set(new.unread()) <= {"d", "a.b[0].c"}
    new = Watched(given)
    assert pascal(new) == {"A": {"B": [{"C": 1}]}, "D": 2}
    assert new.unread() == []


def test_that_a_value_is_missing_is_something_learned() -> None:
    new = Watched({})
    assert new.get("description") is None
    assert "path" not in new
    assert new.asked == {"description", "path"}
