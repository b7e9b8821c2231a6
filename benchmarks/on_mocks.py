"""The generated program on mocks, and its floor: the imports that it cannot do without.

``on_mocks.py run PROJECT`` runs the program. ``on_mocks.py modules PROJECT`` runs it and prints
which subpackages of the SDKs it touched. ``on_mocks.py import MODULE...`` only imports these.
``on_mocks.py profile PROJECT`` runs the program under a profiler and prints whose code took how much.
"""

from __future__ import annotations

import cProfile
import importlib
import os
import pstats
import re
import runpy
import sys
from types import ModuleType
from typing import Any

import pulumi

ACCOUNT = "123456789012"
# Outputs that only a provider knows and that texts are made of.
COMPUTED = (
    "address",
    "arnSuffix",
    "certPem",
    "dnsName",
    "executionArn",
    "invokeArn",
    "invokeUrl",
    "keyId",
    "privateKeyPem",
    "resourceId",
    "rootResourceId",
    "url",
    "zoneId",
)
SUBPACKAGE = re.compile(r"pulumi_(aws|tls)(\.[a-z0-9_]+)?")


class Mocks(pulumi.runtime.Mocks):
    """Answers like a provider that makes everything at once."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        """Give back what was asked for, and what only the provider knows."""
        outputs: dict[Any, Any] = {output: f"{output}-of-{args.name}" for output in COMPUTED}
        outputs |= {"arn": f"arn:aws:mock:us-east-1:{ACCOUNT}:{args.name}", "name": args.name}
        outputs |= args.inputs
        if args.typ == "aws:rds/instance:Instance":
            outputs["masterUserSecrets"] = [{"secretArn": f"arn:aws:mock:{args.name}"}]
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[Any]]:
        """Tell who asks; the program asks nothing else."""
        del args
        return {"accountId": ACCOUNT, "id": ACCOUNT}, []


def run(project: str) -> None:
    """Run the program and wait for all that it registers."""
    os.chdir(project)
    sys.path.insert(0, project)
    pulumi.runtime.set_mocks(Mocks(), project="paystage", stack="staging", preview=False)
    pulumi.runtime.set_all_config({"paystage:environmentSuffix": "main"})

    @pulumi.runtime.test
    def program() -> None:
        runpy.run_path("__main__.py", run_name="__main__")

    program()


def touched() -> list[str]:
    """List the SDKs' packages, and of `pulumi_aws` the subpackages, that are loaded."""
    # A lazy module is of another type until something of it is used; asking it would load it.
    loaded = [name for name, module in sys.modules.items() if type(module) is ModuleType]
    return sorted(
        name
        for name in loaded
        if SUBPACKAGE.fullmatch(name) and hasattr(sys.modules[name], "__path__")
    )


def profile(project: str) -> None:
    """Print which share of the time imports, the program itself and the SDK took, as table rows."""
    profiler = cProfile.Profile()
    profiler.runcall(run, project)
    calls = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    everything = sum(own for _, _, own, _, _ in calls.values())
    imports = max(
        total for (_, _, name), (_, _, _, total, _) in calls.items() if name == "_find_and_load"
    )
    # The program is run from its folder, so that one of its files has no folder in its name.
    itself = sum(
        own
        for (file, _, name), (_, _, own, _, _) in calls.items()
        if file.startswith((project, "__main__")) and name != "<module>"
    )
    rows = {
        "importing modules": imports,
        "the code of the program itself": itself,
        "the SDK, as it registers resources, and the mocks": everything - imports - itself,
    }
    for name, seconds in rows.items():
        print(f"| {name} | {100 * seconds / everything:.1f} |")


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["run", project]:
            run(project)
        case ["modules", project]:
            run(project)
            print("\n".join(touched()))
        case ["profile", project]:
            profile(project)
        case ["import", *modules]:
            for module in modules:
                # The SDK reads a package when something of it is used first.
                getattr(importlib.import_module(module), "__all__", None)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
