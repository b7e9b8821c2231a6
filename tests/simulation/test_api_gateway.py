"""API Gateway: refusals as AWS documents them, and the event of a proxy integration."""

from __future__ import annotations

import base64
import concurrent.futures
import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from simulation.client import Client
from simulation.conftest import KEY
from simulation.limits import Allowance, Bucket
from simulation.routes import GatewayResponse, Quota, Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from simulation.client import Reply
    from simulation.routes import Api
    from simulation.site import FunctionSettings, Simulation, Site

    Open = Callable[..., Simulation]

PAYMENT = {
    "payment_id": "pay_0001_spring",
    "merchant_id": "mer_acme0001",
    "amount_minor": 1999,
    "currency": "USD",
    "payment_method_token": "tok_a1B2c3D4e5F6g7H8",
}
JSON = {"Content-Type": "application/json"}
STATUS = "/payments/pay_0001_spring"


@pytest.fixture
def client(echo: Simulation) -> Iterator[Client]:
    """Come with the partner's key."""
    with Client(echo.api_url, headers={"X-Api-Key": KEY.value}) as client:
        yield client


def sent(simulation: Simulation, path: str = STATUS, **headers: str) -> Reply:
    with Client(simulation.api_url, headers={"X-Api-Key": KEY.value}) as client:
        return client.get(path, **headers)


def refused(reply: Reply, status: int, message: str, kind: str) -> None:
    """Hold a refusal against AWS's status and text, in the form of the graph's gateway responses."""
    assert (reply.status, reply.content["message"]) == (status, message)
    assert reply.headers["x-amzn-errortype"] == f"{kind}Exception"
    assert reply.content["request_id"] == reply.headers["x-amzn-requestid"]


def changed(api: Api, **changes: Any) -> Api:
    """Change all routes of an API."""
    routes = [dataclasses.replace(route, **changes) for route in api.routes]
    return dataclasses.replace(api, routes=routes)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/payments"),
        ("GET", "/payments/validate/more"),
        ("GET", "/payments//"),
        ("PUT", "/payments/validate"),
        ("OPTIONS", "/payments/validate"),
        ("HEAD", "/health"),
    ],
)
def test_what_is_no_route_lacks_a_token(client: Client, method: str, path: str) -> None:
    reply = client.send(method, path)
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (
        403,
        "MissingAuthenticationTokenException",
    )
    assert (reply.body == b"") is (method == "HEAD")


def test_another_stage_is_forbidden(echo: Simulation) -> None:
    with Client(echo.api_url.removesuffix("/staging")) as client:
        for path in ("/production/health", "/", "/health", "/stagingx/health"):
            reply = client.get(path)
            assert (reply.status, reply.content) == (403, {"message": "Forbidden"})


def test_a_path_that_is_spelled_out_comes_before_a_name(client: Client) -> None:
    api = client.get(STATUS).content["event"]
    assert (api["resource"], api["pathParameters"]) == (
        "/payments/{payment_id}",
        {"payment_id": "pay_0001_spring"},
    )
    validated = client.post("/payments/validate", PAYMENT).content
    assert validated["event"]["resource"] == "/payments/validate"
    assert validated["function"] == "lambda-validate-payment-staging-main"
    escaped = client.get("/payments/a%2Fb%20c").content["event"]
    assert escaped["pathParameters"] == {"payment_id": "a/b c"}


@pytest.mark.parametrize("key", [None, "", "wrong", KEY.id, KEY.value + "x"])
def test_a_missing_or_wrong_key_is_forbidden(echo: Simulation, key: str | None) -> None:
    with Client(echo.api_url) as client:
        headers = {} if key is None else {"X-Api-Key": key}
        refused(client.send("GET", STATUS, headers=headers), 403, "Forbidden", "Forbidden")
        assert client.get("/health").status == 200


def test_a_key_of_no_plan_is_forbidden(open_echo: Open, echoing: Site) -> None:
    others = [dataclasses.replace(plan, keys=frozenset()) for plan in echoing.api.plans]
    simulation = open_echo(api=dataclasses.replace(echoing.api, plans=others))
    refused(sent(simulation), 403, "Forbidden", "Forbidden")


