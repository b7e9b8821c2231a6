"""What the spec overrides for a while, and the stack without what that replaces."""

from __future__ import annotations

import dataclasses

from tests.unit.resources import Recording, Resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Override:
    """One argument of one resource: what it is, and what it would be without the override."""

    component: str
    kind: str
    name: str
    argument: str
    value: object
    # Nothing where the argument is left to AWS otherwise.
    replaces: object = None

    def __str__(self) -> str:
        """Give the argument with its resource, as a failing test shows it."""
        return f"{self.component}/{self.name} {self.argument}"

    def concerns(self, resource: Resource) -> bool:
        """Tell whether this is its resource."""
        address = (resource.component, resource.token, resource.name)
        return address == (self.component, self.kind, self.name)


OVERRIDES = (
{{ rows|safe }})


def taken_back(recording: Recording) -> Recording:
    """Put back what overrides replace, for the tests that hold the usual value.

    What an override only adds stays, so that the tests of the requirements see it.
    """
    return Recording(
        [_usual(resource) for resource in recording.resources],
        suffix=recording.suffix,
        exports=recording.exports,
        components=recording.components,
        providers=recording.providers,
    )


def _usual(resource: Resource) -> Resource:
    usual = {
        override.argument: override.replaces
        for override in OVERRIDES
        if override.replaces is not None and override.concerns(resource)
    }
    return dataclasses.replace(
        resource,
        inputs={**resource.inputs, **usual},
        outputs={**resource.outputs, **usual},
    )
