from payments import rates


def handle(event, context):
    return {"statusCode": 204}
