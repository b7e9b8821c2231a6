"""One recording for the whole run of the tests."""

from __future__ import annotations

import pytest

import settings
from tests.unit.recording import record
from tests.unit.resources import Recording


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Record what the program registers in an update."""
    return record()


@pytest.fixture
def again(recording: Recording) -> Recording:
    """Record the same a second time."""
    return record(suffix=recording.suffix)


@pytest.fixture(scope="session")
def other_recording() -> Recording:
    """Record the same environment under another suffix, as it would stand beside the first."""
    return record(suffix="main")


@pytest.fixture(scope="session")
def preview() -> Recording:
    """Record what the program registers when nothing of AWS is known yet."""
    return record(preview=True)


@pytest.fixture(scope="session")
def longest_recording() -> Recording:
    """Record the environment under the longest suffix that is allowed."""
    return record(suffix="x" * settings.LONGEST_SUFFIX)
