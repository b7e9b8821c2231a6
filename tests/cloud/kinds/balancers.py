"""Load balancers and their target groups."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from cloud import tokens as t
from cloud.aws import absent, as_list, given
from cloud.kind import Inputs, Kept, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import load_balancer as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.aws import Aws
    from cloud.store import Cloud

# Attributes by argument, with AWS's own defaults.
SETTINGS: dict[str, tuple[str, Any]] = {
    "clientKeepAlive": ("client_keep_alive.seconds", 3600),
    "desyncMitigationMode": ("routing.http.desync_mitigation_mode", "defensive"),
    "dropInvalidHeaderFields": ("routing.http.drop_invalid_header_fields.enabled", False),
    "enableDeletionProtection": ("deletion_protection.enabled", False),
    "enableHttp2": ("routing.http2.enabled", True),
    "enableTlsVersionAndCipherSuiteHeaders": (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        False,
    ),
    "enableWafFailOpen": ("waf.fail_open.enabled", False),
    "enableXffClientPort": ("routing.http.xff_client_port.enabled", False),
    "enableZonalShift": ("zonal_shift.config.enabled", False),
    "idleTimeout": ("idle_timeout.timeout_seconds", 60),
    "preserveHostHeader": ("routing.http.preserve_host_header.enabled", False),
    "xffHeaderProcessingMode": ("routing.http.xff_header_processing.mode", "append"),
}
LOGS = {"accessLogs": "access_logs", "connectionLogs": "connection_logs"}


def text(value: Any) -> str:
    """Return a value as attributes spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def retag(aws: Aws, arn: str, old: Inputs, new: Inputs) -> None:
    """Put the tags, and take away those that are no longer said."""
    client = aws.client("elbv2")
    gone = dropped(old, new)
    if gone:
        client.remove_tags(ResourceArns=[arn], TagKeys=gone)
    if new["tagsAll"]:
        client.add_tags(ResourceArns=[arn], Tags=as_list(new["tagsAll"]))


