"""API Gateway: REST APIs, and what they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.aws import Aws, absent, given
from cloud.kind import Inputs, Kind, Setting
from cloud.record import Record, Ref, Unique
from cloud.rules import api as rule
from cloud.rules.security import must_allow, must_trust

if TYPE_CHECKING:
    from cloud.store import Cloud

GONE = "NotFoundException"
# The id that the provider gives to what a region has one of.
ACCOUNT_ID = "api-gateway-account"
OF_API = Ref("restApi", (t.REST_API,))
ON_RESOURCE = Ref("resourceId", (t.API_RESOURCE, t.REST_API), by="id|rootResourceId")


def arn(aws: Aws, path: str) -> str:
    """Return the ARN of something of API Gateway, which has no account in it."""
    return f"arn:aws:apigateway:{aws.region}::{path}"


def replace(path: str, value: object) -> dict[str, str]:
    """Return the operation that sets a value; all values are texts, as in JSON."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {"op": "replace", "path": path, "value": text}


class RestApi(Kind):
    """An API."""

    token = "aws:apigateway/restApi:RestApi"  # noqa: S105 - a type
    # Judges a definition that is imported, which the program has none of.
    unsaid = frozenset({"failOnWarnings"})
    lacks = (
        "forgets security policy and access mode, has no other size to compress from and no other tags than "
        "at the creation, and answers no request"
    )
    rules = (rule.tls_is_whole,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its id, and that of the root of all paths."""
        id_ = record.hex(10)
        return {
            "id": id_,
            "arn": f"arn:aws:apigateway:{record.region}::/restapis/{id_}",
            "executionArn": f"arn:aws:execute-api:{record.region}:{cloud.account}:{id_}",
            "rootResourceId": record.hex(10, "root"),
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        endpoint = new.get("endpointConfiguration")
        size = new.get("minimumCompressionSize")
        made = aws.client("apigateway").create_rest_api(
            name=new["name"],
            tags=dict(new["tagsAll"]),
            **given(
                description=new.get("description"),
                endpointAccessMode=new.get("endpointAccessMode"),
                endpointConfiguration=endpoint and {"types": [endpoint["types"]]},
                minimumCompressionSize=None if size is None else int(size),
                securityPolicy=new.get("securityPolicy"),
            ),
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again, which a creation has said."""
        if not old:
            return
        operations = [
            replace("/name", new["name"]),
            replace("/description", new.get("description", "")),
        ]
        if "endpointConfiguration" in new:
            types = new["endpointConfiguration"]["types"]
            operations.append(replace("/endpointConfiguration/types/0", types))
        operations += [
            replace(f"/{name}", new.get(name, ""))
            for name in ("endpointAccessMode", "minimumCompressionSize", "securityPolicy")
            if name in new or name in old
        ]
        aws.client("apigateway").update_rest_api(restApiId=id_, patchOperations=operations)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("apigateway").get_rest_api(restApiId=id_)
            return {
                "arn": arn(aws, f"/restapis/{id_}"),
                "createdDate": found["createdDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                "executionArn": aws.arn("execute-api", id_),
                "rootResourceId": found["rootResourceId"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it with all that is left in it."""
        del known
        aws.client("apigateway").delete_rest_api(restApiId=id_)


class Resource(Kind):
    """A part of a path."""

    token = "aws:apigateway/resource:Resource"  # noqa: S105 - a type
    lacks = "no UpdateResource: the server here has it, for another part of the path; another parent fails"
    refs = (OF_API, Ref("parentId", (t.REST_API, t.API_RESOURCE), by="id|rootResourceId"))
    unique = (Unique(("pathPart", "parentId", "restApi"), "ConflictException"),)
    rules = (rule.parent_is_of_same_api, rule.one_variable_part)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its id, and the whole path."""
        parent = cloud.one(t.API_RESOURCE, id=record.inputs["parentId"])
        above = parent.get("path") if parent else ""
        return {"id": record.hex(6), "path": f"{above}/{record.inputs['pathPart']}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("apigateway").create_resource(
            restApiId=new["restApi"], parentId=new["parentId"], pathPart=new["pathPart"]
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Move it."""
        places = {"parentId": new["parentId"], "pathPart": new["pathPart"]}
        operations = [replace(f"/{n}", v) for n, v in places.items() if old.get(n, v) != v]
        if operations:
            aws.client("apigateway").update_resource(
                restApiId=new["restApi"], resourceId=id_, patchOperations=operations
            )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        with absent(GONE):
            found = aws.client("apigateway").get_resource(
                restApiId=known["restApi"], resourceId=id_
            )
            return {"path": found["path"]}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        aws.client("apigateway").delete_resource(restApiId=known["restApi"], resourceId=id_)


def _place(said: Inputs) -> dict[str, str]:
    return {
        "restApiId": said["restApi"],
        "resourceId": said["resourceId"],
        "httpMethod": said["httpMethod"],
    }


class Method(Kind):
    """What clients may ask of a resource."""

    token = "aws:apigateway/method:Method"  # noqa: S105 - a type
    lacks = "no UpdateMethod: a changed one is put again, with the integration that it had"
    refs = (OF_API, ON_RESOURCE, Ref("requestValidatorId", (t.VALIDATOR,)))
    unique = (Unique(("httpMethod", "resourceId", "restApi"), "ConflictException"),)
    rules = (rule.is_on_a_resource, rule.validators_and_models_exist)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes of its place."""
        del cloud
        return {"id": f"agm-{'-'.join(_place(record.inputs).values())}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return f"agm-{new['restApi']}-{new['resourceId']}-{new['httpMethod']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again; moto drops the integration with the old one."""
        del id_
        if not old:
            return
        api, place = aws.client("apigateway"), _place(new)
        behind = api.get_integration(**place)
        behind.pop("ResponseMetadata")
        self._put(aws, new)
        if "type" in behind:
            theirs = behind.pop("httpMethod", None)
            said = {name: value for name, value in behind.items() if value not in (None, [], {})}
            api.put_integration(**place, **given(integrationHttpMethod=theirs), **said)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        with absent(GONE):
            aws.client("apigateway").get_method(**_place(known))
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        aws.client("apigateway").delete_method(**_place(known))

    def _put(self, aws: Aws, new: Inputs) -> None:
        aws.client("apigateway").put_method(
            **_place(new),
            authorizationType=new["authorization"],
            apiKeyRequired=new.get("apiKeyRequired", False),
            requestModels=dict(new.get("requestModels", {})),
            requestParameters=dict(new.get("requestParameters", {})),
            **given(
                operationName=new.get("operationName"),
                requestValidatorId=new.get("requestValidatorId"),
            ),
        )


class Integration(Kind):
    """Who answers a method."""

    token = "aws:apigateway/integration:Integration"  # noqa: S105 - a type
    refs = (OF_API, ON_RESOURCE)
    unique = (Unique(("httpMethod", "resourceId", "restApi")),)
    rules = (rule.has_method,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes of its place."""
        del cloud
        return {"id": f"agi-{'-'.join(_place(record.inputs).values())}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return f"agi-{new['restApi']}-{new['resourceId']}-{new['httpMethod']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it; for a method without one, moto answers with nothing."""
        del id_
        with absent(GONE):
            found = aws.client("apigateway").get_integration(**_place(known))
            return {} if "type" in found else None
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        aws.client("apigateway").delete_integration(**_place(known))

    def _put(self, aws: Aws, new: Inputs) -> None:
        aws.client("apigateway").put_integration(
            **_place(new),
            type=new["type"],
            **given(
                integrationHttpMethod=new.get("integrationHttpMethod"),
                passthroughBehavior=new.get("passthroughBehavior"),
                uri=new.get("uri"),
            ),
        )


class Model(Kind):
    """What a body has to be like."""

    token = "aws:apigateway/model:Model"  # noqa: S105 - a type
    lacks = (
        "no UpdateModel: a changed one is deleted and made again; any text is taken for a schema"
    )
    refs = (OF_API,)
    unique = (Unique(("name", "restApi"), "ConflictException"),)
    rules = (rule.is_schema,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id."""
        del cloud
        return {"id": record.hex(6)}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("apigateway").create_model(
            restApiId=new["restApi"],
            name=new["name"],
            contentType=new["contentType"],
            **given(description=new.get("description"), schema=new.get("schema")),
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Make it again."""
        if old:
            if self.look(aws, id_, new) is not None:
                self.remove(aws, id_, new)
            self.make(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del id_
        with absent(GONE):
            api, name = known["restApi"], known["name"]
            aws.client("apigateway").get_model(restApiId=api, modelName=name)
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        api, name = known["restApi"], known["name"]
        aws.client("apigateway").delete_model(restApiId=api, modelName=name)


class RequestValidator(Kind):
    """What of a request is judged."""

    token = "aws:apigateway/requestValidator:RequestValidator"  # noqa: S105 - a type
    refs = (OF_API,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id."""
        del cloud
        return {"id": record.hex(6)}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("apigateway").create_request_validator(
            restApiId=new["restApi"], **self._said(new)
        )
        return made["id"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put everything again."""
        if old:
            aws.client("apigateway").update_request_validator(
                restApiId=new["restApi"],
                requestValidatorId=id_,
                patchOperations=[replace(f"/{n}", v) for n, v in self._said(new).items()],
            )

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it among the API's."""
        with absent(GONE):
            found = aws.client("apigateway").get_request_validators(restApiId=known["restApi"])
            if any(each["id"] == id_ for each in found["items"]):
                return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        aws.client("apigateway").delete_request_validator(
            restApiId=known["restApi"], requestValidatorId=id_
        )

    def _said(self, new: Inputs) -> dict[str, Any]:
        return {
            "name": new["name"],
            "validateRequestBody": new.get("validateRequestBody", False),
            "validateRequestParameters": new.get("validateRequestParameters", False),
        }


class Response(Kind):
    """What clients get when API Gateway itself refuses."""

    token = "aws:apigateway/response:Response"  # noqa: S105 - a type
    refs = (Ref("restApiId", (t.REST_API,)),)
    unique = (Unique(("responseType", "restApiId")),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that the provider makes of its place."""
        del cloud
        return {"id": f"aggr-{'-'.join(self._place(record.inputs).values())}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return f"aggr-{new['restApiId']}-{new['responseType']}"

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        del id_
        if old:
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it; without one, AWS tells what it says by itself."""
        del id_
        with absent(GONE):
            found = aws.client("apigateway").get_gateway_response(**self._place(known))
            return None if found["defaultResponse"] else {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it."""
        del id_
        aws.client("apigateway").delete_gateway_response(**self._place(known))

    def _place(self, said: Inputs) -> dict[str, str]:
        return {"restApiId": said["restApiId"], "responseType": said["responseType"]}

    def _put(self, aws: Aws, new: Inputs) -> None:
        aws.client("apigateway").put_gateway_response(
            **self._place(new),
            responseParameters=dict(new.get("responseParameters", {})),
            responseTemplates=dict(new.get("responseTemplates", {})),
            **given(statusCode=new.get("statusCode")),
        )


class Account(Setting):
    """The role by which API Gateway writes logs: one for the whole region."""

    token = "aws:apigateway/account:Account"  # noqa: S105 - a type
    refs = (Ref("cloudwatchRoleArn", (t.ROLE,), by="arn"),)
    rules = (
        must_trust("cloudwatchRoleArn", "apigateway.amazonaws.com"),
        must_allow("cloudwatchRoleArn", "logs:CreateLogStream", "logs:PutLogEvents"),
    )
    overwrites = True

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the id that it always has."""
        del cloud, record
        return {"id": ACCOUNT_ID, "apiKeyVersion": "4", "features": ["UsagePlans"]}

    def owner(self, new: Inputs) -> str:
        """Return the id that it always has."""
        del new
        return ACCOUNT_ID

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put the role."""
        del id_, old
        role = replace("/cloudwatchRoleArn", new.get("cloudwatchRoleArn", ""))
        aws.client("apigateway").update_account(patchOperations=[role])

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Return what every region has."""
        del id_, known
        found = aws.client("apigateway").get_account()
        return {
            "apiKeyVersion": found["apiKeyVersion"],
            "features": found.get("features") or [],
            "throttleSettings": [dict(found["throttleSettings"])],
        }

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Put no role."""
        del id_, known
        none = replace("/cloudwatchRoleArn", "")
        aws.client("apigateway").update_account(patchOperations=[none])


KINDS: tuple[Kind, ...] = (
    RestApi(),
    Resource(),
    Method(),
    Integration(),
    Model(),
    RequestValidator(),
    Response(),
    Account(),
)
