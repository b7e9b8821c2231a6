"""A stack of the generated program, driven by the genuine engine through the Automation API."""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi import automation as auto

from cloud import KINDS, Cloud
from engine import programs, waits
from engine.provider import Provider, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

ROOT = Path(__file__).parents[2]
PROJECT = "paystage"
# Where `make setup` puts the command line: the Automation API looks for `bin/pulumi` below.
COMMAND_ROOT = ROOT / ".cache"
# As many operations at once as the engine likes: what lacks an edge then really runs out of order.
PARALLEL = 32
waits.shorten()
programs.separate()

# The engine's setting for a state that is written once a run.
AT_THE_END = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
# A run of the engine ends before its garbage is in anybody's way; should it grow, it is collected.
GARBAGE_STAYS = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, to one resource."""

    operation: str
    type: str
    name: str
    # Arguments that differ, and those among them that force a replacement, by their names on the wire.
    changed: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    urn: str = ""
    # The one that it had, where an alias joins both.
    old_urn: str = ""


@dataclass
class Run:
    """One run of the engine."""

    steps: list[Step] = field(default_factory=list[Step])
    warnings: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    def changes(self) -> list[Step]:
        """Steps that change something."""
        return [step for step in self.steps if step.operation not in ("same", "read", "refresh")]

    def note(self, event: auto.events.EngineEvent) -> None:
        """Keeps what the engine reports."""
        if event.resource_pre_event is not None:
            self._add(event.resource_pre_event.metadata)
        self._note_warning(event)

    def note_refresh(self, event: auto.events.EngineEvent) -> None:
        """The same for a refresh, where only the event after a step says what was found."""
        if event.res_outputs_event is not None:
            self._add(event.res_outputs_event.metadata)
        self._note_warning(event)

    def _add(self, metadata: auto.events.StepEventMetadata) -> None:
        self.steps.append(
            Step(
                operation=str(metadata.op.value),
                type=metadata.type,
                name=metadata.urn.rsplit("::", 1)[-1],
                changed=tuple(sorted(metadata.diffs or ())),
                replaced_by=tuple(sorted(metadata.keys or ())),
                urn=metadata.urn,
                old_urn=metadata.old.urn if metadata.old is not None else metadata.urn,
            )
        )

    def _note_warning(self, event: auto.events.EngineEvent) -> None:
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "warning":
            self.warnings.append(event.diagnostic_event.message)


class Engine:
    """The engine's home, its state, and one account of the cloud that all its stacks share."""

    def __init__(
        self,
        home: Path,
        providers: dict[str, Provider],
        ports: dict[str, int],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.cloud = providers["aws"].cloud
        self.providers = providers
        # Stacks that were made here.
        self._known: set[str] = set()
        state = home / "state"
        state.mkdir(parents=True, exist_ok=True)
        # The command line writes a log of its own there, compressed and encrypted, which costs it a third of its time and which nobody
        # reads. It goes without where there is no folder for it.
        (home / "logs").touch()
        self._environment = {
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "a test has no secrets",
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in ports.items()),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **GARBAGE_STAYS,
            **(settings or {}),
        }

    def state_files(self) -> list[str]:
        """The text of each stack's state as it lies on the disk."""
        return [file.read_text() for file in (self.home / "state").rglob("stacks/**/*.json")]

    def kept_files(self) -> list[str]:
        """The same with earlier versions: history and backups."""
        files = [file for file in (self.home / "state").rglob("*") if file.is_file()]
        return [file.read_text() for file in files if file.suffix in (".json", ".bak")]

    def stack(self, folder: Path, name: str = "staging") -> Stack:
        """A stack of the project in the folder."""

        def program() -> None:
            with contextlib.chdir(folder):
                runpy.run_path("__main__.py", run_name="__main__")

        return self.stack_of(program, folder, name)

    def stack_of(self, program: Callable[[], None], folder: Path, name: str = "staging") -> Stack:
        """A stack of a program of the test's own."""
        unnamed = auto.ProjectSettings(PROJECT, "python", main=str(Path.cwd()))
        workspace = Workspace(
            work_dir=str(folder),
            program=program,
            env_vars=self._environment,
            pulumi_command=_command(),
            project_settings=None if (folder / "Pulumi.yaml").exists() else unnamed,
        )
        workspace.known = self._known
        selected = auto.Stack.create_or_select(name, workspace)
        selected.__class__ = Brief
        self._known.add(name)
        return Stack(selected, folder)


