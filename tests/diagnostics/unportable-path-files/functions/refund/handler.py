"""Ours."""


def handle(event: object, context: object) -> None:
    """Answer nothing."""
