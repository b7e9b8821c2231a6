"""CloudWatch's alarms and dashboards, and the rules of EventBridge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, as_list, given
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import monitoring as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud.store import Cloud

# Arguments of an alarm that CloudWatch spells with a capital and takes as they are.
OF_ALARM = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}
OF_QUERY = {
    "expression": "Expression",
    "id": "Id",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}


def renamed(said: Inputs, names: Mapping[str, str]) -> dict[str, Any]:
    """Return those arguments under AWS's names for them."""
    return {theirs: said[ours] for ours, theirs in names.items() if ours in said}


class MetricAlarm(Kind):
    """An alarm."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"  # noqa: S105 - a type
    refs = (
        Ref("alarmActions[]", (t.TOPIC,), by="arn"),
        Ref("okActions[]", (t.TOPIC,), by="arn"),
        Ref("insufficientDataActions[]", (t.TOPIC,), by="arn"),
    )
    unique = (Unique(("name",)),)
    rules = (rule.one_metric_or_many,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        name = record.inputs["name"]
        arn = f"arn:aws:cloudwatch:{record.region}:{cloud.account}:alarm:{name}"
        return {"id": name, "arn": arn}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it with its tags, which count only now."""
        self._put(aws, new, {"Tags": as_list(new["tagsAll"])})
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        if not old:
            return
        self._put(aws, new, {})
        cloudwatch, arn = aws.client("cloudwatch"), aws.arn("cloudwatch", f"alarm:{id_}")
        gone = dropped(old, new)
        if gone:
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
        cloudwatch.tag_resource(ResourceARN=arn, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        found = aws.client("cloudwatch").describe_alarms(AlarmNames=[id_])["MetricAlarms"]
        return {"arn": found[0]["AlarmArn"]} if found else None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("cloudwatch").delete_alarms(AlarmNames=[id_])

    def _put(self, aws: Aws, new: Inputs, tags: Mapping[str, Any]) -> None:
        metrics = [_query(query) for query in new.get("metricQueries", ())]
        aws.client("cloudwatch").put_metric_alarm(
            AlarmName=new["name"],
            **{"ActionsEnabled": True, **renamed(new, OF_ALARM)},
            **given(Metrics=metrics or None, Dimensions=_dimensions(new) or None),
            **tags,
        )


def _dimensions(said: Inputs) -> list[dict[str, str]]:
    found = said.get("dimensions", {})
    return [{"Name": name, "Value": found[name]} for name in sorted(found)]


def _query(said: Inputs) -> dict[str, Any]:
    metric = said.get("metric")
    if metric is None:
        return renamed(said, OF_QUERY)
    about = {"metricName": "MetricName", "namespace": "Namespace"}
    how = {"period": "Period", "stat": "Stat", "unit": "Unit"}
    return {
        **renamed(said, OF_QUERY),
        "MetricStat": {
            "Metric": {**renamed(metric, about), "Dimensions": _dimensions(metric)},
            **renamed(metric, how),
        },
    }


class Dashboard(Kind):
    """A dashboard."""

    token = "aws:cloudwatch/dashboard:Dashboard"  # noqa: S105 - a type
    lacks = "takes any text for widgets"
    unique = (Unique(("dashboardName",)),)
    rules = (rule.is_json,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        name = record.inputs["dashboardName"]
        return {"id": name, "dashboardArn": f"arn:aws:cloudwatch::{cloud.account}:dashboard/{name}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return new["dashboardName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("ResourceNotFound", "DashboardNotFoundError"):
            found = aws.client("cloudwatch").get_dashboard(DashboardName=id_)
            return {"dashboardArn": found["DashboardArn"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("cloudwatch").delete_dashboards(DashboardNames=[id_])

    def _put(self, aws: Aws, new: Inputs) -> None:
        answer = aws.client("cloudwatch").put_dashboard(
            DashboardName=new["dashboardName"], DashboardBody=new["dashboardBody"]
        )
        complaints = answer.get("DashboardValidationMessages")
        assert not complaints, f"the dashboard is not as it should be: {complaints}"


class EventRule(Kind):
    """A rule of EventBridge, on the bus that each account has."""

    token = "aws:cloudwatch/eventRule:EventRule"  # noqa: S105 - a type
    lacks = "nothing comes by itself: a schedule calls nobody"
    unique = (Unique(("name",)),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name."""
        name = record.inputs["name"]
        return {"id": name, "arn": f"arn:aws:events:{record.region}:{cloud.account}:rule/{name}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it with its tags, which count only now."""
        self._put(aws, new, {"Tags": as_list(new["tagsAll"])})
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        if not old:
            return
        self._put(aws, new, {})
        events, arn = aws.client("events"), aws.arn("events", f"rule/{id_}")
        gone = dropped(old, new)
        if gone:
            events.untag_resource(ResourceARN=arn, TagKeys=gone)
        events.tag_resource(ResourceARN=arn, Tags=as_list(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent("ResourceNotFoundException"):
            return {"arn": aws.client("events").describe_rule(Name=id_)["Arn"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("events").delete_rule(Name=id_)

    def _put(self, aws: Aws, new: Inputs, tags: Mapping[str, Any]) -> None:
        names = {
            "description": "Description",
            "eventPattern": "EventPattern",
            "roleArn": "RoleArn",
            "scheduleExpression": "ScheduleExpression",
        }
        aws.client("events").put_rule(
            Name=new["name"], State=new.get("state", "ENABLED"), **renamed(new, names), **tags
        )


class EventTarget(Kind):
    """Whom a rule calls."""

    token = "aws:cloudwatch/eventTarget:EventTarget"  # noqa: S105 - a type
    refs = (
        Ref("rule", (t.EVENT_RULE,), by="name", in_use="ValidationException"),
        Ref("arn", (t.FUNCTION,), by="arn"),
    )

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id in its rule."""
        del cloud
        target = record.inputs.get("targetId", record.hex(16))
        return {"id": f"{record.inputs['rule']}-{target}", "targetId": target}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return f"{new['rule']}-{new['targetId']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        with absent("ResourceNotFoundException"):
            pages = aws.client("events").get_paginator("list_targets_by_rule")
            for page in pages.paginate(Rule=known["rule"]):
                if any(target["Id"] == known["targetId"] for target in page["Targets"]):
                    return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it from its rule."""
        del id_
        answer = aws.client("events").remove_targets(Rule=known["rule"], Ids=[known["targetId"]])
        assert not answer["FailedEntryCount"], answer["FailedEntries"]

    def _put(self, aws: Aws, new: Inputs) -> None:
        names = {"arn": "Arn", "input": "Input", "inputPath": "InputPath", "roleArn": "RoleArn"}
        target = {"Id": new["targetId"], **renamed(new, names)}
        answer = aws.client("events").put_targets(Rule=new["rule"], Targets=[target])
        assert not answer["FailedEntryCount"], answer["FailedEntries"]


KINDS: tuple[Kind, ...] = (MetricAlarm(), Dashboard(), EventRule(), EventTarget())
