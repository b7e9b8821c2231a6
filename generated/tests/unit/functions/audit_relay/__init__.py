"""The function `audit-relay`."""
