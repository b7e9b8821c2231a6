"""The function `health`, whose code is in `functions/health`."""

from functions.health import handler

__all__ = ["handler"]
