"""What AWS refuses of names, their certificates and their records; `test_two_states.py` tries each case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud import Refused
from cloud import tokens as t
from engine.larger import Larger

if TYPE_CHECKING:
    from collections.abc import Callable


def a_certificate_of_a_domain(world: Larger) -> None:
    waiting = world.issued()
    world.domain(waiting.get("certificateArn"))
    world.delete(waiting)
    world.delete(world.cloud.all(t.CERTIFICATE)[0])


def a_domain_before_its_certificate(world: Larger) -> None:
    world.domain(world.requested().get("arn"))


def a_domain_with_a_policy_and_no_mode(world: Larger) -> None:
    world.domain(world.issued().get("certificateArn"), endpointAccessMode=None)


def one_domain_twice(world: Larger) -> None:
    arn = world.issued().get("certificateArn")
    world.domain(arn)
    world.domain(arn)


def one_mapping_twice(world: Larger) -> None:
    world.mapping("first")
    world.mapping("second")


def a_mapping_without_its_stage(world: Larger) -> None:
    world.mapping("wrong", stageName="other")


def an_api_that_a_domain_leads_to(world: Larger) -> None:
    other = world.make(t.REST_API, "other", name="other")
    world.mapping("mapping", restApi=other.id, stageName=None)
    world.delete(other)


def a_certificate_for_too_long_a_name(world: Larger) -> None:
    world.requested(f"{'a' * 63}.b")


def a_record_that_is_there_already(world: Larger) -> None:
    place = {"zoneId": "Z1", "name": "api.example.com", "type": "A"}
    target = {"name": "elsewhere", "zoneId": "Z2", "evaluateTargetHealth": False}
    world.make(t.RECORD, "first", **place, aliases=[target])
    world.make(t.RECORD, "second", **place, aliases=[target])


def a_record_without_a_target(world: Larger) -> None:
    world.make(t.RECORD, "wrong", zoneId="Z1", name="api.example.com", type="A")


OF_DOMAINS: dict[Callable[[Larger], None], str] = {
    a_certificate_of_a_domain: "ResourceInUseException",
    a_domain_before_its_certificate: "BadRequestException",
    a_domain_with_a_policy_and_no_mode: "BadRequestException",
    one_domain_twice: "ConflictException",
    one_mapping_twice: "ConflictException",
    a_mapping_without_its_stage: "BadRequestException",
    an_api_that_a_domain_leads_to: "BadRequestException",
    a_certificate_for_too_long_a_name: "InvalidParameterException",
    a_record_that_is_there_already: "InvalidChangeBatch",
    a_record_without_a_target: "InvalidInput",
}


def test_no_certificate_is_issued_without_its_record() -> None:
    world = Larger()
    certificate = world.requested()
    record = world.proof(certificate, records=["_another.acm-validations.aws."])
    with pytest.raises(Refused, match="ACM does not find _"):
        world.make(
            t.VALIDATION,
            "waits",
            certificateArn=certificate.get("arn"),
            validationRecordFqdns=[record.get("fqdn")],
        )
    (option,) = certificate.get("domainValidationOptions")
    world.change(record, records=[option["resourceRecordValue"]])
    world.make(
        t.VALIDATION,
        "issued",
        certificateArn=certificate.get("arn"),
        validationRecordFqdns=[record.get("fqdn")],
    )
    world.domain(certificate.get("arn"))


def test_one_record_proves_every_certificate_of_a_name() -> None:
    world = Larger()
    first, second = world.requested(), world.requested()
    assert first.get("arn") != second.get("arn")
    assert first.get("domainValidationOptions") == second.get("domainValidationOptions")
    assert world.proof(first).id == world.proof(second).id
