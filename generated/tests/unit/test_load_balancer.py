"""The load balancer: where it stands, what it listens to, where requests go, health."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.domain import LOAD_BALANCER_NAME
from tests.unit.kinds import (
    ATTACHMENT,
    BALANCER,
    BUCKET,
    BUCKET_OBJECT,
    CERTIFICATE,
    FUNCTION,
    LISTENER,
    LISTENER_RULE,
    LOG_DELIVERY,
    LOG_DESTINATION,
    LOG_GROUP,
    LOG_SOURCE,
    TARGET_GROUP,
    TRUST_STORE,
)
from tests.unit.network_model import SUBNET, public_subnets
from tests.unit.recording import PROJECT
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_map, as_text, as_texts, parse_json

PRIVATE_KEY = "tls:index/privateKey:PrivateKey"
SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert"


def _listener(recording: Recording, protocol: str) -> Resource:
    found = [item for item in recording.of(LISTENER) if item.text("protocol") == protocol]
    assert len(found) == 1, f"{len(found)} listeners for {protocol}"
    return found[0]


def test_application_load_balancer_in_the_public_subnets(recording: Recording) -> None:
    """LB-1: one Application Load Balancer that faces outwards, in every zone's public subnet."""
    balancer = recording.one(BALANCER)
    assert balancer.get("load_balancer_type") in {None, "application"}
    assert balancer.is_false("internal")
    homes = [recording.target(subnet, SUBNET).urn for subnet in balancer.texts("subnets")]
    assert sorted(homes) == sorted(subnet.urn for subnet in public_subnets(recording))


def test_malformed_requests_are_turned_away(recording: Recording) -> None:
    """LB-1: invalid headers are dropped, and ambiguous requests defused."""
    balancer = recording.one(BALANCER)
    assert balancer.is_true("drop_invalid_header_fields")
    assert balancer.text("desync_mitigation_mode") in {"defensive", "strictest"}


def test_access_is_logged_to_the_bucket(recording: Recording) -> None:
    """LB-1, MON-1: access logs go to a bucket of this environment."""
    balancer = recording.one(BALANCER)
    recording.target(balancer.get("access_logs.bucket"), BUCKET)
    assert balancer.is_true("access_logs.enabled")
    assert not balancer.has("access_logs.prefix"), "the bucket's policy names no prefix"


def test_access_is_logged_to_cloudwatch_too(recording: Recording) -> None:
    """MON-1: the load balancer's access logs are delivered to a log group."""
    balancer = recording.one(BALANCER)
    source = recording.one(LOG_SOURCE)
    destination = recording.one(LOG_DESTINATION)
    delivery = recording.one(LOG_DELIVERY)
    assert source.text("log_type") == "ALB_ACCESS_LOGS"
    assert recording.referred(source.get("resource_arn")) is balancer
    path = "delivery_destination_configuration.destination_resource_arn"
    recording.target(destination.get(path), LOG_GROUP)
    assert destination.text("output_format") == "json"
    assert delivery.text("delivery_source_name") == source.text("name")
    assert recording.referred(delivery.get("delivery_destination_arn")) is destination


def test_listeners_belong_to_the_balancer(recording: Recording) -> None:
    """LB-2: HTTPS on 443 and HTTP on 80, nothing else."""
    balancer = recording.one(BALANCER)
    for listener in recording.of(LISTENER):
        assert recording.referred(listener.get("load_balancer_arn")) is balancer, listener
    ports = {item.text("protocol"): item.number("port") for item in recording.of(LISTENER)}
    assert ports == {"HTTPS": 443, "HTTP": 80}
    assert len(recording.of(LISTENER)) == 2


def test_clients_speak_modern_tls(recording: Recording) -> None:
    """LB-2: the HTTPS listener names a policy without old protocols; the default is from 2016."""
    policy = _listener(recording, "HTTPS").text("ssl_policy")
    assert re.fullmatch(r"ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20\d\d-\d\d", policy)


def _imported(recording: Recording) -> list[Resource]:
    """Give the certificates that ACM has not issued itself."""
    return [item for item in recording.of(CERTIFICATE) if item.has("certificate_body")]


