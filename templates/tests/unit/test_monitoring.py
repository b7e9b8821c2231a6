"""Log groups, alarms, and the topic that reaches people."""

from __future__ import annotations

import re

import settings
from tests.environment_class import LOG_RETENTION_DAYS
from tests.log_days import days_of
from tests.unit.kinds import (
    ALARM,
    API,
    BALANCER,
    DATABASE,
    FLOW_LOG,
    FUNCTION,
    LOG_DESTINATION,
    LOG_GROUP,
    STAGE,
    SUBSCRIPTION,
    TARGET_GROUP,
    TOPIC,
    TOPIC_POLICY,
    TRUST_STORE,
    WEB_ACL_LOGGING,
)
from tests.unit.measured import METRICS, is_measured
from tests.unit.mock_aws import ACCOUNT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_number, as_text

LAYER = "monitoring"
ABOVE = "GreaterThanThreshold"
BELOW = "LessThanThreshold"
GIBIBYTE = 2**30
# What is measured all the time, so that no data means that nobody measures, or that nothing was done.
NOT_SILENT = {"NumberOfBackupJobsCompleted", "OutboxAge"}


def _one(recording: Recording, kind: str) -> Resource:
    """Give the alarms' own: functions may have topics too."""
    (found,) = (item for item in recording.of(kind) if item.component == LAYER)
    return found


def _expected_groups(recording: Recording) -> set[str]:
    """Give the names of the groups that the services of this environment write to."""
    database = recording.one(DATABASE)
    names = {
        f"/aws/rds/instance/{database.text('identifier')}/{export}"
        for export in database.texts("enabled_cloudwatch_logs_exports")
    }
    names |= {f"/aws/lambda/{function.text('name')}" for function in recording.of(FUNCTION)}
    api, stage = recording.one(API), recording.one(STAGE)
    names.add(f"API-Gateway-Execution-Logs_{api.id}/{stage.text('stage_name')}")
    references = [stage.get("access_log_settings.destination_arn")]
    references += [item.get("log_destination") for item in recording.of(FLOW_LOG)]
    path = "delivery_destination_configuration.destination_resource_arn"
    references += [item.get(path) for item in recording.of(LOG_DESTINATION)]
    for logging in recording.of(WEB_ACL_LOGGING):
        references += as_list(logging.get("log_destination_configs"))
    return names | {recording.target(arn, LOG_GROUP).text("name") for arn in references}


def test_all_services_have_log_groups(recording: Recording) -> None:
    """MON-1: every service writes to a group that this stack made, and no group is idle."""
    names = [group.text("name") for group in recording.of(LOG_GROUP)]
    assert len(set(names)) == len(names)
    assert set(names) == _expected_groups(recording)


def test_logs_are_kept_for_the_time_asked(recording: Recording) -> None:
    """MON-1: the retention of the class, or a longer one, under a customer-managed key."""
    tail = f"-{settings.ENVIRONMENT}-{recording.suffix}"
    for group in recording.of(LOG_GROUP):
        days = group.number("retention_in_days")
        assert days == days_of(group.text("name"), tail) >= LOG_RETENTION_DAYS, group
        assert recording.key_of(group.get("kms_key_id"), "logs")
        # Infrequent access knows no metric filters and no live tail.
        assert group.get("log_group_class") in {None, "STANDARD"}, group


def test_groups_of_delivered_logs_need_no_policy_each(recording: Recording) -> None:
    """MON-1: such groups lie under a prefix that AWS's own resource policy covers, however many."""
    stage = recording.one(STAGE)
    references = [stage.get("access_log_settings.destination_arn")]
    path = "delivery_destination_configuration.destination_resource_arn"
    references += [item.get(path) for item in recording.of(LOG_DESTINATION)]
    for arn in references:
        name = recording.target(arn, LOG_GROUP).text("name")
        assert name.startswith("/aws/vendedlogs/"), name


def _alarms(recording: Recording, namespace: str, metric: str) -> list[Resource]:
    return [
        alarm
        for alarm in recording.of(ALARM)
        if alarm.text("namespace") == namespace and alarm.text("metric_name") == metric
    ]


