"""The REST API: routes, validation, throttling, plans, tracing and logs."""

from __future__ import annotations

import re

from tests.unit import draft_4
from tests.unit.kinds import (
    ACCOUNT_SETTINGS,
    API,
    API_KEY,
    DEPLOYMENT,
    FUNCTION,
    INTEGRATION,
    LOG_GROUP,
    METHOD,
    METHOD_SETTINGS,
    MODEL,
    PATH,
    PLAN,
    PLAN_KEY,
    RESPONSE,
    STAGE,
    VALIDATOR,
)
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map, as_text, leaves, parse_json

# What AWS grants an account for all its APIs together.
ACCOUNT_RATE = 10_000
ACCOUNT_BURST = 5_000
# What makes a line of the access log say who asked for what, how it ended, and under which ids it
# is found elsewhere.
ACCESS_LOG = {
    "$context.requestId",
    "$context.extendedRequestId",
    "$context.xrayTraceId",
    "$context.requestTime",
    "$context.identity.sourceIp",
    "$context.identity.apiKeyId",
    "$context.identity.userArn",
    "$context.httpMethod",
    "$context.resourcePath",
    "$context.protocol",
    "$context.tlsVersion",
    "$context.cipherSuite",
    "$context.status",
    "$context.error.responseType",
    "$context.responseLength",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.wafResponseCode",
}


def _parts(recording: Recording) -> list[Resource]:
    kinds = {PATH, METHOD, INTEGRATION, MODEL, VALIDATOR, DEPLOYMENT, STAGE, METHOD_SETTINGS}
    return [resource for kind in sorted(kinds) for resource in recording.of(kind)]


def _path(recording: Recording, reference: object) -> str:
    """Give the path below which a reference to an API resource stands: ``/payments/{id}``."""
    api = recording.one(API)
    if reference == api.outputs["root_resource_id"]:
        return ""
    resource = recording.target(reference, PATH)
    return f"{_path(recording, resource.get('parent_id'))}/{resource.text('path_part')}"


def test_one_regional_rest_api(recording: Recording) -> None:
    """API-1: one REST API, regional, and every part belongs to it."""
    api = recording.one(API)
    assert api.texts("endpoint_configuration.types") == ["REGIONAL"]
    for part in _parts(recording):
        assert recording.referred(part.get("rest_api")) is api, part


def test_clients_need_modern_tls(recording: Recording) -> None:
    """API-1: TLS 1.2 or better; nothing stands before the API by another name."""
    policy = recording.one(API).text("security_policy")
    # The policies of AWS's table for regional APIs, without the ones that admit TLS 1.0.
    assert re.fullmatch(r"SecurityPolicy_TLS13_1_[23]_(FIPS_|PFS_|PQ_)*20\d\d_\d\d|TLS_1_2", policy)
    if policy.startswith("SecurityPolicy_"):
        # Refused by AWS without; strict also checks host against server name.
        assert recording.one(API).text("endpoint_access_mode") == "STRICT"


def test_stage_is_named_for_the_environment(recording: Recording) -> None:
    """API-1: the stage carries the environment's name and serves the one deployment."""
    stage = recording.one(STAGE)
    assert stage.text("stage_name") == stage.tags.get("Environment")
    assert recording.referred(stage.get("deployment")) is recording.one(DEPLOYMENT)


def test_paths_form_a_tree(recording: Recording) -> None:
    """API-1: each path hangs below the root, and no two are the same."""
    paths = [_path(recording, resource.id) for resource in recording.of(PATH)]
    assert len(set(paths)) == len(paths)
    used = {_path(recording, method.get("resource_id")) for method in recording.of(METHOD)}
    assert used
    # A path without methods is only there for what is below it.
    assert all(any(one == path or one.startswith(f"{path}/") for one in used) for path in paths)


def test_each_method_leads_to_a_function(recording: Recording) -> None:
    """API-1: each method has one proxy integration, which POSTs to a function of ours."""
    methods = [
        (item.text("resource_id"), item.text("http_method")) for item in recording.of(METHOD)
    ]
    ends = [
        (item.text("resource_id"), item.text("http_method")) for item in recording.of(INTEGRATION)
    ]
    assert methods
    assert len(set(methods)) == len(methods)
    assert sorted(methods) == sorted(ends)
    for integration in recording.of(INTEGRATION):
        assert integration.text("type") == "AWS_PROXY", integration
        assert integration.text("integration_http_method") == "POST", integration
        recording.target(integration.get("uri"), FUNCTION)
    allowed = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"}
    assert {method for _, method in methods} <= allowed


