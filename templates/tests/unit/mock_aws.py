"""What AWS would answer: ids, ARNs and the outputs that only the provider knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from tests.unit.values import as_list, as_map, as_text

ACCOUNT = "123456789012"
REGION = "us-east-1"
PARTITION = "aws"

# ARNs that other resources or policies also write from static names, so that they must be the real
# ones.
ARNS = {
    "aws:apigateway/restApi:RestApi": "arn:aws:apigateway:{region}::/restapis/{id}",
    "aws:apigateway/stage:Stage": (
        "arn:aws:apigateway:{region}::/restapis/{rest_api}/stages/{stage_name}"
    ),
    "aws:backup/vault:Vault": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
    "aws:cloudwatch/logGroup:LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "aws:iam/role:Role": "arn:aws:iam::{account}:role/{name}",
    "aws:kms/key:Key": "arn:aws:kms:{region}:{account}:key/{id}",
    "aws:lambda/function:Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "aws:rds/instance:Instance": "arn:aws:rds:{region}:{account}:db:{identifier}",
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{bucket}",
    "aws:secretsmanager/secret:Secret": (
        "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf"
    ),
    "aws:sns/topic:Topic": "arn:aws:sns:{region}:{account}:{name}",
    "aws:sqs/queue:Queue": "arn:aws:sqs:{region}:{account}:{name}",
}

# Outputs by type, with patterns over the arguments, the id, the account and the region.
OUTPUTS: Mapping[str, Mapping[str, object]] = {
    "aws:acm/certificate:Certificate": {
        "domain_validation_options": [
            {
                "domain_name": "{domain_name}",
                "resource_record_name": "_0123456789abcdef.{domain_name}.",
                "resource_record_type": "CNAME",
                "resource_record_value": "_of-{id}.acm-validations.aws.",
            },
        ],
    },
    "aws:apigateway/apiKey:ApiKey": {"value": "value-of-{id}"},
    "aws:apigateway/domainName:DomainName": {
        "regional_domain_name": "target-of-{id}",
        "regional_zone_id": "zone-of-{id}",
    },
    "aws:apigateway/restApi:RestApi": {
        "root_resource_id": "root-of-{id}",
        "execution_arn": "arn:aws:execute-api:{region}:{account}:{id}",
    },
    "aws:apigateway/resource:Resource": {"path": "path-of-{id}"},
    "aws:apigateway/stage:Stage": {
        "execution_arn": "arn:aws:execute-api:{region}:{account}:{rest_api}/{stage_name}",
        "invoke_url": "https://{rest_api}.execute-api.{region}.amazonaws.com/{stage_name}",
    },
    # The key once more, as API Gateway answers.
    "aws:apigateway/usagePlanKey:UsagePlanKey": {"value": "value-of-{key_id}"},
    "aws:ec2/eip:Eip": {"allocation_id": "{id}", "public_ip": "198.51.100.1"},
    "aws:ec2/vpc:Vpc": {
        "default_network_acl_id": "default-acl-of-{id}",
        "default_route_table_id": "default-routes-of-{id}",
        "default_security_group_id": "default-group-of-{id}",
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefix_list_id": "prefixes-of-{id}"},
    "aws:kms/key:Key": {"key_id": "{id}"},
    "aws:lambda/function:Function": {
        "invoke_arn": (
            "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:{region}:{account}:function:{name}/invocations"
        ),
    },
    "aws:lambda/invocation:Invocation": {"result": "answer-of-{id}"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "arn_suffix": "app/{name}/0123456789abcdef",
        "dns_name": "{name}-1234567890.{region}.elb.amazonaws.com",
        "zone_id": "zone-of-{id}",
    },
    "aws:lb/targetGroup:TargetGroup": {"arn_suffix": "targetgroup/{name}/0123456789abcdef"},
    "aws:lb/trustStore:TrustStore": {"arn_suffix": "truststore/{name}/0123456789abcdef"},
    "aws:rds/instance:Instance": {
        "address": "{identifier}.abcdefghijkl.{region}.rds.amazonaws.com",
        "endpoint": "{identifier}.abcdefghijkl.{region}.rds.amazonaws.com:5432",
        "port": 5432,
        "resource_id": "db-of-{id}",
        "master_user_secrets": [
            {
                "secret_arn": "arn:aws:secretsmanager:{region}:{account}:secret:rds!{id}",
                "secret_status": "active",
            },
        ],
    },
    "aws:route53/record:Record": {"fqdn": "{name}"},
    "aws:s3/bucket:Bucket": {
        "bucket_domain_name": "{bucket}.s3.amazonaws.com",
        "bucket_regional_domain_name": "{bucket}.s3.{region}.amazonaws.com",
    },
    "aws:s3/bucketObjectv2:BucketObjectv2": {"version_id": "version-of-{id}"},
    "aws:sqs/queue:Queue": {"url": "https://sqs.{region}.amazonaws.com/{account}/{name}"},
    "tls:index/privateKey:PrivateKey": {"private_key_pem": "private key of {id}"},
    "tls:index/selfSignedCert:SelfSignedCert": {"cert_pem": "certificate of {id}"},
}

# What the program may ask before it makes anything.
CALLS: Mapping[str, Mapping[str, str]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/tester",
        "id": ACCOUNT,
        "userId": "tester",
    },
    "aws:index/getPartition:getPartition": {
        "dnsSuffix": "amazonaws.com",
        "id": PARTITION,
        "partition": PARTITION,
        "reverseDnsPrefix": "com.amazonaws",
    },
    "aws:index/getRegion:getRegion": {
        "description": REGION,
        "endpoint": f"ec2.{REGION}.amazonaws.com",
        "id": REGION,
        "region": REGION,
    },
}


def make_id(token: str, component: str, name: str) -> str:
    """Make an id that no other resource of the stack has."""
    return "-".join((token.rpartition(":")[2].lower(), *component.split("/"), name))


def computed(
    token: str, identifier: str, name: str, inputs: Mapping[str, object]
) -> dict[str, object]:
    """Give the outputs of a resource, beside its arguments, under the SDK's names."""
    facts: dict[str, object] = {"name": name, "domain_name": ""} | dict(inputs)
    facts |= {"account": ACCOUNT, "region": REGION, "id": identifier}
    service, _, kind = token.split(":")[1].partition("/")
    pattern = ARNS.get(token, f"arn:aws:{service}:{{region}}:{{account}}:{kind}/{{id}}")
    return {"arn": _filled(pattern, facts)} | {
        output: _filled(value, facts) for output, value in OUTPUTS.get(token, {}).items()
    }


def _filled(value: object, facts: Mapping[str, object]) -> object:
    if isinstance(value, str):
        return value.format_map({key: as_text(fact) for key, fact in facts.items()})
    if isinstance(value, list):
        return [_filled(item, facts) for item in as_list(cast("object", value))]
    if isinstance(value, dict):
        entries = as_map(cast("object", value))
        return {key: _filled(item, facts) for key, item in entries.items()}
    return value
