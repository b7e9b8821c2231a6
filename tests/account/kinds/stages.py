"""API Gateway: what runs of an API, and who may use it how much."""

from __future__ import annotations

from typing import Any

from account.aws import Aws, absent, given
from account.kind import Inputs, Kind, Setting
from account.kinds.apis import GONE, arn, replace
from account.tags import dropped

# Where a setting of methods is, and what it is when nobody says.
OF_METHODS = {
    "cacheDataEncrypted": ("caching/dataEncrypted", False),
    "cacheTtlInSeconds": ("caching/ttlInSeconds", 300),
    "cachingEnabled": ("caching/enabled", False),
    "dataTraceEnabled": ("logging/dataTrace", False),
    "loggingLevel": ("logging/loglevel", "OFF"),
    "metricsEnabled": ("metrics/enabled", False),
    "throttlingBurstLimit": ("throttling/burstLimit", -1),
    "throttlingRateLimit": ("throttling/rateLimit", -1),
}


class Deployment(Kind):
    """A picture of an API, which never changes."""

    token = "aws:apigateway/deployment:Deployment"  # noqa: S105 - a type
    # A new value takes a new picture: the engine replaces it.
    unsaid = frozenset({"triggers"})
    lacks = (
        "no picture: a stage has whatever its API has; one that a stage runs may be deleted, and none gets "
        "another description"
    )

    def make(self, aws: Aws, new: Inputs) -> str:
        """Take it."""
        made = aws.client("apigateway").create_deployment(
            restApiId=new["restApi"], **given(description=new.get("description"))
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put another description."""
        text = new.get("description", "")
        if old and text != old.get("description", ""):
            aws.client("apigateway").update_deployment(
                restApiId=new["restApi"],
                deploymentId=id_,
                patchOperations=[replace("/description", text)],
            )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it among the API's."""
        with absent(GONE):
            pages = aws.client("apigateway").get_paginator("get_deployments")
            for page in pages.paginate(restApiId=known["restApi"]):
                for found in page["items"]:
                    if found["id"] == id_:
                        made = found["createdDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
                        return {"createdDate": made}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        aws.client("apigateway").delete_deployment(restApiId=known["restApi"], deploymentId=id_)


class Stage(Kind):
    """What runs, under a name."""

    token = "aws:apigateway/stage:Stage"  # noqa: S105 - a type
    lacks = "forgets the version of the documentation, and writes no logs"

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it; only an update takes where to log."""
        aws.client("apigateway").create_stage(
            restApiId=new["restApi"],
            stageName=new["stageName"],
            deploymentId=new["deployment"],
            tracingEnabled=new.get("xrayTracingEnabled", False),
            tags=dict(new["tagsAll"]),
            **given(
                description=new.get("description"),
                documentationVersion=new.get("documentationVersion"),
            ),
        )
        return f"ags-{new['restApi']}-{new['stageName']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put logging; and everything else again, which a creation has said."""
        del id_
        api, place = aws.client("apigateway"), self._place(new)
        operations = self._again(old, new) if old else []
        log = new.get("accessLogSettings")
        if log is not None:
            operations.append(replace("/accessLogSettings/destinationArn", log["destinationArn"]))
            operations.append(replace("/accessLogSettings/format", log["format"]))
        elif "accessLogSettings" in old:
            operations.append({"op": "remove", "path": "/accessLogSettings"})
        if operations:
            api.update_stage(**place, patchOperations=operations)
        if old:
            own, gone = self._arn(aws, new), dropped(old, new)
            if gone:
                api.untag_resource(resourceArn=own, tagKeys=gone)
            api.tag_resource(resourceArn=own, tags=dict(new["tagsAll"]))

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        api, name = known["restApi"], known["stageName"]
        with absent(GONE):
            aws.client("apigateway").get_stage(**self._place(known))
            return {
                "arn": self._arn(aws, known),
                "executionArn": aws.arn("execute-api", f"{api}/{name}"),
                "invokeUrl": f"https://{api}.execute-api.{aws.region}.amazonaws.com/{name}",
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        aws.client("apigateway").delete_stage(**self._place(known))

    def _again(self, old: Inputs, new: Inputs) -> list[dict[str, str]]:
        operations = [
            replace("/deploymentId", new["deployment"]),
            replace("/description", new.get("description", "")),
            replace("/tracingEnabled", new.get("xrayTracingEnabled", False)),
        ]
        if "documentationVersion" in new or "documentationVersion" in old:
            version = new.get("documentationVersion", "")
            operations.append(replace("/documentationVersion", version))
        return operations

    def _place(self, said: Inputs) -> dict[str, str]:
        return {"restApiId": said["restApi"], "stageName": said["stageName"]}

    def _arn(self, aws: Aws, said: Inputs) -> str:
        return arn(aws, f"/restapis/{said['restApi']}/stages/{said['stageName']}")


class MethodSettings(Setting):
    """How a stage treats methods."""

    token = "aws:apigateway/methodSettings:MethodSettings"  # noqa: S105 - a type
    lacks = "cannot be taken from a stage that stays"

    def owner(self, new: Inputs) -> str:
        """Return what it is set on."""
        return f"{new['restApi']}-{new['stageName']}-{new['methodPath']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put all that is said, and what is no longer said to what it is by itself."""
        del id_
        said, before = new["settings"], old.get("settings", {})
        operations = [
            replace(f"/{new['methodPath']}/{path}", said.get(name, unset))
            for name, (path, unset) in OF_METHODS.items()
            if name in said or name in before
        ]
        self._update(aws, new, operations)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Whether anything is set for these methods."""
        del id_
        with absent(GONE):
            place = {"restApiId": known["restApi"], "stageName": known["stageName"]}
            found = aws.client("apigateway").get_stage(**place)
            return {} if known["methodPath"] in found.get("methodSettings", {}) else None
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it away."""
        del id_
        self._update(aws, known, [{"op": "remove", "path": f"/{known['methodPath']}"}])

    def _update(self, aws: Aws, said: Inputs, operations: list[dict[str, str]]) -> None:
        aws.client("apigateway").update_stage(
            restApiId=said["restApi"], stageName=said["stageName"], patchOperations=operations
        )


class ApiKey(Kind):
    """A key that a client sends."""

    token = "aws:apigateway/apiKey:ApiKey"  # noqa: S105 - a type
    lacks = "keeps the tags of the creation"

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it; API Gateway thinks of a value."""
        made = aws.client("apigateway").create_api_key(
            name=new["name"],
            enabled=new.get("enabled", True),
            tags=dict(new["tagsAll"]),
            **given(customerId=new.get("customerId"), description=new.get("description")),
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again, which a creation has said."""
        if old:
            operations = [
                replace("/name", new["name"]),
                replace("/enabled", new.get("enabled", True)),
                replace("/customerId", new.get("customerId", "")),
                replace("/description", new.get("description", "")),
            ]
            aws.client("apigateway").update_api_key(apiKey=id_, patchOperations=operations)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it, with its value."""
        del known
        with absent(GONE):
            found = aws.client("apigateway").get_api_key(apiKey=id_, includeValue=True)
            return {
                "arn": arn(aws, f"/apikeys/{id_}"),
                "createdDate": found["createdDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "lastUpdatedDate": found["lastUpdatedDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "value": found["value"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del known
        aws.client("apigateway").delete_api_key(apiKey=id_)


class UsagePlan(Kind):
    """How much those may ask whose keys are in it."""

    token = "aws:apigateway/usagePlan:UsagePlan"  # noqa: S105 - a type
    lacks = "keeps the tags of the creation, takes stages that are not there, and counts nothing"

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        throttle, quota = new.get("throttleSettings"), new.get("quotaSettings")
        made = aws.client("apigateway").create_usage_plan(
            name=new["name"],
            apiStages=[dict(stage) for stage in new.get("apiStages", ())],
            tags=dict(new["tagsAll"]),
            **given(
                description=new.get("description"),
                quota=quota and dict(quota),
                throttle=throttle and dict(throttle),
            ),
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again, which a creation has said."""
        if not old:
            return
        found = aws.client("apigateway").get_usage_plan(usagePlanId=id_)
        there = {_stage(each) for each in found.get("apiStages", ())}
        wanted = {_stage(each) for each in new.get("apiStages", ())}
        operations = [
            replace("/name", new["name"]),
            replace("/description", new.get("description", "")),
            *({"op": "remove", "path": "/apiStages", "value": s} for s in sorted(there - wanted)),
            *({"op": "add", "path": "/apiStages", "value": s} for s in sorted(wanted - there)),
        ]
        for part in ("quota", "throttle"):
            said = new.get(f"{part}Settings")
            if said is not None:
                operations += [replace(f"/{part}/{n}", v) for n, v in sorted(said.items())]
            elif part in found:
                operations.append({"op": "remove", "path": f"/{part}"})
        aws.client("apigateway").update_usage_plan(usagePlanId=id_, patchOperations=operations)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            aws.client("apigateway").get_usage_plan(usagePlanId=id_)
            return {"arn": arn(aws, f"/usageplans/{id_}")}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it, without stages: API Gateway refuses one that has any."""
        del known
        api = aws.client("apigateway")
        stages = api.get_usage_plan(usagePlanId=id_).get("apiStages", ())
        operations = [{"op": "remove", "path": "/apiStages", "value": _stage(s)} for s in stages]
        if operations:
            api.update_usage_plan(usagePlanId=id_, patchOperations=operations)
        api.delete_usage_plan(usagePlanId=id_)


def _stage(said: Inputs) -> str:
    return f"{said['apiId']}:{said['stage']}"


class UsagePlanKey(Kind):
    """A key in a plan."""

    token = "aws:apigateway/usagePlanKey:UsagePlanKey"  # noqa: S105 - a type

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put the key in."""
        made = aws.client("apigateway").create_usage_plan_key(
            usagePlanId=new["usagePlanId"], keyId=new["keyId"], keyType=new["keyType"]
        )
        return made["id"]

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it in the plan."""
        with absent(GONE):
            plan = known["usagePlanId"]
            found = aws.client("apigateway").get_usage_plan_key(usagePlanId=plan, keyId=id_)
            return {"name": found["name"], "value": found["value"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take the key out."""
        plan = known["usagePlanId"]
        aws.client("apigateway").delete_usage_plan_key(usagePlanId=plan, keyId=id_)


KINDS: tuple[Kind, ...] = (
    Deployment(),
    Stage(),
    MethodSettings(),
    ApiKey(),
    UsagePlan(),
    UsagePlanKey(),
)
