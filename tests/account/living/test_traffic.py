"""The seconds without an answer are counted as a client would."""

from __future__ import annotations

import pytest

from account.living.traffic import API, BALANCER, HEALTH, PAY, Attempt, refused, silence


def attempt(
    started: float, ended: float, outcome: str = "200", route: str = PAY, entry_point: str = API
) -> Attempt:
    return Attempt(entry_point, route, started, ended, outcome)


def test_silence_ends_with_an_answer_to_a_later_request() -> None:
    # The second was sent before the first was refused, so it says nothing of the time after.
    attempts = [attempt(0, 1), attempt(2, 3, "500"), attempt(1.5, 4), attempt(5, 6)]
    assert silence(attempts) == {API: 4, BALANCER: 0}
    assert refused(attempts)[API] == {f"{PAY}: 500": 1}


def test_routes_that_are_silent_together_count_once() -> None:
    attempts = [
        attempt(0, 1, "503", PAY, BALANCER),
        attempt(2, 3, "200", PAY, BALANCER),
        attempt(1, 2, "503", HEALTH, BALANCER),
        attempt(4, 5, "200", HEALTH, BALANCER),
    ]
    assert silence(attempts)[BALANCER] == pytest.approx(5)


def test_what_is_never_answered_is_silent_to_the_end() -> None:
    assert silence([attempt(0, 1, "OSError"), attempt(2, 7, "OSError")])[API] == 7


def test_all_answered_is_no_silence() -> None:
    assert silence([attempt(0, 1), attempt(0, 9)]) == {API: 0, BALANCER: 0}
