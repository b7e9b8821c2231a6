"""Alarms, dashboards, tracing; and the TLS provider's keys, which live in the state only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cloud.record import Record, Refused

if TYPE_CHECKING:
    from cloud.store import Cloud


def one_metric_or_many(_: Cloud, record: Record) -> None:
    """An alarm looks at a metric, or at queries of which one returns data."""
    if ("metricName" in record.inputs) == ("metricQueries" in record.inputs):
        message = f"ValidationError: {record.name}: needs a metric or metric queries"
        raise Refused(message)
    returning = [q for q in record.inputs.get("metricQueries", []) if q.get("returnData")]
    if "metricQueries" in record.inputs and len(returning) != 1:
        message = f"ValidationError: {record.name}: exactly one metric query must return data"
        raise Refused(message)


def is_json(_: Cloud, record: Record) -> None:
    """A dashboard is a document with widgets."""
    try:
        widgets = json.loads(record.inputs["dashboardBody"])["widgets"]
    except (ValueError, KeyError) as error:
        message = f"InvalidParameterInput: {record.name}: the dashboard has no widgets: {error}"
        raise Refused(message) from error
    if not all({"type", "properties"} <= widget.keys() for widget in widgets):
        message = f"InvalidParameterInput: {record.name}: a widget without type or properties"
        raise Refused(message)
