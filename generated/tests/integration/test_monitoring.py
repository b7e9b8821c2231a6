"""MON-1 to MON-5: logs of all services, alarms, and the way to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.policies import statements
from tests.log_days import days_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

    from tests.integration.cloud import Cloud
    from tests.integration.outputs import Outputs


@pytest.fixture(name="groups", scope="module")
def _groups(cloud: Cloud, outputs: Outputs) -> dict[str, LogGroupTypeDef]:
    pages = cloud.logs.get_paginator("describe_log_groups").paginate()
    return {
        group["logGroupName"]: group
        for page in pages
        for group in page["logGroups"]
        if outputs.tail in group["logGroupName"] or outputs.api_id in group["logGroupName"]
    }


@pytest.fixture(name="alarms", scope="module")
def _alarms(cloud: Cloud, outputs: Outputs) -> list[MetricAlarmTypeDef]:
    pages = cloud.cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    return [
        alarm
        for page in pages
        for alarm in page["MetricAlarms"]
        if alarm["AlarmName"].endswith(outputs.tail)
    ]


def _dimensions(alarm: MetricAlarmTypeDef) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions", [])}


def _expected_groups(cloud: Cloud, outputs: Outputs) -> dict[str, str]:
    """Where each service says that it logs, by the name of the service."""
    stage = cloud.apigateway.get_stage(restApiId=outputs.api_id, stageName=outputs.api_stage)
    expected = {
        "API access": stage["accessLogSettings"]["destinationArn"].rpartition(":")[2],
        "API execution": f"API-Gateway-Execution-Logs_{outputs.api_id}/{outputs.api_stage}",
    }
    for key, name in outputs.function_names.items():
        function = cloud.lambda_.get_function_configuration(FunctionName=name)
        # Where it says no other, Lambda takes the one of the function's name.
        logging = function.get("LoggingConfig", {})
        expected[f"function {key}"] = logging.get("LogGroup", f"/aws/lambda/{name}")
    (database,) = cloud.rds.describe_db_instances(DBInstanceIdentifier=outputs.database_identifier)[
        "DBInstances"
    ]
    for log in database["EnabledCloudwatchLogsExports"]:
        expected[f"database {log}"] = f"/aws/rds/instance/{outputs.database_identifier}/{log}"
    flow_logs = cloud.ec2.describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [outputs.vpc_id]}]
    )["FlowLogs"]
    for number, flow_log in enumerate(flow_logs):
        group = flow_log.get("LogGroupName") or flow_log["LogDestination"]
        expected[f"flow log {number}"] = group.removesuffix(":*").rpartition(":")[2]
    if outputs.web_acl_arn:
        logging = cloud.wafv2.get_logging_configuration(ResourceArn=outputs.web_acl_arn)
        (destination,) = logging["LoggingConfiguration"]["LogDestinationConfigs"]
        expected["firewall"] = destination.removesuffix(":*").rpartition(":")[2]
    return expected


def test_every_service_logs_into_a_group_of_ours(
    cloud: Cloud, outputs: Outputs, groups: dict[str, LogGroupTypeDef]
) -> None:
    """MON-1: the group that each service names exists; the database and the network log, too."""
    expected = _expected_groups(cloud, outputs)
    assert {"database postgresql", "flow log 0"} <= expected.keys()
    missing = {service: name for service, name in expected.items() if name not in groups}
    assert missing == {}


def test_the_load_balancer_logs_to_cloudwatch(
    cloud: Cloud, outputs: Outputs, groups: dict[str, LogGroupTypeDef]
) -> None:
    """MON-1: a delivery takes the balancer's access log into one of the groups."""
    pages = cloud.logs.get_paginator("describe_delivery_sources").paginate()
    sources = {
        source["name"]
        for page in pages
        for source in page["deliverySources"]
        if outputs.load_balancer_arn in source["resourceArns"]
    }
    deliveries = [
        delivery
        for page in cloud.logs.get_paginator("describe_deliveries").paginate()
        for delivery in page["deliveries"]
        if delivery["deliverySourceName"] in sources
    ]
    assert deliveries
    destinations = {
        destination["arn"]: destination["deliveryDestinationConfiguration"][
            "destinationResourceArn"
        ]
        for page in cloud.logs.get_paginator("describe_delivery_destinations").paginate()
        for destination in page["deliveryDestinations"]
    }
    for delivery in deliveries:
        arn = destinations[delivery["deliveryDestinationArn"]]
        assert arn.removesuffix(":*").rpartition(":log-group:")[2] in groups


def test_logs_are_kept_for_the_time_asked(
    outputs: Outputs, groups: dict[str, LogGroupTypeDef]
) -> None:
    """MON-1: retention of every group of the environment, whoever made it."""
    kept = {name: group.get("retentionInDays") for name, group in groups.items()}
    assert kept
    assert kept == {name: days_of(name, outputs.tail) for name in kept}


