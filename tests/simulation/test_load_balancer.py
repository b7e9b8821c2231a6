"""The load balancer: rules, events, answers, health checks."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from simulation.authority import Authority
from simulation.client import Client
from simulation.load_balancer import HEALTHY, INITIAL, UNHEALTHY, UNUSED
from simulation.routes import Fixed, Rule, read_balancer
from simulation.test_payments import until
from simulation.web import Tls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from simulation.plan import Plan
    from simulation.routes import Balancer, Listener, TargetGroup
    from simulation.site import FunctionSettings, Simulation, Site

    Open = Callable[..., Simulation]

STATUS = "/payments/pay_0001_spring"


@pytest.fixture
def client(echo: Simulation) -> Iterator[Client]:
    """Come without anything."""
    with Client(echo.balancer_url) as client:
        yield client


@pytest.fixture
def plain(open_echo: Open, echoing: Site) -> Iterator[Client]:
    """Come to functions that get one value of a header, as a team's own do."""
    simulation = open_echo(balancer=changed(echoing.balancer, multi_value=False))
    with Client(simulation.balancer_url) as client:
        yield client


def changed(balancer: Balancer, **changes: Any) -> Balancer:
    """Change all target groups."""
    groups = {arn: dataclasses.replace(one, **changes) for arn, one in balancer.groups.items()}
    return dataclasses.replace(balancer, groups=groups)


def main(balancer: Balancer) -> Listener:
    """Return the listener that has rules."""
    (listener,) = [one for one in balancer.listeners if one.rules]
    return listener


def with_rules(balancer: Balancer, *rules: Rule) -> Balancer:
    """Change the rules."""
    listener = dataclasses.replace(main(balancer), rules=rules)
    return dataclasses.replace(balancer, listeners=[listener])


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/payments/validate", "lambda-validate-payment-staging-main"),
        (STATUS, "lambda-payment-status-staging-main"),
        ("/payments/a/b", "lambda-payment-status-staging-main"),
        ("/payments/", "lambda-payment-status-staging-main"),
        ("/health", "lambda-health-staging-main"),
    ],
)
def test_rules_forward_by_path(client: Client, path: str, function: str) -> None:
    assert client.get(path).content["function"] == function


@pytest.mark.parametrize("path", ["/", "/payments", "/Payments/x", "/health/deep", "/healthy"])
def test_what_no_rule_matches_gets_the_default(client: Client, path: str) -> None:
    reply = client.get(path)
    assert (reply.status, reply.content["message"]) == (404, "Not found")
    assert reply.content["type"] == "urn:paystage:problem:not-found"
    assert reply.headers["server"] == "awselb/2.0"
    assert reply.headers["content-type"] == "application/json"


def test_the_lowest_priority_comes_first(open_echo: Open, echoing: Site) -> None:
    balancer = echoing.balancer
    priorities = [rule.priority for rule in main(balancer).rules]
    assert priorities == sorted(priorities)
    texts = {"one": ["/a?c", "/x.y"], "two": ["/a*"]}
    rules = [
        Rule(
            priority=number,
            patterns=patterns,
            action=Fixed(status=200, media_type="text/plain", body=text),
        )
        for number, (text, patterns) in enumerate(texts.items())
    ]
    with Client(open_echo(balancer=with_rules(balancer, *rules)).balancer_url) as client:
        paths = ["/abc", "/ac", "/a", "/a/b/c", "/x.y", "/xzy"]
        *ruled, default = [client.get(path) for path in paths]
        assert [reply.body for reply in ruled] == [b"one", b"two", b"two", b"two", b"one"]
        assert default.content["title"] == "Not found"


def test_plain_http_is_sent_to_https(open_echo: Open, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = authority.server()
    tls = Tls(certificate=server.certificate, key=server.key, clients=authority.pem)
    simulation = open_echo(balancer_tls=tls)
    assert simulation.balancer_url == simulation.listener_urls[443]
    assert simulation.balancer_url.startswith("https://localhost:")
    with Client(simulation.listener_urls[80]) as client:
        reply = client.get("/payments/x?a=1")
    assert (reply.status, reply.headers["location"]) == (
        301,
        f"{simulation.balancer_url}/payments/x?a=1",
    )
    caller = authority.caller("CN=shop")
    with Client(simulation.balancer_url, authority=authority.pem, identity=caller) as client:
        assert client.get("/health").status == 200


def test_the_event_of_a_request(plain: Client) -> None:
    """Member by member what AWS documents, nothing of the address decoded."""
    reply = plain.send("GET", f"{STATUS}?a=1&a=%202&b=&c", headers={"X-Mine": "Yes"})
    event = reply.content["event"]
    assert set(event) == {
        "requestContext",
        "httpMethod",
        "path",
        "queryStringParameters",
        "headers",
        "body",
        "isBase64Encoded",
    }
    arn = event["requestContext"]["elb"]["targetGroupArn"]
    assert re.fullmatch(
        r"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tg-payment-staging-main/[0-9a-f]{16}",
        arn,
    )
    assert (event["httpMethod"], event["path"]) == ("GET", STATUS)
    assert event["queryStringParameters"] == {"a": "%202", "b": "", "c": ""}
    assert (event["body"], event["isBase64Encoded"]) == ("", False)
    headers = event["headers"]
    assert headers["x-mine"] == "Yes"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "443")
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    # Lambda begins a trace of its own.
    assert headers["x-amzn-trace-id"] not in reply.content["trace"]