def _one_alarm(
    recording: Recording, namespace: str, metric: str, dimensions: dict[str, str]
) -> Resource:
    """Give the only alarm on a metric, which must have exactly these dimensions."""
    found = [
        alarm
        for alarm in _alarms(recording, namespace, metric)
        if dict(as_map(alarm.get("dimensions"))) == dimensions
    ]
    assert len(found) == 1, f"{len(found)} alarms on {namespace} {metric} of {dimensions}"
    return found[0]


def _database_alarm(recording: Recording, metric: str) -> Resource:
    identifier = recording.one(DATABASE).text("identifier")
    return _one_alarm(recording, "AWS/RDS", metric, {"DBInstanceIdentifier": identifier})


def test_database_cpu_raises_an_alarm(recording: Recording) -> None:
    """MON-2: an alarm fires when the database's CPU stays busy."""
    alarm = _database_alarm(recording, "CPUUtilization")
    assert alarm.text("comparison_operator") == ABOVE
    assert alarm.text("statistic") == "Average"
    assert 0 < alarm.number("threshold") < 100


def test_database_runs_out_of_nothing_unseen(recording: Recording) -> None:
    """MON-2: alarms on free storage and connections, and on credits of a burstable class."""
    database = recording.one(DATABASE)
    storage = _database_alarm(recording, "FreeStorageSpace")
    assert storage.text("comparison_operator") == BELOW
    assert storage.text("statistic") == "Minimum"
    # In bytes, and less than there is at the beginning.
    assert GIBIBYTE <= storage.number("threshold") < database.number("allocated_storage") * GIBIBYTE
    connections = _database_alarm(recording, "DatabaseConnections")
    assert connections.text("comparison_operator") == ABOVE
    assert connections.text("statistic") == "Maximum"
    assert connections.number("threshold") > 0
    if database.text("instance_class").startswith("db.t"):
        left = _database_alarm(recording, "CPUCreditBalance")
        assert left.text("comparison_operator") == BELOW
        assert left.text("statistic") == "Minimum"
        assert left.number("threshold") > 0


def _queries(alarm: Resource) -> tuple[str, dict[str, str]]:
    """Give the expression that an alarm watches and the metric behind each id in it."""
    queries = alarm.maps("metric_queries")
    returned = [query for query in queries if query.get("return_data") is True]
    assert len(returned) == 1, alarm
    metrics: dict[str, str] = {}
    for query in queries:
        metric = as_map(query.get("metric"))
        if metric:
            assert metric.get("stat") == "Sum", alarm
            assert metric.get("namespace") == "AWS/Lambda", alarm
            assert as_number(metric.get("period")) >= 60, alarm
            metrics[as_text(query.get("id"))] = as_text(metric.get("metric_name"))
    periods = {as_map(query.get("metric")).get("period") for query in queries if "metric" in query}
    assert len(periods) == 1, alarm
    assert as_text(returned[0].get("label")), alarm
    assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", as_text(returned[0].get("id"))), alarm
    return as_text(returned[0].get("expression")), metrics


def _watched_function(recording: Recording, alarm: Resource) -> Resource:
    """Give the one function that all metrics of an alarm are about."""
    names = {
        as_text(as_map(as_map(query.get("metric")).get("dimensions")).get("FunctionName"))
        for query in alarm.maps("metric_queries")
        if "metric" in query
    }
    assert len(names) == 1, alarm
    return recording.target(names.pop(), FUNCTION)


