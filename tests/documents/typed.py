"""What a reader of a document is told to type, and a shell to type it into."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
# What no command prints.
_END = "-- end of what was typed --"


def blocks(document: str) -> dict[str, list[str]]:
    """Return the commands of a document in their order, by heading."""
    headings = [(found.start(), found[1]) for found in _HEADING.finditer(_without_blocks(document))]
    typed: dict[str, list[str]] = {}
    for found in _BLOCK.finditer(document):
        heading = next(title for start, title in reversed(headings) if start < found.start())
        indent = len(found[1])
        lines = [line[indent:] for line in found[2].splitlines(keepends=True)]
        typed.setdefault(heading, []).append("".join(lines))
    return typed


def _without_blocks(document: str) -> str:
    """Return the text with its blocks blanked out: a comment of a shell is no heading."""
    return re.sub(
        r"^ *```.*?^ *```$",
        lambda found: re.sub(r"[^\n]", " ", found[0]),
        document,
        flags=re.DOTALL | re.MULTILINE,
    )


class TypedError(AssertionError):
    """A command failed, as a reader would see it."""


class Shell:
    """One shell from the first command to the last, as a reader has it open; it stops at the first that fails."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-euo", "pipefail"],  # noqa: S607 - any bash
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, commands: str) -> str:
        """Type these, and return what they print."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.poll() is not None:
            message = "the shell has ended with the command that failed before"
            raise TypedError(message)
        # Nobody answers a question: what asks one fails.
        self._process.stdin.write(f"{{\n{commands}\n}} < /dev/null\nprintf '\\n{_END}\\n'\n")
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            if line.rstrip("\n") == _END:
                # The marker begins a line of its own.
                return "".join(printed)[:-1]
            printed.append(line)
        raise TypedError("\n".join([commands, "printed:", "".join(printed)]))

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
