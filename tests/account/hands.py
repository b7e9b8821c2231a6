"""The provider, asked as the engine asks it, for tests of single types."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi.runtime.proto import provider_pb2

from account.provider import Account, AccountProvider
from cloud.aws import Aws
from cloud.kinds import KINDS
from engine import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc

TAGS = {"project": "paystage"}


class AbortedError(Exception):
    """The provider gave an error to the engine."""


class _Context:
    """Of a call to the provider, as far as it uses one."""

    def __init__(self) -> None:
        self.half_made = False

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.half_made = bool(metadata)

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        message = f"{code.name}: {details}"
        raise AbortedError(message)


@dataclass
class Thing:
    """A resource as the state has it."""

    token: str
    id: str
    inputs: Mapping[str, Any]
    properties: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]


class Hands:
    """Makes and changes resources one by one in an account."""

    def __init__(self, url: str, *, judges: bool = False) -> None:
        self.aws = Aws(url)
        self._provider = AccountProvider("aws", Account(self.aws, KINDS, judges=judges))
        settings = provider_pb2.ConfigureRequest(
            args=wire.encode(
                {"region": "us-east-1", "defaultTags": '{"tags": {"project": "paystage"}}'}
            )
        )
        self._provider.Configure(settings, self._context())
        self._numbers = itertools.count()

    def make(self, token: str, /, **inputs: Any) -> Thing:
        """Create one."""
        request = provider_pb2.CreateRequest(
            urn=self._urn(token), type=token, properties=wire.encode(inputs)
        )
        made = self._provider.Create(request, self._context())
        return Thing(token, made.id, inputs, wire.decode(made.properties))

    def change(self, thing: Thing, /, **inputs: Any) -> Thing:
        """Update it: other arguments take the place of all old ones but for those that are not said; none of None."""
        news = {name: each for name, each in {**thing.inputs, **inputs}.items() if each is not None}
        request = provider_pb2.UpdateRequest(
            id=thing.id,
            urn=self._urn(thing.token),
            type=thing.token,
            olds=wire.encode(thing.properties),
            old_inputs=wire.encode(thing.inputs),
            news=wire.encode(news),
        )
        updated = self._provider.Update(request, self._context())
        return Thing(thing.token, thing.id, news, wire.decode(updated.properties))

    def read(self, thing: Thing) -> Thing | None:
        """Look at it again."""
        request = provider_pb2.ReadRequest(
            id=thing.id,
            urn=self._urn(thing.token),
            type=thing.token,
            inputs=wire.encode(thing.inputs),
            properties=wire.encode(thing.properties),
        )
        found = self._provider.Read(request, self._context())
        properties = wire.decode(found.properties)
        return Thing(thing.token, thing.id, thing.inputs, properties) if found.id else None

    def delete(self, thing: Thing) -> None:
        """Delete it."""
        request = provider_pb2.DeleteRequest(
            id=thing.id,
            urn=self._urn(thing.token),
            type=thing.token,
            properties=wire.encode(thing.properties),
        )
        self._provider.Delete(request, self._context())

    def _urn(self, token: str) -> str:
        return f"urn:pulumi:test::paystage::{token}::{next(self._numbers)}"

    def _context(self) -> Any:
        return _Context()
