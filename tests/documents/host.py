"""Pulumi's Python host, for the plain command line: `pulumi` starts it as `pulumi-language-python` and asks it to run programs.

The genuine host comes with Pulumi's installer only; no registry has it. Everything else is genuine: the command line, the engine, the
protocol, and the SDK's own code that runs a program. It differs in one way: `pulumi install` links the virtual environment
that these tests run in, which holds the same locked packages, in place of one made anew from the registry.
"""

from __future__ import annotations

import contextlib
import os
import sys
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 4
UNLIMITED = ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)


class Host(LanguageServer):
    """Runs the program of a folder, in this process: the engine starts one for each command."""

    def __init__(self, engine: str) -> None:
        super().__init__(self._main)
        self._engine = engine

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        """Say hello."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, ARG002
        """Name a version; the engine only shows it."""
        return plugin_pb2.PluginInfo(version="0.0.0")

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802, ARG002
        """Give the project its virtual environment."""
        root = Path(request.info.program_directory)
        environment = root / request.info.options["virtualenv"]
        if not environment.exists():
            environment.symlink_to(sys.prefix)
        yield language_pb2.InstallDependenciesResponse(stdout=b"Finished installing dependencies\n")

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Run the program."""
        folder = request.info.program_directory
        environment = Path(folder, request.info.options["virtualenv"])
        if not (environment / "bin" / "python").exists():
            message = f"{environment} is no virtual environment: run `pulumi install`"
            return language_pb2.RunResponse(error=message)
        os.chdir(folder)
        sys.path.insert(0, folder)
        del request.args[:]
        request.args.append(self._engine)
        return super().Run(request, context)

    @staticmethod
    def _main() -> None:
        import runpy  # noqa: PLC0415 - as late as the program itself

        runpy.run_path("__main__.py", run_name="__main__")


def main() -> None:
    """Serve until the engine ends it. The port is the first line that is printed."""
    server = grpc.server(futures.ThreadPoolExecutor(THREADS), options=UNLIMITED)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # The engine ends it as Ctrl-C does.
    with contextlib.suppress(KeyboardInterrupt):
        server.wait_for_termination()


if __name__ == "__main__":
    main()
