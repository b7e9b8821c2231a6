"""AWS as the provider reaches it: boto3's clients, with a list of the calls that were made."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from account.endpoint import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

# More than the engine's operations at once, so that none waits for another's connection.
CONNECTIONS = 64


class FunctionError(Exception):
    """A function ended with an error; the message is its own."""


@dataclass(frozen=True)
class Call:
    """One request to AWS."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(hash=False, compare=False)


class Aws:
    """The account: one client a service, shared by all threads."""

    def __init__(self, url: str, region: str = "us-east-1", attempts: int = 3) -> None:
        self.url = url
        self.region = region
        self.account = ACCOUNT
        self.calls: list[Call] = []
        # What moto has no place for, by type and id.
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}
        # Calls a function by its name, with an event: moto runs none. Raises a ``FunctionError``.
        self.invoke: Callable[[str, Mapping[str, Any]], Any] | None = None
        # Asked by botocore before each request, and may answer in AWS's place.
        self.before_send: Callable[..., Any] | None = None
        # Where the program lies that is deployed: the paths of its files are relative.
        self.project: Path | None = None
        # Of one request, until its failure is taken for an answer.
        self._attempts = attempts
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name for it."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._made(service)
            return self._clients[service]

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """Return the ARN of something of this account."""
        return f"arn:aws:{service}:{self.region if regional else ''}:{self.account}:{resource}"

    def _made(self, service: str) -> Any:
        make = cast("Callable[..., Any]", boto3.client)  # pyright: ignore[reportUnknownMemberType]
        client = make(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - moto takes any
            config=Config(
                max_pool_connections=CONNECTIONS,
                retries={"mode": "standard", "total_max_attempts": self._attempts},
                s3={"addressing_style": "path"},
            ),
        )
        client.meta.events.register("before-parameter-build", self._note)
        client.meta.events.register("before-send", self._send)
        return client

    def _note(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        self.calls.append(Call(model.service_model.service_name, model.name, params))

    def _send(self, **about: object) -> Any:
        return None if self.before_send is None else self.before_send(**about)


@contextmanager
def absent(*codes: str) -> Iterator[None]:
    """Take it for an answer that something is not there, when AWS says so by one of these codes."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in codes:
            raise


def code_of(error: ClientError) -> str:
    """Return AWS's name of an error."""
    return error.response.get("Error", {}).get("Code", "")


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the form that most services take."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def as_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags as a mapping again."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def pascal(value: Any) -> Any:
    """Return arguments as most of AWS's APIs spell them: ``fromPort`` becomes ``FromPort``."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value


def given(**arguments: Any) -> dict[str, Any]:
    """Return the arguments that have a value, for calls that refuse an empty one."""
    return {name: value for name, value in arguments.items() if value is not None}
