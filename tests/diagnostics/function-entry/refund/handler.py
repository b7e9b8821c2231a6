"""Refunds.

def handle(event, context): what it does
"""


def handler(event, context):
    return {"statusCode": 200}
