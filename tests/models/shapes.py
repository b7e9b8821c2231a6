"""Values held against botocore's shapes: what a call requires and knows, lengths, ranges, patterns, enumerations, 32 bits.

Botocore itself looks at names, types and least lengths only, before it sends a call; the rest AWS says during the deployment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

if TYPE_CHECKING:
    from collections.abc import Iterator

# Begins and ends what only AWS can say: an id, an ARN. A text with it has no form to judge.
UNKNOWN = "\ue000", "\ue001"
INT32 = 2**31
# What Java's patterns have and Python's `re` lacks: the letters, separators and digits of all scripts.
CLASSES = {
    r"\p{L}": r"^\W\d_",
    r"\p{N}": r"\d",
    r"\p{Z}": r" \xa0\u2000-\u200a\u2028\u2029\u202f\u3000",
}


def unknown(what: str) -> str:
    """Give what stands for something that only AWS can say."""
    return f"{UNKNOWN[0]}{what}{UNKNOWN[1]}"


def is_known(text: str) -> bool:
    """Whether nothing of a text is AWS's to say."""
    return UNKNOWN[0] not in text


def faults(shape: Shape, value: Any, at: str) -> Iterator[str]:
    """Say where a value is not what the shape asks for."""
    if isinstance(shape, StructureShape):
        yield from _of_structure(shape, value, at)
    elif isinstance(shape, ListShape):
        yield from _within(shape, len(value), at, "entries")
        for index, item in enumerate(value):
            yield from faults(shape.member, item, f"{at}[{index}]")
    elif isinstance(shape, MapShape):
        yield from _within(shape, len(value), at, "entries")
        for key, item in value.items():
            yield from faults(shape.key, key, f"{at} key {key!r}")
            yield from faults(shape.value, item, f"{at}.{key}")
    elif isinstance(shape, StringShape):
        yield from _of_text(shape, value, at)
    elif shape.type_name in PLAIN:
        yield from _of_plain(shape, value, at)


# What Python has for the plain types; a whole number is no flag.
PLAIN: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "integer": (int,),
    "long": (int,),
    "timestamp": (datetime, str, int, float),
}


def _of_plain(shape: Shape, value: Any, at: str) -> Iterator[str]:
    is_flag = isinstance(value, bool)
    if not isinstance(value, PLAIN[shape.type_name]) or is_flag != (shape.type_name == "boolean"):
        yield f"{at}: {value!r} is no {shape.type_name}"
    elif isinstance(value, (int, float)) and not is_flag:
        yield from _within(shape, value, at, "")
        if shape.type_name == "integer" and not -INT32 <= value < INT32:
            yield f"{at}: {value} has more than 32 bits"


def _of_structure(shape: StructureShape, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{at}: {value!r} is no structure"
        return
    yield from (f"{at}: lacks {name}" for name in shape.required_members if name not in value)
    for name, inner in value.items():
        if name not in shape.members:
            yield f"{at}: has no {name}"
        else:
            yield from faults(shape.members[name], inner, f"{at}.{name}")


def _within(shape: Shape, number: float, at: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < low:
        yield f"{at}: {number} {what} where {low} are the least"
    if high is not None and number > high:
        yield f"{at}: {number} {what} where {high} are the most"


def _of_text(shape: StringShape, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{at}: {value!r} is no text"
        return
    if not is_known(value):
        return
    yield from _within(shape, len(value), at, "characters")
    if shape.enum and value not in shape.enum:
        yield f"{at}: {value!r} is none of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield f"{at}: {value!r} does not match {pattern}"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Give a pattern of a model for Python's engine, with Java's meaning of the short classes."""
    for name in re.findall(r"\\p\{\w+\}", pattern):
        # Only inside of brackets, as all models have it: what the classes say between them is a class of its own.
        pattern = pattern.replace(name, CLASSES.get(name, ""))
    if r"^\W\d_" in pattern:
        pattern = pattern.replace(r"[^\W\d_", r"[\w").replace(r"^\W\d_", r"\w")
        return re.compile(pattern)
    return re.compile(pattern.replace(r"\Z", "$"), re.ASCII)