@cache
def _command() -> auto.PulumiCommand:
    """The command line, asked once for its version."""
    return auto.PulumiCommand(root=str(COMMAND_ROOT))


class Workspace(auto.LocalWorkspace):
    """One that does not look for a stack that was made before: each run names its stack."""

    known: AbstractSet[str] = frozenset()

    def select_stack(self, stack_name: str) -> None:
        """Finds it."""
        if stack_name not in self.known:
            super().select_stack(stack_name)


class Brief(auto.Stack):
    """One that asks for no outputs and no summary after a run, each of which starts the command line once more."""

    def outputs(self) -> auto.OutputMap:
        """Nothing."""
        return {}

    def info(self, show_secrets: bool | None = None) -> auto.UpdateSummary:  # noqa: FBT001 - the SDK's own
        """Nothing of which anybody reads."""
        del show_secrets
        return auto.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "succeeded")


class Stack:
    """One stack; every method is one run of the engine."""

    def __init__(self, stack: auto.Stack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder

    def configure(self, key: str, value: str) -> None:
        """Sets a configuration value, as `pulumi config set` does."""
        self._stack.set_config(f"{PROJECT}:{key}", auto.ConfigValue(value))

    def preview(self) -> Run:
        """What would be done."""
        with self._run() as run:
            self._stack.preview(on_event=run.note, on_output=_ignore, parallel=PARALLEL)
        return run

    def preview_json(self, *, refresh: bool = False) -> str:
        """What `pulumi preview --json` prints."""
        with self._run():
            done = self._stack.preview(
                json=True, refresh=refresh, on_output=_ignore, parallel=PARALLEL
            )
        return done.stdout

    def up(self) -> Run:
        """Does it."""
        with self._run() as run:
            self._stack.up(on_event=run.note, on_output=_ignore, parallel=PARALLEL)
        return run

    def refresh(self) -> Run:
        """Reads what is there into the state."""
        with self._run() as run:
            self._stack.refresh(on_event=run.note_refresh, on_output=_ignore, parallel=PARALLEL)
        return run

    def destroy(self, *targets: str) -> Run:
        """Deletes everything, or these alone."""
        with self._run() as run:
            self._stack.destroy(
                on_event=run.note,
                on_output=_ignore,
                parallel=PARALLEL,
                target=list(targets) or None,
            )
        return run

    def preview_destroy(self) -> Run:
        """What would be deleted, as `pulumi destroy` shows it before it asks."""
        with self._run() as run:
            self._stack.destroy(
                on_event=run.note,
                on_output=_ignore,
                parallel=PARALLEL,
                preview_only=True,
            )
        return run

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        found = auto.Stack.outputs(self._stack)
        return {name: output.value for name, output in found.items()}

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state."""
        deployment = self._stack.export_stack().deployment or {}
        return list(deployment.get("resources", []))

    def exported(self) -> str:
        """What `pulumi stack export` gives: secrets stay encrypted, as they do not for the Automation API."""
        workspace = self._stack.workspace
        done = workspace.pulumi_command.run(
            ["stack", "export", "--stack", self._stack.name],
            workspace.work_dir,
            dict(workspace.env_vars),
        )
        return done.stdout

    @contextlib.contextmanager
    def _run(self) -> Iterator[Run]:
        run = Run()
        sys.path.insert(0, str(self._folder))
        before = set(sys.modules)
        started = time.monotonic()
        try:
            yield run
        finally:
            run.seconds = time.monotonic() - started
            programs.ended()
            sys.path.remove(str(self._folder))
            # The next program may be another version of the same modules.
            below = f"{self._folder}{os.sep}"
            for name in set(sys.modules) - before:
                file = getattr(sys.modules[name], "__file__", None)
                if file and file.startswith(below):
                    del sys.modules[name]


def _ignore(_: str) -> None:
    """The events say the same, and more precisely."""


@contextlib.contextmanager
def engine(
    home: Path, cloud: Cloud | None = None, *, checkpoints: bool = False
) -> Iterator[Engine]:
    """The engine with an account, an empty one if none is given.

    Its state is written after each step with ``checkpoints``, otherwise once, at the end of a run.
    """
    cloud = cloud or Cloud(KINDS)
    providers = {package: Provider(package, cloud) for package in ("aws", "tls")}
    with contextlib.ExitStack() as running:
        ports = {
            package: running.enter_context(serve(provider))
            for package, provider in providers.items()
        }
        yield Engine(home, providers, ports, {} if checkpoints else AT_THE_END)
