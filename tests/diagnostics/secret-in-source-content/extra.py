"""What the team adds."""

KEY = """-----BEGIN PRIVATE KEY-----
QSB0ZXN0IG5lZWRzIG5vIGtleSwgYnV0IGxpbmVzIHRo
YXQgbG9vayBsaWtlIG9uZS4=
-----END PRIVATE KEY-----
"""


def extend(environment, naming, opts):
    pass