def test_each_method_is_validated(recording: Recording) -> None:
    """API-2: each method uses the validator, which checks body and parameters."""
    validator = recording.one(VALIDATOR)
    assert validator.is_true("validate_request_body")
    assert validator.is_true("validate_request_parameters")
    for method in recording.of(METHOD):
        assert recording.referred(method.get("request_validator_id")) is validator, method


def test_required_parameters_are_required(recording: Recording) -> None:
    """API-2: what a method names it demands, each parameter of its path included."""
    for method in recording.of(METHOD):
        parameters = as_map(method.get("request_parameters"))
        assert all(required is True for required in parameters.values()), method
        pattern = r"method\.request\.(header|querystring|path)\.[A-Za-z0-9._-]+"
        assert all(re.fullmatch(pattern, name) for name in parameters), method
        path = _path(recording, method.get("resource_id"))
        in_path = {f"method.request.path.{name}" for name in re.findall(r"{([^}+]+)\+?}", path)}
        named = {name for name in parameters if name.startswith("method.request.path.")}
        assert named == in_path, method


def test_bodies_cannot_slip_past_their_model(recording: Recording) -> None:
    """API-2: whatever content type a request names, or none, its body is checked."""
    for method in recording.of(METHOD):
        if models := as_map(method.get("request_models")):
            assert models.get("$default") == models.get("application/json"), method


def test_bodies_are_described_by_models(recording: Recording) -> None:
    """API-2: each model is a JSON schema of draft 4 that restricts something, and is used."""
    used: set[str] = set()
    for method in recording.of(METHOD):
        models = as_map(method.get("request_models"))
        assert set(models) <= {"application/json", "$default"}, method
        used |= {recording.target(name, MODEL).urn for name in models.values()}
    assert used == {model.urn for model in recording.of(MODEL)}
    for model in recording.of(MODEL):
        assert draft_4.faults(model.text("schema")) == [], model
        assert model.text("content_type") == "application/json", model
        assert re.fullmatch(r"[A-Za-z0-9]+", model.text("name")), model


def _throttle(settings: Resource, path: str, names: tuple[str, str]) -> tuple[float, float]:
    values = as_map(settings.get(path))
    rate, burst = (values.get(name) for name in names)
    assert isinstance(rate, (int, float)), settings
    assert isinstance(burst, (int, float)), settings
    return rate, burst


def test_requests_are_throttled(recording: Recording) -> None:
    """API-3: every method of the stage has a rate and a burst, inside the account's."""
    settings = recording.one(METHOD_SETTINGS)
    assert settings.text("method_path") == "*/*"
    names = ("throttling_rate_limit", "throttling_burst_limit")
    rate, burst = _throttle(settings, "settings", names)
    assert 0 < rate <= ACCOUNT_RATE
    assert 0 < burst <= ACCOUNT_BURST
    assert recording.referred(settings.get("rest_api")) is recording.one(API)
    assert settings.text("stage_name") == recording.one(STAGE).text("stage_name")


def test_plans_have_quota_and_throttle(recording: Recording) -> None:
    """API-4: each plan has a quota and a throttle; the stage's comes first, whatever a plan says."""
    assert recording.of(PLAN)
    for plan in recording.of(PLAN):
        rate, burst = _throttle(plan, "throttle_settings", ("rate_limit", "burst_limit"))
        assert 0 < rate <= ACCOUNT_RATE, plan
        assert 0 < burst <= ACCOUNT_BURST, plan
        assert plan.number("quota_settings.limit") > 0, plan
        assert plan.text("quota_settings.period") in {"DAY", "WEEK", "MONTH"}, plan


def test_plans_are_bound_to_the_stage(recording: Recording) -> None:
    """API-4: each plan counts on this API's stage."""
    stage = recording.one(STAGE)
    for plan in recording.of(PLAN):
        bindings = plan.maps("api_stages")
        assert len(bindings) == 1, plan
        assert recording.referred(bindings[0].get("api_id")) is recording.one(API), plan
        assert bindings[0].get("stage") == stage.text("stage_name"), plan


def test_plans_have_keys(recording: Recording) -> None:
    """API-4: each key belongs to one plan, each plan has a key, and AWS makes the value."""
    bonds = recording.of(PLAN_KEY)
    keys = [recording.target(bond.get("key_id"), API_KEY).urn for bond in bonds]
    plans = [recording.target(bond.get("usage_plan_id"), PLAN).urn for bond in bonds]
    assert sorted(keys) == sorted(key.urn for key in recording.of(API_KEY))
    assert set(plans) == {plan.urn for plan in recording.of(PLAN)}
    assert all(bond.text("key_type") == "API_KEY" for bond in bonds)
    assert not any(key.has("value") or key.is_false("enabled") for key in recording.of(API_KEY))


