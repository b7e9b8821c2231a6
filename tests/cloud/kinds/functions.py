"""Lambda: functions and layers, who may call them, and a call that is part of a deployment."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cloud import tokens as t
from cloud.archive import packed
from cloud.aws import Aws, absent, given, pascal
from cloud.kind import Inputs, Kind
from cloud.record import Record, Ref, Unique
from cloud.rules import functions as rule
from cloud.rules.security import must_trust
from cloud.tags import dropped

if TYPE_CHECKING:
    from cloud.store import Cloud

GONE = "ResourceNotFoundException"
# What Lambda takes when nobody says.
MEMORY_MIB = 128
TIMEOUT_SECONDS = 3
STORAGE_MIB = 512


# A function is named by its name or by its ARN; both must be of one that exists.
FUNCTION_BY_NAME = Ref("functionName", (t.FUNCTION,), by="name|arn")


class Function(Kind):
    """A function."""

    token = "aws:lambda/function:Function"  # noqa: S105 - a type
    unsaid = frozenset({"replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds"})
    lacks = (
        "forgets its dead letter queue and logging settings, keeps key and tracing of the creation, has no "
        "PutFunctionCodeSigningConfig, makes no network interfaces, and runs code in Docker only"
    )
    refs = (
        Ref("role", (t.ROLE,), by="arn"),
        Ref("kmsKeyArn", (t.KEY,), by="arn"),
        Ref("layers[]", (t.LAYER,), by="arn"),
        Ref("loggingConfig.logGroup", (t.LOG_GROUP,), by="name"),
        Ref("deadLetterConfig.targetArn", (t.QUEUE, t.TOPIC), by="arn"),
        Ref("vpcConfig.subnetIds[]", (t.SUBNET,), in_use="DependencyViolation"),
        Ref("vpcConfig.securityGroupIds[]", t.GROUPS, in_use="DependencyViolation"),
        # The group that comes with every network: `Vpc` has its id among its outputs.
        Ref("replacementSecurityGroupIds[]", (t.VPC,), by="defaultSecurityGroupId"),
    )
    unique = (Unique(("name",), "ResourceConflictException"),)
    one_vpc = True
    rules = (
        must_trust("role", "lambda.amazonaws.com"),
        rule.role_is_enough,
        rule.log_group_exists,
    )

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return its name, and the ARNs that others know it by."""
        name = record.inputs["name"]
        arn = f"arn:aws:lambda:{record.region}:{cloud.account}:function:{name}"
        path = f"lambda:path/2015-03-31/functions/{arn}/invocations"
        invoke = f"arn:aws:apigateway:{record.region}:{path}"
        return {
            "id": name,
            "arn": arn,
            "invokeArn": invoke,
            "qualifiedArn": f"{arn}:$LATEST",
            "qualifiedInvokeArn": invoke,
            "version": "$LATEST",
            "lastModified": "2026-12-01T00:00:00.000+0000",
        }

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it with all that it has."""
        aws.client("lambda").create_function(
            FunctionName=new["name"],
            Code={"ZipFile": packed(new["code"], aws.project)},
            Architectures=new.get("architectures", ["x86_64"]),
            Tags=dict(new["tagsAll"]),
            **given(CodeSigningConfigArn=new.get("codeSigningConfigArn")),
            **_configuration(new),
        )
        return new["name"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put concurrency; and everything else again, which a creation has said."""
        client = aws.client("lambda")
        if old:
            self._put_again(aws, id_, old, new)
        reserved = new.get("reservedConcurrentExecutions", -1)
        if reserved >= 0:
            client.put_function_concurrency(FunctionName=id_, ReservedConcurrentExecutions=reserved)
        elif old.get("reservedConcurrentExecutions", -1) >= 0:
            client.delete_function_concurrency(FunctionName=id_)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("lambda").get_function(FunctionName=id_)["Configuration"]
            arn = found["FunctionArn"]
            qualified = f"{arn}:{found['Version']}"
            return {
                "arn": arn,
                "codeSha256": found["CodeSha256"],
                "invokeArn": _invoke_arn(aws, arn),
                "lastModified": found["LastModified"],
                "qualifiedArn": qualified,
                "qualifiedInvokeArn": _invoke_arn(aws, qualified),
                "sourceCodeSize": found["CodeSize"],
                "version": found["Version"],
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it, out of its groups first: its network interfaces would keep them for long."""
        client = aws.client("lambda")
        if known.get("replaceSecurityGroupsOnDestroy"):
            network = {
                "SubnetIds": known["vpcConfig"]["subnetIds"],
                "SecurityGroupIds": known["replacementSecurityGroupIds"],
            }
            client.update_function_configuration(FunctionName=id_, VpcConfig=network)
        client.delete_function(FunctionName=id_)

    def _put_again(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        client = aws.client("lambda")
        configuration = {**_unset(old), **_configuration(new)}
        client.update_function_configuration(FunctionName=id_, **configuration)
        signing = new.get("codeSigningConfigArn")
        if signing != old.get("codeSigningConfigArn"):
            if signing is None:
                client.delete_function_code_signing_config(FunctionName=id_)
            else:
                client.put_function_code_signing_config(
                    FunctionName=id_, CodeSigningConfigArn=signing
                )
        found = client.get_function_configuration(FunctionName=id_)
        code, architectures = packed(new["code"], aws.project), new.get("architectures", ["x86_64"])
        there = (found["CodeSha256"], found["Architectures"])
        if there != (digest(code), architectures):
            client.update_function_code(FunctionName=id_, ZipFile=code, Architectures=architectures)
        gone, arn = dropped(old, new), found["FunctionArn"]
        if gone:
            client.untag_resource(Resource=arn, TagKeys=gone)
        client.tag_resource(Resource=arn, Tags=dict(new["tagsAll"]))


def digest(content: bytes) -> str:
    """Return the digest by which Lambda calls an archive."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _invoke_arn(aws: Aws, arn: str) -> str:
    return f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def _configuration(new: Inputs) -> dict[str, Any]:
    """Return what creation and update take alike."""
    variables = new.get("environment", {}).get("variables")
    blocks = {
        "DeadLetterConfig": new.get("deadLetterConfig"),
        "LoggingConfig": new.get("loggingConfig"),
        "TracingConfig": new.get("tracingConfig"),
        "VpcConfig": new.get("vpcConfig"),
    }
    return {
        "Description": new.get("description", ""),
        "EphemeralStorage": {"Size": new.get("ephemeralStorage", {}).get("size", STORAGE_MIB)},
        "Handler": new["handler"],
        "Layers": new.get("layers", []),
        "MemorySize": new.get("memorySize", MEMORY_MIB),
        "Role": new["role"],
        "Runtime": new["runtime"],
        "Timeout": new.get("timeout", TIMEOUT_SECONDS),
        **given(KMSKeyArn=new.get("kmsKeyArn")),
        **({} if variables is None else {"Environment": {"Variables": dict(variables)}}),
        **{name: pascal(block) for name, block in blocks.items() if block is not None},
    }


def _unset(old: Inputs) -> dict[str, Any]:
    """Return what takes away what was said before, for the arguments that may be left out."""
    empty: dict[str, tuple[str, Any]] = {
        "deadLetterConfig": ("DeadLetterConfig", {"TargetArn": ""}),
        "environment": ("Environment", {"Variables": {}}),
        "kmsKeyArn": ("KMSKeyArn", ""),
        "tracingConfig": ("TracingConfig", {"Mode": "PassThrough"}),
        "vpcConfig": ("VpcConfig", {"SubnetIds": [], "SecurityGroupIds": []}),
    }
    return dict(empty[name] for name in empty if name in old)


class LayerVersion(Kind):
    """A version of a layer, which never changes."""

    token = "aws:lambda/layerVersion:LayerVersion"  # noqa: S105 - a type

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the ARN of a version that comes after those that were deleted."""
        layer = f"arn:aws:lambda:{record.region}:{cloud.account}:layer:{record.inputs['layerName']}"
        before = [r for r in (*cloud.records, *cloud.deleted) if r.get("layerArn") == layer]
        version = str(1 + len(before))
        arn = f"{layer}:{version}"
        return {"id": arn, "arn": arn, "layerArn": layer, "version": version}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Make it."""
        made = aws.client("lambda").publish_layer_version(
            LayerName=new["layerName"],
            Content={"ZipFile": packed(new["code"], aws.project)},
            **given(
                CompatibleArchitectures=new.get("compatibleArchitectures"),
                CompatibleRuntimes=new.get("compatibleRuntimes"),
                Description=new.get("description"),
                LicenseInfo=new.get("licenseInfo"),
            ),
        )
        return made["LayerVersionArn"]

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            found = aws.client("lambda").get_layer_version(**_version_of(id_))
            return {
                "arn": found["LayerVersionArn"],
                "codeSha256": found["Content"]["CodeSha256"],
                "createdDate": found["CreatedDate"],
                "layerArn": found["LayerArn"],
                "sourceCodeSize": found["Content"]["CodeSize"],
                "version": str(found["Version"]),
            }
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Delete it; functions that have it keep it."""
        del known
        aws.client("lambda").delete_layer_version(**_version_of(id_))


def _version_of(arn: str) -> dict[str, Any]:
    layer, version = arn.rsplit(":", 1)
    return {"LayerName": layer, "VersionNumber": int(version)}


class Permission(Kind):
    """Who may call a function."""

    token = "aws:lambda/permission:Permission"  # noqa: S105 - a type
    refs = (Ref("function", (t.FUNCTION,), by="name|arn"),)
    unique = (Unique(("statementId", "function"), "ResourceConflictException"),)
    rules = (rule.source_is_named, rule.policy_has_room)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the statement's."""
        del cloud
        return {"id": record.inputs.get("statementId", f"permission-{record.hex(8)}")}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Add it to the function's policy."""
        aws.client("lambda").add_permission(
            FunctionName=new["function"],
            StatementId=new["statementId"],
            Action=new["action"],
            Principal=new["principal"],
            **given(SourceArn=new.get("sourceArn"), SourceAccount=new.get("sourceAccount")),
        )
        return new["statementId"]

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it in the function's policy."""
        with absent(GONE):
            found = aws.client("lambda").get_policy(FunctionName=known["function"])["Policy"]
            if any(statement["Sid"] == id_ for statement in json.loads(found)["Statement"]):
                return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it from the function's policy."""
        aws.client("lambda").remove_permission(FunctionName=known["function"], StatementId=id_)


class FunctionEventInvokeConfig(Kind):
    """What becomes of events that fail."""

    token = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"  # noqa: S105 - a type
    lacks = "hears the first words only: a changed one is deleted and put again"
    refs = (FUNCTION_BY_NAME,)
    unique = (Unique(("functionName", "qualifier")),)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return the function's."""
        del cloud
        return {"id": record.inputs["functionName"]}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Put it."""
        self._put(aws, new)
        return new["functionName"]

    def settle(self, aws: Aws, id_: str, old: Inputs, new: Inputs) -> None:
        """Put it again."""
        if old:
            with absent(GONE):
                self.remove(aws, id_, old)
            self._put(aws, new)

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Find it."""
        del known
        with absent(GONE):
            aws.client("lambda").get_function_event_invoke_config(FunctionName=id_)
            return {}
        return None

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Take it away."""
        del known
        aws.client("lambda").delete_function_event_invoke_config(FunctionName=id_)

    def _put(self, aws: Aws, new: Inputs) -> None:
        said = {name: value for name, value in new.items() if name != "tagsAll"}
        aws.client("lambda").put_function_event_invoke_config(**pascal(said))


def _of_call(said: Inputs) -> str:
    digest = hashlib.md5(said["input"].encode()).hexdigest()  # noqa: S324 - as the provider
    return f"{said['functionName']}_$LATEST_{digest}"


class Invocation(Kind):
    """A call during the deployment, whose answer the state keeps; AWS has nothing to look at afterwards."""

    token = "aws:lambda/invocation:Invocation"  # noqa: S105 - a type
    # A new value calls anew: the engine replaces it.
    unsaid = frozenset({"triggers"})
    refs = (FUNCTION_BY_NAME,)
    rules = (rule.way_is_complete,)

    def ids(self, cloud: Cloud, record: Record) -> dict[str, Any]:
        """Return an id that follows from what it says."""
        del cloud
        return {"id": _of_call(record.inputs), "result": "{}"}

    def make(self, aws: Aws, new: Inputs) -> str:
        """Call the function; what it fails with fails the deployment."""
        scope = new.get("lifecycleScope", "CREATE_ONLY")
        assert scope == "CREATE_ONLY", f"{scope} is not what the program says"
        name, text = new["functionName"], new["input"]
        assert aws.invoke is not None, f"nobody runs functions here: {name} was not called"
        answer = aws.invoke(name, json.loads(text))
        id_ = _of_call(new)
        aws.kept[self.token, id_] = {"result": json.dumps(answer)}
        return id_

    def look(self, aws: Aws, id_: str, known: Inputs) -> dict[str, Any] | None:
        """Return the answer: the state's, or the one that has come just now."""
        kept = aws.kept.pop((self.token, id_), None)
        return kept or {"result": known["result"]}

    def remove(self, aws: Aws, id_: str, known: Inputs) -> None:
        """Forget it."""
        del aws, id_, known


KINDS: tuple[Kind, ...] = (
    Function(),
    LayerVersion(),
    Permission(),
    FunctionEventInvokeConfig(),
    Invocation(),
)
