"""Arguments that note which of them are read, so that a mapping drops none in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.wire import Asset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Watched(dict[str, Any]):
    """A mapping like any other, at every level, that knows what it was asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__({name: _watched(value) for name, value in values.items()})
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value; that it is missing is something learned as well."""
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    # Whoever takes all has seen all: botocore refuses what it does not know.

    def __iter__(self) -> Iterator[str]:
        self.asked.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        """Return all names."""
        self.asked.update(super().keys())
        return super().keys()

    def values(self) -> Any:
        """Return all values."""
        self.asked.update(super().keys())
        return super().values()

    def items(self) -> Any:
        """Return all."""
        self.asked.update(super().keys())
        return super().items()

    def unread(self) -> list[str]:
        """Return the places of what nobody asked for, such as `routes[0].gatewayId`."""
        return list(_unread(self, ""))


def _watched(value: Any) -> Any:
    if isinstance(value, dict) and not isinstance(value, Asset):
        return Watched(value)
    if isinstance(value, list):
        return [_watched(item) for item in value]
    return value


def _unread(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, Watched):
        for name in dict.__iter__(value):
            inner = f"{place}.{name}" if place else name
            if name not in value.asked:
                yield inner
            else:
                yield from _unread(dict.__getitem__(value, name), inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unread(item, f"{place}[{index}]")
