from payments.cards import redact


def handle(event, context):
    return {"statusCode": 200, "body": redact(str(event))}
