import json

import boto3
from payments import rules

import money


def handle(event, context):
    return {"statusCode": 200}
