"""Runs of one process do not reach into each other."""

from __future__ import annotations

from concurrent import futures
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc
from pulumi.runtime.settings import Settings

from engine import stack

FEATURE = resource_pb2.SupportsFeatureRequest(id="secrets")


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """What an engine offers to a program, as far as it is asked first."""

    def SupportsFeature(self, request: object, context: object) -> object:  # noqa: N802 - gRPC's name
        """Say yes."""
        del request, context
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)


def _serve(port: int) -> tuple[grpc.Server, int]:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def _monitor(port: int) -> Any:
    """Connect as a program does."""
    settings: Any = Settings(project="p", stack="s", monitor=f"127.0.0.1:{port}")
    return settings.monitor


def test_an_engine_on_the_port_of_an_earlier_one_is_found() -> None:
    assert stack.PARALLEL  # the module has set the SDK up
    server, port = _serve(0)
    former = _monitor(port)
    assert former.SupportsFeature(FEATURE).hasSupport
    server.stop(grace=None).wait()
    with pytest.raises(grpc.RpcError):
        former.SupportsFeature(FEATURE)
    server, again = _serve(port)
    assert again == port
    try:
        assert _monitor(port).SupportsFeature(FEATURE).hasSupport
    finally:
        server.stop(grace=None).wait()
