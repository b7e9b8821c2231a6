"""What the firewall, the API and the load balancer write of a request, by the settings of the graph and AWS's documents.

Sources: *Log fields for web ACL traffic* and *RedactedFields* (WAF), *Set up CloudWatch logging for REST APIs* (API Gateway),
*Access logs for your Application Load Balancer*. Not what a rule matched, which is the request's own text and hidden with its place.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.plan import Plan
    from simulation.web import Request

_VARIABLE = re.compile(r"\$context\.([A-Za-z.]+)")
_HIDDEN = "REDACTED"


def firewall_line(plan: Plan, request: Request) -> str:
    """Return the firewall's line."""
    fields = plan.one("aws.wafv2.WebAclLoggingConfiguration").get("redacted_fields", [])
    names = {field["single_header"]["name"] for field in fields if "single_header" in field}
    hidden = {name for field in fields for name in field}
    for one in _protections(plan):
        names |= set(one["field"].get("field_keys", []))
        hidden.add(one["field"]["field_type"].lower())
    return json.dumps(
        {
            "action": "ALLOW",
            "httpRequest": {
                "clientIp": request.client,
                "uri": _HIDDEN if "uri_path" in hidden else request.path,
                "args": _HIDDEN if "query_string" in hidden else request.query,
                "httpMethod": request.method,
                "headers": [
                    {"name": name, "value": _HIDDEN if name.lower() in names else value}
                    for name, value in request.headers
                ],
            },
        },
        ensure_ascii=False,
    )


def keeps_samples(plan: Plan) -> bool:
    """Whether the firewall keeps requests of any rule for who asks for samples, whole but for what is protected."""
    acl = plan.one("aws.wafv2.WebAcl")
    views = [
        acl.get("visibility_config"),
        *(rule["visibility_config"] for rule in acl.get("rules")),
    ]
    return any(view["sampled_requests_enabled"] for view in views)


def hides_matches(plan: Plan) -> bool:
    """Whether what a rule found in a body or query string stays out of the log."""
    protections = {one["field"]["field_type"]: one for one in _protections(plan)}
    return all(
        kind in protections and not protections[kind].get("exclude_rule_match_details")
        for kind in ("BODY", "QUERY_STRING")
    )


def _protections(plan: Plan) -> list[dict[str, Any]]:
    return (
        plan.one("aws.wafv2.WebAcl").get("data_protection_config", {}).get("data_protections", [])
    )


def access_line(plan: Plan, known: Mapping[str, str]) -> str:
    """Return the API's line, with the variables of the request."""
    form = plan.one("aws.apigateway.Stage").get("access_log_settings")["format"]
    return _VARIABLE.sub(lambda found: known.get(found[1], "-"), form)


def execution_lines(plan: Plan, request: Request) -> list[str]:
    """Return what the execution log holds of a request that goes well."""
    settings = plan.one("aws.apigateway.MethodSettings").get("settings")
    lines: list[str] = []
    if settings["logging_level"] == "INFO":
        lines.append(f"HTTP Method: {request.method}, Resource Path: {request.path}")
    if settings["data_trace_enabled"]:
        lines.append(f"Method request headers: {request.headers} query string: {request.query}")
        lines.append(f"Method request body before transformations: {request.body!r}")
    return lines


def balancer_line(request: Request) -> str:
    """Return the load balancer's line, which no setting changes."""
    query = f"?{request.query}" if request.query else ""
    agent = request.header("User-Agent") or "-"
    return f'https "{request.method} https://host:443{request.path}{query} HTTP/1.1" "{agent}"'
