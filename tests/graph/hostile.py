"""Modules of a careless team: each weakens one requirement of the environment, by one kind of resource or another."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

HEAD = '''"""Weaken something."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from environment import Environment
from naming import Naming

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OPEN = {**ALL, "Principal": "*"}


def document(statement: object) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def extend(environment: Environment, naming: Naming, opts: pulumi.ResourceOptions) -> None:
    """Weaken something."""
    _ = (environment, naming, document, OPEN)
'''


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """One module, and what has to notice it."""

    # Lines of `extend`.
    code: str
    test: str
    requirement: str
    # A part of the message.
    says: str

    @property
    def source(self) -> str:
        """The whole module."""
        return HEAD + indent(self.code.strip("\n"), "    ") + "\n"


HOSTILE = {
    "old_rule": Hostile(
        code="""
aws.ec2.SecurityGroupRule(
    "open", type="ingress", protocol="tcp", from_port=5432, to_port=5432,
    cidr_blocks=["0.0.0.0/0"], security_group_id=environment.traffic.database_group_id, opts=opts,
)""",
        test="test_extensions_open_no_port",
        requirement="NET-6",
        says="ec2/securityGroupRule:SecurityGroupRule /open: it lets in 0.0.0.0/0",
    ),
    "new_rule": Hostile(
        code="""
aws.vpc.SecurityGroupIngressRule(
    "world", ip_protocol="tcp", from_port=5432, to_port=5432, cidr_ipv6="::/0",
    security_group_id=environment.traffic.database_group_id,
    tags=naming.tags("rule", "world"), opts=opts,
)""",
        test="test_extensions_open_no_port",
        requirement="NET-6",
        says="it lets in ::/0",
    ),
    "inner_rule": Hostile(
        code="""
aws.vpc.SecurityGroupIngressRule(
    "inner", ip_protocol="-1", cidr_ipv4=environment.network.vpc_cidr_block,
    security_group_id=environment.traffic.database_group_id,
    tags=naming.tags("rule", "inner"), opts=opts,
)""",
        test="test_extensions_open_no_port",
        requirement="NET-6",
        says="`security_group_id` is the environment's aws:ec2/securityGroup:SecurityGroup",
    ),
    "own_group": Hostile(
        code="""
aws.ec2.SecurityGroup(
    "bastion", name=naming.name("secgroup", "bastion"), vpc_id=environment.network.vpc_id,
    ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
    tags=naming.tags("secgroup", "bastion"), opts=opts,
)""",
        test="test_extensions_open_no_port",
        requirement="NET-6",
        says="adds aws:ec2/securityGroup:SecurityGroup /bastion",
    ),
    "attachment": Hostile(
        code="""
aws.iam.RolePolicyAttachment(
    "admin", role=naming.name("role", "health"),
    policy_arn="arn:aws:iam::aws:policy/AdministratorAccess", opts=opts,
)""",
        test="test_extensions_grant_no_more_than_is_needed",
        requirement="SEC-2",
        says="AdministratorAccess",
    ),
    "attached": Hostile(
        code="""
policy = aws.iam.Policy(
    "reports", name=naming.name("policy", "reports"), tags=naming.tags("policy", "reports"),
    policy=document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}),
    opts=opts,
)
aws.iam.RolePolicyAttachment(
    "reports", role=naming.name("role", "health"), policy_arn=policy.arn, opts=opts
)""",
        test="test_extensions_leave_functions_and_their_roles",
        requirement="FN-4",
        says="`role` is the environment's aws:iam/role:Role",
    ),
    "wildcard": Hostile(
        code="""
aws.iam.RolePolicy(
    "all", name=naming.name("policy", "all"), role=naming.name("role", "health"),
    policy=document(ALL), opts=opts,
)""",
        test="test_extensions_grant_no_more_than_is_needed",
        requirement="SEC-2",
        says="it allows *",
    ),
    "wildcard_in_role": Hostile(
        code="""
aws.iam.Role(
    "wide", name=naming.name("role", "wide"), tags=naming.tags("role", "wide"),
    assume_role_policy=document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    ),
    inline_policies=[{"name": "all", "policy": document({**ALL, "Action": ["s3:*"]})}],
    opts=opts,
)""",
        test="test_extensions_grant_no_more_than_is_needed",
        requirement="SEC-2",
        says="it allows s3:*",
    ),
    "user": Hostile(
        code="""
user = aws.iam.User(
    "robot", name=naming.name("user", "robot"), tags=naming.tags("user", "robot"), opts=opts
)
aws.iam.AccessKey("robot", user=user.name, opts=opts)""",
        test="test_extensions_grant_no_more_than_is_needed",
        requirement="SEC-2",
        says="aws:iam/accessKey:AccessKey",
    ),
    "bare_bucket": Hostile(
        code="""
aws.s3.Bucket(
    "bare", bucket=naming.name("s3", "bare"), force_destroy=True,
    tags=naming.tags("s3", "bare"), opts=opts,
)""",
        test="test_extensions_keep_versions_of_objects",
        requirement="S3-2",
        says="aws:s3/bucket:Bucket /bare",
    ),
    "endless_bucket": Hostile(
        code="""
aws.s3.Bucket(
    "endless", bucket=naming.name("s3", "endless"), force_destroy=True,
    tags=naming.tags("s3", "endless"), opts=opts,
)""",
        test="test_extensions_keep_objects_ninety_days",
        requirement="S3-3",
        says="/endless: no rule ends objects",
    ),
    "open_bucket": Hostile(
        code="""
aws.s3.BucketPublicAccessBlock(
    "open", bucket=environment.audit.audit_bucket_name, block_public_acls=False, opts=opts
)""",
        test="test_extensions_close_their_buckets",
        requirement="S3-4",
        says="`bucket` is the environment's aws:s3/bucket:Bucket audit/audit-bucket",
    ),
    "kept_bucket": Hostile(
        code="""
aws.s3.Bucket(
    "kept", bucket=naming.name("s3", "kept"), tags=naming.tags("s3", "kept"), opts=opts
)""",
        test="test_what_extensions_add_can_be_destroyed",
        requirement="DEST-1",
        says="set `force_destroy`",
    ),
    "route": Hostile(
        code="""
gateway = aws.ec2.InternetGateway(
    "other", vpc_id=environment.network.vpc_id, tags=naming.tags("igw", "other"), opts=opts
)
table = aws.ec2.RouteTable(
    "other", vpc_id=environment.network.vpc_id, tags=naming.tags("rtb", "other"), opts=opts
)
aws.ec2.Route(
    "out", route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id,
    opts=opts,
)""",
        test="test_extensions_add_no_way_into_the_network",
        requirement="NET-5",
        says="aws:ec2/internetGateway:InternetGateway /other",
    ),
    "peering": Hostile(
        code="""
aws.ec2.VpcPeeringConnection(
    "office", vpc_id=environment.network.vpc_id, peer_vpc_id="vpc-0123456789abcdef0",
    tags=naming.tags("pcx", "office"), opts=opts,
)""",
        test="test_extensions_add_no_way_into_the_network",
        requirement="NET-5",
        says="VpcPeeringConnection /office",
    ),
    "bastion": Hostile(
        code="""
subnet = aws.ec2.Subnet(
    "open", vpc_id=environment.network.vpc_id, cidr_block="10.40.255.0/28",
    tags=naming.tags("subnet", "open"), opts=opts,
)
aws.ec2.Instance(
    "bastion", ami="ami-0123456789abcdef0", instance_type="t4g.nano", subnet_id=subnet.id,
    root_block_device={"encrypted": True}, tags=naming.tags("ec2", "bastion"), opts=opts,
)""",
        test="test_extensions_run_in_private_subnets",
        requirement="NET-8",
        says="aws:ec2/instance:Instance /bastion: `subnet_id` names a subnet",
    ),
    "other_database": Hostile(
        code="""
aws.rds.Instance(
    "copy", identifier=naming.name("rds", "copy"), instance_class="db.t4g.micro",
    engine="postgres", allocated_storage=20, publicly_accessible=True, skip_final_snapshot=True,
    tags=naming.tags("rds", "copy"), opts=opts,
)""",
        test="test_extensions_encrypt_what_they_keep",
        requirement="DB-4",
        says="`storage_encrypted` is not set to True",
    ),
    "function": Hostile(
        code="""
aws.lambda_.Function(
    "report", name=naming.name("lambda", "report"), runtime="python3.13",
    handler="handler.handle", role="arn:aws:iam::123456789012:role/everything",
    tags=naming.tags("lambda", "report"), opts=opts,
)""",
        test="test_extensions_leave_functions_and_their_roles",
        requirement="FN-4",
        says="its role is none that is registered",
    ),
    "untraced_function": Hostile(
        code="""
aws.lambda_.Function(
    "quiet", name=naming.name("lambda", "quiet"), runtime="python3.13",
    handler="handler.handle", role="arn:aws:iam::123456789012:role/everything",
    tags=naming.tags("lambda", "quiet"), opts=opts,
)""",
        test="test_extensions_can_be_followed",
        requirement="XR-1",
        says="Function /quiet",
    ),
    "url": Hostile(
        code="""
aws.lambda_.FunctionUrl(
    "open", function_name=naming.name("lambda", "health"), authorization_type="NONE", opts=opts
)""",
        test="test_extensions_open_no_other_entry_point",
        requirement="API-4",
        says="FunctionUrl /open",
    ),
    "still_key": Hostile(
        code="""
aws.kms.Key("still", policy=document(OPEN), tags=naming.tags("kms", "still"), opts=opts)""",
        test="test_extensions_encrypt_what_they_keep",
        requirement="SEC-1",
        says="`enable_key_rotation` is not set to True",
    ),
    "grant": Hostile(
        code="""
aws.kms.Grant(
    "reader", key_id=environment.keys.data_key_arn, operations=["Decrypt"],
    grantee_principal="arn:aws:iam::210987654321:root", name=naming.name("grant"), opts=opts,
)""",
        test="test_extensions_encrypt_what_they_keep",
        requirement="SEC-1",
        says="`key_id` is the environment's aws:kms/key:Key",
    ),
    "plain_queue": Hostile(
        code="""
aws.sqs.Queue(
    "plain", name=naming.name("sqs", "plain"), tags=naming.tags("sqs", "plain"), opts=opts
)
aws.sns.Topic(
    "plain", name=naming.name("sns", "plain"), tags=naming.tags("sns", "plain"), opts=opts
)""",
        test="test_extensions_encrypt_what_they_keep",
        requirement="SEC-1",
        says="aws:sns/topic:Topic /plain: `kms_master_key_id` is not set",
    ),
    "endless_logs": Hostile(
        code="""
aws.cloudwatch.LogGroup(
    "endless", name=f"/team/{naming.name('logs')}", kms_key_id=environment.keys.logs_key_arn,
    tags=naming.tags("logs"), opts=opts,
)""",
        test="test_extensions_can_be_followed",
        requirement="MON-1",
        says="`retention_in_days` is not 30",
    ),
    "untagged": Hostile(
        code="""
aws.sns.Topic(
    "untagged", name=naming.name("sns", "untagged"),
    kms_master_key_id=environment.keys.topic_key_arn, opts=opts,
)""",
        test="test_what_extensions_add_carries_the_tags",
        requirement="TAG-1",
        says="adds aws:sns/topic:Topic /untagged",
    ),
    "unnamed": Hostile(
        code="""
aws.sns.Topic(
    "unnamed", name="reports", kms_master_key_id=environment.keys.topic_key_arn,
    tags=naming.tags("sns", "unnamed"), opts=opts,
)""",
        test="test_what_extensions_add_carries_the_suffix",
        requirement="NAME-1",
        says="`name`: use `naming`",
    ),
    "elsewhere": Hostile(
        code="""
aws.sns.Topic(
    "elsewhere", name=naming.name("sns", "elsewhere"), region="eu-west-1",
    kms_master_key_id=environment.keys.topic_key_arn,
    tags=naming.tags("sns", "elsewhere"), opts=opts,
)""",
        test="test_extensions_stay_in_the_region",
        requirement="REG-1",
        says="`region` is eu-west-1",
    ),
}