def test_a_required_header_is_asked_for(client: Client) -> None:
    reply = client.send("POST", "/payments/validate", json.dumps(PAYMENT))
    refused(reply, 400, "Missing required request parameters: [Content-Type]", "BadRequest")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", json.dumps({**PAYMENT, "amount_minor": 0})),
        ("application/json", json.dumps({**PAYMENT, "amount_minor": "1999"})),
        ("application/json", json.dumps({**PAYMENT, "card": "x"})),
        ("application/json", json.dumps({**PAYMENT, "currency": "usd"})),
        ("application/json", json.dumps(PAYMENT).replace("1999", "NaN")),
        ("application/json; charset=utf-8", json.dumps({"payment_id": "pay_0001_spring"})),
        # The model of `$default`: another type is no way around.
        ("text/plain", "hello"),
        ("application/xml", "<payment/>"),
    ],
)
def test_a_body_that_is_no_payment_is_refused(client: Client, content_type: str, body: str) -> None:
    reply = client.send("POST", "/payments/validate", body, {"Content-Type": content_type})
    refused(reply, 400, "Invalid request body", "BadRequest")


def test_a_type_without_a_model_passes(open_echo: Open, echoing: Site) -> None:
    models = {"application/json": {"type": "object"}}
    simulation = open_echo(api=changed(echoing.api, models=models))
    with Client(simulation.api_url, headers={"X-Api-Key": KEY.value}) as client:
        passed = client.send("POST", "/payments/validate", "hi", {"Content-Type": "text/plain"})
        assert passed.status == 200
        assert client.send("POST", "/payments/validate", "[]", JSON).status == 400


def test_a_signature_is_asked_for(echo: Simulation) -> None:
    missing = "Missing Authentication Token"
    refused(sent(echo, "/health/deep"), 403, missing, "MissingAuthenticationToken")
    assert sent(echo, "/health/deep", Authorization="Bearer x").status == 403


def signed(url: str, access_key: str, secret: str, region: str = "us-east-1") -> dict[str, str]:
    """Sign as the SDK does."""
    request = AWSRequest("GET", url, headers={"Host": url.split("/")[2]})
    SigV4Auth(Credentials(access_key, secret), "execute-api", region).add_auth(request)
    return dict(request.headers)


def test_a_signature_is_checked(open_echo: Open) -> None:
    simulation = open_echo(signers={"AKIATEST": "the secret"})
    path = "/health/deep?b=2&a=%201&a=0"
    with Client(simulation.api_url) as client:

        def ask(*signer: str, path: str = path, **changes: str) -> Reply:
            headers = signed(simulation.api_url + path, *signer) | changes
            return client.send("GET", path, headers=headers)

        well = ask("AKIATEST", "the secret")
        assert well.status == 200
        assert well.content["event"]["requestContext"]["identity"]["accessKey"] == "AKIATEST"
        message = "The request signature we calculated does not match the signature you provided."
        refused(ask("AKIATEST", "another"), 403, message, "InvalidSignature")
        refused(
            ask("AKIATEST", "the secret", **{"X-Amz-Date": "20200101T000000Z"}),
            403,
            "Credential should be scoped to a valid region, service and date.",
            "InvalidSignature",
        )
        assert ask("AKIAOTHER", "the secret").status == 403
        assert ask("AKIATEST", "the secret", "eu-west-1").status == 403


def test_a_plans_throttle_is_each_keys_own(open_echo: Open, echoing: Site) -> None:
    plan = next(one for one in echoing.api.plans if "partner" in one.keys)
    assert plan.throttle == Throttle(rate=20.0, burst=40)
    assert plan.quota == Quota(limit=100_000, period="MONTH")
    slow = dataclasses.replace(plan, throttle=Throttle(rate=0.001, burst=2))
    simulation = open_echo(api=dataclasses.replace(echoing.api, plans=[slow]))
    assert [sent(simulation).status for _ in range(2)] == [200, 200]
    refused(sent(simulation), 429, "Too Many Requests", "TooManyRequests")
    with Client(simulation.api_url) as client:
        assert client.get("/health").status == 200


def test_a_stages_throttle_is_each_methods_own(open_echo: Open, echoing: Site) -> None:
    assert {route.throttle for route in echoing.api.routes} == {Throttle(rate=50.0, burst=100)}
    simulation = open_echo(api=changed(echoing.api, throttle=Throttle(rate=0.001, burst=1)))
    assert sent(simulation).status == 200
    refused(sent(simulation), 429, "Too Many Requests", "TooManyRequests")
    assert sent(simulation, "/health").status == 200
    assert sent(simulation, "/health").status == 429


def test_a_quota_ends(open_echo: Open, echoing: Site) -> None:
    plan = next(one for one in echoing.api.plans if "partner" in one.keys)
    short = dataclasses.replace(plan, quota=Quota(limit=2, period="DAY"))
    simulation = open_echo(api=dataclasses.replace(echoing.api, plans=[short]))
    assert [sent(simulation).status for _ in range(2)] == [200, 200]
    refused(sent(simulation), 429, "Limit Exceeded", "LimitExceeded")