def test_the_event_with_lists_of_values(open_echo: Open) -> None:
    """As the built-in functions get it."""
    with Client(open_echo().balancer_url) as client:
        reply = client.send("GET", f"{STATUS}?a=1&a=2", headers={"X-Mine": "Yes"})
        event = reply.content["event"]
        assert {"headers", "queryStringParameters"} & set(event) == set()
        assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
        assert event["multiValueHeaders"]["x-mine"] == ["Yes"]
        # Such a group wants lists back, and does not look at the other form.
        answer = {"statusCode": 200, "headers": {"X-A": "a"}, "multiValueHeaders": {"X-B": ["b"]}}
        reply = client.get(STATUS, X_Do=f"answer={json.dumps(answer)}")
        assert (reply.headers.get("x-a"), reply.headers["x-b"]) == (None, "b")


def test_the_trace_header_of_a_client(plain: Client) -> None:
    root = "1-67891233-abcdef012345678912345678"

    def traced(header: str) -> str:
        return plain.get("/health", X_Amzn_Trace_Id=header).content["event"]["headers"][
            "x-amzn-trace-id"
        ]

    form = "1-[0-9a-f]{8}-[0-9a-f]{24}"
    assert re.fullmatch(f"Self={form};Root={root};A=b", traced(f"Root={root};A=b"))
    assert re.fullmatch(f"Root={form};A=b", traced("A=b"))
    again = traced(f"Self=1-00000000-000000000000000000000000;Root={root}")
    assert again.count("Self=") == 1
    assert "Self=1-00000000" not in again


def test_headers_that_are_not_well_formed_are_dropped(open_echo: Open, echoing: Site) -> None:
    assert echoing.balancer.drops_invalid_headers
    single = changed(echoing.balancer, multi_value=False)
    for drops in (True, False):
        balancer = dataclasses.replace(single, drops_invalid_headers=drops)
        with Client(open_echo(balancer=balancer).balancer_url) as client:
            sent = {"X_Odd": "1", "X-Even": "2"}
            headers = client.send("GET", "/health", headers=sent).content["event"]["headers"]
            assert ("x_odd" in headers, headers["x-even"]) == (not drops, "2")


@pytest.mark.parametrize(
    ("content_type", "encoding", "binary"),
    [
        ("application/json", None, False),
        ("application/json; charset=utf-8", None, False),
        ("text/csv", None, False),
        ("application/xml", None, False),
        ("application/octet-stream", None, True),
        ("application/problem+json", None, True),
        ("application/json", "gzip", True),
    ],
)
def test_bodies_are_encoded_unless_they_are_text(
    client: Client, content_type: str, encoding: str | None, *, binary: bool
) -> None:
    headers = {"Content-Type": content_type, **({"Content-Encoding": encoding} if encoding else {})}
    event = client.send("POST", "/payments/validate", b'{"a":1}', headers).content["event"]
    assert event["isBase64Encoded"] is binary
    assert event["body"] == (base64.b64encode(b'{"a":1}').decode() if binary else '{"a":1}')


@pytest.mark.parametrize(
    ("do", "status"),
    [
        ("raise=trouble", 502),
        ("exit=3", 502),
        ("answer=null", 502),
        ("answer={}", 502),
        ('answer={"statusCode":200,"body":[]}', 502),
        ('answer={"statusCode":200,"isBase64Encoded":true,"body":"%"}', 502),
        # A mebibyte, with what is around it.
        ("fill=1048576", 502),
        ("fill=1000000", 200),
        ('answer={"statusCode":418}', 418),
    ],
)
def test_answers_are_checked(client: Client, do: str, status: int) -> None:
    reply = client.get(STATUS, X_Do=do)
    assert reply.status == status
    if status == 502:
        assert reply.headers["content-type"] == "text/html"
        assert b"<title>502 Bad Gateway</title>" in reply.body


