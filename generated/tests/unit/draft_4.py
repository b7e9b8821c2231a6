"""What API Gateway takes as the schema of a body: JSON schema of draft 4, and no word that draft 4 does not have.

A model with another word, anywhere in it, is refused when it is deployed ("Unsupported keyword(s)"). The compiler refuses the same
schemas; what is a regular expression it alone says.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from tests.unit.values import as_list, as_map, as_number, as_text, as_texts

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
# Words of a schema that some body would fail.
RESTRICTING = {
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependencies",
    "enum",
    "items",
    "maxProperties",
    "minProperties",
    "not",
    "oneOf",
    "patternProperties",
    "properties",
    "required",
    "type",
}
BOUNDS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)
# KB of API Gateway's.
LARGEST = 400 * 1024


def faults(text: str) -> list[str]:
    """Say what API Gateway would refuse of a schema, and whether it restricts nothing."""
    root: object = json.loads(text)
    found = list(_of_schema(root, root, "#"))
    if not RESTRICTING & set(as_map(root)):
        found.append("#: any body would pass it")
    if len(text.encode()) > LARGEST:
        found.append("#: larger than 400 KB")
    return found


def _of_schema(schema: object, root: object, at: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"{at}: not an object"
        return
    words = as_map(schema)  # pyright: ignore[reportUnknownArgumentType]
    for word, value in words.items():
        here = f"{at}/{word}"
        if word not in VALUES:
            yield f"{here}: no word of draft 4"
        elif not VALUES[word](value):
            yield f"{here}: {value!r}"
        for name, inner in _inside(word, value):
            yield from _of_schema(inner, root, f"{here}/{name}" if name else here)
    if "$ref" in words and not _leads_to_a_schema(as_text(words["$ref"]), root):
        yield f"{at}/$ref: leads to no schema of this one"
    for flag, number in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if flag in words and number not in words:
            yield f"{at}/{flag}: without {number}"
    if words.get("additionalProperties") is False and "patternProperties" not in words:
        # What is demanded and not allowed, no body could ever hold.
        forbidden = set(as_texts(words.get("required"))) - set(as_map(words.get("properties")))
        yield from (f"{at}/required: {name} is forbidden" for name in sorted(forbidden))

    yield from (f"{at}: nothing passes: {why}" for why in _impossible(words))


def _impossible(words: Mapping[str, object]) -> Iterator[str]:
    """Name the words that no value can keep together."""
    for least, most in BOUNDS:
        low, high = as_number(words.get(least)), as_number(words.get(most))
        if low > high:
            yield f"{least} is above {most}"
    yield from _of_range(words)
    yield from _of_sizes(words)
    types, values = as_texts(words.get("type")), as_list(words.get("enum"))
    if types and values and not any(KINDS[name](value) for name in types for value in values):
        yield "no value of enum has the type"


def _of_range(words: Mapping[str, object]) -> Iterator[str]:
    low, high = as_number(words.get("minimum")), as_number(words.get("maximum"))
    no_low, no_high = (words.get(flag) is True for flag in ("exclusiveMinimum", "exclusiveMaximum"))
    if low == high and (no_low or no_high):
        yield "minimum and maximum leave out each other"
    elif words.get("type") == "integer" and low < high:
        first = math.floor(low) + 1 if no_low else math.ceil(low)
        last = math.ceil(high) - 1 if no_high else math.floor(high)
        if first > last:
            yield "no whole number between minimum and maximum"


def _of_sizes(words: Mapping[str, object]) -> Iterator[str]:
    if len(as_list(words.get("required"))) > as_number(words.get("maxProperties")):
        yield "more required than maxProperties"
    listed = words.get("items")
    if isinstance(listed, list) and words.get("additionalItems") is False:
        listed = as_list(listed)  # pyright: ignore[reportUnknownArgumentType]
        if as_number(words.get("minItems")) > len(listed):
            yield "minItems is above the items that there may be"
    if words.get("additionalProperties") is False and "patternProperties" not in words:
        known = len(as_map(words.get("properties")))
        if as_number(words.get("minProperties")) > known:
            yield "minProperties is above the properties that there may be"


def _inside(word: str, value: object) -> Iterator[tuple[str, object]]:
    """Give the schemas that a word holds."""
    if word in {"allOf", "anyOf", "items", "oneOf"} and isinstance(value, list):
        yield from ((str(index), inner) for index, inner in enumerate(as_list(value)))  # pyright: ignore[reportUnknownArgumentType]
    elif word in {"definitions", "patternProperties", "properties"}:
        yield from as_map(value).items()
    elif word == "dependencies":
        yield from (
            (name, inner) for name, inner in as_map(value).items() if not isinstance(inner, list)
        )
    elif word in {"items", "not"} or (
        word in {"additionalItems", "additionalProperties"} and not isinstance(value, bool)
    ):
        yield "", value


def _leads_to_a_schema(reference: str, root: object) -> bool:
    seen: set[str] = set()
    while reference not in seen:
        seen.add(reference)
        found = root
        start, *names = unquote(reference).split("/")
        for name in names:
            key = name.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list):
                members = as_list(found)  # pyright: ignore[reportUnknownArgumentType]
                found = members[int(key)] if key.isdecimal() and int(key) < len(members) else None
            else:
                found = as_map(found).get(key)
        if start != "#" or not isinstance(found, dict):
            return False
        further = as_map(found).get("$ref")  # pyright: ignore[reportUnknownArgumentType]
        if not isinstance(further, str) or not further.startswith("#"):
            return True
        reference = further
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_anything(_value: object) -> bool:
    return True


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(as_list(value))  # pyright: ignore[reportUnknownArgumentType]


def _is_list_of_its_own(value: object) -> bool:
    """Whether a list holds something, and nothing twice: 1 and 1.0 are the same, 1 and true are not."""
    if not _is_list(value):
        return False
    written = [json.dumps(_plain(item), sort_keys=True) for item in as_list(value)]
    return len(set(written)) == len(written)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in as_map(value).items()}  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        return [_plain(inner) for inner in as_list(value)]  # pyright: ignore[reportUnknownArgumentType]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_names(value: object) -> bool:
    return _is_list_of_its_own(value) and len(as_texts(value)) == len(as_list(value))


def _is_type(value: object) -> bool:
    return (_is_text(value) or _is_names(value)) and set(as_texts(value)) <= TYPES


def _is_dependencies(value: object) -> bool:
    lists = [inner for inner in as_map(value).values() if not isinstance(inner, dict)]
    return _is_map(value) and all(_is_names(inner) for inner in lists)


def _is_whole(value: object) -> bool:
    return _is_number(value) and float(str(value)).is_integer()


# Which values have a type; of a type that there is not, any.
KINDS: dict[str, Callable[[object], bool]] = defaultdict(
    lambda: _is_anything,
    {
        "array": lambda value: isinstance(value, list),
        "boolean": _is_flag,
        "integer": _is_whole,
        "null": lambda value: value is None,
        "number": _is_number,
        "object": _is_map,
        "string": _is_text,
    },
)

# What each word of draft 4 takes; schemas inside are judged by themselves.
VALUES: dict[str, Callable[[object], bool]] = {
    "$ref": _is_text,
    "$schema": lambda value: value == DRAFT_4,
    "additionalItems": _is_anything,
    "additionalProperties": _is_anything,
    "allOf": _is_list,
    "anyOf": _is_list,
    "default": _is_anything,
    "definitions": _is_map,
    "dependencies": _is_dependencies,
    "description": _is_text,
    "enum": _is_list_of_its_own,
    "exclusiveMaximum": _is_flag,
    "exclusiveMinimum": _is_flag,
    "format": _is_text,
    "id": _is_text,
    "items": lambda value: _is_map(value) or _is_list(value),
    "maxItems": _is_count,
    "maxLength": _is_count,
    "maxProperties": _is_count,
    "maximum": _is_number,
    "minItems": _is_count,
    "minLength": _is_count,
    "minProperties": _is_count,
    "minimum": _is_number,
    "multipleOf": lambda value: _is_number(value) and float(str(value)) > 0,
    "not": _is_map,
    "oneOf": _is_list,
    "pattern": _is_text,
    "patternProperties": _is_map,
    "properties": _is_map,
    "required": _is_names,
    "title": _is_text,
    "type": _is_type,
    "uniqueItems": _is_flag,
}
