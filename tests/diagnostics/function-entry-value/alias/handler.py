def main(event):
    return event


handle = main
