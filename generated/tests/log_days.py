"""How long each log group keeps what it holds: some for longer than the class asks of all."""

from __future__ import annotations

from tests.environment_class import LOG_RETENTION_DAYS

# Days by what writes the logs.
KEPT_LONGER: dict[str, int] = {}
# What group names begin with, by who writes into them.
WRITERS = {
    "/aws/rds/instance/": "database",
    "/aws/vendedlogs/apigateway/": "api",
    "/aws/vendedlogs/elb/": "load_balancer",
    "/aws/vpc/": "network",
    "API-Gateway-Execution-Logs_": "api",
    "aws-waf-logs-": "firewall",
}
OF_FUNCTIONS = "/aws/lambda/lambda-"


def days_of(group: str, tail: str) -> int:
    """Give how long the group of this name keeps its logs, in an environment whose names end with the tail."""
    writers = [writer for prefix, writer in WRITERS.items() if group.startswith(prefix)]
    if group.startswith(OF_FUNCTIONS):
        writers.append(f"functions.{group.removeprefix(OF_FUNCTIONS).removesuffix(tail)}")
    (writer,) = writers
    return KEPT_LONGER.get(writer, LOG_RETENTION_DAYS)
