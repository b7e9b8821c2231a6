"""Lives a stack's whole life in an account on this machine, and prints what was seen, as Markdown.

python -m account.run
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from account.kinds import KINDS
from account.life import Life
from account.world import world
from engine.project import build_compiler


def main() -> None:
    """Run from the command line."""
    started = time.monotonic()
    build_compiler()
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as lived:
        say("| step | seconds | what was seen |")
        say("| --- | --- | --- |")
        for told in Life(lived).steps():
            say(f"| {told.step} | {told.seconds:.0f} | {told.found} |")
    say("")
    say(
        f"{time.monotonic() - started:.0f} s in all. {len(KINDS)} types of resource are mapped to calls of AWS's APIs."
    )
    say("What moto lacks:")
    say("")
    say("| type | what is not shown here |")
    say("| --- | --- |")
    for token, kind in sorted(KINDS.items()):
        if kind.lacks:
            say(f"| {token.rpartition(':')[2]} | {kind.lacks} |")


def say(line: str) -> None:
    """Print at once: a step takes its time."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
