"""X-Ray's daemon and service on this machine: segments by UDP, traces in memory, the map of them."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Segment = Mapping[str, Any]
# Of the traces; the oldest go first.
_KEPT = 20_000
_LARGEST = 65_535
CLIENT = "client"


def new_trace_id() -> str:
    """Return an id as X-Ray forms it, with the time in it."""
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


def new_segment_id() -> str:
    """Return the id of a segment."""
    return secrets.token_hex(8)


@dataclass(frozen=True, kw_only=True)
class Parent:
    """Where a further segment belongs."""

    trace_id: str
    segment_id: str | None = None

    @property
    def header(self) -> str:
        """The trace header."""
        parent = "" if self.segment_id is None else f";Parent={self.segment_id}"
        return f"Root={self.trace_id}{parent};Sampled=1"


@dataclass(frozen=True, kw_only=True)
class Node:
    """What calls or is called."""

    name: str
    kind: str


@dataclass(kw_only=True)
class Figures:
    """How often, how well, how fast."""

    calls: int = 0
    faults: int = 0
    seconds: float = 0.0

    def add(self, segment: Segment) -> None:
        """Count a segment."""
        self.calls += 1
        self.faults += bool(segment.get("fault"))
        self.seconds += segment.get("end_time", segment["start_time"]) - segment["start_time"]

    def __str__(self) -> str:
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        faults = f", {self.faults} failed" if self.faults else ""
        return f"{calls}{faults}, {self.seconds / self.calls * 1000:.0f} ms"


@dataclass(frozen=True, kw_only=True)
class ServiceMap:
    """Nodes and who calls whom."""

    nodes: Mapping[Node, Figures]
    edges: Mapping[tuple[Node, Node], Figures]
    # The balancer sends nothing to X-Ray: functions name its traces in an annotation.
    balanced: Mapping[Node, int]

    def text(self) -> str:
        """Print it for a terminal."""
        lines: list[str] = []
        for node, figures in self.nodes.items():
            lines.append(f"{node.name}  [{node.kind}]  {figures}")
            lines += [
                f"    -> {to.name}  [{to.kind}]  {called}"
                for (source, to), called in self.edges.items()
                if source == node
            ]
        for node, count in self.balanced.items():
            lines.append(f"load balancer  [by alb_trace_id]\n    -> {node.name}  {count} traces")
        return "\n".join(lines) or "nothing was traced yet"

    def mermaid(self) -> str:
        """Print it as a diagram."""
        ids = {node: f"n{number}" for number, node in enumerate(self.nodes)}
        lines = ["flowchart LR"]
        lines += [
            f'    {ids[node]}["{node.name}<br>{node.kind}<br>{figures}"]'
            for node, figures in self.nodes.items()
        ]
        lines += [
            f"    {ids[source]} -->|{figures.calls}| {ids[to]}"
            for (source, to), figures in self.edges.items()
        ]
        if self.balanced:
            lines.append('    balancer["load balancer<br>sends no segments"]')
        lines += [
            f"    balancer -.->|{count} by alb_trace_id| {ids[node]}"
            for node, count in self.balanced.items()
        ]
        return "\n".join(lines)


class Daemon:
    """Listens for segments as X-Ray's daemon does, and keeps them as X-Ray does."""

    def __init__(self) -> None:
        """Listen."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Bursts come faster than Python reads.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(1.0)
        self._traces: OrderedDict[str, list[Segment]] = OrderedDict()
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Value of ``AWS_XRAY_DAEMON_ADDRESS``."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Stop."""
        self._closed.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def record(self, segment: Segment) -> None:
        """Keep a segment of a service that stands in this process."""
        with self._guard:
            kept = self._traces.setdefault(segment["trace_id"], [])
            kept.append(segment)
            while len(self._traces) > _KEPT:
                self._traces.popitem(last=False)

    def trace(self, trace_id: str) -> list[Segment]:
        """Return all segments of a trace."""
        with self._guard:
            return list(self._traces.get(trace_id, []))

    def find(self, **annotations: str) -> list[str]:
        """Return the traces that carry these annotations: ``annotation.payment_id = "…"``."""
        with self._guard:
            traces = {trace_id: list(segments) for trace_id, segments in self._traces.items()}
        return [
            trace_id
            for trace_id, segments in traces.items()
            if any(
                annotations.items() <= one.get("annotations", {}).items() for one in _all(segments)
            )
        ]

    def map(self) -> ServiceMap:
        """Draw everything that was traced."""
        with self._guard:
            traces = [list(segments) for segments in self._traces.values()]
        drawing = _Drawing()
        for segments in traces:
            drawing.add(segments)
        return ServiceMap(nodes=drawing.nodes, edges=drawing.edges, balanced=dict(drawing.balanced))

    def _listen(self) -> None:
        while not self._closed.is_set():
            # What wakes it at the end is lost too where the buffer is full.
            try:
                received = self._socket.recv(_LARGEST)
            except TimeoutError:
                continue
            header, _, body = received.partition(b"\n")
            # Whatever else somebody sends is no segment.
            with contextlib.suppress(ValueError, KeyError, TypeError):
                if json.loads(header)["format"] == "json":
                    self.record(json.loads(body))


