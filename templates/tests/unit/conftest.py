"""One recording for the whole run of the tests."""

from __future__ import annotations

import pytest

import settings
{% if has_overrides %}from tests.unit.overrides import taken_back
{% endif %}from tests.unit.recording import record
from tests.unit.resources import Recording


{% if has_overrides %}@pytest.fixture(scope="session")
def registered() -> Recording:
    """Record what the program registers in an update, with all that the spec overrides."""
    return record()


@pytest.fixture(scope="session")
def recording(registered: Recording) -> Recording:
    """Give the same without what overrides replace."""
    return taken_back(registered)


@pytest.fixture
def again(recording: Recording) -> Recording:
    """Record the same a second time."""
    return taken_back(record(suffix=recording.suffix))
{% else %}@pytest.fixture(scope="session")
def recording() -> Recording:
    """Record what the program registers in an update."""
    return record()


@pytest.fixture
def again(recording: Recording) -> Recording:
    """Record the same a second time."""
    return record(suffix=recording.suffix)
{% endif %}

@pytest.fixture(scope="session")
def other_recording() -> Recording:
    """Record the same environment under another suffix, as it would stand beside the first."""
    return {% if has_overrides %}taken_back(record(suffix="main")){% else %}record(suffix="main"){% endif %}


@pytest.fixture(scope="session")
def preview() -> Recording:
    """Record what the program registers when nothing of AWS is known yet."""
    return {% if has_overrides %}taken_back(record(preview=True)){% else %}record(preview=True){% endif %}


@pytest.fixture(scope="session")
def longest_recording() -> Recording:
    """Record the environment under the longest suffix that is allowed."""
    return {% if has_overrides %}taken_back(record(suffix="x" * settings.LONGEST_SUFFIX)){% else %}record(suffix="x" * settings.LONGEST_SUFFIX){% endif %}