def test_logs_are_encrypted_under_a_key_of_ours(groups: dict[str, LogGroupTypeDef]) -> None:
    """MON-1, SEC-1: no group is left to the service's own key."""
    assert [name for name, group in groups.items() if not group.get("kmsKeyId")] == []


def test_the_database_cpu_is_watched(outputs: Outputs, alarms: list[MetricAlarmTypeDef]) -> None:
    """MON-2: an alarm on this instance's CPU."""
    found = [
        alarm
        for alarm in alarms
        if alarm.get("MetricName") == "CPUUtilization"
        and _dimensions(alarm) == {"DBInstanceIdentifier": outputs.database_identifier}
    ]
    assert [alarm["Namespace"] for alarm in found] == ["AWS/RDS"]


def test_the_error_rate_of_each_function_is_watched(
    outputs: Outputs, alarms: list[MetricAlarmTypeDef]
) -> None:
    """MON-3: an alarm whose expression relates errors to invocations of one function."""
    watched: set[str] = set()
    for alarm in alarms:
        metrics = {
            (query["MetricStat"]["Metric"]["MetricName"], dimension["Value"])
            for query in alarm.get("Metrics", [])
            if "MetricStat" in query
            for dimension in query["MetricStat"]["Metric"]["Dimensions"]
            if dimension["Name"] == "FunctionName"
        }
        watched |= {
            name
            for metric, name in metrics
            if metric == "Errors" and ("Invocations", name) in metrics
        }
    assert watched >= set(outputs.function_names.values())


@pytest.mark.parametrize("metric", ["4XXError", "5XXError"])
def test_the_error_rates_of_the_api_are_watched(
    cloud: Cloud, outputs: Outputs, alarms: list[MetricAlarmTypeDef], metric: str
) -> None:
    """MON-4: a share of requests, of this API's stage."""
    name = cloud.apigateway.get_rest_api(restApiId=outputs.api_id)["name"]
    (alarm,) = [alarm for alarm in alarms if alarm.get("MetricName") == metric]
    assert alarm["Namespace"] == "AWS/ApiGateway"
    assert alarm["Statistic"] == "Average", "a sum is no rate"
    assert _dimensions(alarm) == {"ApiName": name, "Stage": outputs.api_stage}


def test_alarms_reach_the_topic(outputs: Outputs, alarms: list[MetricAlarmTypeDef]) -> None:
    """MON-5: every alarm tells of trouble and of its end."""
    assert alarms
    for alarm in alarms:
        name = alarm["AlarmName"]
        assert alarm["ActionsEnabled"] is True, name
        assert alarm["AlarmActions"] == [outputs.topic_arn], name
        assert alarm["OKActions"] == [outputs.topic_arn], name


def test_silence_is_no_alarm(alarms: list[MetricAlarmTypeDef]) -> None:
    """MON-5: but of what has to tell of itself: the outbox by its age, and a backup once a day."""
    loud = {
        alarm.get("MetricName") for alarm in alarms if alarm["TreatMissingData"] != "notBreaching"
    }
    assert loud <= {"NumberOfBackupJobsCompleted", "OutboxAge"}


def test_the_topic_reaches_people(cloud: Cloud, outputs: Outputs) -> None:
    """MON-5: somebody is subscribed and has confirmed."""
    found = cloud.sns.list_subscriptions_by_topic(TopicArn=outputs.topic_arn)["Subscriptions"]
    assert found
    pending = [
        subscription["Endpoint"]
        for subscription in found
        if subscription["SubscriptionArn"] == "PendingConfirmation"
    ]
    assert pending == [], "confirm by the message that AWS sent"


def test_alarms_may_use_the_topic_and_its_key(cloud: Cloud, outputs: Outputs) -> None:
    """MON-5, SEC-1: without both permissions, alarms change their state and tell nobody."""
    attributes = cloud.sns.get_topic_attributes(TopicArn=outputs.topic_arn)["Attributes"]
    topic = statements(attributes["Policy"])
    key_id = attributes["KmsMasterKeyId"]
    key = statements(cloud.kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    for document, needed in (
        (topic, {"sns:Publish"}),
        (key, {"kms:Decrypt", "kms:GenerateDataKey*"}),
    ):
        granted = {
            action
            for statement in document
            if statement.effect == "Allow"
            and "cloudwatch.amazonaws.com" in statement.principals
            and statement.condition["StringEquals"]["aws:SourceAccount"] == outputs.account_id
            for action in statement.actions
        }
        assert needed <= granted


def test_the_dashboard_is_there(cloud: Cloud, outputs: Outputs) -> None:
    """MON-2, MON-3, MON-4: one page shows database, functions and API of this environment."""
    body = cloud.cloudwatch.get_dashboard(DashboardName=outputs.dashboard_name)["DashboardBody"]
    assert outputs.database_identifier in body
    for name in outputs.function_names.values():
        assert name in body
