"""A third address, for people: the map of traces, one payment's traces, the targets' health."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from simulation.web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulation.site import Simulation
    from simulation.web import Request

PAGES = {
    "/map": "who called whom, as X-Ray would draw it; /map?as=mermaid",
    "/traces": "/traces?payment_id=… finds a payment's traces, with all their segments",
    "/targets": "health of the load balancer's targets",
}


class Control:
    """Serves the state of the simulation."""

    def __init__(self, simulation: Simulation) -> None:
        """Take the simulation to report on."""
        self._simulation = simulation

    def __call__(self, request: Request) -> Answer:
        """Answer a request."""
        pages: Mapping[str, Callable[[dict[str, str]], str]] = {
            "/": self._index,
            "/map": self._map,
            "/traces": self._traces,
            "/targets": self._targets,
        }
        page = pages.get(request.path)
        if page is None:
            return _text(404, self._index({}))
        return _text(200, page(dict(parse_qsl(request.query))))

    def _index(self, _: dict[str, str]) -> str:
        return "\n".join(f"{path:10} {what}" for path, what in PAGES.items())

    def _map(self, query: dict[str, str]) -> str:
        drawn = self._simulation.tracing.map()
        return drawn.mermaid() if query.get("as") == "mermaid" else drawn.text()

    def _traces(self, query: dict[str, str]) -> str:
        tracing = self._simulation.tracing
        found = {one: tracing.trace(one) for one in tracing.find(**query)} if query else {}
        return json.dumps(found, indent=2)

    def _targets(self, _: dict[str, str]) -> str:
        checks = self._simulation.health.checks()
        return "\n".join(
            f"{name}  {state}, checked {checks[name]} times"
            for name, state in self._simulation.health.states().items()
        )


def _text(status: int, text: str) -> Answer:
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    return Answer(status=status, headers=headers, body=f"{text}\n".encode())