def test_buckets_fill_and_quotas_begin_anew() -> None:
    now = [1_795_400_000.0]
    bucket = Bucket(Throttle(rate=2.0, burst=3), lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] += 3600
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    for period, seconds in {"DAY": 86400, "WEEK": 7 * 86400, "MONTH": 31 * 86400}.items():
        allowance = Allowance(Quota(limit=1, period=period), lambda: now[0])
        assert [allowance.take() for _ in range(2)] == [True, False]
        now[0] += seconds
        assert allowance.take()


def test_gateway_responses_are_filled(open_echo: Open, echoing: Site) -> None:
    response = GatewayResponse(
        status=499,
        templates={
            "text/plain": "$context.error.responseType $context.resourcePath ${context.stage}"
        },
        parameters={
            "gatewayresponse.header.X-Fixed": "'always'",
            "gatewayresponse.header.X-Stage": "context.stage",
            "gatewayresponse.header.X-Agent": "method.request.header.User-Agent",
        },
    )
    responses = {**echoing.api.responses, "INVALID_API_KEY": response}
    simulation = open_echo(api=dataclasses.replace(echoing.api, responses=responses))
    with Client(simulation.api_url) as client:
        reply = client.get(STATUS, User_Agent="tests")
    assert (reply.status, reply.body) == (499, b"INVALID_API_KEY /payments/{payment_id} staging")
    assert reply.headers["content-type"] == "text/plain"
    assert [reply.headers[f"x-{name}"] for name in ("fixed", "stage", "agent")] == [
        "always",
        "staging",
        "tests",
    ]
    texts = {
        f"DEFAULT_{kind}": GatewayResponse(
            status=None, templates={"text/plain": kind}, parameters={}
        )
        for kind in ("4XX", "5XX")
    }
    both = open_echo(api=dataclasses.replace(echoing.api, responses=texts))
    assert (sent(both, "/nothing").status, sent(both, "/nothing").body) == (403, b"4XX")
    failed = sent(both, X_Do="raise=x")
    assert (failed.status, failed.body) == (502, b"5XX")
    bare = open_echo(api=dataclasses.replace(echoing.api, responses={}))
    with Client(bare.api_url) as client:
        assert client.get(STATUS).body == b'{"message":"Forbidden"}'


@pytest.mark.parametrize(
    ("do", "status"),
    [
        ("raise=trouble", 502),
        ("exit=3", 502),
        ("answer=null", 502),
        ("answer=[]", 502),
        ("answer={}", 502),
        ('answer={"statusCode":"two"}', 502),
        ('answer={"statusCode":99}', 502),
        ('answer={"statusCode":200,"body":{}}', 502),
        ('answer={"statusCode":200,"status":"x"}', 502),
        ('answer={"statusCode":200,"headers":[]}', 502),
        ('answer={"statusCode":200,"headers":{"a":"b\\r\\nc: d"}}', 502),
        ("fill=7000000", 502),
        ('answer={"statusCode":"204"}', 204),
        ('answer={"statusCode":418,"headers":null,"body":null}', 418),
    ],
)
def test_answers_are_checked(client: Client, do: str, status: int) -> None:
    reply = client.get(STATUS, X_Do=do)
    assert reply.status == status
    if status == 502:
        refused(reply, 502, "Internal server error", "InternalServerError")


def test_a_functions_own_time_out_is_an_error_like_others(
    open_echo: Open, hasty: Mapping[str, FunctionSettings]
) -> None:
    reply = sent(open_echo(functions=hasty), X_Do="sleep=30")
    refused(reply, 502, "Internal server error", "InternalServerError")


def test_the_gateway_waits_no_longer_than_its_integration(open_echo: Open, echoing: Site) -> None:
    assert {route.integration_seconds for route in echoing.api.routes} == {29.0}
    simulation = open_echo(api=changed(echoing.api, integration_seconds=0.2))
    assert sent(simulation).status in {200, 504}
    reply = sent(simulation, X_Do="sleep=1")
    refused(reply, 504, "Endpoint request timed out", "InternalServerError")


def test_a_call_that_lambda_refuses_is_an_error(open_echo: Open, echoing: Site) -> None:
    """Beyond the reserved concurrency: 500, and the next one passes."""
    functions = {
        key: dataclasses.replace(function, concurrency=1)
        for key, function in echoing.functions.items()
    }
    simulation = open_echo(functions=functions)
    assert sent(simulation).status == 200
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda _: sent(simulation, X_Do="sleep=1"), range(3)))
    assert sorted(reply.status for reply in replies)[1:] == [500, 500]
    refused(
        sorted(replies, key=lambda one: one.status)[2],
        500,
        "Internal server error",
        "InternalServerError",
    )
    assert sent(simulation).status == 200
    assert simulation.runtime.running("payment-status") == 1


