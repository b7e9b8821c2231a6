"""The provider of the engine tests, with AWS's APIs behind it: what the cloud in memory refuses is refused before AWS is asked."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import provider_pb2

from account.watched import Watched
from cloud import Cloud, Record, Refused
from cloud.aws import FunctionError
from engine import catalogue, sdk, wire
from engine.provider import ALL_TAGS, Provider, changed_arguments, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from google.protobuf.struct_pb2 import Struct

    from cloud.aws import Aws
    from cloud.kind import Kind

# gRPC's number for an error of which there is more to say.
UNKNOWN = 2


class UnmappedError(Exception):
    """A type of resource that nobody has told the provider about."""


class DroppedError(Exception):
    """An argument was read by nobody."""


# What ends one operation of the engine, and tells it why.
REFUSALS = (
    Refused,
    ClientError,
    BotoCoreError,
    FunctionError,
    AssertionError,
    DroppedError,
    UnmappedError,
)


class Account(Cloud):
    """The account as the provider's own methods ask about it: what AWS has of it, and what is judged of it here."""

    def __init__(self, aws: Aws, kinds: Mapping[str, Kind], *, judges: bool = True) -> None:
        super().__init__(kinds, aws.account)
        self.aws = aws
        # A test of a single type makes it of names that nothing has.
        self.judges = judges

    def kind(self, token: str) -> Kind:
        """Return how a type becomes calls."""
        if token not in self._kinds:
            message = f"{token} has no mapping to AWS's APIs: add one in tests/cloud/kinds"
            raise UnmappedError(message)
        return self._kinds[token]

    def stands(self, token: str, **properties: Any) -> None:
        """Tell of what another stack made: nobody judged it, and it is there."""
        urn = f"urn:pulumi:another::another::{token}::{token.rpartition(':')[2]}"
        self.keep(Record(token, urn, self.aws.region, urn, properties, properties))


