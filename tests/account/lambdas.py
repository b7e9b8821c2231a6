"""Lambda for an account whose endpoint runs no functions: the code that AWS was handed, in processes here.

The database is a real PostgreSQL in RDS's place: empty when RDS says that the instance is a new one, owned
by the instance's master user, with the password that the managed secret holds.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from account import deployed
from cloud.aws import FunctionError
from simulation.runtime import FunctionSettings, Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cloud.aws import Aws
    from service.postgres import Server
    from simulation.xray import Daemon


class Lambdas:
    """The account's functions."""

    def __init__(self, aws: Aws, server: Server, tracing: Daemon, folder: Path) -> None:
        """Take PostgreSQL, where segments of traces go, and a folder for code and logs."""
        self._aws = aws
        self.server = server
        self._roles = _roles(server)
        self._tracing = tracing
        self._folder = folder
        self.logs = folder / "logs"
        self._databases: dict[str, str] = {}
        self._lock = threading.Lock()

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Call a function once, as Lambda's API does, and return what it answers."""
        settings = self.settings(name)
        with Runtime({name: settings}, tracing=self._tracing, logs=self.logs) as runtime:
            called = runtime.invoke(name, event)
        if called.error:
            raise FunctionError(called.payload.get("errorMessage", called.payload))
        return called.payload

    def settings(self, name: str, asked: Aws | None = None) -> FunctionSettings:
        """Return a function as it is deployed, with stand-ins for what AWS has; ``asked`` is for calls that are not the engine's."""
        aws = asked or self._aws
        found = deployed.function(aws, name, self._folder / "code", self._aws.calls)
        environment = {**found.environment, **self._stand_ins(found.environment, aws)}
        return FunctionSettings(
            name=name,
            handler=found.handler,
            code=found.paths,
            environment=environment,
            timeout=found.timeout_seconds,
            memory=found.memory_mib,
        )

    def _stand_ins(self, environment: Mapping[str, str], aws: Aws) -> dict[str, str]:
        variables = {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": self._aws.url,
            "AWS_REGION": self._aws.region,
            "AWS_DEFAULT_REGION": self._aws.region,
        }
        if "DATABASE_HOST" in environment:
            host, name = environment["DATABASE_HOST"], environment["DATABASE_NAME"]
            self._provide_database(host, name, aws)
            variables |= {
                "DATABASE_HOST": "localhost",
                "DATABASE_PORT": str(self.server.port),
                "DATABASE_CA_FILE": str(self.server.authority),
            }
        return variables

    def _provide_database(self, host: str, name: str, aws: Aws) -> None:
        """Give the instance of this address its database, unless it has it."""
        instances = aws.client("rds").describe_db_instances()["DBInstances"]
        (instance,) = [each for each in instances if each["Endpoint"]["Address"] == host]
        with self._lock:
            # Which one it is; moto gives all the same resource id.
            made = str(instance["InstanceCreateTime"])
            if self._databases.get(name) == made:
                return
            secret = aws.client("secretsmanager").get_secret_value(
                SecretId=instance["MasterUserSecret"]["SecretArn"]
            )
            owner = json.loads(secret["SecretString"])
            assert owner["username"] == instance["MasterUsername"]
            self.server.superuser(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            # What the migrations make beside the database, and what would outlive it.
            for role in _roles(self.server) - self._roles:
                self.server.superuser(f'DROP ROLE "{role}"')
            self.server.new_database(name)
            password = owner["password"].replace("'", "''")
            self.server.superuser(f"ALTER ROLE {owner['username']} PASSWORD '{password}'")
            self._databases[name] = made


def _roles(server: Server) -> set[str]:
    return {role for (role,) in server.superuser("SELECT rolname FROM pg_roles")}
