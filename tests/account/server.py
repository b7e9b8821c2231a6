"""Moto's server; run as a process of its own."""

from __future__ import annotations

import json
import sys

from flask import request
from moto.apigateway.responses import APIGatewayResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Writes no line for each request, and keeps connections open as AWS does."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


# moto knows no conditions, and takes a denial without them for one of everything.
CLEAR_TEXT = {"Bool": {"aws:SecureTransport": "false"}}
WRITTEN_OVER = {
    "Null": {"s3:if-none-match": "true"},
    "Bool": {"s3:ObjectCreationOperation": "true"},
}


def does_not_hold(condition: object) -> bool:
    """Whether the request is none of those that a denial with this condition is about."""
    if condition == CLEAR_TEXT:
        # All come over TLS, as at AWS.
        return True
    # An upload in parts makes its object with the last request, which names no part.
    part = "uploads" in request.args or "partNumber" in request.args
    return condition == WRITTEN_OVER and (part or "If-None-Match" in request.headers)


def permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What a bucket's policy says to the request in hand."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    left = [each for each in policy["Statement"] if not does_not_hold(each.get("Condition"))]
    judged = IAMPolicy(json.dumps({**policy, "Statement": left}))
    return judged.is_action_permitted(action, resource)


def update_resource(self: APIGatewayResponse) -> str:
    """Give a part of a path another name; moto has no such call."""
    _, _, api, _, resource = self.path.split("/")
    found = self.backend.get_resource(api, resource)
    for operation in json.loads(self.body)["patchOperations"]:
        assert (operation["op"], operation["path"]) == ("replace", "/pathPart"), operation
        found.path_part = operation["value"]
    return json.dumps(found.to_dict())


if __name__ == "__main__":
    setattr(APIGatewayResponse, "update_resource", update_resource)  # noqa: B010 - it has none
    FakeBucket.get_permission = permission
    make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=Quiet,
        fd=int(sys.argv[1]),
    ).serve_forever()
