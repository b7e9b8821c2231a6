"""Lambda: what receives messages and calls a function with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, given, pascal
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import mappings as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

GONE = "ResourceNotFoundException"


class EventSourceMapping(Kind):
    """A mapping from a queue to a function."""

    token = "aws:lambda/eventSourceMapping:EventSourceMapping"  # noqa: S105 - a type
    lacks = (
        "calls the function in Docker only, deletes the queue under the mapping without a word, and does not "
        "look at the queue's visibility time-out or at the role"
    )
    refs = (
        Ref("eventSourceArn", (t.QUEUE,), by="arn"),
        Ref("functionName", (t.FUNCTION,), by="name|arn"),
    )
    unique = (Unique(("eventSourceArn", "functionName"), "ResourceConflictException"),)
    rules = (rule.role_may_receive, rule.messages_stay_hidden, rule.batch_has_time)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return a UUID of AWS's own."""
        uuid = "-".join(
            record.hex(32)[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
        )
        arn = f"arn:aws:lambda:{record.region}:{cloud.account}:event-source-mapping:{uuid}"
        return {"id": uuid, "uuid": uuid, "arn": arn, "state": "Enabled"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        made = aws.client("lambda").create_event_source_mapping(
            EventSourceArn=new["eventSourceArn"],
            FunctionName=new["functionName"],
            Tags=dict(new["tagsAll"]),
            **_settings(new),
        )
        return made["UUID"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again, which a creation has said."""
        if not old:
            return
        client = aws.client("lambda")
        without = {"ScalingConfig": {}} if "scalingConfig" in old else {}
        client.update_event_source_mapping(
            UUID=id_, FunctionName=new["functionName"], **{**without, **_settings(new)}
        )
        arn = f"arn:aws:lambda:{aws.region}:{aws.account}:event-source-mapping:{id_}"
        gone = dropped(old, new)
        if gone:
            client.untag_resource(Resource=arn, TagKeys=gone)
        if new["tagsAll"] != old["tagsAll"]:
            client.tag_resource(Resource=arn, Tags=dict(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("lambda").get_event_source_mapping(UUID=id_)
            return {
                "functionArn": found["FunctionArn"],
                "state": found["State"],
                "uuid": found["UUID"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("lambda").delete_event_source_mapping(UUID=id_)


def _settings(new: Inputs) -> dict[str, Any]:
    return given(
        BatchSize=new.get("batchSize"),
        Enabled=new.get("enabled"),
        FunctionResponseTypes=new.get("functionResponseTypes"),
        MaximumBatchingWindowInSeconds=new.get("maximumBatchingWindowInSeconds"),
        ScalingConfig=pascal(new["scalingConfig"]) if "scalingConfig" in new else None,
    )


KINDS: tuple[Kind, ...] = (EventSourceMapping(),)
