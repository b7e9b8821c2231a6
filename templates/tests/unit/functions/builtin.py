"""The function `{{ builtin|safe }}`, whose code is in `functions/{{ folder|safe }}`."""

from functions.{{ folder|safe }} import handler

__all__ = ["handler"]
