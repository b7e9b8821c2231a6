"""Lambda, asked at each call: whether there is such a function, who may call it, and what its code and settings are."""

from __future__ import annotations

import dataclasses
import json
import threading
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from account.living.network import Network
from simulation.runtime import Invocation, RefusedError, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from account.living.seen import Seen
    from simulation.runtime import FunctionSettings
    from simulation.xray import Daemon, Parent

GONE = "ResourceNotFoundException"
_POSTGRES = 5432
# How much longer than at AWS a call may take: everything runs on one machine here, and does other things meanwhile.
_STRETCHED = 3
# Of a configuration, what changes without a change of what runs.
_RESTLESS = ("ResponseMetadata", "LastModified", "RevisionId", "LastUpdateStatus")


class Functions:
    """The account's functions, for whoever calls them with an event of theirs."""

    def __init__(
        self,
        seen: Seen,
        settings: Callable[[str], FunctionSettings],
        tracing: Daemon,
        logs: Path,
    ) -> None:
        """``settings`` says of a function's name what runs here for it."""
        self._seen, self._settings, self._network = seen, settings, Network(seen)
        self._tracing, self._logs = tracing, logs
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, Runtime]] = {}
        self._closed: list[Runtime] = []

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            running = [runtime for _, runtime in self._running.values()] + self._closed
        for runtime in running:
            runtime.close()

    def invoke(self, name: str, event: object, *, parent: Parent | None = None) -> Invocation:
        """Call a function and wait for its answer; the event tells who calls."""
        found = self._seen.ask("lambda", "get_function_configuration", GONE, FunctionName=name)
        # API_Invoke of Lambda: ResourceNotFoundException, and AccessDeniedException where no statement of the function's policy
        # allows it. API Gateway makes a 500 of either ("Invalid permissions on Lambda function"), the load balancer a 502 (ELB User
        # Guide, "Access logs", error reason codes that begin with Lambda).
        if found is None:
            message = f"there is no function {name}"
            raise RefusedError(message)
        principal, source = _caller(event, self._seen.aws.region)
        if not self._may_call(name, principal, source):
            message = f"{principal} may not call {name} from {source}"
            raise RefusedError(message)
        # Lambda Developer Guide, "Execution role": a role that is gone cannot be assumed, and nothing runs.
        role = found["Role"].rpartition("/")[2]
        if self._seen.ask("iam", "get_role", "NoSuchEntity", RoleName=role) is None:
            message = f"{name} has no role"
            raise RefusedError(message)
        refusal = self._cut_off(found)
        if refusal:
            # It waits for the database until its time is up.
            told = {"errorType": "Sandbox.Timedout", "errorMessage": refusal}
            return Invocation(request_id="", payload=told, error="Unhandled")
        return self._runtime(name, found).invoke(name, event, parent=parent)

    def _may_call(self, name: str, principal: str, source: str) -> bool:
        found = self._seen.ask("lambda", "get_policy", GONE, FunctionName=name)
        statements = json.loads(found["Policy"])["Statement"] if found else []
        return any(_allows(each, principal, source, self._seen.aws.account) for each in statements)

    def _cut_off(self, found: Mapping[str, Any]) -> str:
        """Return what keeps the function from its database, if it has one."""
        host = found.get("Environment", {}).get("Variables", {}).get("DATABASE_HOST")
        if host is None:
            return ""
        instances = self._seen.ask("rds", "describe_db_instances")["DBInstances"]
        database = next((each for each in instances if each["Endpoint"]["Address"] == host), None)
        if database is None:
            return f"nothing is at {host}"
        return self._network.refuses_database(
            found["VpcConfig"],
            [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]],
            [each["SubnetIdentifier"] for each in database["DBSubnetGroup"]["Subnets"]],
            _POSTGRES,
        )

    def _runtime(self, name: str, found: Mapping[str, Any]) -> Runtime:
        facts = {key: value for key, value in found.items() if key not in _RESTLESS}
        wanted = json.dumps(facts, sort_keys=True, default=str)
        with self._lock:
            known = self._running.get(name)
            if known is not None and known[0] == wanted:
                return known[1]
        settings = self._settings(name)
        settings = dataclasses.replace(settings, timeout=_STRETCHED * settings.timeout)
        made = Runtime({name: settings}, tracing=self._tracing, logs=self._logs)
        with self._lock:
            known = self._running.get(name)
            if known is not None and known[0] == wanted:
                made.close()
                return known[1]
            self._running[name] = (wanted, made)
            if known is not None:
                # Lambda Developer Guide, "Function states": calls that are under way end with the code that they began with.
                self._closed.append(known[1])
                ending = threading.Timer(settings.timeout + 1, known[1].close)
                ending.daemon = True
                ending.start()
        return made


def _caller(event: Any, region: str) -> tuple[str, str]:
    """Return the principal that calls, and the ARN of what it calls from."""
    if event.get("source") == "aws.events":
        return "events.amazonaws.com", event["resources"][0]
    context = event["requestContext"]
    if "elb" in context:
        return "elasticloadbalancing.amazonaws.com", context["elb"]["targetGroupArn"]
    # API Gateway Developer Guide, "Control access with IAM": the ARN of a method, with a star for each part that is a variable.
    path = "/".join(
        "*" if part.startswith("{") else part for part in context["resourcePath"].split("/")
    )
    place = f"{region}:{context['accountId']}:{context['apiId']}"
    return (
        "apigateway.amazonaws.com",
        f"arn:aws:execute-api:{place}/{context['stage']}/{context['httpMethod']}{path}",
    )


def _allows(statement: Mapping[str, Any], principal: str, source: str, account: str) -> bool:
    if statement["Effect"] != "Allow" or statement["Action"] != "lambda:InvokeFunction":
        return False
    if statement["Principal"] != {"Service": principal}:
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            value = {"aws:sourcearn": source, "aws:sourceaccount": account}[key.lower()]
            holds = fnmatchcase(value, wanted) if operator == "ArnLike" else value == wanted
            if not holds:
                return False
    return True
