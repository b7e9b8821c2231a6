def handle(event):
    return {}
