"""Which types are mapped, and what holds for all of them."""

from __future__ import annotations

import inspect
import tomllib
from typing import TYPE_CHECKING

import pytest

from account.hands import AbortedError
from account.test_network import vpc
from cloud.kinds import KINDS
from engine import catalogue, sdk
from engine.stack import ROOT

if TYPE_CHECKING:
    from account.hands import Hands

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type


def test_every_type_of_the_catalogue_is_mapped() -> None:
    assert KINDS.keys() == set(catalogue.tokens())


def test_every_argument_that_is_open_to_overrides_is_mapped() -> None:
    """By its name in the text: whether it is read, the provider sees when one is set."""
    open_to = tomllib.loads((ROOT / "src" / "overridable.toml").read_text())
    for token, kind in KINDS.items():
        row = open_to.get(catalogue.class_of(token), {})
        names = sdk.arguments_of(token).wire_names
        module = inspect.getmodule(type(kind))
        assert module is not None
        text = inspect.getsource(module)
        for argument in [*row.get("open", []), *row.get("bounded", {})]:
            assert f'"{names[argument]}"' in text, f"{token} {names[argument]}"


def test_what_is_said_to_be_unsaid_is_an_argument() -> None:
    for token, kind in KINDS.items():
        assert kind.unsaid <= sdk.arguments_of(token).types.keys(), token


def test_what_moto_lacks_is_said_in_one_line() -> None:
    for token, kind in KINDS.items():
        assert "\n" not in kind.lacks, token
        assert "|" not in kind.lacks, token


def test_a_change_that_no_call_takes_is_refused(hands: Hands) -> None:
    network = vpc(hands)
    with pytest.raises(AbortedError, match=r"drops \['cidrBlock'\]"):
        hands.change(network, cidrBlock="10.1.0.0/16")


def test_a_secret_that_waits_for_its_end_is_gone(hands: Hands) -> None:
    later = hands.make(SECRET, name="later", description="a", tags={"a": "b"})
    later = hands.change(later, description="b", tags=None, policy='{"Statement": []}')
    client = hands.aws.client("secretsmanager")
    found = client.describe_secret(SecretId=later.id)
    assert found["Description"] == "b"
    assert [tag["Key"] for tag in found["Tags"]] == ["project"]
    now = hands.make(SECRET, name="now", recoveryWindowInDays=0)
    for thing in (later, now):
        hands.delete(thing)
        assert hands.read(thing) is None
    again = hands.make(SECRET, name="now")
    assert again["arn"]
