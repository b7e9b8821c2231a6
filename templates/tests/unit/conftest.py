"""One recording for the whole run of the tests."""

from __future__ import annotations

import pytest

import settings
{% if has_extensions %}from tests.unit.extensions import left_out, told_apart
{% endif %}{% if has_overrides %}from tests.unit.overrides import taken_back
{% endif %}from tests.unit.recording import {% if has_overrides || has_extensions %}SUFFIX, {% endif %}record
from tests.unit.resources import Recording


{% if has_overrides || has_extensions -%}
def usual(*, suffix: str = SUFFIX, preview: bool = False) -> Recording:
    """Record {% if has_extensions %}without what extensions add{% endif -%}
    {%- if has_extensions && has_overrides %} and {% endif -%}
    {%- if has_overrides %}{% if !has_extensions %}without {% endif %}what overrides replace{% endif %}."""
{%- if has_extensions %}
    with left_out():
        return {% if has_overrides %}taken_back(record(suffix=suffix, preview=preview)){% else %}record(suffix=suffix, preview=preview){% endif %}
{%- else %}
    return taken_back(record(suffix=suffix, preview=preview))
{%- endif %}


@pytest.fixture(scope="session")
def registered() -> Recording:
    """Record all that the program registers in an update."""
{%- if has_extensions %}
    with told_apart():
        return record()
{%- else %}
    return record()
{%- endif %}


{% endif -%}
@pytest.fixture(scope="session")
def recording() -> Recording:
    """Record what the program registers in an update."""
    return {% if has_overrides || has_extensions %}usual{% else %}record{% endif %}()


@pytest.fixture
def again(recording: Recording) -> Recording:
    """Record the same a second time."""
    return {% if has_overrides || has_extensions %}usual{% else %}record{% endif %}(suffix=recording.suffix)


@pytest.fixture(scope="session")
def other_recording() -> Recording:
    """Record the same environment under another suffix, as it would stand beside the first."""
    return {% if has_overrides || has_extensions %}usual{% else %}record{% endif %}(suffix="main")


@pytest.fixture(scope="session")
def preview() -> Recording:
    """Record what the program registers when nothing of AWS is known yet."""
    return {% if has_overrides || has_extensions %}usual{% else %}record{% endif %}(preview=True)


@pytest.fixture(scope="session")
def longest_recording() -> Recording:
    """Record the environment under the longest suffix that is allowed."""
    return {% if has_overrides || has_extensions %}usual{% else %}record{% endif %}(suffix="x" * settings.LONGEST_SUFFIX)
