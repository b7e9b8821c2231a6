"""The function `migrate`, whose code is in `functions/migrate`."""

from functions.migrate import handler

__all__ = ["handler"]
