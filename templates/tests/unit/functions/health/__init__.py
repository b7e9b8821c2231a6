"""The function `health`."""
