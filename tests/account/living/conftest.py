"""A small account with both entry points before one function, for tests of what they answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from account.living.api_entry_point import ApiEntryPoint
from account.living.balancer_entry_point import BalancerEntryPoint
from account.living.functions import Functions
from account.living.pictures import Pictures
from account.living.seen import Seen
from simulation.client import Client
from simulation.runtime import FunctionSettings
from simulation.web import Listener
from simulation.xray import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from account.hands import Hands
    from simulation.client import Reply

ECHO = Path(__file__).parents[2] / "simulation" / "echo"
STAGE = "staging"
CLIENT = IPv4Address("192.0.2.10")
ANYWHERE = [{"CidrIp": "192.0.2.0/24"}]
NOT_FOUND = {
    "Type": "fixed-response",
    "FixedResponseConfig": {"ContentType": "text/plain", "StatusCode": "404", "MessageBody": "no"},
}


@dataclass(kw_only=True)
class Shop:
    """The account, written to as the engine would."""

    aws: Any
    facts: dict[str, str] = field(default_factory=dict[str, str])
    api: Client | None = None
    balancer: Client | None = None

    def __getattr__(self, name: str) -> Any:
        """Return a client of a service: `shop.ec2`."""
        return self.aws.client({"lambda_": "lambda"}.get(name, name))

    def through_api(self, **headers: str) -> Reply:
        """Ask through the API."""
        assert self.api is not None
        return self.api.get("/pay", **headers)

    def through_balancer(self, **headers: str) -> Reply:
        """Ask through the load balancer."""
        assert self.balancer is not None
        return self.balancer.get("/pay", **headers)

    def statuses(self) -> tuple[int, int]:
        """Ask through both."""
        return self.through_api().status, self.through_balancer().status

    def make_function(self, name: str) -> None:
        """Make one that both may call."""
        self.lambda_.create_function(
            FunctionName=name,
            Role=self.facts["role"],
            Runtime="python3.13",
            Handler="handler.handle",
            Code={"ZipFile": b"handler"},
        )
        callers = {
            "apigateway": f"{self.facts['execution']}/{STAGE}/GET/pay",
            "elasticloadbalancing": self.facts["group"],
        }
        for service, source in callers.items():
            self.lambda_.add_permission(
                FunctionName=name,
                StatementId=service,
                Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
                SourceArn=source,
            )

    def put_integration(self, function: str) -> None:
        """Put a function behind the method."""
        arn = f"arn:aws:lambda:us-east-1:{self.aws.account}:function:{function}"
        self.apigateway.put_integration(
            restApiId=self.facts["api"],
            resourceId=self.facts["resource"],
            httpMethod="GET",
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations",
        )

    def put_method(self, *, api_key: bool = False) -> None:
        """Put the method; moto drops its integration."""
        self.apigateway.put_method(
            restApiId=self.facts["api"],
            resourceId=self.facts["resource"],
            httpMethod="GET",
            authorizationType="NONE",
            apiKeyRequired=api_key,
        )

    def deploy(self) -> None:
        """Make a deployment, and put the stage on it."""
        api = self.facts["api"]
        made = self.apigateway.create_deployment(restApiId=api)["id"]
        if self.apigateway.get_stages(restApiId=api)["item"]:
            operation = {"op": "replace", "path": "/deploymentId", "value": made}
            self.apigateway.update_stage(
                restApiId=api, stageName=STAGE, patchOperations=[operation]
            )
        else:
            self.apigateway.create_stage(restApiId=api, stageName=STAGE, deploymentId=made)


def _make(shop: Shop) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    shop.facts["role"] = shop.iam.create_role(
        RoleName="runs", AssumeRolePolicyDocument=json.dumps(trust)
    )["Role"]["Arn"]
    network = shop.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    shop.facts["vpc"] = network
    zones = {"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}
    subnets = [
        shop.ec2.create_subnet(VpcId=network, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"][
            "SubnetId"
        ]
        for zone, cidr in zones.items()
    ]
    entry_point = shop.ec2.create_security_group(
        GroupName="entry_point", Description="entry_point", VpcId=network
    )["GroupId"]
    shop.facts["entry_point"] = entry_point
    shop.ec2.authorize_security_group_ingress(
        GroupId=entry_point,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ANYWHERE}],
    )
    elb = shop.elbv2
    shop.facts["balancer"] = elb.create_load_balancer(
        Name="alb", Subnets=subnets, SecurityGroups=[entry_point]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    shop.facts["group"] = elb.create_target_group(Name="tg", TargetType="lambda")["TargetGroups"][
        0
    ]["TargetGroupArn"]
    made = shop.apigateway.create_rest_api(name="api")
    shop.facts["api"] = made["id"]
    shop.facts["execution"] = shop.aws.arn("execute-api", made["id"])
    shop.facts["resource"] = shop.apigateway.create_resource(
        restApiId=made["id"], parentId=made["rootResourceId"], pathPart="pay"
    )["id"]


def _open(shop: Shop) -> None:
    elb = shop.elbv2
    shop.make_function("pay")
    elb.register_targets(
        TargetGroupArn=shop.facts["group"], Targets=[{"Id": shop.aws.arn("lambda", "function:pay")}]
    )
    shop.facts["listener"] = elb.create_listener(
        LoadBalancerArn=shop.facts["balancer"],
        Port=443,
        Protocol="HTTP",
        DefaultActions=[NOT_FOUND],
    )["Listeners"][0]["ListenerArn"]
    shop.facts["rule"] = elb.create_rule(
        ListenerArn=shop.facts["listener"],
        Priority=10,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/pay*"]}}],
        Actions=[{"Type": "forward", "TargetGroupArn": shop.facts["group"]}],
    )["Rules"][0]["RuleArn"]
    shop.put_method()
    shop.put_integration("pay")
    shop.deploy()


@pytest.fixture
def shop(hands: Hands, tmp_path: Path) -> Iterator[Shop]:
    """Make the account, and open both entry points."""
    shop = Shop(aws=hands.aws)
    tracing = Daemon()
    seen = Seen(hands.aws)
    pictures = Pictures(hands.aws, seen.aws)
    _make(shop)
    _open(shop)

    def settings(name: str) -> FunctionSettings:
        found = hands.aws.client("lambda").get_function_configuration(FunctionName=name)
        return FunctionSettings(
            name=name,
            handler="handler.handle",
            code=(ECHO,),
            environment=found.get("Environment", {}).get("Variables", {}),
            timeout=10.0,
        )

    functions = Functions(seen, settings, tracing, tmp_path / "logs")
    api = ApiEntryPoint(seen, pictures, functions, tracing, (shop.facts["api"], STAGE))
    balancer = BalancerEntryPoint(
        seen, functions, arn=shop.facts["balancer"], port=443, client=CLIENT
    )
    entry_points = [Listener(api), Listener(balancer)]
    shop.api = Client(f"{entry_points[0].url}/{STAGE}")
    shop.balancer = Client(entry_points[1].url)
    yield shop
    shop.api.close()
    shop.balancer.close()
    for entry_point in entry_points:
        entry_point.close()
    api.close()
    functions.close()
    pictures.close()
    seen.close()
    tracing.close()
