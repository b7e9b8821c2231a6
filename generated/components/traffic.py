"""What may pass: network ACLs on the subnets, security groups between the tiers.

Requirements: NET-6, NET-7, NET-8, LB-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class Client:
    """A network whose clients may reach a port of the load balancer."""

    name: str
    cidr: str
    port: int


# Port 80 answers with a redirect to 443 and nothing else.
CLIENTS = (
    Client(name="alb-from-192-0-2-0-24-port-443", cidr="192.0.2.0/24", port=443),
    Client(name="alb-from-192-0-2-0-24-port-80", cidr="192.0.2.0/24", port=80),
    Client(name="alb-from-203-0-113-0-24-port-443", cidr="203.0.113.0/24", port=443),
    Client(name="alb-from-203-0-113-0-24-port-80", cidr="203.0.113.0/24", port=80),
)


@dataclass(frozen=True, kw_only=True)
class TrafficArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    vpc_id: pulumi.Input[str]
    public_subnet_ids: list[pulumi.Output[str]]
    vpc_cidr_block: pulumi.Input[str]
    private_subnet_ids: list[pulumi.Output[str]]


class Traffic(pulumi.ComponentResource):
    """Rules for packets; whatever is not named here is dropped."""

    database_group_id: pulumi.Output[str]
    function_group_id: pulumi.Output[str]
    private_acl: pulumi.Resource
    public_acl: pulumi.Resource
    functions_to_database: pulumi.Resource
    database_from_functions: pulumi.Resource
    functions_to_https: pulumi.Resource
    load_balancer_group_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: TrafficArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Traffic", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        # In: clients, and what the private subnets send to the NAT gateways. Out: HTTPS. Answers
        # both ways.
        public_acl = aws.ec2.NetworkAcl(
            "public-acl",
            vpc_id=args.vpc_id,
            subnet_ids=args.public_subnet_ids,
            ingress=[
                {
                    "rule_no": 10,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": args.vpc_cidr_block,
                    "from_port": 443,
                    "to_port": 443,
                },
                {
                    "rule_no": 20,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 1024,
                    "to_port": 3388,
                },
                {
                    "rule_no": 30,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 3390,
                    "to_port": 65535,
                },
                {
                    "rule_no": 10552,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "192.0.2.0/24",
                    "from_port": 443,
                    "to_port": 443,
                },
                {
                    "rule_no": 10553,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "192.0.2.0/24",
                    "from_port": 80,
                    "to_port": 80,
                },
                {
                    "rule_no": 4602,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "203.0.113.0/24",
                    "from_port": 443,
                    "to_port": 443,
                },
                {
                    "rule_no": 4603,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "203.0.113.0/24",
                    "from_port": 80,
                    "to_port": 80,
                },
            ],
            egress=[
                {
                    "rule_no": 100,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 443,
                    "to_port": 443,
                },
                {
                    "rule_no": 110,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 1024,
                    "to_port": 3388,
                },
                {
                    "rule_no": 120,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 3390,
                    "to_port": 65535,
                },
            ],
            tags=naming.tags("nacl", "public"),
            opts=child,
        )

        # PostgreSQL inside the VPC, HTTPS out, and the answers to both.
        private_acl = aws.ec2.NetworkAcl(
            "private-acl",
            vpc_id=args.vpc_id,
            subnet_ids=args.private_subnet_ids,
            ingress=[
                {
                    "rule_no": 100,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": args.vpc_cidr_block,
                    "from_port": 5432,
                    "to_port": 5432,
                },
                {
                    "rule_no": 110,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 1024,
                    "to_port": 3388,
                },
                {
                    "rule_no": 120,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 3390,
                    "to_port": 65535,
                },
            ],
            egress=[
                {
                    "rule_no": 100,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": "0.0.0.0/0",
                    "from_port": 443,
                    "to_port": 443,
                },
                {
                    "rule_no": 110,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": args.vpc_cidr_block,
                    "from_port": 5432,
                    "to_port": 5432,
                },
                {
                    "rule_no": 120,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": args.vpc_cidr_block,
                    "from_port": 1024,
                    "to_port": 3388,
                },
                {
                    "rule_no": 130,
                    "action": "allow",
                    "protocol": "tcp",
                    "cidr_block": args.vpc_cidr_block,
                    "from_port": 3390,
                    "to_port": 65535,
                },
            ],
            tags=naming.tags("nacl", "private"),
            opts=child,
        )
        database_group = aws.ec2.SecurityGroup(
            "database-group",
            name=naming.name("secgroup", "database"),
            description="PostgreSQL, from the functions only",
            vpc_id=args.vpc_id,
            tags=naming.tags("secgroup", "database"),
            opts=named,
        )
        function_group = aws.ec2.SecurityGroup(
            "function-group",
            name=naming.name("secgroup", "functions"),
            description="Functions: no way in, out to the database and to HTTPS",
            vpc_id=args.vpc_id,
            tags=naming.tags("secgroup", "functions"),
            opts=named,
        )
        load_balancer_group = aws.ec2.SecurityGroup(
            "load-balancer-group",
            name=naming.name("secgroup", "alb"),
            description="Load balancer: clients of the allowed networks",
            vpc_id=args.vpc_id,
            tags=naming.tags("secgroup", "alb"),
            opts=named,
        )
        database_from_functions = aws.vpc.SecurityGroupIngressRule(
            "database-from-functions",
            security_group_id=database_group.id,
            description="PostgreSQL from the functions",
            ip_protocol="tcp",
            from_port=5432,
            to_port=5432,
            referenced_security_group_id=function_group.id,
            tags=naming.tags("rule", "database-from-functions"),
            opts=child,
        )
        functions_to_database = aws.vpc.SecurityGroupEgressRule(
            "functions-to-database",
            security_group_id=function_group.id,
            description="PostgreSQL to the database",
            ip_protocol="tcp",
            from_port=5432,
            to_port=5432,
            referenced_security_group_id=database_group.id,
            tags=naming.tags("rule", "functions-to-database"),
            opts=child,
        )
        functions_to_https = aws.vpc.SecurityGroupEgressRule(
            "functions-to-https",
            security_group_id=function_group.id,
            description="AWS APIs, through the NAT gateways",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            tags=naming.tags("rule", "functions-to-https"),
            opts=child,
        )

        for client in CLIENTS:
            aws.vpc.SecurityGroupIngressRule(
                client.name,
                security_group_id=load_balancer_group.id,
                description="Clients of an allowed network",
                ip_protocol="tcp",
                from_port=client.port,
                to_port=client.port,
                cidr_ipv4=client.cidr,
                tags=naming.tags("rule", client.name),
                opts=child,
            )

        self.database_group_id = database_group.id
        self.function_group_id = function_group.id
        self.private_acl = private_acl
        self.public_acl = public_acl
        self.functions_to_database = functions_to_database
        self.database_from_functions = database_from_functions
        self.functions_to_https = functions_to_https
        self.load_balancer_group_id = load_balancer_group.id
        self.register_outputs(
            {
                "database_group_id": self.database_group_id,
                "function_group_id": self.function_group_id,
                "load_balancer_group_id": self.load_balancer_group_id,
            }
        )
