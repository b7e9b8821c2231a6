"""Names of the environment's own: their certificates, what answers by them, and their records."""

from __future__ import annotations

from tests.domain import API_NAME, LOAD_BALANCER_NAME, ZONE_ID
from tests.unit.kinds import (
    API,
    API_DOMAIN,
    BALANCER,
    BASE_PATH,
    CERTIFICATE,
    CERTIFICATE_VALIDATION,
    DNS_RECORD,
    LISTENER,
    STAGE,
)
from tests.unit.resources import Recording, Resource
from tests.unit.values import as_list, as_map, as_text

NAMES = {name for name in (API_NAME, LOAD_BALANCER_NAME) if name}


def _certificates(recording: Recording) -> dict[str, Resource]:
    return {item.text("domain_name"): item for item in recording.of(CERTIFICATE)}


def _issued(recording: Recording, name: str) -> Resource:
    """Give what waits for the certificate of a name."""
    certificate = _certificates(recording)[name]
    (found,) = (
        item
        for item in recording.of(CERTIFICATE_VALIDATION)
        if recording.referred(item.get("certificate_arn")) is certificate
    )
    return found


def test_each_name_has_a_certificate_that_renews_itself(recording: Recording) -> None:
    """API-1, LB-2: of ACM's own, validated by DNS, with a key that every client knows."""
    names = [item.text("domain_name") for item in recording.of(CERTIFICATE)]
    assert sorted(names) == sorted(NAMES)
    for certificate in recording.of(CERTIFICATE):
        assert certificate.text("validation_method") == "DNS"
        assert certificate.text("key_algorithm") == "RSA_2048"
        assert not certificate.has("certificate_body")
        assert not certificate.has("private_key")


def test_the_zone_has_what_each_certificate_asks_for(recording: Recording) -> None:
    """API-1, LB-2: the record that ACM looks for, now and at each renewal, and somebody who waits for it."""
    records = {item.text("name"): item for item in recording.of(DNS_RECORD) if item.has("records")}
    assert len(records) == len(NAMES)
    for name, certificate in _certificates(recording).items():
        (option,) = (
            as_map(item) for item in as_list(certificate.outputs["domain_validation_options"])
        )
        record = records[as_text(option["resource_record_name"])]
        assert record.text("zone_id") == ZONE_ID
        assert record.text("type") == option["resource_record_type"]
        assert record.texts("records") == [option["resource_record_value"]]
        assert record.number("ttl") == 300
        # Another certificate of the account may have put the same one.
        assert record.is_true("allow_overwrite")
        waiting = _issued(recording, name)
        assert waiting.texts("validation_record_fqdns") == [record.outputs["fqdn"]]
    assert len(recording.of(CERTIFICATE_VALIDATION)) == len(NAMES)


def test_the_load_balancer_shows_the_certificate_of_its_name(recording: Recording) -> None:
    """LB-2: the one that is issued for it, and no listener takes it before."""
    if LOAD_BALANCER_NAME:
        (https,) = (item for item in recording.of(LISTENER) if item.number("port") == 443)
        waiting = _issued(recording, LOAD_BALANCER_NAME)
        assert https.text("certificate_arn") == waiting.outputs["certificate_arn"]
        assert recording.needs(https, waiting)


def test_the_api_answers_at_the_root_of_its_name(recording: Recording) -> None:
    """API-1: a regional domain with the TLS of the API itself, mapped to the stage."""
    assert len(recording.of(API_DOMAIN)) == len(recording.of(BASE_PATH)) == bool(API_NAME)
    for domain in recording.of(API_DOMAIN):
        api, stage, mapping = recording.one(API), recording.one(STAGE), recording.one(BASE_PATH)
        assert domain.text("domain_name") == API_NAME
        waiting = _issued(recording, API_NAME)
        assert domain.text("regional_certificate_arn") == waiting.outputs["certificate_arn"]
        assert recording.needs(domain, waiting)
        assert domain.text("endpoint_configuration.types") == "REGIONAL"
        assert domain.text("security_policy") == api.text("security_policy")
        assert domain.text("endpoint_access_mode") == "STRICT"
        assert not domain.has("mutual_tls_authentication")
        assert mapping.text("domain_name") == API_NAME
        assert recording.needs(mapping, domain)
        assert recording.referred(mapping.get("rest_api")) is api
        assert mapping.text("stage_name") == stage.text("stage_name")
        assert recording.needs(mapping, stage)
        assert not mapping.has("base_path")


def test_each_name_leads_to_its_entry_point(recording: Recording) -> None:
    """API-1, LB-2: an alias in the zone, which takes no name away from anything else, put when there is something to answer."""
    aliases = {item.text("name"): item for item in recording.of(DNS_RECORD) if item.has("aliases")}
    assert set(aliases) == NAMES
    assert len(recording.of(DNS_RECORD)) == 2 * len(NAMES)
    for name, record in aliases.items():
        assert record.text("zone_id") == ZONE_ID
        assert record.text("type") == "A"
        assert not record.has("allow_overwrite")
        (target,) = (as_map(item) for item in as_list(record.get("aliases")))
        if name == API_NAME:
            domain, before = recording.one(API_DOMAIN), recording.one(BASE_PATH)
            wanted = (domain.outputs["regional_domain_name"], domain.outputs["regional_zone_id"])
        else:
            balancer = recording.one(BALANCER)
            (before,) = (item for item in recording.of(LISTENER) if item.number("port") == 443)
            wanted = (balancer.outputs["dns_name"], balancer.outputs["zone_id"])
        assert (target["name"], target["zone_id"]) == wanted
        assert target["evaluate_target_health"] is False
        assert recording.needs(record, before)
