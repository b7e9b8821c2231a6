"""X-Ray: what is sampled, the view on this environment, and the SDK that functions trace with."""

from __future__ import annotations

import re

from tests.unit.kinds import API, FUNCTION, LAYER, SAMPLING_RULE, STAGE, TRACE_GROUP
from tests.unit.resources import Recording
from tests.unit.values import as_map


def _stage_name(recording: Recording) -> str:
    """Give the name by which X-Ray knows the API's stage."""
    return f"{recording.one(API).text('name')}/{recording.one(STAGE).text('stage_name')}"


def test_requests_of_the_stage_are_sampled(recording: Recording) -> None:
    """XR-1: a rule for this stage and no other says what share of its requests is traced."""
    rule = recording.one(SAMPLING_RULE)
    assert rule.text("service_name") == _stage_name(recording)
    assert rule.text("service_type") == "AWS::ApiGateway::Stage"
    assert 0 < rule.number("fixed_rate") <= 1
    # At least one request a second, however small the share.
    assert rule.number("reservoir_size") >= 1
    for everything in ("host", "http_method", "resource_arn", "url_path"):
        assert rule.text(everything) == "*", everything


def test_sampling_rule_comes_before_the_default(recording: Recording) -> None:
    """XR-1: the rule is of the version that X-Ray knows, with a priority before the default's."""
    rule = recording.one(SAMPLING_RULE)
    assert rule.number("version") == 1
    assert 1 <= rule.number("priority") < 10_000


def test_traces_of_the_whole_stack_are_in_one_view(recording: Recording) -> None:
    """XR-1: the group shows traces through the API's stage and through each function, no others."""
    expression = recording.one(TRACE_GROUP).text("filter_expression")
    names = re.findall(r'service\("([^"]+)"\)', expression)
    expected = [_stage_name(recording)]
    expected += [function.text("name") for function in recording.of(FUNCTION)]
    assert sorted(names) == sorted(expected)
    assert expression == " OR ".join(f'service("{name}")' for name in names)


def test_the_layer_holds_the_sdk(recording: Recording) -> None:
    """XR-1: calls to PostgreSQL, S3 and KMS are traced by an SDK that comes as a layer."""
    layer = recording.one(LAYER)
    files = as_map(layer.get("code.archive"))
    assert "python/aws_xray_sdk/core/__init__.py" in files
    assert any(name.startswith("python/wrapt/") for name in files)
    # One archive fits both architectures.
    assert not any(name.endswith((".so", ".pyd", ".dylib", ".pyc")) for name in files)
    assert layer.text("description").strip()


def test_layer_fits_every_function_and_nothing_else(recording: Recording) -> None:
    """XR-1: the layer names the runtimes and architectures of the functions."""
    layer = recording.one(LAYER)
    functions = recording.of(FUNCTION)
    runtimes = {function.text("runtime") for function in functions}
    assert sorted(layer.texts("compatible_runtimes")) == sorted(runtimes)
    architectures = {item for function in functions for item in function.texts("architectures")}
    assert sorted(layer.texts("compatible_architectures")) == sorted(architectures)


def test_settings_of_the_region_stay_untouched(recording: Recording) -> None:
    """XR-1, DEST-1: what X-Ray has once for a whole region belongs to no environment."""
    kinds = {token for token in recording.by_token if token.startswith("aws:xray/")}
    assert kinds == {f"aws:{SAMPLING_RULE}", f"aws:{TRACE_GROUP}"}
