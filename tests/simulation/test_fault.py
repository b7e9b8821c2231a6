"""S3-1, DB-2: nothing is lost and nothing is told that is not so, through both entry points, whatever breaks; in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.breaking import FAULTS
from service.fault import report
from service.postgres import Server
from service.stage import Aws, forget
from simulation import fault
from simulation.conftest import SPEC
from simulation.local import prepare

if TYPE_CHECKING:
    from pathlib import Path

PAYMENTS = 240


def test_whatever_breaks_every_payment_is_decided_once(tmp_path: Path) -> None:
    server = Server(settings={"fsync": "off"})
    aws = Aws(tmp_path)
    forget()
    try:
        with prepare(SPEC, tmp_path / "site", server=server, aws=aws) as local:
            result, found = fault.run(local, PAYMENTS)
    finally:
        forget()
        aws.remove()
        server.remove()
    print(report(result, found))
    # Else it would show nothing.
    assert set(result.faults) == set(FAULTS)
    assert result.function_kills > 0
    assert result.deployments["well"] > 0
    assert result.given_up
    assert found["accepted"] > 0
    assert set(result.seconds) == {"API", "load balancer"}