def test_each_functions_error_rate_raises_an_alarm(recording: Recording) -> None:
    """MON-3: for each function the share of its calls that fail, in percent, by metric math."""
    alarms = [alarm for alarm in recording.of(ALARM) if alarm.has("metric_queries")]
    watched = [_watched_function(recording, alarm).urn for alarm in alarms]
    assert sorted(watched) == sorted(function.urn for function in recording.of(FUNCTION))
    for alarm in alarms:
        expression, metrics = _queries(alarm)
        assert metrics == {"errors": "Errors", "invocations": "Invocations"}, alarm
        assert set(re.findall(r"[A-Za-z_]+", expression)) == {"IF", "errors", "invocations"}, alarm
        rate = re.fullmatch(
            r"IF\((invocations - \d+) >= \d+, 100 \* errors / \((invocations - \d+)\), 0\)",
            expression,
        )
        assert rate, alarm
        # The same calls count in the condition and in the rate.
        assert rate[1] == rate[2], alarm
        assert alarm.text("comparison_operator") == ABOVE, alarm
        assert 0 < alarm.number("threshold") < 100, alarm


def test_throttled_functions_raise_an_alarm(recording: Recording) -> None:
    """MON-3: an alarm fires at the first throttled call of a function."""
    for function in recording.of(FUNCTION):
        dimensions = {"FunctionName": function.text("name")}
        alarm = _one_alarm(recording, "AWS/Lambda", "Throttles", dimensions)
        assert alarm.text("comparison_operator") == ABOVE
        assert alarm.text("statistic") == "Sum"
        assert alarm.number("threshold") == 0
    assert len(_alarms(recording, "AWS/Lambda", "Throttles")) == len(recording.of(FUNCTION))


def test_api_error_rates_raise_alarms(recording: Recording) -> None:
    """MON-4: shares of requests that end in 4xx and 5xx: the average of these metrics."""
    dimensions = {
        "ApiName": recording.one(API).text("name"),
        "Stage": recording.one(STAGE).text("stage_name"),
    }
    for metric in ("4XXError", "5XXError"):
        alarm = _one_alarm(recording, "AWS/ApiGateway", metric, dimensions)
        assert alarm.text("statistic") == "Average", alarm
        assert alarm.text("comparison_operator") == ABOVE, alarm
        # One is every request.
        assert 0 < alarm.number("threshold") < 1, alarm


def test_load_balancer_errors_raise_alarms(recording: Recording) -> None:
    """LB-3: an alarm fires when the load balancer or the functions behind it return errors."""
    dimensions = {"LoadBalancer": as_text(recording.one(BALANCER).outputs["arn_suffix"])}
    for metric in ("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"):
        alarm = _one_alarm(recording, "AWS/ApplicationELB", metric, dimensions)
        assert alarm.text("statistic") == "Sum", alarm
        assert alarm.text("comparison_operator") == ABOVE, alarm
        assert alarm.number("threshold") >= 0, alarm


def test_refused_callers_raise_an_alarm(recording: Recording) -> None:
    """LB-2: where callers show certificates, an alarm fires when many do not get in."""
    dimensions = {"LoadBalancer": as_text(recording.one(BALANCER).outputs["arn_suffix"])}
    for _ in recording.of(TRUST_STORE):
        metric = "ClientTLSNegotiationErrorCount"
        alarm = _one_alarm(recording, "AWS/ApplicationELB", metric, dimensions)
        assert alarm.text("statistic") == "Sum", alarm
        assert alarm.text("comparison_operator") == ABOVE, alarm
        # Somebody who tries a new client by hand wakes nobody.
        assert 10 <= alarm.number("threshold") <= 100, alarm


def test_targets_that_fail_their_checks_raise_alarms(recording: Recording) -> None:
    """LB-3: for each function behind the load balancer, an alarm fires at the first failed check."""
    balancer = as_text(recording.one(BALANCER).outputs["arn_suffix"])
    for group in recording.of(TARGET_GROUP):
        dimensions = {
            "LoadBalancer": balancer,
            "TargetGroup": as_text(group.outputs["arn_suffix"]),
        }
        alarm = _one_alarm(recording, "AWS/ApplicationELB", "UnHealthyHostCount", dimensions)
        assert alarm.text("statistic") == "Maximum", alarm
        assert alarm.text("comparison_operator") == ABOVE, alarm
        assert alarm.number("threshold") == 0, alarm


