"""A resource provider that the genuine engine talks to over gRPC, with the cloud of the tests behind it.

Like the genuine one it takes no secrets, and it marks none: what the genuine one marks, the SDK marks too. So an output is secret
in the state because the registration says it, SDK or program, or because the argument of its name was secret.
"""

from __future__ import annotations

from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from cloud import Cloud, Refused
from engine import catalogue, sdk, wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.struct_pb2 import Struct

VERSIONS = {"aws": "7.51.1", "tls": "5.6.2"}
# Named by another than its own name only: an imported certificate takes its domain from the certificate.
UNNAMED = {"aws:acm/certificate:Certificate"}
# All tags of a resource, its own over the provider's default ones. Pulumi's provider puts them beside `tags` before it checks, so that
# they stand in the state and differ when the default ones do: pulumi-aws, provider/tags.go, `applyTags`.
ALL_TAGS = "tagsAll"
# It does so for resources of Terraform's SDK. Those of its newer framework put out the same, and find the difference when they plan.
FRAMEWORK = {
    "aws:cloudwatch/logDelivery:LogDelivery",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}


@dataclass(frozen=True)
class Call:
    """One change that the engine asked for."""

    operation: str
    type: str
    name: str


@dataclass(frozen=True)
class Rejected:
    """One that the cloud refused."""

    operation: str
    urn: str
    # AWS's name of the error; none for what AWS would do in silence.
    error: str


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Provider of one package; checks what the program says before the cloud does what it can."""

    def __init__(self, package: str, cloud: Cloud) -> None:
        self.package = package
        self.cloud = cloud
        self.calls: list[Call] = []
        self.refused: list[Rejected] = []
        self._configuration: dict[str, Any] = {}

    # The provider itself.

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_resources=True, accept_outputs=True)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSIONS[self.package])

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        values = wire.decode_configuration(wire.decode(request.news))
        values.pop("version", None)
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=_failures(sdk.mistakes(f"pulumi:providers:{self.package}", values)),
        )

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        changed = changed_arguments(wire.decode(request.old_inputs), wire.decode(request.news))
        return provider_pb2.DiffResponse(
            changes=_changes(bool(changed)),
            diffs=changed,
            # Another region is another place: everything would be made anew there.
            replaces=[name for name in changed if name == "region"],
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._configuration = wire.decode_configuration(wire.decode(request.args))
        allowed = self._configuration.get("allowedAccountIds")
        if allowed and self.cloud.account not in allowed:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"AWS account ID not allowed: {self.cloud.account}",
            )
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        account, region = self.cloud.account, self._region
        known: dict[str, dict[str, Any]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": {
                "id": account,
                "accountId": account,
                "arn": f"arn:aws:iam::{account}:role/deployer",
                "userId": "AROAEXAMPLE:deployer",
            },
            "aws:index/getRegion:getRegion": {
                "id": region,
                "region": region,
                "description": region,
                "endpoint": f"ec2.{region}.amazonaws.com",
            },
        }
        if request.tok not in known:
            reason = f"{request.tok} is not asked of AWS by this program's design"
            return provider_pb2.InvokeResponse(failures=_failures([("", reason)]))
        # The field is called `return`, which no keyword argument can be.
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(wire.encode(known[request.tok]))
        return response

    # One resource.

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, news = type_of(request), wire.decode(request.news)
        response = provider_pb2.CheckResponse(
            inputs=request.news, failures=_failures(_mistakes(token, news))
        )
        if self._takes_tags(token) and token not in FRAMEWORK:
            response.inputs.MergeFrom(wire.encode({ALL_TAGS: self._all_tags(news)}))
        return response

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = type_of(request)
        old, new = wire.decode(request.old_inputs), wire.decode(request.news)
        changed = changed_arguments(old, new)
        if self._takes_tags(token) and token in FRAMEWORK:
            before = wire.decode(request.olds).get(ALL_TAGS)
            changed += [ALL_TAGS] if before != self._all_tags(new) else []
        replaces = [name for name in changed if catalogue.is_replaced_by(token, name, old, new)]
        return provider_pb2.DiffResponse(
            changes=_changes(bool(changed)),
            diffs=changed,
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and catalogue.is_deleted_first(token, new),
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, inputs = type_of(request), wire.decode(request.properties)
        if request.preview:
            # Nothing computed is known yet; the engine marks what is left out as unknown.
            self._refuse_unknown_type(token, context)
            return provider_pb2.CreateResponse(properties=wire.encode(inputs))
        with self._refusals(context, "create", request.urn):
            record = self.cloud.create(token, request.urn, self._region, inputs)
        self._note("create", request)
        return provider_pb2.CreateResponse(
            id=record.id, properties=self._outputs(token, record.outputs)
        )

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = type_of(request)
        record = self.cloud.find(token, request.urn, request.id)
        if record is None:
            # An empty id says that it is gone.
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=record.id,
            inputs=wire.encode(record.inputs),
            properties=self._outputs(token, record.outputs),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, inputs = type_of(request), wire.decode(request.news)
        if request.preview:
            outputs = {**wire.decode(request.olds), **inputs}
            return provider_pb2.UpdateResponse(properties=self._outputs(token, outputs))
        with self._refusals(context, "update", request.urn):
            record = self.cloud.update(token, request.urn, request.id, inputs)
        self._note("update", request)
        return provider_pb2.UpdateResponse(properties=self._outputs(token, record.outputs))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Empty:
        with self._refusals(context, "delete", request.urn):
            # What is already gone is as good as deleted, as for the real provider.
            if self.cloud.find(type_of(request), request.urn, request.id) is not None:
                self.cloud.delete(type_of(request), request.urn, request.id)
        self._note("delete", request)
        return Empty()

    # Details.

    @property
    def _region(self) -> str:
        return self._configuration.get("region", "")

    def _note(self, operation: str, request: Any) -> None:
        self.calls.append(Call(operation, type_of(request), request.urn.rsplit("::", 1)[-1]))

    @contextmanager
    def _refusals(self, context: grpc.ServicerContext, operation: str, urn: str) -> Iterator[None]:
        """What the cloud refuses becomes an error of the engine's operation."""
        try:
            yield
        except Refused as refusal:
            self.refused.append(Rejected(operation, urn, refusal.error))
            doing = f"{operation.removesuffix('e')}ing"
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{doing} {urn}: {refusal}")

    def _refuse_unknown_type(self, token: str, context: grpc.ServicerContext) -> None:
        with self._refusals(context, "preview", token):
            self.cloud.kind(token)

    def _outputs(self, token: str, outputs: Mapping[str, Any]) -> Struct:
        kind = self.cloud.kind(token)
        values = {name: value for name, value in outputs.items() if name != "id" or not kind}
        if self._takes_tags(token):
            values[ALL_TAGS] = self._all_tags(outputs)
        return wire.encode(values)

    def _takes_tags(self, token: str) -> bool:
        return "tags" in sdk.arguments_of(token).types

    def _all_tags(self, inputs: Mapping[str, Any]) -> Any:
        if wire.has_unknown(inputs.get("tags")):
            return wire.UNKNOWN_VALUE
        default = self._configuration.get("defaultTags", {}).get("tags", {})
        return {**default, **inputs.get("tags", {})}


