"""The function `migrate`."""
