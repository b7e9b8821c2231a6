"""Logs, alarms, events and tracing: what a plain deployment does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from account.hands import AbortedError
from cloud import tokens as t
from cloud.aws import as_map

if TYPE_CHECKING:
    from account.hands import Hands

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


def test_retention_and_tags_of_a_group_follow_the_arguments(hands: Hands) -> None:
    logs = hands.aws.client("logs")
    hands.make(t.LOG_GROUP, name="/a/b")
    group = hands.make(t.LOG_GROUP, name="/a", retentionInDays=30, kmsKeyId=KEY, tags={"Name": "a"})
    assert group["arn"] == "arn:aws:logs:us-east-1:123456789012:log-group:/a"
    group = hands.change(group, retentionInDays=None, tags={"Owner": "payments"})
    found, _ = logs.describe_log_groups(logGroupNamePrefix="/a")["logGroups"]
    assert "retentionInDays" not in found
    assert found["kmsKeyId"] == KEY
    tags = logs.list_tags_for_resource(resourceArn=group["arn"])["tags"]
    assert tags == {"Owner": "payments", "project": "paystage"}
    hands.delete(group)
    assert hands.read(group) is None
    assert logs.describe_log_groups()["logGroups"][0]["logGroupName"] == "/a/b"


def test_a_creation_of_which_only_the_first_call_was_heard_is_settled(hands: Hands) -> None:
    group = hands.make(t.LOG_GROUP, name="/a")
    group.inputs = {"name": "/a", "retentionInDays": 30}
    hands.change(group)
    (found,) = hands.aws.client("logs").describe_log_groups()["logGroups"]
    assert found["retentionInDays"] == 30


def test_another_key_is_nothing_that_moto_can_do(hands: Hands) -> None:
    group = hands.make(t.LOG_GROUP, name="/a")
    with pytest.raises(AbortedError, match="AssociateKmsKey"):
        hands.change(group, kmsKeyId=KEY)


def test_a_group_that_is_there_is_not_taken_over(hands: Hands) -> None:
    hands.aws.client("logs").create_log_group(logGroupName="/a")
    with pytest.raises(AbortedError, match="ResourceAlreadyExists"):
        hands.make(t.LOG_GROUP, name="/a")


def test_deliveries_are_kept_where_moto_has_none(hands: Hands) -> None:
    group = hands.make(t.LOG_GROUP, name="/a")
    where = {"destinationResourceArn": group["arn"]}
    destination = hands.make(
        t.DELIVERY_DESTINATION,
        name="d",
        outputFormat="json",
        deliveryDestinationConfiguration=where,
    )
    assert destination["deliveryDestinationType"] == "CWL"
    other = hands.make(t.LOG_GROUP, name="/b")
    changed = {"destinationResourceArn": other["arn"]}
    destination = hands.change(destination, deliveryDestinationConfiguration=changed)
    found = hands.aws.client("logs").get_delivery_destination(name="d")["deliveryDestination"]
    assert found["deliveryDestinationConfiguration"] == changed
    balancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/1"
    said = {"name": "s", "resourceArn": balancer, "logType": "ALB_ACCESS_LOGS"}
    source = hands.make(t.DELIVERY_SOURCE, **said, tags={"Name": "s"})
    assert source["service"] == "elasticloadbalancing"
    with pytest.raises(AbortedError, match="AlreadyExists"):
        hands.make(t.DELIVERY_SOURCE, **said)
    delivery = hands.make(
        "aws:cloudwatch/logDelivery:LogDelivery",
        deliverySourceName="s",
        deliveryDestinationArn=destination["arn"],
    )
    for thing in (delivery, source, destination):
        assert hands.read(thing) is not None
        hands.delete(thing)
        assert hands.read(thing) is None


def test_a_policy_for_services_changes_and_goes(hands: Hands) -> None:
    policy = hands.make(POLICY, policyName="p", policyDocument="{}")
    policy = hands.change(policy, policyDocument='{"Version": "2012-10-17"}')
    (found,) = hands.aws.client("logs").describe_resource_policies()["resourcePolicies"]
    assert found["policyDocument"] == '{"Version": "2012-10-17"}'
    hands.delete(policy)
    assert hands.read(policy) is None


def test_an_alarm_is_all_that_the_arguments_say(hands: Hands) -> None:
    errors = {"FunctionName": "f"}
    metric = {
        "namespace": "AWS/Lambda",
        "metricName": "Errors",
        "dimensions": errors,
        "period": 60,
        "stat": "Sum",
    }
    alarm = hands.make(
        ALARM,
        name="a",
        comparisonOperator="GreaterThanThreshold",
        evaluationPeriods=1,
        threshold=5,
        metricQueries=[
            {"id": "rate", "expression": "100 * errors", "label": "l", "returnData": True},
            {"id": "errors", "metric": metric},
        ],
        tags={"Name": "a"},
    )
    cloudwatch = hands.aws.client("cloudwatch")
    (found,) = cloudwatch.describe_alarms()["MetricAlarms"]
    rate, of_errors = found["Metrics"]
    assert (rate["Expression"], rate["ReturnData"]) == ("100 * errors", True)
    assert of_errors["MetricStat"]["Metric"]["Dimensions"] == [
        {"Name": "FunctionName", "Value": "f"}
    ]
    assert found["ActionsEnabled"]

    plain = {
        "metricQueries": None,
        "namespace": "AWS/Lambda",
        "metricName": "Errors",
        "dimensions": errors,
        "period": 60,
        "statistic": "Sum",
        "okActions": [FUNCTION],
        "tags": {"Owner": "payments"},
    }
    alarm = hands.change(alarm, **plain)
    (found,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (found["MetricName"], found["Statistic"]) == ("Errors", "Sum")
    assert found["OKActions"] == [FUNCTION]
    assert not found.get("Metrics")
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["arn"])["Tags"]
    assert as_map(tags) == {"Owner": "payments", "project": "paystage"}
    hands.delete(alarm)
    assert hands.read(alarm) is None


def test_a_dashboard_changes_and_goes(hands: Hands) -> None:
    board = hands.make(DASHBOARD, dashboardName="d", dashboardBody='{"widgets": []}')
    assert board["dashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/d"
    board = hands.change(board, dashboardBody='{"widgets": [1]}')
    found = hands.aws.client("cloudwatch").get_dashboard(DashboardName="d")
    assert found["DashboardBody"] == '{"widgets": [1]}'
    hands.delete(board)
    assert hands.read(board) is None
    hands.delete(board)


def test_a_rule_goes_after_its_targets(hands: Hands) -> None:
    events = hands.aws.client("events")
    rule = hands.make(RULE, name="r", scheduleExpression="rate(1 hour)", tags={"Name": "r"})
    target = hands.make(TARGET, rule="r", targetId="function", arn=FUNCTION)
    assert target.id == "r-function"
    target = hands.change(target, input='{"a": 1}')
    (found,) = events.list_targets_by_rule(Rule="r")["Targets"]
    assert found == {"Id": "function", "Arn": FUNCTION, "Input": '{"a": 1}'}
    rule = hands.change(rule, scheduleExpression="rate(1 minute)", tags={"Owner": "payments"})
    assert events.describe_rule(Name="r")["ScheduleExpression"] == "rate(1 minute)"
    assert len(events.list_targets_by_rule(Rule="r")["Targets"]) == 1
    tags = events.list_tags_for_resource(ResourceARN=rule["arn"])["Tags"]
    assert as_map(tags) == {"Owner": "payments", "project": "paystage"}
    with pytest.raises(AbortedError, match="targets"):
        hands.delete(rule)
    for thing in (target, rule):
        hands.delete(thing)
        assert hands.read(thing) is None
        hands.delete(thing)


def test_tracing_is_kept_by_the_provider(hands: Hands) -> None:
    group = hands.make(
        "aws:xray/group:Group", groupName="g", filterExpression='service("a")', tags={"Name": "g"}
    )
    assert group.id == group["arn"]
    assert group["arn"].startswith("arn:aws:xray:us-east-1:123456789012:group/g/")
    group = hands.change(group, filterExpression='service("b")')
    assert hands.read(group) is not None
    hands.delete(group)
    assert hands.read(group) is None
