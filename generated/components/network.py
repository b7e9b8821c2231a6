"""The VPC, a public and a private subnet in each zone, and what may pass between them.

Requirements: NET-1, NET-2, NET-3, NET-4, NET-5, NET-8, MON-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from naming import Naming


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One availability zone and its slots in the address plan."""

    id: str
    public_cidr: str
    private_cidr: str


# A slot belongs to its zone id: adding a zone moves no other.
ZONES = (
    Zone(id="use1-az1", public_cidr="10.40.0.0/22", private_cidr="10.40.128.0/20"),
    Zone(id="use1-az2", public_cidr="10.40.4.0/22", private_cidr="10.40.144.0/20"),
    Zone(id="use1-az4", public_cidr="10.40.12.0/22", private_cidr="10.40.176.0/20"),
)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What the layer needs from the ones before it."""

    naming: Naming
    logs_key_arn: pulumi.Input[str]


class Network(pulumi.ComponentResource):
    """Isolated address space; only load balancer and NAT gateways face outwards."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    vpc_cidr_block: pulumi.Output[str]
    private_subnet_ids: list[pulumi.Output[str]]
    vpc_default_security_group_id: pulumi.Output[str]
    private_associations: list[pulumi.Resource]
    public_associations: list[pulumi.Resource]
    internet_gateway: pulumi.Resource

    def __init__(
        self,
        name: str,
        args: NetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("paystage:index:Network", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        # Physical names are fixed, so a replacement deletes the old resource first.
        named = pulumi.ResourceOptions(parent=self, delete_before_replace=True)

        vpc = aws.ec2.Vpc(
            "vpc",
            cidr_block="10.40.0.0/16",
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=naming.tags("vpc"),
            opts=child,
        )

        # Managed without rules: a resource in a default of the VPC reaches nothing.
        aws.ec2.DefaultSecurityGroup(
            "default-group",
            vpc_id=vpc.id,
            tags=naming.tags("sg", "default"),
            opts=child,
        )
        aws.ec2.DefaultNetworkAcl(
            "default-acl",
            default_network_acl_id=vpc.default_network_acl_id,
            tags=naming.tags("nacl", "default"),
            opts=child,
        )
        internet_gateway = aws.ec2.InternetGateway(
            "internet-gateway",
            vpc_id=vpc.id,
            tags=naming.tags("igw"),
            opts=child,
        )
        public_routes = aws.ec2.RouteTable(
            "public-routes",
            vpc_id=vpc.id,
            routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": internet_gateway.id}],
            tags=naming.tags("rtb", "public"),
            opts=child,
        )

        private_routes_ids: list[pulumi.Output[str]] = []
        public_subnet_ids: list[pulumi.Output[str]] = []
        private_subnet_ids: list[pulumi.Output[str]] = []
        private_associations: list[pulumi.Resource] = []
        public_associations: list[pulumi.Resource] = []
        for zone in ZONES:
            public_subnet = aws.ec2.Subnet(
                f"public-{zone.id}",
                vpc_id=vpc.id,
                availability_zone_id=zone.id,
                cidr_block=zone.public_cidr,
                map_public_ip_on_launch=False,
                tags=naming.tags("subnet", f"public-{zone.id}"),
                opts=child,
            )
            public_subnet_ids.append(public_subnet.id)
            public_association = aws.ec2.RouteTableAssociation(
                f"public-{zone.id}",
                subnet_id=public_subnet.id,
                route_table_id=public_routes.id,
                opts=child,
            )
            public_associations.append(public_association)
            address = aws.ec2.Eip(
                f"nat-{zone.id}",
                domain="vpc",
                tags=naming.tags("eip", f"nat-{zone.id}"),
                # Released before the gateway that it is mapped through.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[internet_gateway]),
            )
            nat_gateway = aws.ec2.NatGateway(
                f"nat-{zone.id}",
                subnet_id=public_subnet.id,
                allocation_id=address.id,
                tags=naming.tags("nat", zone.id),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[internet_gateway],
                    delete_before_replace=True,
                ),
            )
            private_subnet = aws.ec2.Subnet(
                f"private-{zone.id}",
                vpc_id=vpc.id,
                availability_zone_id=zone.id,
                cidr_block=zone.private_cidr,
                map_public_ip_on_launch=False,
                tags=naming.tags("subnet", f"private-{zone.id}"),
                opts=child,
            )
            private_subnet_ids.append(private_subnet.id)
            # Each zone has its own NAT gateway, so the loss of a zone affects no other.
            private_routes = aws.ec2.RouteTable(
                f"private-routes-{zone.id}",
                vpc_id=vpc.id,
                routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat_gateway.id}],
                tags=naming.tags("rtb", f"private-{zone.id}"),
                opts=child,
            )
            private_routes_ids.append(private_routes.id)
            private_association = aws.ec2.RouteTableAssociation(
                f"private-{zone.id}",
                subnet_id=private_subnet.id,
                route_table_id=private_routes.id,
                opts=child,
            )
            private_associations.append(private_association)

        aws.ec2.VpcEndpoint(
            "s3-endpoint",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{naming.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=private_routes_ids,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "ReachAuditBucket",
                            "Effect": "Allow",
                            "Principal": {"AWS": "*"},
                            "Action": ["s3:GetObject", "s3:PutObject"],
                            "Resource": pulumi.Output.concat(
                                "arn:aws:s3:::",
                                pulumi.Output.concat(
                                    f"{naming.name('s3', 'audit')}-",
                                    naming.account_id,
                                ),
                                "/*",
                            ),
                            "Condition": {
                                "StringEquals": {"aws:PrincipalAccount": naming.account_id},
                            },
                        },
                        # For people who reconcile from a shell in the VPC: no function's role may.
                        {
                            "Sid": "ListAuditBucket",
                            "Effect": "Allow",
                            "Principal": {"AWS": "*"},
                            "Action": ["s3:GetLifecycleConfiguration", "s3:ListBucketVersions"],
                            "Resource": pulumi.Output.concat(
                                "arn:aws:s3:::",
                                pulumi.Output.concat(
                                    f"{naming.name('s3', 'audit')}-",
                                    naming.account_id,
                                ),
                            ),
                            "Condition": {
                                "StringEquals": {"aws:PrincipalAccount": naming.account_id},
                            },
                        },
                    ],
                }
            ),
            tags=naming.tags("vpce", "s3"),
            opts=child,
        )
        flow_logs = aws.cloudwatch.LogGroup(
            "flow-logs",
            name=f"/aws/vpc/{naming.name('flowlog')}",
            retention_in_days=30,
            kms_key_id=args.logs_key_arn,
            tags=naming.tags("logs", "flowlog"),
            opts=named,
        )
        flow_log_role = aws.iam.Role(
            "flow-log-role",
            name=naming.name("role", "flowlog"),
            assume_role_policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                            "Condition": {"StringEquals": {"aws:SourceAccount": naming.account_id}},
                        },
                    ],
                }
            ),
            tags=naming.tags("role", "flowlog"),
            opts=named,
        )
        flow_log_policy = aws.iam.RolePolicy(
            "flow-log-policy",
            name=naming.name("policy", "flowlog"),
            role=flow_log_role.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "WriteFlowLogs",
                            "Effect": "Allow",
                            "Action": [
                                "logs:CreateLogStream",
                                "logs:PutLogEvents",
                                "logs:DescribeLogStreams",
                            ],
                            "Resource": pulumi.Output.concat(flow_logs.arn, ":*"),
                        },
                        # Listing log groups cannot be restricted to one.
                        {
                            "Sid": "FindGroup",
                            "Effect": "Allow",
                            "Action": "logs:DescribeLogGroups",
                            "Resource": pulumi.Output.concat(
                                f"arn:aws:logs:{naming.region}:",
                                naming.account_id,
                                ":log-group:*",
                            ),
                        },
                    ],
                }
            ),
            opts=named,
        )
        aws.ec2.FlowLog(
            "flow-log",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination=flow_logs.arn,
            iam_role_arn=flow_log_role.arn,
            tags=naming.tags("flowlog"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[flow_log_policy],
                delete_before_replace=True,
            ),
        )

        self.vpc_id = vpc.id
        self.public_subnet_ids = public_subnet_ids
        self.vpc_cidr_block = vpc.cidr_block
        self.private_subnet_ids = private_subnet_ids
        self.vpc_default_security_group_id = vpc.default_security_group_id
        self.private_associations = private_associations
        self.public_associations = public_associations
        self.internet_gateway = internet_gateway
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "vpc_cidr_block": self.vpc_cidr_block,
                "private_subnet_ids": self.private_subnet_ids,
                "vpc_default_security_group_id": self.vpc_default_security_group_id,
            }
        )