def test_keys_are_asked_for(recording: Recording) -> None:
    """API-4: a plan has no effect on a method that asks for no key: some do, and all say so."""
    for method in recording.of(METHOD):
        assert isinstance(method.get("api_key_required"), bool), method
        assert method.text("authorization") in {"NONE", "AWS_IAM"}, method
    assert any(method.is_true("api_key_required") for method in recording.of(METHOD))


def test_stage_is_traced(recording: Recording) -> None:
    """API-5, XR-1: the stage records traces."""
    assert recording.one(STAGE).is_true("xray_tracing_enabled")


def test_access_is_logged(recording: Recording) -> None:
    """API-6: each request leaves a line of JSON: who, what, how it ended, which ids."""
    stage = recording.one(STAGE)
    recording.target(stage.get("access_log_settings.destination_arn"), LOG_GROUP)
    line = as_map(parse_json(stage.text("access_log_settings.format")))
    values = [as_text(value) for value in line.values()]
    assert set(values) >= ACCESS_LOG
    assert len(set(values)) == len(values)


def test_access_logs_hold_nothing_of_the_payment(recording: Recording) -> None:
    """API-6: nothing that a client writes, and no value of a key, gets into the log."""
    line = recording.one(STAGE).text("access_log_settings.format")
    for value in leaves(line):
        text = as_text(value)
        assert re.fullmatch(r"\$context\.[A-Za-z.]+", text), text
        lowered = text.lower()
        forbidden = (
            "body",
            "query",
            "validationerror",
            "message",
            "claims",
            "authorizer",
            "useragent",
        )
        assert not any(word in lowered for word in forbidden), text
        # `$context.resourcePath` is the route's; this one is the request's.
        assert text != "$context.path", text
        assert text != "$context.identity.apiKey", text


def test_execution_is_logged_without_bodies(recording: Recording) -> None:
    """API-6: execution logs and metrics are on; the trace of requests and responses is off."""
    settings = recording.one(METHOD_SETTINGS)
    # At INFO the path of each request is written as it was sent.
    assert settings.text("settings.logging_level") == "ERROR"
    assert settings.is_true("settings.metrics_enabled")
    assert settings.is_false("settings.data_trace_enabled")


def test_log_role_of_the_account_is_set_at_most_once(recording: Recording) -> None:
    """API-6: the account's setting, one for the region, is made once if this stack makes it."""
    assert len(recording.of(ACCOUNT_SETTINGS)) <= 1


def test_answers_of_the_api_itself_name_the_request(recording: Recording) -> None:
    """API-6: errors that no function sees say the request's id and the default text."""
    responses = {item.text("response_type"): item for item in recording.of(RESPONSE)}
    assert set(responses) == {"DEFAULT_4XX", "DEFAULT_5XX"}
    for response in responses.values():
        assert recording.referred(response.get("rest_api_id")) is recording.one(API), response
        templates = as_map(response.get("response_templates"))
        assert set(templates) == {"application/json"}, response
        template = as_text(templates["application/json"])
        # The message comes with its own quotes; what is left must be JSON.
        filled = template.replace("$context.error.messageString", '"text"')
        members = as_map(parse_json(filled))
        assert set(members) == {"type", "title", "message", "request_id"}, response
        assert as_text(members["type"]).startswith("urn:paystage:problem:api:"), response
        assert set(re.findall(r"\$context\.[A-Za-z.]+", template)) == {
            "$context.error.messageString",
            "$context.error.responseType",
            "$context.requestId",
        }


def _triggers(recording: Recording) -> set[str]:
    return {as_text(value) for value in as_map(recording.one(DEPLOYMENT).get("triggers")).values()}


def test_deployment_is_triggered_by_a_hash(recording: Recording) -> None:
    """API-1: what triggers a new deployment is a digest of the API's definition."""
    assert _triggers(recording)
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in _triggers(recording))


def test_a_changed_api_is_deployed_again(recording: Recording, other_recording: Recording) -> None:
    """API-1: the trigger is another one when the functions behind the routes have other names."""
    assert _triggers(recording).isdisjoint(_triggers(other_recording))


def test_parts_of_paths_are_plain_or_parameters(recording: Recording) -> None:
    """API-2: AWS takes a part without signs of its own, or a parameter that is the whole part."""
    for resource in recording.of(PATH):
        part = resource.text("path_part")
        assert re.fullmatch(r"[A-Za-z0-9._:-]+|\{[A-Za-z0-9._-]+\+?\}", part), resource
