"""Makes the twelve changes alone, in an account of their own, and prints what was measured.

python -m account.living
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from account.living.chapter import live
from account.living.report import lines
from account.world import world
from engine.project import build_compiler


def main() -> None:
    """Run from the command line."""
    build_compiler()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as lived:
        lived.stack.up()
        outcome = live(lived)
    sys.stdout.write("\n".join(lines(outcome)))
    sys.stdout.write(f"\n\n{time.monotonic() - started:.0f} s in all\n")


if __name__ == "__main__":
    main()
