"""The genuine engine, deploying to an account on this machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from account.endpoint import Endpoint
from account.provider import Account, AccountProvider
from cloud.kinds import KINDS
from engine.provider import serve
from engine.stack import AT_THE_END, Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cloud.aws import Aws
    from engine.stack import Stack


class AccountEngine(Engine):
    """The engine, whose account knows where the program lies that is deployed."""

    def __init__(
        self, home: Path, providers: dict[str, AccountProvider], ports: dict[str, int], aws: Aws
    ) -> None:
        # Written after each step, the state would cost more time than all steps; so it is in `engine/test_state_keeps_secrets.py` and
        # where the documents are typed.
        super().__init__(home, dict(providers), ports, AT_THE_END)
        self._aws = aws

    def stack_of(self, program: Callable[[], None], folder: Path, name: str = "staging") -> Stack:
        """A stack of a program in the folder."""
        self._aws.project = folder
        return super().stack_of(program, folder, name)


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """AWS's APIs, with an empty account."""
    made = Endpoint()
    try:
        yield made
    finally:
        made.stop()


@contextlib.contextmanager
def engine_at(home: Path, aws: Aws) -> Iterator[Engine]:
    """The engine, whose providers reach that account."""
    account = Account(aws, KINDS)
    providers = {package: AccountProvider(package, account) for package in ("aws", "tls")}
    with contextlib.ExitStack() as running:
        ports = {
            package: running.enter_context(serve(provider))
            for package, provider in providers.items()
        }
        yield AccountEngine(home, providers, ports, aws)