def test_a_functions_time_out_is_a_bad_gateway(
    open_echo: Open, hasty: Mapping[str, FunctionSettings]
) -> None:
    with Client(open_echo(functions=hasty).balancer_url) as client:
        assert client.get(STATUS, X_Do="sleep=30").status == 502


def test_answers_are_handed_on(plain: Client) -> None:
    reply = plain.get(STATUS, X_Do="bytes")
    assert (reply.body, reply.headers["content-type"]) == (bytes(range(256)), "image/png")
    assert plain.send("HEAD", "/health").body == b""


def test_a_large_body_and_an_upgrade_are_refused(client: Client) -> None:
    assert client.post("/payments/validate", "x" * 2**20).status == 413
    assert client.get("/health", Upgrade="websocket").status == 400


def test_without_a_target_there_is_no_service(open_echo: Open, echoing: Site) -> None:
    simulation = open_echo(balancer=changed(echoing.balancer, function=None))
    with Client(simulation.balancer_url) as client:
        assert client.get("/health").status == 503
    assert set(simulation.health.states().values()) == {UNUSED}


def test_a_throttled_function_is_a_bad_gateway(open_echo: Open, echoing: Site) -> None:
    functions = {
        key: dataclasses.replace(one, concurrency=0) for key, one in echoing.functions.items()
    }
    with Client(open_echo(functions=functions).balancer_url) as client:
        assert client.get("/health").status == 502


@pytest.fixture
def checked(plan: Plan) -> Balancer:
    """Take the health checks of the graph, sooner after each other."""
    balancer = read_balancer(plan)
    groups: dict[str, TargetGroup] = {}
    for arn, group in balancer.groups.items():
        check = group.health
        assert check is not None
        assert (check.interval, check.path, check.matcher) == (300, "/health", "200")
        assert (check.healthy_threshold, check.unhealthy_threshold) == (2, 2)
        groups[arn] = dataclasses.replace(group, health=dataclasses.replace(check, interval=0.1))
    return dataclasses.replace(balancer, groups=groups)


def test_targets_are_checked_at_their_interval(open_echo: Open, checked: Balancer) -> None:
    simulation = open_echo(balancer=checked)
    assert set(simulation.health.states().values()) <= {INITIAL, HEALTHY}
    assert until(lambda: set(simulation.health.states().values()) == {HEALTHY})
    before = sum(simulation.health.checks().values())
    time.sleep(1)
    # Three targets, each about ten times.
    assert 6 <= sum(simulation.health.checks().values()) - before <= 33


def test_the_matcher_decides(open_echo: Open, checked: Balancer) -> None:
    groups = {
        arn: dataclasses.replace(
            group, health=dataclasses.replace(group.health, matcher="202,204-205")
        )
        for arn, group in checked.groups.items()
        if group.health is not None
    }
    simulation = open_echo(balancer=dataclasses.replace(checked, groups=groups))
    assert until(lambda: set(simulation.health.states().values()) == {UNHEALTHY})
    with Client(simulation.balancer_url) as client:
        # There is no other target, so it is asked all the same.
        assert client.get("/health").status == 200


def test_a_target_becomes_unhealthy_and_well_again(
    open_echo: Open, echoing: Site, checked: Balancer, tmp_path: Path
) -> None:
    sick, asked = tmp_path / "sick", tmp_path / "asked"
    (tmp_path / "handler.py").write_text(
        "import json, os, pathlib\n"
        "def handle(event, context):\n"
        # Whole at once: checks of several groups may be at work, each in an environment of its own.
        f"    mine = pathlib.Path({str(asked)!r} + str(os.getpid()))\n"
        "    mine.write_text(json.dumps(event))\n"
        f"    mine.rename({str(asked)!r})\n"
        f"    sick = pathlib.Path({str(sick)!r}).exists()\n"
        "    return {'statusCode': 500 if sick else 200}\n",
        encoding="utf-8",
    )
    functions = {
        key: dataclasses.replace(one, code=(tmp_path,)) for key, one in echoing.functions.items()
    }
    simulation = open_echo(functions=functions, balancer=checked)
    for state, wish in ((HEALTHY, False), (UNHEALTHY, True), (HEALTHY, False)):
        if wish:
            sick.touch()
        else:
            sick.unlink(missing_ok=True)
        assert until(lambda state=state: set(simulation.health.states().values()) == {state})
    event = json.loads(asked.read_text("utf-8"))
    assert (event["httpMethod"], event["path"], event["body"]) == ("GET", "/health", "")
    assert event["multiValueHeaders"] == {"user-agent": ["ELB-HealthChecker/2.0"]}
    assert event["requestContext"]["elb"]["targetGroupArn"] in checked.groups
