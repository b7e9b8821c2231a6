"""What the spec overrides is in force, on every resource that it is for."""

from __future__ import annotations

import pytest

from tests.unit.overrides import OVERRIDES, Override
from tests.unit.resources import Recording


@pytest.mark.parametrize("override", OVERRIDES, ids=str)
def test_the_value_is_registered(registered: Recording, override: Override) -> None:
    """The value of the spec reaches the resource."""
    (resource,) = filter(override.concerns, registered.resources)
    assert resource.inputs[override.argument] == override.value


@pytest.mark.parametrize("override", OVERRIDES, ids=str)
def test_the_other_tests_see_the_usual_value(recording: Recording, override: Override) -> None:
    """What an override replaces is put back for them, what it adds is not."""
    (resource,) = filter(override.concerns, recording.resources)
    usual = override.value if override.replaces is None else override.replaces
    assert resource.inputs[override.argument] == usual
