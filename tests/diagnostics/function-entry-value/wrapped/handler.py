from app import traced


def handle(event, context):
    return {"statusCode": 204}


handle = traced(handle)
