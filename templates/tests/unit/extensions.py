"""The program with and without what the extensions add.

The tests of the requirements look at the program without it: they hold what the compiler promises.
``tests/unit/test_extensions.py`` holds what extensions add against the same requirements.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest import mock

import pulumi

import extensions

# Requirements that a waiver of the spec takes something from, and those that only an extension can.
WAIVED: frozenset[str] = frozenset({{ waived|safe }})
WAIVED_FOR_EXTENSIONS: frozenset[str] = frozenset({{ waived_for_extensions|safe }})

# The module that adds a resource, by the resource's type and name; filled by a recording.
SOURCES: dict[tuple[str, str], str] = {}


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for module in pkgutil.iter_modules(extensions.__path__):
        yield module.name, importlib.import_module(f"extensions.{module.name}")


@contextmanager
def left_out() -> Generator[None]:
    """Let the program run with extensions that add nothing."""
    with ExitStack() as patches:
        for _, module in _modules():
            patches.enter_context(mock.patch.object(module, "extend"))
        yield


@contextmanager
def told_apart() -> Generator[None]:
    """Let the program run, and note which module adds which resource."""
    running: list[str] = []
    initialise: Callable[..., None] = pulumi.Resource.__init__

    def noted(self: pulumi.Resource, kind: str, name: str, *rest: Any, **options: Any) -> None:  # noqa: ANN401 - as the SDK takes them
        if running:
            SOURCES[kind, name] = running[-1]
        initialise(self, kind, name, *rest, **options)

    def noting(module: str, extend: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: object) -> None:
            running.append(module)
            try:
                extend(*arguments)
            finally:
                running.pop()

        return called

    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(pulumi.Resource, "__init__", noted))
        for name, module in _modules():
            patches.enter_context(mock.patch.object(module, "extend", noting(name, module.extend)))
        yield
