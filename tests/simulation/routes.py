"""The two entry points of the resource graph, as the simulation uses them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulation.plan import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulation.plan import Json, Plan, Resource

_FUNCTION_OF_URI = re.compile(r":function:([^/:]+)(?::[^/]+)?/invocations$")
_FUNCTION_OF_ARN = re.compile(r":function:([^/:]+)")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
# API Gateway's, unless an integration says less.
_INTEGRATION_SECONDS = 29.0


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """A token bucket: how fast it fills, and how much it holds."""

    rate: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Requests in a day, week or month."""

    limit: int
    period: str


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one resource of the API."""

    method: str
    path: str
    resource_id: str
    function: str
    # JSON schemas by media type, and ``$default``.
    models: Mapping[str, Json]
    # ``header.Content-Type``, ``querystring.currency``, in the order of AWS's message.
    required: Sequence[str]
    authorization: str
    api_key_required: bool
    throttle: Throttle | None
    integration_seconds: float = _INTEGRATION_SECONDS


@dataclass(frozen=True, kw_only=True)
class GatewayResponse:
    """How an error of the gateway's own looks."""

    status: int | None
    # By media type.
    templates: Mapping[str, str]
    parameters: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class UsagePlan:
    """What the holders of some keys may do."""

    name: str
    # Logical names of API keys.
    keys: frozenset[str]
    throttle: Throttle | None
    quota: Quota | None


@dataclass(frozen=True, kw_only=True)
class Api:
    """A stage of a REST API."""

    id: str
    name: str
    stage: str
    deployment_id: str
    routes: Sequence[Route]
    responses: Mapping[str, GatewayResponse]
    plans: Sequence[UsagePlan]
    binary_media_types: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How a target group looks after its target."""

    path: str
    matcher: str
    interval: float
    timeout: float
    healthy_threshold: int
    unhealthy_threshold: int


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A function as a target."""

    name: str
    arn: str
    # None: nothing is registered.
    function: str | None
    multi_value: bool
    health: HealthCheck | None


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Hand the request to a target group."""

    group: str


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Answer at once."""

    status: int
    media_type: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Send somewhere else; ``#{host}`` and the like stand for parts of the address."""

    status: int
    protocol: str
    host: str
    port: str
    path: str
    query: str


