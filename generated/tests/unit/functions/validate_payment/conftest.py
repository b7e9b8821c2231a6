"""Fixtures of the payment validation."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.functions.validate_payment.service import (
    FOLDER,
    MODULES,
    ClientError,
    Service,
    Store,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@pytest.fixture(name="modules")
def _modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS", raising=False)
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    monkeypatch.setenv("ENVIRONMENT", "staging")
    monkeypatch.setenv("AUDIT_BUCKET", "audit-bucket")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    kept = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    yield
    # Other functions have modules of the same names.
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.modules.update(kept)


@pytest.fixture(name="service")
def _service(modules: None, monkeypatch: pytest.MonkeyPatch) -> Service:
    del modules
    handler = importlib.import_module("handler")
    store = Store()
    trail = handler.AuditTrail(bucket="audit-bucket", store=store, errors=(ClientError,))

    def connect(_: str) -> object:
        return trail

    monkeypatch.setattr(handler.AuditTrail, "connect", connect)
    return Service(handler=handler, store=store)


@pytest.fixture(name="cards")
def _cards(modules: None) -> ModuleType:
    del modules
    return importlib.import_module("cards")
