from lib import money


def handle(event, context):
    return {"statusCode": 204}