def test_several_headers_of_an_answer(client: Client) -> None:
    many = {
        "statusCode": 201,
        "headers": {"X-One": "a", "X-Number": 7},
        "multiValueHeaders": {"X-Many": ["b", "c"], "x-one": ["a"]},
        "body": "é",
    }
    reply = client.get(STATUS, X_Do=f"answer={json.dumps(many)}")
    assert (reply.status, reply.body) == (201, "é".encode())
    assert (reply.headers["x-one"], reply.headers["x-number"]) == ("a", "7")
    assert reply.headers["content-type"] == "application/json"


def test_the_event_of_a_request(client: Client) -> None:
    """Member by member what AWS documents for version 1."""
    path = f"{STATUS}?a=1&a=%202&b=&c"
    reply = client.send("GET", path, headers={"X-Mine": "é", "User-Agent": "tests"})
    event, trace = reply.content["event"], reply.content["trace"]
    root = re.fullmatch(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24});Parent=[0-9a-f]{16};Sampled=1", trace)
    assert root is not None
    assert set(event) == {
        "resource",
        "path",
        "httpMethod",
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "requestContext",
        "body",
        "isBase64Encoded",
    }
    assert (event["path"], event["httpMethod"]) == (STATUS, "GET")
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert event["queryStringParameters"] == {"a": " 2", "b": "", "c": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", " 2"], "b": [""], "c": [""]}
    headers = event["headers"]
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Amzn-Trace-Id"] == f"Root={root[1]}"
    assert headers["Host"].endswith(".execute-api.us-east-1.amazonaws.com")
    assert event["multiValueHeaders"] == {name: [value] for name, value in headers.items()}
    assert reply.headers["x-amzn-trace-id"].startswith(f"Root={root[1]};")
    context = event["requestContext"]
    assert context["requestId"] == reply.headers["x-amzn-requestid"]
    assert (context["stage"], context["path"]) == ("staging", f"/staging{STATUS}")
    assert (context["resourcePath"], context["httpMethod"]) == ("/payments/{payment_id}", "GET")
    assert (context["protocol"], context["accountId"]) == ("HTTP/1.1", "123456789012")
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["requestTime"])
    identity = context["identity"]
    assert (identity["apiKeyId"], identity["apiKey"]) == (KEY.id, KEY.value)
    assert (identity["sourceIp"], identity["userAgent"]) == ("127.0.0.1", "tests")


def test_a_key_that_is_not_required_is_not_passed_on(client: Client) -> None:
    event = client.get("/health").content["event"]
    assert "apiKeyId" not in event["requestContext"]["identity"]
    assert (event["queryStringParameters"], event["pathParameters"]) == (None, None)


def test_a_client_brings_its_trace(client: Client) -> None:
    root = "1-67891233-abcdef012345678912345678"
    reply = client.get("/health", X_Amzn_Trace_Id=f"Root={root};Sampled=0")
    assert reply.content["trace"].startswith(f"Root={root};Parent=")
    other = client.get("/health", X_Amzn_Trace_Id="Root=nonsense")
    assert "nonsense" not in other.content["trace"]


def test_bodies_are_text_unless_the_api_says_otherwise(open_echo: Open, echoing: Site) -> None:
    body = b"\xff\x00payment"
    free = changed(echoing.api, models={}, required=[])
    binary = dataclasses.replace(free, binary_media_types=["image/png"])
    headers = {"X-Api-Key": KEY.value, "Content-Type": "image/png", "Accept": "image/png"}
    with (
        Client(open_echo(api=free).api_url, headers=headers) as text,
        Client(open_echo(api=binary).api_url, headers=headers) as raw,
    ):
        event = text.send("POST", "/payments/validate", body).content["event"]
        assert (event["body"], event["isBase64Encoded"]) == ("\ufffd\x00payment", False)
        event = raw.send("POST", "/payments/validate", body).content["event"]
        assert event["isBase64Encoded"] is True
        assert base64.b64decode(event["body"]) == body
        assert raw.get(STATUS, X_Do="bytes").body == bytes(range(256))
        assert text.get(STATUS, X_Do="bytes").body == base64.b64encode(bytes(range(256)))


def test_a_huge_body_is_not_read(echo: Simulation) -> None:
    with Client(echo.api_url, headers={"X-Api-Key": KEY.value, **JSON}) as client:
        client.send("GET", "/health")
        reply = client.send("POST", "/payments/validate", headers={"Content-Length": "10485761"})
    refused(reply, 413, "HTTP content length exceeded 10485760 bytes.", "RequestTooLarge")
