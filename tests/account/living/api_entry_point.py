"""API Gateway, asked at each request: the stage's deployment, its settings, and who holds a key of which plan."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Any

from simulation.api_gateway import ApiGateway, ApiKey
from simulation.routes import Api, Quota, Throttle, UsagePlan
from simulation.web import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from account.living.functions import Functions
    from account.living.pictures import Pictures
    from account.living.seen import Seen
    from simulation.web import Request
    from simulation.xray import Daemon

GONE = "NotFoundException"
_MOST = 500
# A stage's settings of all methods.
_ALL = "*/*"


class ApiEntryPoint:
    """Answers as the stage does at that moment."""

    def __init__(
        self,
        seen: Seen,
        pictures: Pictures,
        functions: Functions,
        tracing: Daemon,
        place: tuple[str, str],
    ) -> None:
        """Take the place: an API's id, and the name of a stage."""
        self._seen, self._pictures = seen, pictures
        self._functions, self._tracing = functions, tracing
        self._id, self._stage = place
        self._lock = threading.Lock()
        self._version: int | None = None
        self._facts: tuple[Api, Mapping[str, ApiKey]] | None = None
        self._gateway: ApiGateway | None = None

    def close(self) -> None:
        """Answer no more."""
        if self._gateway is not None:
            self._gateway.close()

    def __call__(self, request: Request) -> Answer:
        """Answer a request."""
        gateway = self._current()
        if gateway is None:
            # API Gateway Developer Guide, "Gateway response types": a stage that is not there is as forbidden as any other.
            return Answer(
                status=403,
                headers=(
                    ("Content-Type", "application/json"),
                    ("x-amzn-ErrorType", "ForbiddenException"),
                ),
                body=b'{"message":"Forbidden"}',
            )
        return gateway(request)

    def _current(self) -> ApiGateway | None:
        version = self._seen.version("apigateway")
        with self._lock:
            if version is not None and version == self._version:
                return self._gateway
        facts = self._read()
        with self._lock:
            # What is the same keeps its counts of what was sent.
            if facts != self._facts:
                self._facts = facts
                self._gateway = None if facts is None else self._made(*facts)
            self._version = version
            return self._gateway

    def _made(self, api: Api, keys: Mapping[str, ApiKey]) -> ApiGateway:
        return ApiGateway(
            api,
            self._functions,
            self._tracing,
            keys=keys,
            secrets={},
            account=self._seen.aws.account,
            region=self._seen.aws.region,
        )

    def _read(self) -> tuple[Api, Mapping[str, ApiKey]] | None:
        place = {"restApiId": self._id, "stageName": self._stage}
        stage = self._seen.ask("apigateway", "get_stage", GONE, **place)
        if stage is None:
            return None
        picture = self._pictures.of(self._id, stage["deploymentId"])
        settings: Mapping[str, Mapping[str, Any]] = stage.get("methodSettings", {})
        routes = [
            dataclasses.replace(
                route,
                throttle=_throttle(
                    settings.get(f"{route.path.strip('/')}/{route.method}", settings.get(_ALL, {})),
                    "throttlingRateLimit",
                    "throttlingBurstLimit",
                ),
            )
            for route in picture.routes
        ]
        api = Api(
            id=self._id,
            name=picture.name,
            stage=self._stage,
            deployment_id=stage["deploymentId"],
            routes=routes,
            responses=picture.responses,
            plans=self._plans(),
            binary_media_types=picture.binary_media_types,
        )
        return api, self._keys()

    def _plans(self) -> list[UsagePlan]:
        here = {"apiId": self._id, "stage": self._stage}
        return [
            UsagePlan(
                name=plan["name"],
                keys=self._keys_of(plan["id"]),
                throttle=_throttle(plan.get("throttle") or {}, "rateLimit", "burstLimit"),
                quota=_quota(plan.get("quota")),
            )
            for plan in self._seen.rows("apigateway", "get_usage_plans", "items", limit=_MOST)
            if any(here.items() <= bound.items() for bound in plan.get("apiStages", []))
        ]

    def _keys_of(self, plan: str) -> frozenset[str]:
        # The plan may have gone since it was listed.
        found = self._seen.ask(
            "apigateway", "get_usage_plan_keys", GONE, usagePlanId=plan, limit=_MOST
        )
        return frozenset(each["id"] for each in (found or {}).get("items", []))

    def _keys(self) -> dict[str, ApiKey]:
        rows = self._seen.rows(
            "apigateway", "get_api_keys", "items", includeValues=True, limit=_MOST
        )
        return {
            each["id"]: ApiKey(id=each["id"], value=each["value"])
            for each in rows
            if each["enabled"]
        }


def _throttle(settings: Mapping[str, Any], rate: str, burst: str) -> Throttle | None:
    if settings.get(rate) is None or settings[rate] < 0:
        return None
    return Throttle(rate=float(settings[rate]), burst=int(settings.get(burst) or 0))


def _quota(said: Mapping[str, Any] | None) -> Quota | None:
    return Quota(limit=said["limit"], period=said["period"]) if said else None
