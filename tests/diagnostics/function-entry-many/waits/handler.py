async def handle(event, context):
    return {}
