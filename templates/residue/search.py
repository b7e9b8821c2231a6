"""Looks through an account for what is left of one copy of the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from residue.findings import Copy, Finding
from residue.lists import LEFT, LISTS, NAME_TAKEN, Listed

Look = Callable[[], Iterable[Finding]]


@dataclass(kw_only=True)
class Search:
    """One look at everything."""

    # Gives the client of a service, as boto3 calls it.
    client: Callable[[str], Any]
    copy: Copy
    api_id: str = ""
    # Services that are not asked.
    without: frozenset[str] = frozenset()
    # What could not be looked at, with AWS's reason.
    unseen: dict[str, str] = field(default_factory=dict[str, str])
    # Why it could not be asked whether the copy ever stood.
    untraced: list[str] = field(default_factory=list[str])

    def findings(self) -> list[Finding]:
        """Look, and return what is left; ``unseen`` then says what could not be looked at."""
        looks: list[tuple[str, str, Look]] = [
            ("kms", "KMS keys", self._keys),
            ("secretsmanager", "secrets", self._secrets),
            ("rds", "DB snapshots", self._snapshots),
            ("rds", "automated backups", self._backups),
            ("ec2", "NAT gateways", self._gateways),
            ("ec2", "network interfaces", self._interfaces),
            ("sns", "subscriptions", self._subscriptions),
            ("acm", "certificates", self._certificates),
            ("xray", "X-Ray sampling rules", self._sampling),
            ("logs", "the API's log group", self._api_logs),
            *((one.service, one.kind, self._listing(one)) for one in LISTS),
        ]
        found: list[Finding] = []
        for service, what, look in looks:
            if service in self.without:
                continue
            try:
                found += look()
            except (ClientError, BotoCoreError) as error:
                self.unseen[what] = str(error)
        found += self._by_tags({one.id for one in found})
        return sorted(found, key=lambda one: (not one.harms, one.kind, one.name, one.id))

    def ever_stood(self) -> bool:
        """Tell whether CloudTrail knows a name of the copy: it keeps what was called for 90 days."""
        if "cloudtrail" in self.without:
            self.untraced.append("CloudTrail was left out")
            return False
        try:
            return any(self._was_changed(f"{kind}{self.copy.tail}") for kind in TRACED)
        except (ClientError, BotoCoreError) as error:
            self.untraced.append(f"CloudTrail: {error}")
            return False

    def _was_changed(self, name: str) -> bool:
        asked = [{"AttributeKey": "ResourceName", "AttributeValue": name}]
        events = self._rows("cloudtrail", "lookup_events", "Events", LookupAttributes=asked)
        # Whoever only looked for the name leaves an event too.
        return any(event.get("ReadOnly") != "true" for event in events)

    def _rows(self, service: str, operation: str, rows: str, **arguments: Any) -> Iterator[Any]:  # noqa: ANN401 - as AWS answers
        client = self.client(service)
        if client.can_paginate(operation):
            for page in client.get_paginator(operation).paginate(**arguments):
                yield from page.get(rows) or ()
        else:
            yield from getattr(client, operation)(**arguments).get(rows) or ()

    def _listing(self, one: Listed) -> Look:
        def look() -> Iterator[Finding]:
            for row in self._rows(one.service, one.operation, one.rows, **one.arguments):
                number = row[one.id] if one.id else row
                name = row[one.name] if one.name else number
                label: str = _short(name)
                tags = {} if isinstance(row, str) else _tags(row.get("Tags") or ())
                if self.copy.owns(label) or self.copy.tags(tags):
                    yield Finding(
                        kind=one.kind,
                        id=number,
                        name=tags.get("Name", label),
                        why=_why(one, number),
                        blocks=one.blocks,
                        bills=one.bills,
                    )

        return look

    def _keys(self) -> Iterator[Finding]:
        kms = self.client("kms")
        for row in self._rows("kms", "list_keys", "Keys"):
            key = kms.describe_key(KeyId=row["KeyId"])["KeyMetadata"]
            if key["KeyManager"] != "CUSTOMER":
                continue
            tags = {
                tag["TagKey"]: tag["TagValue"]
                for tag in kms.list_resource_tags(KeyId=row["KeyId"])["Tags"]
            }
            if not self.copy.tags(tags):
                continue
            pending = key["KeyState"] == "PendingDeletion"
            yield Finding(
                kind="KMS key",
                id=row["KeyId"],
                name=tags["Name"],
                why="waits for its deletion: 7 to 30 days, as it was made" if pending else LEFT,
                bills="" if pending else "1 USD a month",
                until=_day(key.get("DeletionDate")) if pending else "",
            )

    def _secrets(self) -> Iterator[Finding]:
        for row in self._rows(
            "secretsmanager", "list_secrets", "SecretList", IncludePlannedDeletion=True
        ):
            tags = _tags(row.get("Tags") or ())
            # RDS names its secrets by itself, and tags them with the instance that they are for.
            instance = tags.get("aws:rds:primaryDBInstanceArn", "").rpartition(":")[2]
            own = self.copy.owns(row["Name"]) or self.copy.tags(tags)
            if not own and not self.copy.owns(instance):
                continue
            until = _day(row.get("DeletedDate"))
            yield Finding(
                kind="secret",
                id=row["ARN"],
                name=row["Name"],
                why="waits for its deletion: 7 to 30 days" if until else "its owner is not gone",
                blocks=NAME_TAKEN if own else "",
                bills="" if until else "0.40 USD a month",
                until=until,
            )

    def _snapshots(self) -> Iterator[Finding]:
        for row in self._rows("rds", "describe_db_snapshots", "DBSnapshots"):
            if self.copy.owns(row["DBInstanceIdentifier"]):
                yield Finding(
                    kind="DB snapshot",
                    id=row["DBSnapshotArn"],
                    name=row["DBSnapshotIdentifier"],
                    why=f"a {row.get('SnapshotType', 'manual')} snapshot outlives its database",
                    bills="0.095 USD a month and GiB",
                )

    def _backups(self) -> Iterator[Finding]:
        for row in self._rows(
            "rds", "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups"
        ):
            # An active one is that of an instance, which is listed as such.
            if row.get("Status") != "active" and self.copy.owns(row["DBInstanceIdentifier"]):
                days = row.get("BackupRetentionPeriod")
                yield Finding(
                    kind="automated backup",
                    id=row["DbiResourceId"],
                    name=row["DBInstanceIdentifier"],
                    why="was retained when the database was deleted, or goes with it in a while",
                    bills="0.095 USD a month and GiB",
                    until=f"{days} days after the last backup" if days else "",
                )

    def _gateways(self) -> Iterator[Finding]:
        for row in self._rows("ec2", "describe_nat_gateways", "NatGateways"):
            tags = _tags(row.get("Tags") or ())
            # A deleted one is listed for an hour.
            if row["State"] != "deleted" and self.copy.tags(tags):
                going = row["State"] == "deleting"
                yield Finding(
                    kind="NAT gateway",
                    id=row["NatGatewayId"],
                    name=tags["Name"],
                    why="is being deleted" if going else LEFT,
                    blocks="keeps its address" if going else "counts against the quota of five",
                    bills="" if going else "33 USD a month",
                    until="some minutes" if going else "",
                )

    def _interfaces(self) -> Iterator[Finding]:
        ours = {
            vpc["VpcId"]
            for vpc in self._rows("ec2", "describe_vpcs", "Vpcs")
            if self.copy.tags(_tags(vpc.get("Tags") or ()))
        }
        for row in self._rows("ec2", "describe_network_interfaces", "NetworkInterfaces"):
            about = row.get("Description", "")
            if row.get("VpcId") not in ours and not self.copy.owns(about):
                continue
            by_lambda = about.startswith("AWS Lambda VPC ENI")
            yield Finding(
                kind="network interface",
                id=row["NetworkInterfaceId"],
                name=about,
                why="Lambda removes its interfaces late" if by_lambda else "its owner is not gone",
                blocks="holds its subnet and its VPC",
                until="20 to 45 minutes after the function" if by_lambda else "",
            )

    def _subscriptions(self) -> Iterator[Finding]:
        for row in self._rows("sns", "list_subscriptions", "Subscriptions"):
            if self.copy.owns(row["TopicArn"].rpartition(":")[2]):
                yield Finding(
                    kind="subscription",
                    id=row["SubscriptionArn"],
                    name=f"{row['Protocol']}:{row['Endpoint']}",
                    why="nobody confirmed it, or SNS removes it late",
                    until="3 days",
                )

    def _certificates(self) -> Iterator[Finding]:
        acm = self.client("acm")
        for row in self._rows("acm", "list_certificates", "CertificateSummaryList"):
            arn = row["CertificateArn"]
            tags = _tags(acm.list_tags_for_certificate(CertificateArn=arn)["Tags"])
            if self.copy.tags(tags):
                yield Finding(kind="certificate", id=arn, name=tags["Name"], why=LEFT)

    def _sampling(self) -> Iterator[Finding]:
        for row in self._rows("xray", "get_sampling_rules", "SamplingRuleRecords"):
            rule = row["SamplingRule"]
            if self.copy.owns(rule.get("RuleName", "")):
                yield Finding(
                    kind="X-Ray sampling rule",
                    id=rule["RuleARN"],
                    name=rule["RuleName"],
                    why=LEFT,
                    blocks=NAME_TAKEN,
                )

    def _api_logs(self) -> Iterator[Finding]:
        if not self.api_id:
            return
        start = f"API-Gateway-Execution-Logs_{self.api_id}/"
        for row in self._rows("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=start):
            yield Finding(
                kind="log group",
                id=row["logGroupName"],
                name=row["logGroupName"],
                why="API Gateway wrote late and made it again, or it was not destroyed",
                bills="what it holds, permanently where it has no retention",
            )

    def _by_tags(self, known: set[str]) -> Iterator[Finding]:
        """Whatever else carries the tags; the index forgets late what is gone."""
        service = "resourcegroupstaggingapi"
        filters = [{"Key": "Environment", "Values": [self.copy.environment]}]
        try:
            rows = list(
                self._rows(service, "get_resources", "ResourceTagMappingList", TagFilters=filters)
            )
        except (ClientError, BotoCoreError) as error:
            self.unseen["everything else, by its tags"] = str(error)
            return
        for row in rows:
            arn = row["ResourceARN"]
            tags = _tags(row["Tags"])
            listed = arn in known or any(arn.endswith((f"/{one}", f":{one}")) for one in known)
            if not listed and self.copy.tags(tags) and _kind_of(arn) not in LOOKED_AT:
                why = "carries the tags; AWS's index of tags forgets late what is gone"
                yield Finding(kind=_kind_of(arn), id=arn, name=tags["Name"], why=why)


# Beginnings of names that every copy has, under which CloudTrail files what was done to them.
TRACED = ("rds", "dbsubnet", "role-flowlog")

# By service and type, as ARNs have them: what the lists above would have shown.
LOOKED_AT = {
    *(
        "acm:certificate",
        "cloudwatch:alarm",
        "cloudwatch:dashboard",
        "elasticloadbalancing:loadbalancer",
    ),
    *("ec2:elastic-ip", "ec2:internet-gateway", "ec2:natgateway", "ec2:network-acl"),
    *("ec2:network-interface", "ec2:route-table", "ec2:security-group", "ec2:subnet", "ec2:vpc"),
    *("ec2:vpc-endpoint", "ec2:vpc-flow-log", "elasticloadbalancing:targetgroup", "events:rule"),
    *("kms:key", "lambda:function", "logs:delivery-destination", "logs:delivery-source"),
    *("logs:log-group", "rds:db", "rds:pg", "rds:snapshot", "rds:subgrp", "secretsmanager:secret"),
    *("s3:", "sns:", "sqs:", "wafv2:regional", "xray:group", "xray:sampling-rule"),
}


def _why(one: Listed, number: str) -> str:
    """Return the reason for a row, which its name may make another one."""
    found = (why for start, why in one.late.items() if number.startswith(start))
    return next(found, one.why)


def _short(name: str) -> str:
    """Return the name at the end of an ARN, or of a queue's address."""
    if name.startswith("arn:"):
        return name.rpartition(":")[2]
    return name.rpartition("/")[2] if name.startswith("http") else name


def _kind_of(arn: str) -> str:
    _, _, service, _, _, resource = arn.split(":", 5)
    if service in {"s3", "sns", "sqs"}:
        return f"{service}:"
    return f"{service}:{resource.lstrip('/').replace(':', '/').partition('/')[0]}"


def _tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
