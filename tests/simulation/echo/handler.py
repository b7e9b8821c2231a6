"""A function that answers with the event that it got, or as badly as it is asked to."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from typing import Any


def handle(event: Any, context: Any) -> Any:
    """Do what the header ``X-Do`` says."""
    headers = {
        name.lower(): value if isinstance(value, str) else value[-1]
        for name, value in (event.get("headers") or event.get("multiValueHeaders") or {}).items()
    }
    what, _, how = headers.get("x-do", "").partition("=")
    match what:
        case "sleep":
            time.sleep(float(how))
        case "raise":
            raise RuntimeError(how)
        case "exit":
            os._exit(int(how))
        case "answer":
            return json.loads(how)
        case "fill":
            return {"statusCode": 200, "body": "x" * int(how)}
        case "bytes":
            body = base64.b64encode(bytes(range(256))).decode()
            binary = {"Content-Type": "image/png"}
            return {"statusCode": 200, "headers": binary, "body": body, "isBase64Encoded": True}
        case _:
            pass
    told = {
        "event": event,
        "pid": os.getpid(),
        "trace": os.environ["_X_AMZN_TRACE_ID"],
        "function": context.function_name,
        "milliseconds": context.get_remaining_time_in_millis(),
        "variables": sorted(os.environ),
        "path": sys.path[:1],
    }
    answer: dict[str, object] = {"statusCode": 200, "body": json.dumps(told)}
    many = "multiValueHeaders" in event and "elb" in event["requestContext"]
    typed = {"Content-Type": "application/json"}
    if many:
        answer["multiValueHeaders"] = {name: [value] for name, value in typed.items()}
    else:
        answer["headers"] = typed
    return answer
