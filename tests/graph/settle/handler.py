"""Code of a team's own, which consumes a queue."""  # noqa: INP001 - a folder of a function

from __future__ import annotations


def handle(event: dict[str, list[dict[str, str]]], context: object) -> dict[str, object]:
    """Handle each message; none of them fails."""
    del context
    for record in event["Records"]:
        print(record["messageId"])  # noqa: T201 - lands in the log
    return {"batchItemFailures": []}
