"""A copy of the specification and of the generated project, which a test may edit and build again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from engine.stack import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = ROOT / "generated"
SPEC = ROOT / "spec"
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")


class Project:
    """What a person has: the spec, and the folder that `paystagec build` writes and `pulumi` runs in."""

    def __init__(
        self,
        folder: Path,
        spec: Path = SPEC / "staging.toml",
        generated: Path = GENERATED,
        *,
        today: tuple[str, ...] = (),
    ) -> None:
        """Copy a spec, with what lies beside it, and what was built from it; and remember by which day it is judged."""
        self.today = today
        self.folder = folder / "generated"
        self.spec = folder / "spec" / spec.name
        # What tools keep there may change meanwhile.
        kept = shutil.ignore_patterns("__pycache__", ".venv", ".pytest_cache", ".ruff_cache")
        shutil.copytree(generated, self.folder, ignore=kept)
        # Where `pulumi install` puts it, and where the program looks for its packages.
        (self.folder / ".venv").symlink_to(sys.prefix)
        shutil.copytree(spec.parent, self.spec.parent)

    @property
    def stack(self) -> str:
        """The name of its stack, which is the environment's."""
        (settings,) = self.folder.glob("Pulumi.*.yaml")
        return settings.name.split(".")[1]

    def edit(self, old: str, new: str) -> None:
        """Changes one place of the spec and builds; the stack's own settings stay, as they must."""
        text = self.spec.read_text()
        assert text.count(old) == 1, f"{old!r} is not once in {self.spec}"
        self.rewrite(text.replace(old, new))

    def rewrite(self, text: str) -> None:
        """Gives the spec another text and builds."""
        file = self.spec
        file.write_text(text)
        subprocess.run(  # noqa: S603 - our own binary
            [TARGET / "debug" / "paystagec", "build", file, "--out", self.folder, *self.today],
            check=True,
            capture_output=True,
        )


def build_compiler(*more: str) -> None:
    """Makes sure that the compiler is the one of these sources."""
    command = ["cargo", "build", "--locked", "--quiet", *more]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - fixed words
