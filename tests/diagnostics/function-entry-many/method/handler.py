class Refund:
    def handle(self, event):
        return {}
