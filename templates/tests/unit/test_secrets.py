"""Secrets lie encrypted in the stack's state, wherever a resource gives them back."""

from __future__ import annotations

from tests.unit.kinds import INVOCATION, PLAN_KEY
from tests.unit.resources import Recording


def test_what_is_secret_once_is_secret_everywhere(recording: Recording) -> None:
    """SEC-1: the SDK marks the value of an API key, and not its copy in the plan's key."""
    secrets = [
        resource.outputs[name]
        for resource in recording.resources
        for name in resource.secret_outputs
        if name in resource.outputs
    ]
    for resource in recording.resources:
        # An argument is as secret as what is given for it; the engine sees to that.
        given_back = resource.outputs.keys() - resource.inputs.keys()
        in_clear = [
            name
            for name in sorted(given_back - set(resource.secret_outputs))
            if resource.outputs[name] in secrets
        ]
        assert not in_clear, f"{resource}: {in_clear}"


def test_what_the_sdk_leaves_open_is_marked(recording: Recording) -> None:
    """SEC-1: keys of clients, and the answer of a function that reads the master user's secret."""
    for kind, output in ((PLAN_KEY, "value"), (INVOCATION, "result")):
        for resource in recording.of(kind):
            assert output in resource.secret_outputs, resource
