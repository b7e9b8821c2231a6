import money


def handle(event, context:
    return money.amount(event)
