"""The function `audit-relay`, whose code is in `functions/audit_relay`."""

from functions.audit_relay import handler

__all__ = ["handler"]
