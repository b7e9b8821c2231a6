"""The program without what the extensions add: what the tests of the requirements look at."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from unittest import mock

import extensions


@contextmanager
def left_out() -> Generator[None]:
    """Let the program run with extensions that add nothing."""
    with ExitStack() as patches:
        for module in pkgutil.iter_modules(extensions.__path__):
            found = importlib.import_module(f"extensions.{module.name}")
            patches.enter_context(mock.patch.object(found, "extend"))
        yield