def test_certificate_is_of_this_environment_or_of_the_team(recording: Recording) -> None:
    """LB-2: HTTPS has a certificate: one that the program made, or the one that the spec names."""
    certificate = _listener(recording, "HTTPS").text("certificate_arn")
    if LOAD_BALANCER_NAME:
        shown = recording.target(certificate, CERTIFICATE)
        assert shown.text("domain_name") == LOAD_BALANCER_NAME
    elif imported := _imported(recording):
        assert [recording.referred(certificate)] == imported
    else:
        assert re.fullmatch(r"arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+", certificate)


def test_self_signed_certificate_can_serve(recording: Recording) -> None:
    """LB-2: a certificate of the program's own has a strong key, serves TLS, and renews itself."""
    imported = _imported(recording)
    assert len(imported) == len(recording.by_token.get(SELF_SIGNED, []))
    assert not (LOAD_BALANCER_NAME and imported)
    for certificate in imported:
        (signed,) = recording.by_token[SELF_SIGNED]
        (key,) = recording.by_token[PRIVATE_KEY]
        assert certificate.text("certificate_body") == signed.outputs["cert_pem"]
        assert certificate.text("private_key") == key.outputs["private_key_pem"]
        assert signed.text("private_key_pem") == key.outputs["private_key_pem"]
        assert key.text("algorithm") == "RSA"
        assert key.number("rsa_bits") in {2048, 3072, 4096}
        assert set(signed.texts("allowed_uses")) == {
            "digital_signature",
            "key_encipherment",
            "server_auth",
        }
        names = signed.texts("dns_names")
        assert names == [signed.text("subject.common_name")]
        assert all(re.fullmatch(r"[a-z0-9-]{1,63}\.[a-z.]+", name) for name in names)
        # Browsers and libraries refuse what is valid for longer.
        assert 0 < signed.number("early_renewal_hours") < signed.number("validity_period_hours")
        assert signed.number("validity_period_hours") <= 825 * 24


def test_callers_show_a_certificate_of_a_known_authority(recording: Recording) -> None:
    """LB-2: where authorities are given, no connection comes about without a valid certificate."""
    asked = as_map(_listener(recording, "HTTPS").get("mutual_authentication"))
    if not recording.of(TRUST_STORE):
        # Said in so many words: AWS keeps what is no longer said.
        assert asked == {"mode": "off"}
        return
    assert set(asked) == {
        "mode",
        "trust_store_arn",
        "ignore_client_certificate_expiry",
        "advertise_trust_store_ca_names",
    }
    assert asked.get("mode") == "verify"
    assert asked.get("ignore_client_certificate_expiry") is False
    assert asked.get("advertise_trust_store_ca_names") == "on"
    store = recording.target(asked.get("trust_store_arn"), TRUST_STORE)
    assert store is recording.one(TRUST_STORE)
    assert not _listener(recording, "HTTP").has("mutual_authentication")


def test_authorities_are_those_of_the_committed_file(recording: Recording) -> None:
    """LB-2: the trust store has one version of the bundle, certificates only, named for its bytes."""
    for store in recording.of(TRUST_STORE):
        bundle = recording.one(BUCKET_OBJECT)
        path = Path(__file__).parents[2] / "certificates" / "clients.pem"
        content = bundle.text("content")
        assert content == path.read_text(encoding="utf-8")
        assert "PRIVATE KEY" not in content
        assert content.count("-----BEGIN ") == content.count("-----BEGIN CERTIFICATE-----") > 0
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert bundle.text("key") == f"clients/{digest[:16]}.pem"
        assert bundle.text("content_type") == "application/x-pem-file"
        bucket = recording.target(bundle.get("bucket"), BUCKET)
        assert recording.target(store.get("ca_certificates_bundle_s3_bucket"), BUCKET) is bucket
        assert store.text("ca_certificates_bundle_s3_key") == bundle.text("key")
        version = store.text("ca_certificates_bundle_s3_object_version")
        assert version == bundle.outputs["version_id"]


def test_plain_http_is_redirected(recording: Recording) -> None:
    """LB-2: port 80 answers with a permanent redirect to HTTPS; no rule forwards from there."""
    listener = _listener(recording, "HTTP")
    actions = listener.maps("default_actions")
    assert [action.get("type") for action in actions] == ["redirect"]
    assert dict(as_map(actions[0].get("redirect"))) == {
        "port": str(int(_listener(recording, "HTTPS").number("port"))),
        "protocol": "HTTPS",
        "status_code": "HTTP_301",
    }
    rules = [recording.referred(rule.get("listener_arn")) for rule in recording.of(LISTENER_RULE)]
    assert all(rule is _listener(recording, "HTTPS") for rule in rules)


