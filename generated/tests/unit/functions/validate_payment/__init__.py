"""The function `validate-payment`, whose code is in `functions/validate_payment`."""

from functions.validate_payment import handler

__all__ = ["handler"]
