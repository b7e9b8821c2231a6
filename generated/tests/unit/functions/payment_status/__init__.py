"""The function `payment-status`, whose code is in `functions/payment_status`."""

from functions.payment_status import handler

__all__ = ["handler"]