class AccountProvider(Provider):
    """What the engine asks of a resource, as calls to AWS. Arguments are judged as in the engine tests."""

    def __init__(self, package: str, account: Account) -> None:
        super().__init__(package, cloud=account)
        # Resources whose creation broke off after the object was made.
        self.half_made = 0
        # Waits for a step, which takes its time at AWS.
        self.pace: Callable[[str, str], None] | None = None
        self._account = account
        self._aws = account.aws

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, inputs = type_of(request), wire.decode(request.properties)
        with _errors(context, "creating", request.urn):
            kind = self._account.kind(token)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.encode(inputs))
        new = self._with_tags(kind, inputs)
        watched = Watched(new)
        self._wait("create", token)
        with _errors(context, "creating", request.urn):
            judged = self._judged_new(token, request.urn, inputs)
            with self._account.alone(token, self._region):
                id_ = kind.make(self._aws, watched)
        self._keep(judged, id_)
        try:
            kind.settle(self._aws, id_, {}, watched)
            _refuse_dropped(kind, watched.unread())
            outputs = self._seen(kind, id_, inputs, new)
            self._note_outputs(judged, id_, outputs)
        except DroppedError:
            # The mapping is wrong, and has to be so at the next `up` too.
            with _errors(context, "creating", request.urn):
                kind.remove(self._aws, id_, new)
                self._drop(judged)
                raise
        except (ClientError, BotoCoreError, AssertionError) as error:
            # It is there, though not as it should be: the engine keeps it, and the next `up` settles the rest.
            self.half_made += 1
            properties = self._properties(kind, inputs)
            _abort_half_made(context, id_, str(error), request.properties, properties)
            raise
        self._note("create", request)
        return provider_pb2.CreateResponse(id=id_, properties=self._properties(kind, outputs))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        kind = self._account.kind(type_of(request))
        known = {**wire.decode(request.inputs), **wire.decode(request.properties)}
        with _errors(context, "reading", request.urn):
            seen = kind.look(self._aws, request.id, self._with_tags(kind, known))
        if seen is None:
            self._drop(self._account.find(kind.token, request.urn, request.id))
            # An empty id says that it is gone.
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=request.inputs,
            properties=self._properties(kind, {**known, **seen}),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        kind = self._account.kind(type_of(request))
        inputs = wire.decode(request.news)
        if request.preview:
            outputs = {**wire.decode(request.olds), **inputs}
            return provider_pb2.UpdateResponse(properties=self._properties(kind, outputs))
        known = wire.decode(request.olds)
        old = wire.decode(request.old_inputs)
        if ALL_TAGS in known:
            old[ALL_TAGS] = known[ALL_TAGS]
        new = self._with_tags(kind, inputs)
        watched = Watched(new)
        self._wait("update", kind.token)
        with _errors(context, "updating", request.urn):
            judged = self._judged_change(kind.token, request.urn, request.id, inputs)
            kind.settle(self._aws, request.id, old, watched)
            differing = set(changed_arguments(old, new))
            _refuse_dropped(kind, sorted(differing - watched.asked))
            outputs = self._seen(kind, request.id, inputs, {**known, **new})
            if judged:
                present, changed = judged
                self._note_outputs(self._account.put(present, changed), request.id, outputs)
        self._note("update", request)
        return provider_pb2.UpdateResponse(properties=self._properties(kind, outputs))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Empty:
        kind = self._account.kind(type_of(request))
        known = self._with_tags(kind, wire.decode(request.properties))
        with _errors(context, "deleting", request.urn):
            # What is already gone is as good as deleted, as for the real provider.
            record = self._account.find(kind.token, request.urn, request.id)
            if kind.look(self._aws, request.id, known) is not None:
                if record is not None:
                    self._account.judge_deletion(kind.token, request.urn, request.id)
                kind.remove(self._aws, request.id, known)
            self._drop(record)
        self._wait("delete", kind.token)
        self._note("delete", request)
        return Empty()

    def _wait(self, operation: str, token: str) -> None:
        if self.pace is not None:
            self.pace(operation, token)

    # What is judged before AWS is asked.

    def _judged_new(self, token: str, urn: str, inputs: dict[str, Any]) -> Record | None:
        if not self._account.judges:
            return None
        return self._account.judge_creation(token, urn, self._region, inputs)

    def _judged_change(
        self, token: str, urn: str, id_: str, inputs: dict[str, Any]
    ) -> tuple[Record, Record] | None:
        if not self._account.judges:
            return None
        return self._account.judge_change(token, urn, id_, inputs)

    def _keep(self, record: Record | None, id_: str) -> None:
        if record is not None:
            record.outputs["id"] = id_
            self._account.keep(record)

    def _note_outputs(self, record: Record | None, id_: str, outputs: Mapping[str, Any]) -> None:
        """What AWS says takes the place of what was made up here."""
        if record is not None:
            record.outputs = {**outputs, "id": id_}

    def _drop(self, record: Record | None) -> None:
        if record is not None:
            self._account.drop(record)

    def _seen(
        self, kind: Kind, id_: str, inputs: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        seen = kind.look(self._aws, id_, known)
        assert seen is not None, f"{kind.token} {id_} was made, and AWS does not know it"
        allowed = sdk.arguments_of(kind.token).types.keys() | catalogue.computed(kind.token)
        assert seen.keys() <= allowed, f"{kind.token} has no {sorted(seen.keys() - allowed)}"
        return {**inputs, **seen}

    def _with_tags(self, kind: Kind, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if not self._takes_tags(kind.token):
            return dict(inputs)
        return {**inputs, ALL_TAGS: self._all_tags(inputs)}

    def _properties(self, kind: Kind, outputs: Mapping[str, Any]) -> Struct:
        return self._outputs(kind.token, outputs)


def _refuse_dropped(kind: Kind, names: list[str]) -> None:
    """No argument may be without an effect and without a word."""
    # Tags are read as `tagsAll`, which holds them.
    known = kind.unsaid | {"tags"}
    dropped = [name for name in names if re.split(r"[.[]", name)[0] not in known]
    if dropped:
        message = f"the mapping of {kind.token} drops {dropped}"
        raise DroppedError(message)


@contextmanager
def _errors(context: grpc.ServicerContext, doing: str, what: str) -> Iterator[None]:
    """What AWS refuses becomes an error of the engine's operation."""
    try:
        yield
    except REFUSALS as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{doing} {what}: {error}")


def _abort_half_made(
    context: grpc.ServicerContext, id_: str, reason: str, inputs: Struct, properties: Struct
) -> None:
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=id_, reasons=[reason], inputs=inputs, properties=properties
        )
    )
    status = Status(code=UNKNOWN, message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
