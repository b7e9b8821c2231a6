"""The web application firewall, where the spec has not switched it off."""

from __future__ import annotations

import re

from tests.unit.kinds import (
    BALANCER,
    LOG_GROUP,
    STAGE,
    WEB_ACL,
    WEB_ACL_ASSOCIATION,
    WEB_ACL_LOGGING,
)
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_number, as_text

# What AWS maintains against the usual attacks; a payment API needs each of them.
COMMON = "AWSManagedRulesCommonRuleSet"
# A payment may be longer than the 8 KiB at which this rule stops: its schema judges it.
COUNTED: list[dict[str, object]] = [
    {"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}
]
# Give access, or may hold any text.
HIDDEN_HEADERS = {
    "authorization",
    "cookie",
    "idempotency-key",
    "merchant-id",
    "payment-id",
    "referer",
    "user-agent",
    "x-api-key",
}
MANAGED = {
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
}


def _rules(acl: Resource) -> list[dict[str, object]]:
    return [dict(rule) for rule in acl.maps("rules")]


def _statement(rule: dict[str, object], kind: str) -> dict[str, object]:
    return dict(as_map(as_map(rule.get("statement")).get(kind)))


def test_one_firewall_for_both_entry_points(recording: Recording) -> None:
    """API-3, LB-1: one regional web ACL protects the API's stage and the load balancer."""
    acls = recording.of(WEB_ACL)
    entry_points = [recording.one(STAGE).urn, recording.one(BALANCER).urn] if acls else []
    guarded = [
        found.urn
        for item in recording.of(WEB_ACL_ASSOCIATION)
        if (found := recording.referred(item.get("resource_arn")))
    ]
    assert len(acls) <= 1
    assert sorted(guarded) == sorted(entry_points)
    for association in recording.of(WEB_ACL_ASSOCIATION):
        recording.target(association.get("web_acl_arn"), WEB_ACL)
    assert all(acl.text("scope") == "REGIONAL" for acl in acls)


def test_what_no_rule_stops_passes(recording: Recording) -> None:
    """LB-1: the firewall names what it stops; everything else is the services' to judge."""
    for acl in recording.of(WEB_ACL):
        assert dict(as_map(acl.get("default_action"))) == {"allow": {}}, acl


def test_known_attacks_are_stopped(recording: Recording) -> None:
    """LB-1: AWS's rules stop common attacks, bad inputs, SQL injection and bad addresses."""
    for acl in recording.of(WEB_ACL):
        managed = [
            (rule, _statement(rule, "managed_rule_group_statement"))
            for rule in _rules(acl)
            if "managed_rule_group_statement" in as_map(rule.get("statement"))
        ]
        assert {statement.get("name") for _, statement in managed} == MANAGED, acl
        for rule, statement in managed:
            assert statement.get("vendor_name") == "AWS", rule
            # Not merely counted, and no rule of the group taken out but the one on the size of bodies.
            assert rule.get("override_action") == {"none": {}}, rule
            assert set(statement) <= {"name", "vendor_name", "rule_action_overrides"}, rule
            counted = COUNTED if statement.get("name") == COMMON else []
            assert statement.get("rule_action_overrides", []) == counted, rule


def test_floods_are_stopped_first(recording: Recording) -> None:
    """API-3: an address that floods is blocked before any other rule counts its requests."""
    for acl in recording.of(WEB_ACL):
        rules = sorted(_rules(acl), key=lambda rule: as_number(rule.get("priority")))
        first = _statement(rules[0], "rate_based_statement")
        assert first.get("aggregate_key_type") == "IP", acl
        assert 10 <= as_number(first.get("limit")) <= 2_000_000_000, acl
        assert first.get("evaluation_window_sec") == 300, acl
        assert rules[0].get("action") == {"block": {}}, acl


def test_rules_have_metrics_of_their_own(recording: Recording) -> None:
    """MON-1: names, priorities and metrics are distinct, and each rule is measured; no request is kept."""
    for acl in recording.of(WEB_ACL):
        rules = _rules(acl)
        names = [as_text(rule.get("name")) for rule in rules]
        assert len({as_number(rule.get("priority")) for rule in rules}) == len(rules)
        assert sorted(as_number(rule.get("priority")) for rule in rules) == list(range(len(rules)))
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z][a-z-]{0,40}[a-z]", name) for name in names)
        views = [as_map(rule.get("visibility_config")) for rule in rules]
        views.append(as_map(acl.get("visibility_config")))
        metrics = [as_text(view.get("metric_name")) for view in views]
        assert len(set(metrics)) == len(metrics)
        for view in views:
            assert view.get("cloudwatch_metrics_enabled") is True, view
            # Samples hold paths as they were sent.
            assert view.get("sampled_requests_enabled") is False, view
        # Metrics of two environments in one account keep apart.
        assert all(metric.endswith(f"-{recording.suffix}") for metric in metrics)
        for name, metric in zip(names, metrics, strict=False):
            assert name in metric, acl


def test_what_the_firewall_does_is_logged(recording: Recording) -> None:
    """MON-1: the firewall logs to a group whose name it accepts, without what a client may write anything into."""
    for acl in recording.of(WEB_ACL):
        logging = recording.one(WEB_ACL_LOGGING)
        assert recording.referred(logging.get("resource_arn")) is acl
        groups = [
            recording.target(arn, LOG_GROUP)
            for arn in as_list(logging.get("log_destination_configs"))
        ]
        assert [group.text("name").startswith("aws-waf-logs-") for group in groups] == [True]
        fields = logging.maps("redacted_fields")
        headers = {
            as_text(as_map(field["single_header"]).get("name"))
            for field in fields
            if "single_header" in field
        }
        assert headers == HIDDEN_HEADERS
        assert {name for field in fields for name in field} == {
            "uri_path",
            "query_string",
            "single_header",
        }
        protected = {
            as_text(as_map(one.get("field")).get("field_type")): one
            for one in acl.maps("data_protection_config.data_protections")
        }
        assert set(protected) == {"BODY", "QUERY_STRING", "SINGLE_HEADER"}
        assert {one.get("action") for one in protected.values()} == {"SUBSTITUTION"}
        keys = as_list(as_map(protected["SINGLE_HEADER"].get("field")).get("field_keys"))
        assert set(map(as_text, keys)) == HIDDEN_HEADERS
    assert len(recording.of(WEB_ACL_LOGGING)) == len(recording.of(WEB_ACL))
