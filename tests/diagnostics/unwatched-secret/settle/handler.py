"""Settles."""


def handle(event, context):
    """Do nothing."""
