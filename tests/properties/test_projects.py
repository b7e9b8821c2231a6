"""The generated unit tests hold for any valid spec: they say what the requirements ask, not what the team's spec says.

``PROJECT_SEEDS="3 17"`` takes other specs than the usual ones.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from properties.projects import Case, run, written

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from concurrent.futures import Future

SEEDS = os.environ.get("PROJECT_SEEDS", "1 5 7 10 19 22").split()


def _suite(case: Case) -> subprocess.CompletedProcess[str]:
    """Run a project's unit tests as its team would."""
    unit = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit")
    return run(sys.executable, *unit, cwd=case.project)


@pytest.fixture(scope="module", name="suites")
def _suites(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, tuple[Case, Future[subprocess.CompletedProcess[str]]]]]:
    """All suites, as many at once as there are processors."""
    cases = written(tmp_path_factory.mktemp("projects"), SEEDS)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {seed: (case, pool.submit(_suite, case)) for seed, case in cases.items()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_projects_own_tests_hold(
    suites: dict[str, tuple[Case, Future[subprocess.CompletedProcess[str]]]], seed: str
) -> None:
    """What the tests demand of program, functions and documents, any valid spec gives them."""
    case, suite = suites[seed]
    done = suite.result()
    assert done.returncode == 0, case.failure(done.stdout)
