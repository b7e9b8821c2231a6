"""An extension that nothing calls."""


def extends():
    """Add nothing."""