def test_alarms_reach_the_topic(recording: Recording) -> None:
    """MON-5: each alarm notifies the topic when it begins and ends; missing data is no alarm."""
    topic = _one(recording, TOPIC)
    assert recording.of(ALARM)
    for alarm in recording.of(ALARM):
        for actions in ("alarm_actions", "ok_actions"):
            reached = [recording.referred(arn) for arn in alarm.texts(actions)]
            assert reached == [topic], f"{alarm} {actions}"
        # Missing data is an alarm only where a function reports with each run.
        silence = "breaching" if alarm.get("metric_name") in NOT_SILENT else "notBreaching"
        assert alarm.text("treat_missing_data") == silence, alarm
        assert not alarm.is_false("actions_enabled"), alarm


def test_alarms_say_what_is_wrong(recording: Recording) -> None:
    """MON-5: the description says what is wrong, and beyond which threshold."""
    for alarm in recording.of(ALARM):
        description, threshold = alarm.text("alarm_description"), alarm.number("threshold")
        assert 10 <= len(description) <= 100, alarm
        metric = alarm.get("metric_name")
        if metric == "FreeStorageSpace":
            threshold /= 2**30
        elif alarm.get("namespace") == "AWS/ApiGateway":
            threshold *= 100
        elif metric == "ApproximateAgeOfOldestMessage":
            threshold /= 60
        if threshold > 0:
            way = "below" if alarm.text("comparison_operator") == BELOW else "above"
            limit = rf"(?:{way}|more than) {threshold:g}\b"
            assert re.search(limit, description), f"{alarm}: {description}"


def test_alarms_watch_what_aws_publishes(recording: Recording) -> None:
    """MON-5: an alarm on a metric that nobody publishes would never be raised."""
    for alarm in recording.of(ALARM):
        assert 1 <= alarm.number("evaluation_periods") <= 5, alarm
        if alarm.has("metric_queries"):
            continue
        metric, namespace = alarm.text("metric_name"), alarm.text("namespace")
        assert metric in METRICS.get(namespace, ()) or is_measured(recording, alarm), alarm
        period = alarm.number("period")
        assert period >= 60, alarm
        assert period % 60 == 0, alarm


def test_topic_reaches_people(recording: Recording) -> None:
    """MON-5: somebody is subscribed, in a form in which the message can arrive."""
    topic = _one(recording, TOPIC)
    subscriptions = [item for item in recording.of(SUBSCRIPTION) if item.component == LAYER]
    assert subscriptions
    for subscription in subscriptions:
        assert recording.referred(subscription.get("topic")) is topic, subscription
        endpoint = subscription.text("endpoint")
        match subscription.text("protocol"):
            case "email" | "email-json":
                assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", endpoint), subscription
            case "https":
                assert endpoint.startswith("https://"), subscription
            case "sms":
                assert re.fullmatch(r"\+\d{6,15}", endpoint), subscription
            case protocol:
                message = f"{subscription}: {protocol} reaches no person"
                raise AssertionError(message)


def test_only_alarms_of_this_account_publish_to_the_topic(recording: Recording) -> None:
    """MON-5: CloudWatch may publish on behalf of this account; nobody may without TLS."""
    topic = _one(recording, TOPIC)
    policy = _one(recording, TOPIC_POLICY)
    assert recording.referred(policy.get("arn")) is topic
    rules = policy.statements()
    assert all(rule.actions == ["sns:Publish"] for rule in rules)
    assert all(rule.resources == [topic.arn] for rule in rules)
    grants = [rule for rule in rules if rule.allows]
    assert [rule.is_for("cloudwatch.amazonaws.com") for rule in grants] == [True]
    assert dict(grants[0].conditions) == {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}
    denials = [rule for rule in rules if rule.denies]
    assert [dict(rule.principals) for rule in denials] == [{"AWS": ["*"]}]
    assert dict(denials[0].conditions) == {"Bool": {"aws:SecureTransport": ["false"]}}


def test_topic_is_encrypted(recording: Recording) -> None:
    """SEC-1: messages lie under a customer-managed key: the service's own key refuses alarms."""
    assert recording.key_of(_one(recording, TOPIC).get("kms_master_key_id"), "topic")