def test_unknown_paths_reach_no_function(recording: Recording) -> None:
    """LB-2: what no rule names gets a fixed 404 in JSON."""
    actions = _listener(recording, "HTTPS").maps("default_actions")
    assert [action.get("type") for action in actions] == ["fixed-response"]
    answer = as_map(actions[0].get("fixed_response"))
    assert answer.get("status_code") == "404"
    assert answer.get("content_type") == "application/json"
    problem = as_map(parse_json(as_text(answer.get("message_body"))))
    # The members of RFC 9457, and the title once more for who knows API Gateway's answers.
    assert problem.get("type") == "urn:paystage:problem:not-found"
    assert problem.get("status") == 404
    assert problem.get("title") == problem.get("message") == "Not found"


def test_rules_distribute_requests_to_functions(recording: Recording) -> None:
    """LB-2: each rule forwards a path to one target group, and each group gets requests."""
    rules = recording.of(LISTENER_RULE)
    assert rules
    groups: set[str] = set()
    patterns: list[str] = []
    for rule in rules:
        conditions = rule.maps("conditions")
        assert [set(condition) for condition in conditions] == [{"path_pattern"}], rule
        patterns += as_texts(as_map(conditions[0].get("path_pattern")).get("values"))
        actions = rule.maps("actions")
        assert [action.get("type") for action in actions] == ["forward"], rule
        groups.add(recording.target(actions[0].get("target_group_arn"), TARGET_GROUP).urn)
    assert len(set(patterns)) == len(patterns) == len(rules)
    assert all(re.fullmatch(r"/[A-Za-z0-9_.$/~\"'@:+&()*?!-]{0,127}", path) for path in patterns)
    assert groups == {group.urn for group in recording.of(TARGET_GROUP)}


def _literal_length(pattern: str) -> int:
    return len(re.split(r"[*?]", pattern)[0])


def test_more_specific_paths_come_first(recording: Recording) -> None:
    """LB-2: priorities are distinct, and a pattern never stands behind one that swallows it."""
    ranked = sorted(recording.of(LISTENER_RULE), key=lambda rule: rule.number("priority"))
    priorities = [rule.number("priority") for rule in ranked]
    assert len(set(priorities)) == len(priorities)
    assert all(1 <= priority <= 50_000 for priority in priorities)
    patterns = [rule.text("conditions.path_pattern.values") or _pattern(rule) for rule in ranked]
    for index, pattern in enumerate(patterns):
        wildcard = pattern.replace("*", "").replace("?", "") != pattern
        prefix = pattern[: _literal_length(pattern)]
        if wildcard:
            assert not any(later.startswith(prefix) for later in patterns[index + 1 :]), pattern


def _pattern(rule: Resource) -> str:
    conditions = rule.maps("conditions")
    return as_texts(as_map(conditions[0].get("path_pattern")).get("values"))[0]


def test_target_groups_invoke_functions(recording: Recording) -> None:
    """LB-2: each group is of type lambda and holds exactly one function."""
    for group in recording.of(TARGET_GROUP):
        assert group.text("target_type") == "lambda", group
        # Such a group is in no network.
        assert not {"port", "protocol", "vpc_id"} & set(group.inputs), group
        attachments = recording.attached(ATTACHMENT, "target_group_arn", group)
        assert len(attachments) == 1, group
        function = recording.target(attachments[0].get("target_id"), FUNCTION)
        # Of two headers that contradict, these functions have to see both; a team's own read what they were written for.
        code = PROJECT / "functions" / function.name.replace("-", "_") / "handler.py"
        shares = code.is_file() and "from payments." in code.read_text("utf-8")
        assert group.get("lambda_multi_value_headers_enabled") is shares, group
    assert len(recording.of(ATTACHMENT)) == len(recording.of(TARGET_GROUP))


def test_targets_are_checked_for_health(recording: Recording) -> None:
    """LB-3: each group is checked, as seldom as AWS allows: a check is a call."""
    for group in recording.of(TARGET_GROUP):
        assert group.is_true("health_check.enabled"), group
        assert group.text("health_check.path") == "/health", group
        assert group.text("health_check.matcher") == "200", group
        assert group.number("health_check.interval") == 300, group
        assert 1 < group.number("health_check.timeout") < 120, group
        for threshold in ("healthy_threshold", "unhealthy_threshold"):
            assert 2 <= group.number(f"health_check.{threshold}") <= 10, group
