"""Fixtures of the functions' tests."""

from __future__ import annotations

import json

import pytest

from payments import telemetry

RULES = {
    "currencies": {
        "EUR": [50, 950_000],
        "JPY": [50, 1_500_000],
        "KWD": [150, 3_050_000],
        "USD": [50, 1_000_000],
    },
    "velocity": [600, 60],
    "idempotency_hours": 24,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_XRAY_DAEMON_ADDRESS", "_X_AMZN_TRACE_ID", "DATABASE_CA_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AUDIT_BUCKET": "audit-bucket",
        "DATABASE_HOST": "localhost",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "payments",
        "DATABASE_USER": "payments_app",
        "ENVIRONMENT": "staging",
        "LOG_LEVEL": "DEBUG",
        "PAYMENT_RULES": json.dumps(RULES),
        "POWERTOOLS_METRICS_NAMESPACE": "payments-staging",
        "POWERTOOLS_SERVICE_NAME": "validate-payment",
    }.items():
        monkeypatch.setenv(name, value)
    telemetry.tracer.cache_clear()
