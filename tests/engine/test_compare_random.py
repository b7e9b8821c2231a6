"""`paystagec compare` says what the genuine engine then does, also between random specs.

Ten pairs are a chain: a random spec, and each next one a few edits away from it (`properties/write_chains.rs`).
``COMPARE_PAIRS="0-299"`` takes others than the usual ones: ``make compare-pairs``.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.pairs import Version, Walk, differences, foretold, not_foretold, not_refused
from engine.project import TARGET, build_compiler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = "2026-11-01"
LINKS = 10


def pairs() -> list[int]:
    """The pairs that are asked for: ``3 17``, or ``0-299``."""
    wanted = os.environ.get("COMPARE_PAIRS", "0-1 8 148 277").split()
    ranges = (part.partition("-") for part in wanted)
    return [pair for low, _, high in ranges for pair in range(int(low), int(high or low) + 1)]


class Chains:
    """Random specs, and the stack that goes along them."""

    def __init__(self, folder: Path, walk: Walk) -> None:
        """Write the specs."""
        self.walk, self._folder = walk, folder
        self._made: dict[tuple[int, int], Version] = {}
        seeds = sorted({pair // LINKS for pair in pairs()})
        words = [TARGET / "debug" / "examples" / "write-chains", folder, LINKS, *seeds]
        subprocess.run([str(word) for word in words], check=True)  # noqa: S603 - our own program

    def version(self, chain: int, link: int) -> Version:
        """One spec of a chain."""
        if (chain, link) not in self._made:
            folder = self._folder / str(chain) / str(link)
            self._made[chain, link] = Version(folder / "spec" / "spec.toml", TODAY)
        return self._made[chain, link]

    def edits(self, chain: int, link: int) -> list[str]:
        """How a spec came of the one before."""
        return json.loads((self._folder / str(chain) / str(link) / "edits.json").read_text())


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chains]:
    """The specs of all pairs."""
    build_compiler("--bins", "--example", "write-chains")
    folder = tmp_path_factory.mktemp("chains")
    with Walk(folder / "home") as walk:
        yield Chains(folder, walk)


@pytest.mark.parametrize("pair", pairs())
def test_the_engine_takes_the_steps_that_were_foretold(pair: int, chains: Chains) -> None:
    """The same resources, the same steps, replacements in the same order; of every third pair the preview too."""
    chain, link = divmod(pair, LINKS)
    edits = "; ".join(chains.edits(chain, link + 1))
    old, new = chains.version(chain, link), chains.version(chain, link + 1)
    comparison = old.compared(new)
    chains.walk.begin(old)
    if pair % 3 == 0:
        shown = foretold(comparison, "steps", "only_in_preview")
        assert differences(shown, chains.walk.preview(new)) == [], edits
    taken = chains.walk.to(new)
    unmet = not_refused(comparison, taken)
    counted = f"{len(taken.steps)} steps, {len(taken.refused)} refused, {len(unmet)} only foretold"
    print(f"\npair {pair}: {counted}: {edits}")  # noqa: T201 - for `make compare-pairs`
    assert differences(foretold(comparison), taken.steps) == [], edits
    assert not_foretold(comparison, taken) == [], edits
