"""The function `payment-status`."""
