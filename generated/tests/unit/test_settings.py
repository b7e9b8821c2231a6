"""The suffix, the one value that a stack may choose, and the names that are made from it."""

from __future__ import annotations

import pytest

import settings
from tests.unit.recording import SUFFIX


@pytest.mark.parametrize("suffix", ["a", "1", SUFFIX, "pr-42", "x" * settings.LONGEST_SUFFIX])
def test_a_good_suffix_is_taken_as_it_is(suffix: str) -> None:
    """NAME-1: letters, digits and inner hyphens, up to the length that every name leaves."""
    assert settings.checked_suffix(suffix) == suffix


@pytest.mark.parametrize(
    "suffix",
    ["", "-a", "a-", "a--b", "PR42", "pr_42", "pr.42", "pr 42", "ä", "a\n", "a/b"],
)
def test_a_suffix_that_names_cannot_hold_is_refused(suffix: str) -> None:
    """NAME-2: whatever some kind of name refuses is refused before anything is made."""
    with pytest.raises(settings.SuffixError, match="environmentSuffix"):
        settings.checked_suffix(suffix)


def test_a_suffix_that_is_too_long_is_refused() -> None:
    """NAME-2: the message says how long it is, how long it may be, and what to type."""
    suffix = "x" * (settings.LONGEST_SUFFIX + 1)
    with pytest.raises(settings.SuffixError) as refused:
        settings.checked_suffix(suffix)
    assert str(len(suffix)) in str(refused.value)
    assert str(settings.LONGEST_SUFFIX) in str(refused.value)
    assert "pulumi config set" in str(refused.value)