Action = Forward | Fixed | Redirect


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a listener does with some paths."""

    priority: int
    patterns: Sequence[str]
    action: Action


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of the load balancer."""

    port: int
    protocol: str
    # By priority.
    rules: Sequence[Rule]
    default: Action
    # Whether a caller has to show a certificate.
    verifies: bool = False


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """The load balancer."""

    name: str
    listeners: Sequence[Listener]
    groups: Mapping[str, TargetGroup]
    drops_invalid_headers: bool


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A function that is called again and again."""

    function: str
    rule_arn: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class FunctionFacts:
    """What the graph says of a function."""

    name: str
    handler: str
    timeout: float
    memory: int
    # None: shares the account's.
    concurrency: int | None
    environment: Mapping[str, str]
    # Folder and packages in the project.
    code: Mapping[str, Json] = field(default_factory=dict[str, "Json"])


def read_functions(plan: Plan) -> dict[str, FunctionFacts]:
    """Return the functions by their keys in the spec."""
    return {
        one.name: FunctionFacts(
            name=one.get("name"),
            handler=one.get("handler"),
            timeout=float(one.get("timeout", 3)),
            memory=one.get("memory_size", 128),
            concurrency=one.get("reserved_concurrent_executions"),
            environment=one.get("environment", {}).get("variables", {}),
            code=plan.by_address[one.address]["arguments"]["code"].get("archive", {}),
        )
        for one in plan.all("aws.lambda_.Function")
    }


def read_api(plan: Plan) -> Api:
    """Return the stage."""
    rest, stage = plan.one("aws.apigateway.RestApi"), plan.one("aws.apigateway.Stage")
    settings = {
        one.get("method_path"): one.get("settings")
        for one in plan.all("aws.apigateway.MethodSettings")
    }
    return Api(
        id=plan.output(rest, "id"),
        name=rest.get("name"),
        stage=stage.get("stage_name"),
        deployment_id=stage.get("deployment"),
        routes=[_route(plan, rest, one, settings) for one in plan.all("aws.apigateway.Method")],
        responses={
            one.get("response_type"): GatewayResponse(
                status=None if one.get("status_code") is None else int(one.get("status_code")),
                templates=one.get("response_templates", {}),
                parameters=one.get("response_parameters", {}),
            )
            for one in plan.all("aws.apigateway.Response")
        },
        plans=_usage_plans(plan, plan.output(rest, "id"), stage.get("stage_name")),
        binary_media_types=rest.get("binary_media_types", []),
    )


def _route(plan: Plan, rest: Resource, method: Resource, settings: Mapping[str, Json]) -> Route:
    paths = _paths(plan, rest)
    resource_id = method.get("resource_id")
    path, verb = paths[resource_id], method.get("http_method")
    integration = _integration(plan, resource_id, verb)
    found = _FUNCTION_OF_URI.search(integration.get("uri"))
    if integration.get("type") != "AWS_PROXY" or found is None:
        message = f"{verb} {path}: only functions by proxy integration are played"
        raise PlanError(message)
    validator = _validator(plan, method.get("request_validator_id"))
    required = [
        name.removeprefix("method.request.")
        for name, needed in sorted(method.get("request_parameters", {}).items())
        if needed and validator.get("validate_request_parameters") and ".path." not in name
    ]
    chosen = settings.get(f"{path.strip('/')}/{verb}", settings.get("*/*", {}))
    return Route(
        method=verb,
        path=path,
        resource_id=resource_id,
        function=_key(plan, found[1]),
        models=_models(plan, method) if validator.get("validate_request_body") else {},
        required=required,
        authorization=method.get("authorization"),
        api_key_required=method.get("api_key_required", False),
        throttle=_throttle(chosen, "throttling_rate_limit", "throttling_burst_limit"),
        integration_seconds=integration.get("timeout_milliseconds", 29_000) / 1000,
    )


def _paths(plan: Plan, rest: Resource) -> dict[str, str]:
    root = plan.output(rest, "root_resource_id")
    paths = {root: ""}
    # Parents come before their children.
    for one in plan.all("aws.apigateway.Resource"):
        paths[plan.output(one, "id")] = f"{paths[one.get('parent_id')]}/{one.get('path_part')}"
    paths[root] = "/"
    return paths


def _integration(plan: Plan, resource_id: str, verb: str) -> Resource:
    for one in plan.all("aws.apigateway.Integration"):
        if one.get("resource_id") == resource_id and one.get("http_method") == verb:
            return one
    message = f"{verb} of {resource_id} has no integration"
    raise PlanError(message)


def _validator(plan: Plan, wanted: str | None) -> Mapping[str, Json]:
    for one in plan.all("aws.apigateway.RequestValidator"):
        if plan.output(one, "id") == wanted:
            return one.arguments
    return {}


def _models(plan: Plan, method: Resource) -> dict[str, Json]:
    schemas = {
        one.get("name"): json.loads(one.get("schema")) for one in plan.all("aws.apigateway.Model")
    }
    return {
        media_type.lower(): schemas[name]
        for media_type, name in method.get("request_models", {}).items()
    }


def _throttle(settings: Mapping[str, Json], rate: str, burst: str) -> Throttle | None:
    if settings.get(rate) is None or settings[rate] < 0:
        return None
    return Throttle(rate=float(settings[rate]), burst=int(settings.get(burst) or 0))


def _usage_plans(plan: Plan, api_id: str, stage: str) -> list[UsagePlan]:
    keys = {plan.output(one, "id"): one.name for one in plan.all("aws.apigateway.ApiKey")}
    links = plan.all("aws.apigateway.UsagePlanKey")
    return [
        UsagePlan(
            name=one.get("name"),
            keys=frozenset(
                keys[link.get("key_id")]
                for link in links
                if link.get("usage_plan_id") == plan.output(one, "id")
            ),
            throttle=_throttle(one.get("throttle_settings", {}), "rate_limit", "burst_limit"),
            quota=_quota(one.get("quota_settings")),
        )
        for one in plan.all("aws.apigateway.UsagePlan")
        if any(
            bound["api_id"] == api_id and bound["stage"] == stage
            for bound in one.get("api_stages", [])
        )
    ]


def _quota(settings: Mapping[str, Json] | None) -> Quota | None:
    return None if settings is None else Quota(limit=settings["limit"], period=settings["period"])


def read_balancer(plan: Plan) -> Balancer:
    """Return the load balancer."""
    one = plan.one("aws.lb.LoadBalancer")
    targets = {
        link.get("target_group_arn"): link.get("target_id")
        for link in plan.all("aws.lb.TargetGroupAttachment")
    }
    groups = {
        plan.output(group, "arn"): _group(plan, group, targets)
        for group in plan.all("aws.lb.TargetGroup")
    }
    return Balancer(
        name=one.get("name"),
        listeners=[_listener(plan, listener) for listener in plan.all("aws.lb.Listener")],
        groups=groups,
        drops_invalid_headers=one.get("drop_invalid_header_fields", False),
    )


def _group(plan: Plan, group: Resource, targets: Mapping[str, str]) -> TargetGroup:
    arn = plan.output(group, "arn")
    found = _FUNCTION_OF_ARN.search(targets.get(arn, ""))
    check = group.get("health_check", {})
    return TargetGroup(
        name=group.get("name"),
        arn=arn,
        function=_key(plan, found[1]) if found else None,
        multi_value=group.get("lambda_multi_value_headers_enabled", False),
        # For functions they are off unless they are switched on.
        health=_check(check) if check.get("enabled") else None,
    )


def _check(check: Mapping[str, Json]) -> HealthCheck:
    return HealthCheck(
        path=check.get("path", "/"),
        matcher=str(check.get("matcher", "200")),
        interval=float(check.get("interval", 35)),
        timeout=float(check.get("timeout", 30)),
        healthy_threshold=check.get("healthy_threshold", 5),
        unhealthy_threshold=check.get("unhealthy_threshold", 2),
    )


def _listener(plan: Plan, listener: Resource) -> Listener:
    arn = plan.output(listener, "arn")
    rules = [
        Rule(
            priority=rule.get("priority"),
            patterns=_patterns(rule),
            action=_action(rule.get("actions")),
        )
        for rule in plan.all("aws.lb.ListenerRule")
        if rule.get("listener_arn") == arn
    ]
    return Listener(
        port=listener.get("port"),
        protocol=listener.get("protocol"),
        rules=sorted(rules, key=lambda rule: rule.priority),
        default=_action(listener.get("default_actions")),
        verifies=listener.get("mutual_authentication", {}).get("mode") == "verify",
    )


def _patterns(rule: Resource) -> list[str]:
    match rule.get("conditions"):
        case [{"path_pattern": {"values": list(values)}}]:
            return values
        case other:
            message = f"{rule.name}: only conditions on paths are played, not {other}"
            raise PlanError(message)


def _action(actions: Json) -> Action:
    match actions:
        case [{"type": "forward", "target_group_arn": group}]:
            return Forward(group=group)
        case [{"type": "fixed-response", "fixed_response": fixed}]:
            return Fixed(
                status=int(fixed["status_code"]),
                media_type=fixed["content_type"],
                body=fixed.get("message_body") or "",
            )
        case [{"type": "redirect", "redirect": to}]:
            return Redirect(
                status=int(to["status_code"].removeprefix("HTTP_")),
                protocol=to.get("protocol", "#{protocol}"),
                host=to.get("host", "#{host}"),
                port=to.get("port", "#{port}"),
                path=to.get("path", "/#{path}"),
                query=to.get("query", "#{query}"),
            )
        case _:
            message = f"an action that is not played: {actions}"
            raise PlanError(message)


def read_schedules(plan: Plan) -> list[Schedule]:
    """Return what is called at a rate; a schedule by the calendar is left to AWS."""
    targets = {one.get("rule"): one.get("arn") for one in plan.all("aws.cloudwatch.EventTarget")}
    functions = {plan.output(one, "arn"): one.name for one in plan.all("aws.lambda_.Function")}
    found: list[Schedule] = []
    for rule in plan.all("aws.cloudwatch.EventRule"):
        rate = _RATE.fullmatch(rule.get("schedule_expression", ""))
        target = targets.get(rule.get("name"))
        if rate is not None and target in functions:
            found.append(
                Schedule(
                    function=functions[target],
                    rule_arn=plan.output(rule, "arn"),
                    seconds=int(rate[1]) * _SECONDS[rate[2]],
                )
            )
    return found


def read_invocations(plan: Plan) -> list[tuple[str, Json]]:
    """Return what a deployment calls, with the events."""
    return [
        (_key(plan, one.get("function_name")), json.loads(one.get("input")))
        for one in plan.all("aws.lambda_.Invocation")
    ]


def _key(plan: Plan, name: str) -> str:
    """Key in the spec of a function's physical name."""
    for one in plan.all("aws.lambda_.Function"):
        if name in {one.get("name"), one.name}:
            return one.name
    message = f"there is no function {name}"
    raise PlanError(message)
