"""An environment of a spec on this machine: PostgreSQL, moto, and what `pulumi up` would make in them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from service.postgres import OWNER, PASSWORD, Server
from simulation.authority import Authority
from simulation.plan import Json, Named, Plan, compile_spec
from simulation.routes import (
    FunctionFacts,
    read_api,
    read_balancer,
    read_functions,
    read_invocations,
    read_schedules,
)
from simulation.runtime import FunctionSettings, Runtime
from simulation.site import ApiKey, Site
from simulation.web import Tls
from simulation.xray import Daemon

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from service.stage import Aws
    from simulation.authority import Identity

# Moto takes any; a route that requires a signature accepts this one.
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class DeploymentError(RuntimeError):
    """What a deployment calls failed."""


@dataclass(frozen=True, kw_only=True)
class Local:
    """An environment whose simulation has not started."""

    plan: Plan
    site: Site
    server: Server
    aws: Aws
    database: str
    bucket: str
    # Issued the load balancer's certificate, and those of its callers.
    authority: Authority

    def client(self, service: str) -> Any:
        """Return a client of the SDK that talks to the stand-in."""
        return _client(self.aws, self.plan.region, service)

    def caller(self, merchant: str) -> Identity:
        """Issue a certificate in the name of a merchant."""
        return issued(self.authority, self.plan, merchant)

    def sql(self, statement: str, **parameters: object) -> list[list[Any]]:
        """Run a statement as the superuser."""
        return self.server.superuser(statement, self.database, **parameters)


def issued(authority: Authority, plan: Plan, merchant: str) -> Identity:
    """Issue a certificate in the name of a merchant: as the spec says, or else in a name that nobody knows."""
    for subject, merchants, issuers in _certificates(plan):
        if merchant in merchants:
            return authority.caller(subject, issuer=next(iter(issuers), None))
    return authority.caller(f"CN={merchant}")


def issuers_of(plan: Plan) -> list[str]:
    """Return the authorities that the spec names by their subjects."""
    return sorted({name for *_, issuers in _certificates(plan) for name in issuers})


def _certificates(plan: Plan) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield subjects, with whose they are and who may have issued them."""
    for _, event in read_invocations(plan):
        columns = event.get("callers", {}).get(
            "load-balancer", {"credentials": [], "merchants": []}
        )
        subjects = columns["credentials"]
        issuers = columns.get("issuers", [[]] * len(subjects))
        yield from zip(subjects, columns["merchants"], issuers, strict=True)


def key_of(site: Site, plan: Plan, merchant: str) -> ApiKey | None:
    """Return an API key with which a merchant's requests come, if it has one."""
    for _, event in read_invocations(plan):
        pairs = event.get("callers", {}).get("api", {"credentials": [], "merchants": []})
        for credential, own in zip(pairs["credentials"], pairs["merchants"], strict=True):
            if merchant in own:
                return next(key for key in site.api_keys.values() if key.id == credential)
    return None


@contextlib.contextmanager
def prepare(
    spec: Path, folder: Path, *, server: Server, aws: Aws, **changes: Any
) -> Generator[Local]:
    """Make what the environment stands on, and call what a deployment calls."""
    plan = compile_spec(spec, folder / "project")
    plan = dataclasses.replace(plan, made=_make(plan, server, aws))
    authority = Authority(folder / "authority").also_called(issuers_of(plan))
    database: str = plan.one("aws.rds.Instance").get("db_name")
    server.new_database(database)
    try:
        site = dataclasses.replace(_site(plan, folder, server, aws, authority), **changes)
        _deploy(plan, site)
        yield Local(
            plan=plan,
            site=site,
            server=server,
            aws=aws,
            database=database,
            bucket=plan.one("aws.s3.Bucket", "audit-bucket").get("bucket"),
            authority=authority,
        )
    finally:
        server.superuser(f"DROP DATABASE {database} WITH (FORCE)")


def _client(aws: Aws, region: str, service: str) -> Any:
    return boto3.client(
        service,  # pyright: ignore[reportArgumentType, reportCallIssue] - any of them
        endpoint_url=aws.url,
        region_name=region,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )


