"""Compares payments, outbox and audit bucket: ``python -m reconcile --help``; it changes nothing."""
