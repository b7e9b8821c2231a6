"""An extension."""


def extend(environment, naming, opts):
    """Add nothing."""