def _make(plan: Plan, server: Server, aws: Aws) -> Mapping[Named, Mapping[str, Json]]:
    """Make keys, buckets, secret and topic; give their outputs."""
    made: dict[Named, Mapping[str, Json]] = {}
    kms = _client(aws, plan.region, "kms")
    for key in plan.all("aws.kms.Key"):
        metadata = kms.create_key(Description=key.name)["KeyMetadata"]
        made[key.kind, key.name] = {"arn": metadata["Arn"], "key_id": metadata["KeyId"]}
    plan = dataclasses.replace(plan, made=made)
    s3 = _client(aws, plan.region, "s3")
    for bucket in plan.all("aws.s3.Bucket"):
        name = bucket.get("bucket")
        s3.create_bucket(Bucket=name)
        made[bucket.kind, bucket.name] = {"id": name, "arn": f"arn:aws:s3:::{name}"}
    for versioning in plan.all("aws.s3.BucketVersioning"):
        s3.put_bucket_versioning(
            Bucket=versioning.get("bucket"),
            VersioningConfiguration={
                "Status": versioning.get("versioning_configuration")["status"]
            },
        )
    for encryption in plan.all("aws.s3.BucketServerSideEncryptionConfiguration"):
        s3.put_bucket_encryption(
            Bucket=encryption.get("bucket"),
            ServerSideEncryptionConfiguration={"Rules": _encryption(encryption.get("rules"))},
        )
    sns = _client(aws, plan.region, "sns")
    for topic in plan.all("aws.sns.Topic"):
        made[topic.kind, topic.name] = {"arn": sns.create_topic(Name=topic.get("name"))["TopicArn"]}
    secret = _client(aws, plan.region, "secretsmanager").create_secret(
        Name=f"rds!{plan.one('aws.rds.Instance').get('identifier')}",
        SecretString=json.dumps({"username": OWNER, "password": PASSWORD}),
    )
    database = plan.one("aws.rds.Instance")
    made[database.kind, database.name] = {
        "address": "localhost",
        "port": server.port,
        "master_user_secrets": [{"secret_arn": secret["ARN"]}],
    }
    return made


def _encryption(rules: Json) -> list[Json]:
    return [
        {
            "ApplyServerSideEncryptionByDefault": {
                name: value
                for name, value in {
                    "SSEAlgorithm": default["sse_algorithm"],
                    "KMSMasterKeyID": default.get("kms_master_key_id"),
                }.items()
                if value is not None
            },
            "BucketKeyEnabled": rule.get("bucket_key_enabled", False),
        }
        for rule in rules
        for default in [rule["apply_server_side_encryption_by_default"]]
    ]


def _site(plan: Plan, folder: Path, server: Server, aws: Aws, authority: Authority) -> Site:
    here = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_DEFAULT_REGION": plan.region,
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_REGION": plan.region,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "DATABASE_CA_FILE": str(server.authority),
    }
    functions = {
        key: FunctionSettings(
            name=facts.name,
            handler=facts.handler,
            code=(_unpack(plan, facts, folder / "code" / key),),
            environment={**facts.environment, **here, **_port(facts, server)},
            timeout=facts.timeout,
            memory=facts.memory,
            concurrency=facts.concurrency,
        )
        for key, facts in read_functions(plan).items()
    }
    identity = authority.server()
    return Site(
        api=read_api(plan),
        balancer=read_balancer(plan),
        # In place of the authorities of the spec, whose keys are not here.
        balancer_tls=Tls(
            certificate=identity.certificate, key=identity.key, clients=_clients(plan, authority)
        ),
        functions=functions,
        api_keys={
            key.name: ApiKey(id=plan.output(key, "id"), value=secrets.token_urlsafe(30))
            for key in plan.all("aws.apigateway.ApiKey")
        },
        schedules=read_schedules(plan),
        signers={ACCESS_KEY: SECRET_KEY},
        account=plan.account,
        region=plan.region,
        logs=folder / "logs",
    )


def _clients(plan: Plan, authority: Authority) -> Path | None:
    return authority.pem if plan.all("aws.lb.TrustStore") else None


def _port(facts: FunctionFacts, server: Server) -> dict[str, str]:
    # The one value that no reference stands for: RDS always listens on 5432.
    return {"DATABASE_PORT": str(server.port)} if "DATABASE_PORT" in facts.environment else {}


def _unpack(plan: Plan, facts: FunctionFacts, target: Path) -> Path:
    """Lay out a function's archive: its own files at the top, packages under their names."""
    target.mkdir(parents=True)
    for path in (plan.project / facts.code["folder"]).iterdir():
        (target / path.name).symlink_to(path)
    for package in facts.code["packages"]:
        (target / Path(package).name).symlink_to(plan.project / package)
    if wheels := facts.code.get("wheels"):
        _install(plan, wheels, target)
    return target


def _install(plan: Plan, wheels: Mapping[str, str], target: Path) -> None:
    """Add what the function's lock installs in Lambda; compiled parts may not run here."""
    told = subprocess.run(
        [
            *(sys.executable, "-c", "import sys, wheels; print(wheels.installed(*sys.argv[1:]))"),
            *(wheels["list"], wheels["python"], wheels["platform"]),
        ],
        cwd=plan.project,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for path in Path(told.stdout.strip()).iterdir():
        if not (target / path.name).exists():
            (target / path.name).symlink_to(path)


def _deploy(plan: Plan, site: Site) -> None:
    """Call what `pulumi up` calls: the migrations."""
    tracing = Daemon()
    with (
        contextlib.closing(tracing),
        Runtime(site.functions, tracing=tracing, logs=site.logs) as runtime,
    ):
        for function, event in read_invocations(plan):
            invocation = runtime.invoke(function, event)
            if invocation.error is not None:
                message = f"{function}: {invocation.payload}\n{runtime.log(function)}"
                raise DeploymentError(message)
