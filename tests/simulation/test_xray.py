"""What a payment leaves in X-Ray: a trace that its id finds, and a map of all that it touched."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from simulation.client import Client
from simulation.test_payments import until
from simulation.xray import CLIENT, Daemon, Node, new_trace_id

if TYPE_CHECKING:
    from simulation.site import Simulation

STAGE = Node(name="api-staging-main/staging", kind="AWS::ApiGateway::Stage")
VALIDATE = Node(name="lambda-validate-payment-staging-main", kind="AWS::Lambda::Function")
DATABASE = Node(name="payments@localhost", kind="Database::PostgreSQL")
BUCKET = Node(name="s3", kind="AWS::s3")


def test_a_payment_is_found_and_drawn(
    simulation: Simulation, api: Client, payment: dict[str, Any]
) -> None:
    """XR-1: stage, function, PostgreSQL and S3 on one map, and the way there by the payment's id."""
    answer = api.post("/payments/validate", payment)
    (trace_id,) = until(lambda: simulation.tracing.find(payment_id=payment["payment_id"]))
    assert answer.headers["x-amzn-trace-id"].startswith(f"Root={trace_id};")
    origins = {one.get("origin") for one in simulation.tracing.trace(trace_id)}
    assert {"AWS::ApiGateway::Stage", "AWS::Lambda", "AWS::Lambda::Function"} <= origins
    drawn = simulation.tracing.map()
    edges = set(drawn.edges)
    for edge in [
        (Node(name=CLIENT, kind=CLIENT), STAGE),
        (STAGE, VALIDATE),
        (VALIDATE, DATABASE),
        (VALIDATE, BUCKET),
    ]:
        assert edge in edges
    assert "payments@localhost" in drawn.text()
    assert "lambda-validate-payment-staging-main<br>AWS::Lambda::Function" in drawn.mermaid()


def test_the_balancers_trace_is_an_annotation(
    simulation: Simulation, balancer: Client, payment: dict[str, Any]
) -> None:
    """It sends nothing to X-Ray; the function says which of its traces it answered."""
    root = new_trace_id()
    balancer.post("/payments/validate", payment, X_Amzn_Trace_Id=f"Root={root}")
    (trace_id,) = until(lambda: simulation.tracing.find(alb_trace_id=root))
    assert trace_id != root
    assert simulation.tracing.find(payment_id=payment["payment_id"]) == [trace_id]
    drawn = simulation.tracing.map()
    assert drawn.balanced[VALIDATE] >= 1
    assert "load balancer" in drawn.text()
    assert "by alb_trace_id" in drawn.mermaid()


def test_secrets_manager_is_drawn(simulation: Simulation) -> None:
    """`migrate` alone reads the secret."""
    event = {"application_user": "payments_app", "merchants": {"mer_acme0001": "active"}}
    assert simulation.runtime.invoke("migrate", event).error is None
    name = Node(name="secretsmanager", kind="AWS::secretsmanager")
    assert until(lambda: name in simulation.tracing.map().nodes)


def test_faults_are_counted(echo: Simulation) -> None:
    with Client(echo.balancer_url) as client:
        assert client.get("/health", X_Do="raise=x").status == 502
    function = Node(name="lambda-health-staging-main", kind="AWS::Lambda::Function")
    drawn = echo.tracing.map()
    assert drawn.nodes[function].faults >= 1
    assert "failed" in drawn.text()


def test_the_daemon_survives_what_is_no_segment() -> None:
    daemon = Daemon()
    host, _, port = daemon.address.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in (b"x", b"{}\n{}", b'{"format":"json","version":1}\n{', b"[]\n{}", b"1\n1"):
            sender.sendto(text, (host, int(port)))
        segment = (
            b'{"format":"json","version":1}\n{"trace_id":"1-a","id":"b","name":"c",'
            b'"start_time":1,"end_time":2,"annotations":{"payment_id":"p"}}'
        )
        sender.sendto(segment, (host, int(port)))
    assert until(lambda: daemon.find(payment_id="p")) == ["1-a"]
    assert daemon.find(payment_id="q") == []
    daemon.close()
