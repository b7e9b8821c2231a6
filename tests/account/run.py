"""Lives a stack's whole life in an account on this machine, and prints what was seen, as Markdown.

python -m account.run [--brief]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from account.life import Life
from account.living.changes import BRIEF, CHANGES
from account.living.report import lines
from account.rights import NOT_THE_PROVIDERS
from account.world import world
from cloud.kinds import KINDS
from engine.project import build_compiler


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description="a stack's whole life in an account on this machine"
    )
    parser.add_argument(
        "--brief", action="store_true", help="two changes under payments, not twelve"
    )
    edits = BRIEF if parser.parse_args().brief else CHANGES
    started = time.monotonic()
    build_compiler()
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as lived:
        say("| step | seconds | what was seen |")
        say("| --- | --- | --- |")
        life = Life(lived, edits=edits)
        for told in life.steps():
            say(f"| {told.step} | {told.seconds:.0f} | {told.found} |")
    say(
        f"\n{time.monotonic() - started:.0f} s in all. Left in the end, as the script for teams tells it, but for the network ACLs that moto keeps:\n"
    )
    say(f"{life.left}")
    assert life.measured is not None
    say("\nChanges while payments go through both entry points:\n")
    for line in lines(life.measured):
        say(line)
    say("\nIntegration tests that cannot pass here:\n")
    say("| test | why |\n| --- | --- |")
    for test, why in sorted(life.tested.lacking.items()):
        say(f"| {test} | {why} |")
    say(
        f"\n{len(lived.stack.asked)} different rights were asked for, by action and resource. The policies of `deployer/` "
        "hold each, but for what the genuine provider does not ask:\n"
    )
    say("| action | why not |\n| --- | --- |")
    for action, reason in NOT_THE_PROVIDERS.items():
        say(f"| {action} | {reason} |")
    lacking = {token: kind.lacks for token, kind in KINDS.items() if kind.lacks}
    say(
        f"\n{len(KINDS)} types of resource are mapped to AWS's calls. Of {len(lacking)}, moto lacks something:\n"
    )
    say("| type | what is not shown here |\n| --- | --- |")
    for token, lacks in sorted(lacking.items()):
        say(f"| {token.rpartition(':')[2]} | {lacks} |")


def say(line: str) -> None:
    """Print at once: a step takes its time."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