def _all(segments: list[Any]) -> Iterator[Any]:
    for one in segments:
        yield one
        yield from _all(one.get("subsegments", []))


@dataclass
class _Drawing:
    nodes: dict[Node, Figures] = field(default_factory=dict[Node, Figures])
    edges: dict[tuple[Node, Node], Figures] = field(
        default_factory=dict[tuple[Node, Node], Figures]
    )
    balanced: dict[Node, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, segments: list[Segment]) -> None:
        """Draw one trace."""
        # Subsegments come by themselves; whose they are, their parents say.
        owners: dict[str, Node] = {}
        parents = {one["id"]: one.get("parent_id") for one in segments}
        for one in segments:
            if one.get("type") != "subsegment":
                node = Node(name=one["name"], kind=one.get("origin", "service"))
                for inner in _all([one]):
                    owners[inner["id"]] = node
        answered = {one.get("parent_id") for one in segments if one.get("type") != "subsegment"}
        for one in segments:
            if one.get("type") == "subsegment":
                owner = _owner(one, owners, parents)
                if owner is not None:
                    self._inside([one], owner, answered)
            else:
                self._segment(one, owners, answered)

    def _segment(self, one: Segment, owners: Mapping[str, Node], answered: set[Any]) -> None:
        node = owners[one["id"]]
        above = owners.get(one.get("parent_id", ""))
        # Lambda's two segments of one call are one node, as on the map of CloudWatch.
        if above is None or above.name != node.name:
            source = Node(name=CLIENT, kind=CLIENT) if above is None else above
            if above is None:
                self._count(self.nodes, source, one)
            self._count(self.edges, (source, _merged(node)), one)
            self._count(self.nodes, _merged(node), one)
        self._inside(one.get("subsegments", []), node, answered)

    def _inside(self, subsegments: Any, owner: Node, answered: set[Any]) -> None:
        owner = _merged(owner)
        for one in _all(subsegments):
            if "alb_trace_id" in one.get("annotations", {}):
                self.balanced[owner] += 1
            # What answered with a segment of its own is drawn by that.
            if one.get("namespace") in {"aws", "remote"} and one["id"] not in answered:
                node = Node(name=str(one["name"]), kind=_kind(one))
                self._count(self.nodes, node, one)
                self._count(self.edges, (owner, node), one)

    @staticmethod
    def _count(figures: dict[Any, Figures], key: object, segment: Segment) -> None:
        figures.setdefault(key, Figures()).add(segment)


def _owner(one: Segment, owners: Mapping[str, Node], parents: Mapping[str, Any]) -> Node | None:
    seen: set[str] = set()
    above = one.get("parent_id")
    while above is not None and above not in seen:
        seen.add(above)
        if above in owners:
            return owners[above]
        above = parents.get(above)
    return None


def _merged(node: Node) -> Node:
    kind = "AWS::Lambda::Function" if node.kind == "AWS::Lambda" else node.kind
    return Node(name=node.name, kind=kind)


def _kind(one: Segment) -> str:
    if "sql" in one:
        return f"Database::{one['sql'].get('database_type', 'SQL')}"
    return f"AWS::{one['name']}" if one["namespace"] == "aws" else "remote"
