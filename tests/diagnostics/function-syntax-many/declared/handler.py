# -*- coding: latin-1 -*-
NAME = "Straße"


def handle(event, context):
    return {"statusCode": 204}