def type_of(request: Any) -> str:
    """The resource type, from the last part of the URN's chain of types."""
    return request.type or request.urn.split("::")[2].split("$")[-1]


def _mistakes(token: str, news: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        yield from sdk.mistakes(token, news)
    except sdk.UnknownTypeError as error:
        yield "", str(error)
        return
    if not catalogue.knows(token):
        yield "", f"{token} has no row in the catalogue of AWS facts"
        return
    name = catalogue.name_property(token)
    if name is not None and name not in news and token not in UNNAMED:
        yield name, "is the name, which the program always says itself"
    yield from catalogue.name_mistakes(token, news)


def _failures(found: Any) -> list[Any]:
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in found]


def _changes(changed: bool) -> Any:  # noqa: FBT001
    kind = provider_pb2.DiffResponse
    return kind.DIFF_SOME if changed else kind.DIFF_NONE


def changed_arguments(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Arguments that differ; archives by what they hold, for the engine keeps them without their paths."""
    return [
        name
        for name in sorted(old.keys() | new.keys())
        if _comparable(old.get(name)) != _comparable(new.get(name))
    ]


def _comparable(value: Any) -> Any:
    """Files and archives are the same when their content is, wherever they lie."""
    if isinstance(value, wire.Asset):
        return value.get("hash", dict(value))
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return value


@contextmanager
def serve(provider: Provider) -> Iterator[int]:
    """Serves a provider on loopback and says on which port."""
    # The engine asks for many resources at once, and creations may wait for each other.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
