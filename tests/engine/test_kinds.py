"""The descriptions of resource types in the cloud of the tests speak of arguments that exist."""

from __future__ import annotations

import typing

import pytest
from pulumi import _types

from cloud import KINDS, Kind
from engine import catalogue, sdk


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kind_speaks_of_real_arguments(kind: Kind) -> None:
    """A misspelt path would never match anything, and so never refuse anything."""
    assert catalogue.knows(kind.token)
    arguments = sdk.arguments_of(kind.token)
    for ref in kind.refs:
        assert_leads_somewhere(arguments, ref.path.split("."))
        assert set(ref.tokens) <= KINDS.keys()
    unique = (name for each in kind.unique for name in each.names)
    for name in [*unique, *dict(kind.policies)]:
        assert name in arguments.types


def assert_leads_somewhere(arguments: sdk.Arguments, parts: list[str]) -> None:
    """Each part of the path is an argument; a part with brackets is a list."""
    name = parts[0].removesuffix("[]")
    assert name in arguments.types, name
    (hint, *_) = sdk.alternatives(arguments.types[name])
    assert parts[0].endswith("[]") == (typing.get_origin(hint) is not None), (name, hint)
    if len(parts) > 1:
        if typing.get_origin(hint) is not None:
            (hint, *_) = sdk.alternatives(typing.get_args(hint)[0])
        assert _types.is_input_type(hint), hint
        assert_leads_somewhere(sdk.arguments_of_class(hint), parts[1:])


@pytest.mark.parametrize("token", catalogue.tokens())
def test_every_replacing_argument_is_known_by_its_name_on_the_wire(token: str) -> None:
    for name in sdk.arguments_of(token).types:
        assert catalogue.is_replaced_by(token, name, {}, {}) in (True, False)