class Part(Kind):
    """Something of a load balancer that its ARN names."""

    # The call that finds it by its ARN: name, argument, where the answer has it, and the code of not finding it.
    found_by: ClassVar[tuple[str, str, str, str]]

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        found = self.find(aws, id_)
        return None if found is None else {"arn": id_, **self.computed(found)}

    def find(self, aws: Aws, id_: str) -> dict[str, Any] | None:
        """Return what AWS says of it."""
        call, argument, rows, code = self.found_by
        with absent(code, "LoadBalancerNotFound", "ListenerNotFound"):
            found = getattr(aws.client("elbv2"), call)(**{argument: [id_]})[rows]
            return found[0] if found else None
        return None

    def computed(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return what AWS computes besides the ARN."""
        del found
        return {}


class LoadBalancer(Part):
    """A load balancer."""

    token = "aws:lb/loadBalancer:LoadBalancer"  # noqa: S105 - a type
    lacks = "moto makes no interfaces of it"
    found_by = (
        "describe_load_balancers",
        "LoadBalancerArns",
        "LoadBalancers",
        "LoadBalancerNotFound",
    )
    refs = (
        Ref("subnets[]", (t.SUBNET,), in_use="DependencyViolation"),
        Ref("securityGroups[]", t.GROUPS, in_use="DependencyViolation"),
        Ref("accessLogs.bucket", (t.BUCKET,), by="bucket"),
        Ref("connectionLogs.bucket", (t.BUCKET,), by="bucket"),
    )
    unique = (Unique(("name",), "DuplicateLoadBalancerName"),)
    one_vpc = True
    rules = (rule.zones_differ, rule.faces_outwards, rule.may_write_logs)
    change_rules = (rule.stays_in_its_network,)
    delete_rules = (rule.no_protection,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return where it is reached."""
        name = record.inputs["name"]
        suffix = f"app/{name}/{record.hex(16)}"
        # Of its subnets: a cloud that forgives a move has moved it.
        network = next(found for _, other in record.refers if (found := cloud.vpc_of(other)))
        place = f"{record.region}:{cloud.account}"
        arn = f"arn:aws:elasticloadbalancing:{place}:loadbalancer/{suffix}"
        return {
            "id": arn,
            "arn": arn,
            "arnSuffix": suffix,
            "dnsName": f"{name}-{int(record.hex(8), 16)}.{record.region}.elb.amazonaws.com",
            "zoneId": "Z35SXDOTRQ7X7K",
            "vpcId": network,
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("elbv2").create_load_balancer(
            Name=new["name"],
            Type=new.get("loadBalancerType", "application"),
            Scheme="internal" if new.get("internal") else "internet-facing",
            Subnets=new["subnets"],
            SecurityGroups=new.get("securityGroups", []),
            IpAddressType=new.get("ipAddressType", "ipv4"),
            Tags=as_list(new["tagsAll"]),
        )
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put subnets, groups, attributes and tags."""
        client = aws.client("elbv2")
        if old:
            client.set_subnets(LoadBalancerArn=id_, Subnets=new["subnets"])
            groups = new.get("securityGroups", [])
            client.set_security_groups(LoadBalancerArn=id_, SecurityGroups=groups)
            address = new.get("ipAddressType", "ipv4")
            client.set_ip_address_type(LoadBalancerArn=id_, IpAddressType=address)
        attributes = {key: new.get(name, usual) for name, (key, usual) in SETTINGS.items()}
        for name, key in LOGS.items():
            logs = new.get(name, {})
            attributes[f"{key}.s3.enabled"] = logs.get("enabled", False)
            if logs:
                attributes[f"{key}.s3.bucket"] = logs["bucket"]
                attributes[f"{key}.s3.prefix"] = logs.get("prefix", "")
        client.modify_load_balancer_attributes(
            LoadBalancerArn=id_,
            Attributes=[{"Key": k, "Value": text(v)} for k, v in attributes.items()],
        )
        retag(aws, id_, old, new)

    def computed(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return where it is reached."""
        return {
            "arnSuffix": found["LoadBalancerArn"].split(":loadbalancer/")[1],
            "dnsName": found["DNSName"],
            "ipAddressType": found["IpAddressType"],
            "vpcId": found["VpcId"],
            "zoneId": found["CanonicalHostedZoneId"],
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("elbv2").delete_load_balancer(LoadBalancerArn=id_)


CHECKS = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


def _check(new: Inputs) -> dict[str, Any]:
    said = new.get("healthCheck", {})
    check = {api: said[name] for name, api in CHECKS.items() if said.get(name) is not None}
    if said.get("matcher"):
        check["Matcher"] = {"HttpCode": said["matcher"]}
    return check


class TargetGroup(Part):
    """What requests go to."""

    token = "aws:lb/targetGroup:TargetGroup"  # noqa: S105 - a type
    lacks = (
        "moto does not call targets: their health is always `healthy`; it ignores a changed matcher"
    )
    found_by = ("describe_target_groups", "TargetGroupArns", "TargetGroups", "TargetGroupNotFound")
    unique = (Unique(("name",), "DuplicateTargetGroupName"),)
    rules = (rule.lambda_has_no_port,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        suffix = f"targetgroup/{record.inputs['name']}/{record.hex(16)}"
        arn = f"arn:aws:elasticloadbalancing:{record.region}:{cloud.account}:{suffix}"
        return {"id": arn, "arn": arn, "arnSuffix": suffix}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("elbv2").create_target_group(
            Name=new["name"],
            TargetType=new.get("targetType", "instance"),
            Tags=as_list(new["tagsAll"]),
            **given(
                Port=new.get("port"),
                Protocol=new.get("protocol"),
                ProtocolVersion=new.get("protocolVersion"),
                VpcId=new.get("vpcId"),
            ),
            **_check(new),
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the health check, attributes and tags."""
        client = aws.client("elbv2")
        check = _check(new)
        if old and check:
            client.modify_target_group(TargetGroupArn=id_, **check)
        if new.get("targetType") == "lambda":
            several = text(new.get("lambdaMultiValueHeadersEnabled", False))
            client.modify_target_group_attributes(
                TargetGroupArn=id_,
                Attributes=[{"Key": "lambda.multi_value_headers.enabled", "Value": several}],
            )
        retag(aws, id_, old, new)

    def computed(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return what metrics name it by."""
        return {
            "arnSuffix": found["TargetGroupArn"].rsplit(":", 1)[1],
            "loadBalancerArns": found.get("LoadBalancerArns", []),
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("elbv2").delete_target_group(TargetGroupArn=id_)


class TargetGroupAttachment(Kind):
    """A target of a group."""

    token = "aws:lb/targetGroupAttachment:TargetGroupAttachment"  # noqa: S105 - a type
    lacks = "moto registers a function that the load balancer may not call, and more than one"
    refs = (
        Ref("targetGroupArn", (t.TARGET_GROUP,), by="arn"),
        Ref("targetId", (t.FUNCTION,), by="arn"),
    )
    # All targets here are functions, of which a group takes one.
    unique = (Unique(("targetGroupArn",), "TooManyTargets"),)
    rules = (rule.may_be_called,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes up."""
        del cloud
        return {"id": f"{record.inputs['targetGroupArn']}-{record.hex(20)}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Register it."""
        aws.client("elbv2").register_targets(
            TargetGroupArn=new["targetGroupArn"], Targets=[_target(new)]
        )
        # The real provider's suffix is unique by the time; here the target makes it so.
        digest = hashlib.sha256(new["targetId"].encode()).hexdigest()
        return f"{new['targetGroupArn']}-{digest[:26]}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Nothing: every argument makes it anew."""

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        with absent("TargetGroupNotFound"):
            found = aws.client("elbv2").describe_target_health(
                TargetGroupArn=known["targetGroupArn"], Targets=[_target(known)]
            )["TargetHealthDescriptions"]
            gone = ("unused", "draining", "unavailable")
            return {} if found and found[0]["TargetHealth"]["State"] not in gone else None
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it out."""
        del id_
        aws.client("elbv2").deregister_targets(
            TargetGroupArn=known["targetGroupArn"], Targets=[_target(known)]
        )


def _target(known: Inputs) -> dict[str, Any]:
    return {"Id": known["targetId"], **given(Port=known.get("port"))}


def _of_store(said: Inputs) -> str:
    """Return the end of a store's ARN, with something of AWS's own."""
    name = said["name"]
    return f"truststore/{name}/{hashlib.sha256(name.encode()).hexdigest()[:16]}"


class TrustStore(Kept):
    """Whose certificates a listener takes."""

    token = "aws:lb/trustStore:TrustStore"  # noqa: S105 - a type
    lacks = "moto has no trust stores, and its listeners ask nobody for a certificate"
    refs = (Ref("caCertificatesBundleS3Bucket", (t.BUCKET,), by="bucket"),)
    unique = (Unique(("name",), "DuplicateTrustStoreName"),)
    rules = (rule.bundle_is_there,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its ARN."""
        end = _of_store(record.inputs)
        arn = f"arn:aws:elasticloadbalancing:{record.region}:{cloud.account}:{end}"
        return {"id": arn, "arn": arn, "arnSuffix": end}

    def identity(self, aws: Aws, new: Inputs) -> str:
        """Return the same."""
        return aws.arn("elasticloadbalancing", _of_store(new))

    def properties(self, aws: Aws, new: Inputs) -> dict[str, Any]:
        """Return the same."""
        return {"arn": self.identity(aws, new), "arnSuffix": _of_store(new)}

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Read the bundle, as AWS does with the caller's rights; then keep the arguments."""
        version = new.get("caCertificatesBundleS3ObjectVersion")
        aws.client("s3").get_object(
            Bucket=new["caCertificatesBundleS3Bucket"],
            Key=new["caCertificatesBundleS3Key"],
            **given(VersionId=version),
        )
        super().settle(aws, id_, old, new)


KINDS: tuple[Kind, ...] = (LoadBalancer(), TargetGroup(), TargetGroupAttachment(), TrustStore())
