"""Mutual TLS at the load balancer: who gets in, and what the function hears of them."""

from __future__ import annotations

import dataclasses
import http.client
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from simulation.authority import Authority
from simulation.client import Client, Reply
from simulation.test_load_balancer import main
from simulation.web import Tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulation.authority import Identity
    from simulation.plan import Plan
    from simulation.site import Simulation, Site

    Open = Callable[..., Simulation]

SUBJECT = "CN=shop.example.com,OU=Payments\\, card,O=Acme"
REFUSED = (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)
# What a caller claims to be.
CLAIMS = {
    "X-Amzn-Mtls-Clientcert-Subject": "CN=somebody else",
    "x-amzn-mtls-clientcert-serial-number": "01",
    "X-Amzn-Mtls-Clientcert": "leaf",
}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Found the authority that the load balancer trusts."""
    return Authority(tmp_path / "ours")


@pytest.fixture
def simulation(open_echo: Open, authority: Authority) -> Simulation:
    """Serve the load balancer of the spec, which verifies."""
    server = authority.server()
    return open_echo(
        balancer_tls=Tls(certificate=server.certificate, key=server.key, clients=authority.pem)
    )


def get(simulation: Simulation, authority: Authority, identity: Identity | None, **headers: str):  # noqa: ANN201 - a reply
    """Send one request on a new connection."""
    with Client(simulation.balancer_url, authority=authority.pem, identity=identity) as client:
        return client.send("GET", "/health", headers=headers)


def heard(reply: Reply) -> dict[str, str]:
    """The headers that the function got, each once."""
    lists = reply.content["event"]["multiValueHeaders"].items()
    assert all(len(values) == 1 for _, values in lists)
    return {name: values[0] for name, values in lists}


def test_the_committed_spec_verifies_callers(plan: Plan, echoing: Site) -> None:
    assert main(echoing.balancer).verifies
    (listener,) = [one for one in plan.all("aws.lb.Listener") if one.get("protocol") == "HTTPS"]
    asked = listener.get("mutual_authentication")
    assert asked["trust_store_arn"] == plan.output(plan.one("aws.lb.TrustStore"), "arn")


def test_the_function_hears_who_calls(simulation: Simulation, authority: Authority) -> None:
    identity = authority.caller(SUBJECT)
    reply = get(simulation, authority, identity)
    assert reply.status == 200
    told = {
        name.removeprefix("x-amzn-mtls-clientcert-"): value
        for name, value in heard(reply).items()
        if name.startswith("x-amzn-mtls-")
    }
    assert set(told) == {"serial-number", "issuer", "subject", "validity", "leaf"}
    assert told["subject"] == SUBJECT
    assert told["issuer"] == "CN=authority of the tests"
    assert re.fullmatch(r"([0-9A-F]{2})+", told["serial-number"])
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(f"NotBefore={when};NotAfter={when}", told["validity"])
    assert unquote(told["leaf"]) == identity.certificate.read_text()


def test_nobody_else_says_who_calls(simulation: Simulation, authority: Authority) -> None:
    """Headers of these names that a caller sends are gone, whatever their case, and whether or not the balancer sets them."""
    reply = get(simulation, authority, authority.caller(SUBJECT), **CLAIMS)
    headers = heard(reply)
    assert headers["x-amzn-mtls-clientcert-subject"] == SUBJECT
    assert headers["x-amzn-mtls-clientcert-serial-number"] != "01"
    assert "x-amzn-mtls-clientcert" not in headers


def test_nobody_gets_in_without_a_certificate(simulation: Simulation, authority: Authority) -> None:
    with pytest.raises(REFUSED):
        get(simulation, authority, None)


def test_nobody_gets_in_with_another_ones_certificate(
    simulation: Simulation, authority: Authority, tmp_path: Path
) -> None:
    """Of an authority that has the same name and another key."""
    foreign = Authority(tmp_path / "theirs")
    with pytest.raises(REFUSED):
        get(simulation, authority, foreign.caller(SUBJECT))


def test_nobody_gets_in_with_an_expired_certificate(
    simulation: Simulation, authority: Authority
) -> None:
    with pytest.raises(REFUSED):
        get(simulation, authority, authority.caller(SUBJECT, ended=True))


def test_who_was_refused_keeps_nobody_waiting(simulation: Simulation, authority: Authority) -> None:
    for _ in range(3):
        with pytest.raises(REFUSED):
            get(simulation, authority, None)
    assert get(simulation, authority, authority.caller(SUBJECT)).status == 200


def test_without_authorities_nobody_is_asked(
    open_echo: Open, echoing: Site, authority: Authority
) -> None:
    """Then what a caller says of itself arrives as it was sent: AWS does not document that it takes it away."""
    listeners = [dataclasses.replace(one, verifies=False) for one in echoing.balancer.listeners]
    server = authority.server()
    simulation = open_echo(
        balancer=dataclasses.replace(echoing.balancer, listeners=listeners),
        balancer_tls=Tls(certificate=server.certificate, key=server.key),
    )
    reply = get(simulation, authority, None, **CLAIMS)
    headers = heard(reply)
    assert headers["x-amzn-mtls-clientcert-subject"] == "CN=somebody else"
