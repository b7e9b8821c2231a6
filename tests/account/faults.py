"""A bad day at AWS: requests that are throttled, and requests that get no answer; by chance, with a seed.

A request that gets no answer never arrived. One that arrived, and whose answer is lost, is a case that only
AWS can settle: many of its calls take a token by which it knows a repetition, and moto knows none of them.
"""

from __future__ import annotations

import io
import random
import threading
from collections import Counter
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

# What each protocol's services say to a client that is too fast. API Gateway and Lambda speak REST-JSON.
QUERY = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
EC2 = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors></Response>"
S3 = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
JSON = '{"__type": "ThrottlingException", "message": "Rate exceeded"}'
ANSWERS = {
    "ec2": (503, EC2),
    "s3": (503, S3),
    **dict.fromkeys(("iam", "rds", "elastic-load-balancing-v2", "sns"), (400, QUERY)),
}


class Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, size: int = 1024, **_: object) -> Any:
        """Give all of it."""
        while chunk := self.read(size):
            yield chunk


class Faults:
    """Stands before each request, for as long as it is set on the account.

    One that fails goes on failing when botocore repeats it: else two repetitions would hide nearly all.
    """

    def __init__(self, seed: int, *, throttled: float, unheard: float) -> None:
        """Take the shares of requests that are throttled and that get no answer."""
        # Without repetitions.
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - chance, not a secret
        self._shares = (throttled, unheard)
        self._fates: dict[str, str] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Any, event_name: str, **_: object) -> AWSResponse | None:
        """Decide what becomes of a request."""
        fate = self._fate(str(request.headers["amz-sdk-invocation-id"]))
        if fate == "unheard":
            raise ReadTimeoutError(endpoint_url=request.url)
        if fate == "well":
            return None
        status, body = ANSWERS.get(event_name.split(".")[1], (400, JSON))
        headers = HTTPHeaders()
        if body is JSON:
            headers["x-amzn-errortype"] = "ThrottlingException"
        return AWSResponse(request.url, status, headers, Raw(body.encode()))

    def _fate(self, invocation: str) -> str:
        throttled, unheard = self._shares
        with self._lock:
            if invocation not in self._fates:
                drawn = self._chance.random()
                fate = "throttled" if drawn < throttled else "unheard"
                self._fates[invocation] = fate if drawn < throttled + unheard else "well"
                self.counts[self._fates[invocation]] += 1
            return self._fates[invocation]
