"""API Gateway: which requests it accepts, which it rejects, and the event that the function receives."""

from __future__ import annotations

import concurrent.futures
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema import Draft4Validator

from simulation import api_event, refusals, signature
from simulation.api_event import Call, Identity, MalformedError
from simulation.limits import Allowance, Bucket
from simulation.refusals import Kind, Refusal
from simulation.runtime import RefusedError
from simulation.web import Answer
from simulation.xray import new_trace_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.routes import Api, Route, UsagePlan
    from simulation.runtime import Caller, Invocation
    from simulation.web import Request
    from simulation.xray import Daemon

_TRACE_ROOT = re.compile(r"(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)")
# Of a function: what is larger, Lambda takes no more.
_LARGEST_EVENT = 6 * 2**20
_SERVER_ERROR, _TOO_MANY = 500, 429


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key of the API."""

    id: str
    value: str


class ApiGateway:
    """Answers as a stage of a REST API does."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        api: Api,
        runtime: Caller,
        tracing: Daemon,
        *,
        keys: Mapping[str, ApiKey],
        secrets: Mapping[str, str],
        account: str,
        region: str,
    ) -> None:
        """Take the API's routes; keys by their logical names, secrets by access key."""
        self._api = api
        self._runtime = runtime
        self._tracing = tracing
        self._secrets = secrets
        self._account = account
        self._region = region
        self._holders = {
            keys[name].value: (keys[name], plan)
            for plan in api.plans
            for name in plan.keys
            if name in keys
        }
        self._stage_buckets = {
            (route.method, route.path): Bucket(route.throttle)
            for route in api.routes
            if route.throttle is not None
        }
        # Each key has a plan's limits for itself.
        self._key_buckets = {
            value: Bucket(plan.throttle)
            for value, (_, plan) in self._holders.items()
            if plan.throttle is not None
        }
        self._allowances = {
            value: Allowance(plan.quota)
            for value, (_, plan) in self._holders.items()
            if plan.quota is not None
        }
        self._models = {
            (route.method, route.path, media_type): Draft4Validator(schema)
            for route in api.routes
            for media_type, schema in route.models.items()
        }
        self._integrations = concurrent.futures.ThreadPoolExecutor(
            128, thread_name_prefix="integration"
        )

    def close(self) -> None:
        """Wait for nobody."""
        self._integrations.shutdown(wait=False, cancel_futures=True)

    def __call__(self, request: Request) -> Answer:
        """Answer a request."""
        root = _TRACE_ROOT.search(request.header("X-Amzn-Trace-Id") or "")
        call = Call(
            api=self._api,
            request=request,
            account=self._account,
            region=self._region,
            trace_id=root[1] if root else new_trace_id(),
        )
        if not self._is_of_stage(request.path):
            # Another stage's, or nobody's: that is not this API's to answer.
            return Answer(
                status=403,
                headers=(
                    ("Content-Type", "application/json"),
                    ("x-amzn-ErrorType", "ForbiddenException"),
                    ("x-amzn-RequestId", call.request_id),
                ),
                body=b'{"message":"Forbidden"}',
            )
        started = time.time()
        route: Route | None = None
        called: tuple[float, float] | None = None
        try:
            route, parameters = self._find(call)
            identity = self._admit(call, route)
            self._judge(call, route)
            event = api_event.make(call, route, parameters, identity)
            begun = time.time()
            try:
                answer = self._call(call, route, event)
            finally:
                called = (begun, time.time())
        except Refusal as refusal:
            answer = refusals.answer(
                self._api, refusal, call.variables(route), lambda name: _part(request, name)
            )
        self._trace(call, route, answer, started, called)
        return Answer(
            status=answer.status,
            headers=(
                *answer.headers,
                ("x-amzn-RequestId", call.request_id),
                ("x-amz-apigw-id", call.extended_id),
                ("X-Amzn-Trace-Id", f"Root={call.trace_id};Parent={call.segment_id};Sampled=1"),
            ),
            body=answer.body,
        )

    def _is_of_stage(self, path: str) -> bool:
        prefix = f"/{self._api.stage}"
        return path == prefix or path.startswith(f"{prefix}/")

    def _find(self, call: Call) -> tuple[Route, dict[str, str]]:
        if call.request.too_large:
            raise Refusal(Kind.REQUEST_TOO_LARGE)
        path = api_event.path_in_stage(call)
        for route in sorted(self._api.routes, key=_specificity):
            found = api_event.path_parameters(route.path, path)
            if found is not None and route.method in {call.request.method, "ANY"}:
                return route, found
        raise Refusal(Kind.MISSING_AUTHENTICATION_TOKEN)

    def _admit(self, call: Call, route: Route) -> Identity:
        """Authorize, then look at the key, then at the limits: the narrow ones first."""
        access_key: str | None = None
        if route.authorization == "AWS_IAM":
            access_key = signature.check(call.request, self._secrets, self._region)
        elif route.authorization != "NONE":
            raise Refusal(Kind.API_CONFIGURATION_ERROR)
        key: ApiKey | None = None
        if route.api_key_required:
            value = call.request.header("X-Api-Key") or ""
            holder: tuple[ApiKey, UsagePlan] | None = self._holders.get(value)
            if holder is None:
                raise Refusal(Kind.INVALID_API_KEY)
            key = holder[0]
            bucket, allowance = self._key_buckets.get(value), self._allowances.get(value)
            if bucket is not None and not bucket.take():
                raise Refusal(Kind.THROTTLED)
            if allowance is not None and not allowance.take():
                raise Refusal(Kind.QUOTA_EXCEEDED)
        bucket = self._stage_buckets.get((route.method, route.path))
        if bucket is not None and not bucket.take():
            raise Refusal(Kind.THROTTLED)
        return Identity(
            api_key_id=key.id if key else None,
            api_key=key.value if key else None,
            access_key=access_key,
        )

    def _judge(self, call: Call, route: Route) -> None:
        missing = [name for name in route.required if not _part(call.request, name)]
        if missing:
            names = ", ".join(name.partition(".")[2] for name in missing)
            raise Refusal(
                Kind.BAD_REQUEST_PARAMETERS,
                message=f"Missing required request parameters: [{names}]",
            )
        sent = call.request.header("Content-Type") or "application/json"
        media_type = sent.partition(";")[0].strip().lower()
        where = route.method, route.path
        model = self._models.get((*where, media_type)) or self._models.get((*where, "$default"))
        if model is None:
            return
        try:
            body = json.loads(call.request.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Refusal(Kind.BAD_REQUEST_BODY, validation="Invalid JSON") from None
        errors = [error.message for error in model.iter_errors(body)]
        if errors:
            raise Refusal(Kind.BAD_REQUEST_BODY, validation=json.dumps(errors))

    def _call(self, call: Call, route: Route, event: Any) -> Answer:
        if len(json.dumps(event)) > _LARGEST_EVENT:
            raise Refusal(Kind.REQUEST_TOO_LARGE)
        future = self._integrations.submit(
            self._runtime.invoke, route.function, event, parent=call.parent
        )
        try:
            invocation: Invocation = future.result(route.integration_seconds)
        except RefusedError:
            # As AWS has it: the call was refused, so 500.
            raise Refusal(Kind.API_CONFIGURATION_ERROR) from None
        except TimeoutError:
            raise Refusal(Kind.INTEGRATION_TIMEOUT) from None
        if invocation.error is not None:
            # As AWS has it: the function ran and failed, so 502; its own time-out is no other case.
            raise Refusal(Kind.API_CONFIGURATION_ERROR, status=502)
        try:
            return api_event.read(
                invocation.payload, self._api.binary_media_types, call.request.header("Accept")
            )
        except MalformedError:
            raise Refusal(Kind.API_CONFIGURATION_ERROR, status=502) from None

    def _trace(
        self,
        call: Call,
        route: Route | None,
        answer: Answer,
        started: float,
        called: tuple[float, float] | None,
    ) -> None:
        flags = {
            "fault": answer.status >= _SERVER_ERROR,
            "error": 400 <= answer.status < _SERVER_ERROR,  # noqa: PLR2004 - statuses
            "throttle": answer.status == _TOO_MANY,
        }
        segment: dict[str, object] = {
            "trace_id": call.trace_id,
            "id": call.segment_id,
            "name": f"{self._api.name}/{self._api.stage}",
            "origin": "AWS::ApiGateway::Stage",
            "start_time": started,
            "end_time": time.time(),
            "http": {
                "request": {"method": call.request.method, "url": route.path if route else ""},
                "response": {"status": answer.status},
            },
            **{name: True for name, value in flags.items() if value},
        }
        if called is not None:
            segment["subsegments"] = [
                {
                    "id": call.subsegment_id,
                    "name": "Lambda",
                    "namespace": "aws",
                    "start_time": called[0],
                    "end_time": called[1],
                }
            ]
        self._tracing.record(segment)


def _specificity(route: Route) -> list[int]:
    # What is spelled out comes before a name, and a name before one that takes all the rest.
    return [
        2 if part.endswith("+}") else 1 if part.startswith("{") else 0
        for part in route.path.split("/")
    ]


def _part(request: Request, name: str) -> str | None:
    kind, _, rest = name.partition(".")
    if kind == "header":
        return request.header(rest)
    if kind == "querystring":
        return dict(api_event.parse_qsl(request.query)).get(rest)
    return None


def _no_constant(name: str) -> object:
    message = f"{name} is no JSON"
    raise ValueError(message)
