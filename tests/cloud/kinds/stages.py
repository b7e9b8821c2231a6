"""API Gateway: what runs of an API, and who may use it how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kind, Setting
from cloud.kinds.apis import GONE, OF_API, arn, replace
from cloud.record import Record, Ref, Unique
from cloud.rules import api as rule
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

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
    lacks = "no picture: a stage has whatever its API has; none gets another description"
    refs = (OF_API,)
    rules = (rule.takes_picture,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id."""
        del cloud
        return {"id": record.hex(6), "createdDate": "2026-12-01T00:00:00Z"}

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
    refs = (
        OF_API,
        Ref("deployment", (t.DEPLOYMENT,), in_use="BadRequestException"),
        Ref("accessLogSettings.destinationArn", (t.LOG_GROUP,), by="arn"),
    )
    unique = (Unique(("stageName", "restApi"), "ConflictException"),)
    rules = (rule.deployment_is_of_same_api, rule.stage_may_log)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its address."""
        api, name = record.inputs["restApi"], record.inputs["stageName"]
        return {
            "id": f"ags-{api}-{name}",
            "arn": f"arn:aws:apigateway:{record.region}::/restapis/{api}/stages/{name}",
            "executionArn": f"arn:aws:execute-api:{record.region}:{cloud.account}:{api}/{name}",
            "invokeUrl": f"https://{api}.execute-api.{record.region}.amazonaws.com/{name}",
        }

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
    refs = (OF_API,)
    unique = (Unique(("methodPath", "stageName", "restApi")),)
    rules = (rule.settings_stage_exists, rule.settings_may_log)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return what it is set on."""
        del cloud
        return {"id": self.owner(record.inputs)}

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

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its value too, which clients send."""
        del cloud
        id_ = record.hex(10)
        return {
            "id": id_,
            "arn": f"arn:aws:apigateway:{record.region}::/apikeys/{id_}",
            "value": record.inputs.get("value", record.hex(40, "value")),
        }

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
    lacks = "keeps the tags of the creation, and counts nothing"
    refs = (Ref("apiStages[].apiId", (t.REST_API,)),)
    rules = (rule.stage_exists,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id."""
        del cloud
        id_ = record.hex(10)
        return {"id": id_, "arn": f"arn:aws:apigateway:{record.region}::/usageplans/{id_}"}

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
    refs = (Ref("keyId", (t.API_KEY,)), Ref("usagePlanId", (t.USAGE_PLAN,)))
    unique = (Unique(("keyId", "usagePlanId"), "ConflictException"),)
    rules = (rule.is_in_one_plan,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the key's, with its value."""
        del cloud
        key = next(other for _, other in record.refers if other.token == t.API_KEY)
        return {"id": key.id, "name": key.get("name"), "value": key.get("value")}

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
