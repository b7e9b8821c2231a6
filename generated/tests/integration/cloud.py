"""AWS as boto3 reaches it: the region of the stack, or whatever AWS_ENDPOINT_URL points to."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_wafv2 import WAFV2Client
    from mypy_boto3_xray import XRayClient


class CallerError(Exception):
    """There is nobody to ask AWS as; the message says what to do."""


class Cloud:
    """One client a service, made when it is first used."""

    def __init__(self, region: str) -> None:
        session = boto3.Session(region_name=region)
        self._session = session
        self._region = region
        # Of the services that boto3 knows, only those below have their types installed.
        self._client = cast("Callable[..., Any]", session.client)  # pyright: ignore[reportUnknownMemberType]

    @cached_property
    def acm(self) -> ACMClient:
        """Client for certificates."""
        return self._client("acm")

    @cached_property
    def apigateway(self) -> APIGatewayClient:
        """Client for REST APIs."""
        return self._client("apigateway")

    @cached_property
    def backup(self) -> Any:  # noqa: ANN401 - its types are not installed
        """Client for vaults of backups."""
        return self._client("backup")

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """Client for alarms and dashboards."""
        return self._client("cloudwatch")

    @cached_property
    def ec2(self) -> EC2Client:
        """Client for network."""
        return self._client("ec2")

    @cached_property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        """Client for load balancers."""
        return self._client("elbv2")

    @cached_property
    def events(self) -> Any:  # noqa: ANN401 - its types are not installed
        """Client for schedules."""
        return self._client("events")

    @cached_property
    def iam(self) -> IAMClient:
        """Client for roles and policies."""
        return self._client("iam")

    @cached_property
    def kms(self) -> KMSClient:
        """Client for keys."""
        return self._client("kms")

    @cached_property
    def lambda_(self) -> LambdaClient:
        """Client for functions."""
        return self._client("lambda")

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Client for log groups."""
        return self._client("logs")

    @cached_property
    def rds(self) -> RDSClient:
        """Client for databases."""
        return self._client("rds")

    @cached_property
    def tagging(self) -> ResourceGroupsTaggingAPIClient:
        """Client for tags."""
        return self._client("resourcegroupstaggingapi")

    @cached_property
    def s3(self) -> S3Client:
        """Client for buckets."""
        return self._client("s3")

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Client for secrets."""
        return self._client("secretsmanager")

    @cached_property
    def sns(self) -> SNSClient:
        """Client for topics."""
        return self._client("sns")

    @cached_property
    def sqs(self) -> SQSClient:
        """Client for queues."""
        return self._client("sqs")

    @cached_property
    def sts(self) -> STSClient:
        """Client for identity."""
        return self._client("sts")

    @cached_property
    def wafv2(self) -> WAFV2Client:
        """Client for firewalls."""
        return self._client("wafv2")

    @cached_property
    def xray(self) -> XRayClient:
        """Client for traces."""
        return self._client("xray")

    def caller(self) -> str:
        """Return the account of whoever runs the tests, or say why nobody knows."""
        try:
            return self.sts.get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            message = f"AWS does not know who asks: {error} Set AWS_PROFILE, or log in; `aws sts get-caller-identity` shows who you are"
            raise CallerError(message) from error

    def signed(self, method: str, url: str, body: str | None = None) -> dict[str, str]:
        """Return the headers by which API Gateway knows who asks."""
        credentials = self._session.get_credentials()
        assert credentials is not None, "no AWS credentials"
        request = AWSRequest(method=method, url=url, data=body)
        SigV4Auth(credentials.get_frozen_credentials(), "execute-api", self._region).add_auth(
            request
        )
        return dict(request.headers.items())
