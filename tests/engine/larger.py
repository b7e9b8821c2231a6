"""A world for what AWS refuses between two states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from engine.test_cloud_refuses import World

if TYPE_CHECKING:
    from cloud import Record

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


class Larger(World):
    """A world with a load balancer, a database and all else that two states may disagree about."""

    def change(self, record: Record, **inputs: Any) -> Record:
        """A resource with other inputs."""
        changed = {**record.inputs, **inputs}
        return self.cloud.update(record.token, record.urn, record.id, changed)

    def path(self, name: str, part: str) -> Record:
        """A path of the API."""
        place = {"restApi": self.api.id, "parentId": self.api.get("rootResourceId")}
        return self.make(t.API_RESOURCE, name, pathPart=part, **place)

    def stage(self, name: str) -> Record:
        """A stage with a deployment of its own."""
        if not self.cloud.all(t.INTEGRATION):
            self.make(t.INTEGRATION, "integration", **self.on_root())
        made = self.make(t.DEPLOYMENT, f"deployment-{name}", restApi=self.api.id)
        return self.make(t.STAGE, name, restApi=self.api.id, deployment=made.id, stageName=name)

    def plan(self, name: str, stage: str) -> Record:
        """A usage plan of a stage."""
        stages = [{"apiId": self.api.id, "stage": stage}]
        return self.make(t.USAGE_PLAN, name, name="plan", apiStages=stages)

    def listener(self) -> Record:
        """A listener for HTTPS."""
        return self.make(
            t.LISTENER,
            "listener",
            loadBalancerArn=self.load_balancer().get("arn"),
            port=443,
            protocol="HTTPS",
            certificateArn=self.certificate().get("arn"),
            defaultActions=[],
        )

    def certificate(self) -> Record:
        """An imported certificate."""
        body = {
            name: f"-----BEGIN {label}-----\n"
            for name, label in (("privateKey", "PRIVATE KEY"), ("certificateBody", "CERTIFICATE"))
        }
        return self.make(t.CERTIFICATE, "certificate", **body)

    def requested(self, name: str = "api.example.com") -> Record:
        """A certificate that ACM issues by DNS."""
        return self.make(
            t.CERTIFICATE,
            f"requested-{name}",
            domainName=name,
            validationMethod="DNS",
            keyAlgorithm="RSA_2048",
        )

    def proof(self, certificate: Record, **more: Any) -> Record:
        """The record that ACM looks for."""
        (option,) = certificate.get("domainValidationOptions")
        inputs = {
            "zoneId": "Z1",
            "name": option["resourceRecordName"],
            "type": option["resourceRecordType"],
            "records": [option["resourceRecordValue"]],
            "ttl": 300,
            "allowOverwrite": True,
        }
        return self.make(t.RECORD, "proof", **{**inputs, **more})

    def issued(self) -> Record:
        """What waits for such a certificate."""
        certificate = self.requested()
        return self.make(
            t.VALIDATION,
            "issued",
            certificateArn=certificate.get("arn"),
            validationRecordFqdns=[self.proof(certificate).get("fqdn")],
        )

    def domain(self, certificate: str, **more: Any) -> Record:
        """A name of the API."""
        inputs = {
            "domainName": "api.example.com",
            "regionalCertificateArn": certificate,
            "securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09",
            "endpointAccessMode": "STRICT",
        }
        return self.make(t.API_DOMAIN, f"domain-{len(self.cloud.records)}", **{**inputs, **more})

    def mapping(self, name: str, **more: Any) -> Record:
        """What leads from the domain to a stage."""
        if not self.cloud.all(t.API_DOMAIN):
            self.domain(self.issued().get("certificateArn"))
        stage = self.cloud.one(t.STAGE) or self.stage("staging")
        inputs = {"domainName": "api.example.com", "restApi": self.api.id}
        return self.make(
            t.BASE_PATH, name, **{**inputs, "stageName": stage.get("stageName"), **more}
        )

    def targets(self) -> Record:
        """A target group for a function."""
        return self.make(t.TARGET_GROUP, "targets", name="targets", targetType="lambda")

    def rule(self, listener: Record, priority: int, targets: Record | None = None) -> Record:
        """A rule of a listener."""
        actions = [{"type": "forward", "targetGroupArn": targets.get("arn")}] if targets else []
        return self.make(
            t.LISTENER_RULE,
            f"rule-{priority}-{len(self.cloud.records)}",
            listenerArn=listener.get("arn"),
            priority=priority,
            conditions=[{"pathPattern": {"values": ["/a"]}}],
            actions=actions,
        )

    def permission(self, name: str, statement: str) -> Record:
        """A statement of a function's policy."""
        return self.make(
            t.PERMISSION,
            name,
            statementId=statement,
            function="function",
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            sourceArn="arn:aws:events:us-east-1:123456789012:rule/schedule",
        )

    def database(self, **more: Any) -> Record:
        """An instance of 20 GiB."""
        more = {"allocatedStorage": 20, **more}
        return self.make(t.DATABASE, "database", **self.database_inputs(**more))

    def from_group(self, name: str, group: Record, source: Record) -> Record:
        """A rule of one security group that names another one."""
        return self.make(
            t.GROUP_IN,
            name,
            securityGroupId=group.id,
            referencedSecurityGroupId=source.id,
            ipProtocol="tcp",
            fromPort=443,
            toPort=443,
        )

    def subscription(self, name: str) -> Record:
        """A subscriber, always of the same address."""
        topic = self.cloud.one(t.TOPIC) or self.make(t.TOPIC, "topic", name="topic")
        place = {"protocol": "email", "endpoint": "somebody@example.com"}
        return self.make(SUBSCRIPTION, name, topic=topic.get("arn"), **place)
