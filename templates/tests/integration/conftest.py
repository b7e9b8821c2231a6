"""Fixtures: the stack's outputs, AWS, the network, and the two entry points; and what an endpoint lacks."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from tests.domain import LOAD_BALANCER_NAME
from tests.integration import actors as all_actors
from tests.integration import lacks, spec
from tests.integration.cloud import CallerError, Cloud
from tests.integration.outputs import Outputs, OutputsError
from tests.integration.topology import Topology
from tests.integration.web import CERTIFICATE, KEY, EntryPoint, show_certificate

if TYPE_CHECKING:
    from collections.abc import Generator

    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

    from tests.integration.actors import Actor

# What one run sends to the API with a key.
REQUESTS = 200


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the failures that the endpoint cannot avoid."""
    lacks.expect_failures(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Know the expected failure where a fixture meets it."""
    return (yield from lacks.phase(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Know the expected failure from others."""
    return (yield from lacks.phase(item))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not shown, and why."""
    lines = lacks.summary(terminalreporter.stats.get("xfailed", []))
    if lines:
        terminalreporter.section(f"{len(lines)} tests that this endpoint cannot pass")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def outputs() -> Outputs:
    """Read the outputs of the deployed stack; without them the run ends and says why."""
    try:
        return Outputs.read()
    except OutputsError as error:
        pytest.exit(f"integration tests: {error}", returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def cloud(outputs: Outputs) -> Cloud:
    """Reach AWS in the stack's region; who cannot, or is in another account, learns it once."""
    cloud = Cloud(outputs.region)
    try:
        account = cloud.caller()
    except CallerError as error:
        pytest.exit(f"integration tests: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
    if account != outputs.account_id:
        message = f"the stack is in account {outputs.account_id}, the credentials are of {account}"
        pytest.exit(f"integration tests: {message}", returncode=pytest.ExitCode.USAGE_ERROR)
    return cloud


@pytest.fixture(scope="session")
def topology(cloud: Cloud, outputs: Outputs) -> Topology:
    """Look at the stack's network."""
    return Topology(cloud, outputs.vpc_id)


@pytest.fixture(scope="session")
def functions(cloud: Cloud, outputs: Outputs) -> dict[str, FunctionConfigurationResponseTypeDef]:
    """Read the configurations of the functions, by their keys in the spec."""
    return {
        key: cloud.lambda_.get_function_configuration(FunctionName=name)
        for key, name in outputs.function_names.items()
    }


@pytest.fixture(scope="session")
def actors(cloud: Cloud, functions: dict[str, FunctionConfigurationResponseTypeDef]) -> list[Actor]:
    """Read what the roles of the functions may do."""
    return all_actors.read(cloud, functions)


@pytest.fixture(scope="session")
def api(cloud: Cloud, outputs: Outputs) -> EntryPoint:
    """Come through the API, with the key of the tests' merchant, or one of the widest usage plan that is bound to its stage."""
    plans = cloud.apigateway.get_usage_plans(limit=500)["items"]
    bound = [
        plan
        for plan in sorted(plans, key=lambda plan: -plan["quota"]["limit"])
        if any(stage["apiId"] == outputs.api_id for stage in plan.get("apiStages", []))
    ]
    keys = [
        (key["id"], plan["quota"])
        for plan in bound
        for key in cloud.apigateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
        if spec.API_KEY in {"", key["name"].removeprefix("apikey-").removesuffix(outputs.tail)}
    ]
    assert keys, f"no API key {spec.API_KEY} is bound to the stage"
    ((key, quota), *_) = keys
    assert quota["limit"] >= REQUESTS, (
        f"these tests send up to {REQUESTS} requests, and the plan takes {quota['limit']} a {quota['period']}"
    )
    value = cloud.apigateway.get_api_key(apiKey=key, includeValue=True)["value"]
    return EntryPoint(
        url=outputs.api_url, headers={"X-Api-Key": value}, tls=ssl.create_default_context()
    )


@pytest.fixture(scope="session")
def balancer(cloud: Cloud, outputs: Outputs) -> EntryPoint:
    """Come through the load balancer, trusting the certificate that it was given."""
    listeners = cloud.elbv2.describe_listeners(LoadBalancerArn=outputs.load_balancer_arn)
    arns = [
        certificate["CertificateArn"]
        for listener in listeners["Listeners"]
        for certificate in listener.get("Certificates", [])
    ]
    assert arns, "no listener has a certificate"
    tls = ssl.create_default_context()
    tls.load_verify_locations(
        cadata=cloud.acm.get_certificate(CertificateArn=arns[0])["Certificate"]
    )
    # One that signs itself is no authority, which Python 3.13 is strict about.
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    # Without a name of ours the certificate is for the one that people use, and the test comes by the balancer's own.
    tls.check_hostname = bool(LOAD_BALANCER_NAME)
    modes = {each.get("MutualAuthentication", {}).get("Mode") for each in listeners["Listeners"]}
    if not show_certificate(tls) and "verify" in modes:
        pytest.fail(f"the load balancer asks for a certificate: {CERTIFICATE} and {KEY} name files")
    return EntryPoint(url=outputs.load_balancer_url, headers={}, tls=tls)
