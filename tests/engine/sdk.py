"""What the Python SDKs say about each resource type: argument names, which are required, and their types.

Nothing is listed by hand: the argument classes (`VpcArgs`, `ListenerDefaultActionArgs`, ...) are read by introspection.
"""

from __future__ import annotations

import ast
import collections.abc
import enum
import importlib
import inspect
import textwrap
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi
from pulumi import _types

from engine.wire import Asset, Unknown

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Names of submodules that Python does not allow.
MODULE_NAMES = {"lambda": "lambda_"}
# Modules of the SDKs by package, and what the engine calls the provider itself.
PACKAGES = {"aws": "pulumi_aws", "tls": "pulumi_tls"}


class UnknownTypeError(LookupError):
    """The SDK has no such resource type."""


@dataclass(frozen=True)
class Arguments:
    """Arguments of a resource type or of a nested value, by their names on the wire."""

    types: Mapping[str, Any]
    required: frozenset[str]
    wire_names: Mapping[str, str]


def _module(token: str) -> tuple[str, str]:
    package, path, name = token.split(":")
    module = path.split("/")[0]
    base = PACKAGES[package]
    return (base if module == "index" else f"{base}.{MODULE_NAMES.get(module, module)}"), name


def _class_of(token: str) -> Any:
    if token.startswith("pulumi:providers:"):
        base, name = PACKAGES[token.removeprefix("pulumi:providers:")], "Provider"
    else:
        base, name = _module(token)
    resource = getattr(importlib.import_module(base), name, None)
    # Each class says its token itself: one that only bears the name is not taken for it.
    if resource is None or getattr(resource, "pulumi_type", None) not in (token, name):
        message = f"{base} has no resource type {token}"
        raise UnknownTypeError(message)
    return resource


@cache
def arguments_of(token: str) -> Arguments:
    """Arguments of a resource type, for example `aws:ec2/vpc:Vpc`."""
    resource = _class_of(token)
    name = resource.__name__
    own = importlib.import_module(resource.__module__)
    # `BucketLoggingInitArgs`: so named where a nested value is already called `BucketLoggingArgs`.
    return arguments_of_class(getattr(own, f"{name}InitArgs", None) or getattr(own, f"{name}Args"))


@cache
def secret_outputs(token: str) -> frozenset[str]:
    """Properties, by their names on the wire, that the class marks as secret at each registration."""
    source = textwrap.dedent(inspect.getsource(_class_of(token)._internal_init))  # noqa: SLF001 - it stands there alone
    marks = [
        ast.literal_eval(keyword.value)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "additional_secret_outputs"
    ]
    return frozenset(name for names in marks for name in names)


@cache
def arguments_of_class(cls: type) -> Arguments:
    """Arguments that an argument class of the SDK has."""
    wire_names = _types.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls.__init__).parameters
    return Arguments(
        types=_types.input_type_types(cls),
        required=frozenset(
            wire
            for name, wire in wire_names.items()
            if parameters[name].default is inspect.Parameter.empty
        ),
        wire_names=wire_names,
    )


def mistakes(token: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each argument that the SDK's types do not allow, as (property, reason)."""
    yield from _mistakes_in(arguments_of(token), values, "")


def _mistakes_in(
    arguments: Arguments, values: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    for name in sorted(arguments.required - values.keys()):
        yield f"{path}{name}", "is required"
    for name, value in values.items():
        if name not in arguments.types:
            yield f"{path}{name}", "is no argument of this type"
        else:
            yield from _mistakes_of(arguments.types[name], value, f"{path}{name}")


def _mistakes_of(hint: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Mistakes of one value; of a union, those of the first alternative when none fits."""
    if isinstance(value, Unknown) or hint is Any:
        return
    found: list[list[tuple[str, str]]] = []
    for alternative in alternatives(hint):
        of_this = list(_mistakes_of_plain(alternative, value, path))
        if not of_this:
            return
        found.append(of_this)
    yield from found[0] if found else [(path, f"has a type that cannot be read: {hint}")]


def alternatives(hint: Any) -> Iterator[Any]:
    """Plain types of `Optional[Input[Union[...]]]`, without the wrappers."""
    if _is_union(hint):
        for argument in typing.get_args(hint):
            yield from alternatives(argument)
    elif hint is type(None) or isinstance(hint, typing.ForwardRef):
        return
    elif typing.get_origin(hint) in (collections.abc.Awaitable, pulumi.Output):
        # The plain type stands beside these in the same union.
        return
    else:
        yield hint


def _is_union(hint: Any) -> bool:
    return _types._is_union_type(hint)  # noqa: SLF001 - the SDK's own test for the unions that it makes


def _mistakes_of_plain(hint: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    origin = typing.get_origin(hint)
    if hint is Any:
        return
    if origin in (collections.abc.Sequence, list):
        if not isinstance(value, list):
            yield path, f"must be a list, not {value!r}"
            return
        (element,) = typing.get_args(hint)
        for index, item in enumerate(value):
            yield from _mistakes_of(element, item, f"{path}[{index}]")
    elif origin in (collections.abc.Mapping, dict):
        if not isinstance(value, dict):
            yield path, f"must be a map, not {value!r}"
            return
        element = typing.get_args(hint)[1]
        for key, item in value.items():
            yield from _mistakes_of(element, item, f"{path}[{key!r}]")
    elif isinstance(hint, type) and _types.is_input_type(hint):
        if isinstance(value, dict):
            yield from _mistakes_in(arguments_of_class(hint), value, f"{path}.")
        else:
            yield path, f"must be an object, not {value!r}"
    elif not _is_scalar(hint, value):
        yield path, f"must be of type {getattr(hint, '__name__', hint)}, not {value!r}"


def _is_scalar(hint: Any, value: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, pulumi.Archive):
        return isinstance(value, Asset) and value.archive
    if isinstance(hint, type) and issubclass(hint, pulumi.Asset):
        return isinstance(value, Asset) and not value.archive
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return value in [member.value for member in hint]
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return hint is str and isinstance(value, str)
