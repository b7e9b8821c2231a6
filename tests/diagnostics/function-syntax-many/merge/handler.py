<<<<<<< HEAD
RATE = 1
=======
RATE = 2
>>>>>>> rates


def handle(event, context):
    return {"statusCode": 204}
